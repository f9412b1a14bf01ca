"""Shares as words: 'about half', 'a third', 'nearly all'."""

from __future__ import annotations

_PARTS = (
    (0.03, "hardly anybody"),
    (0.07, "about one in twenty"),
    (0.14, "about one in ten"),
    (0.18, "about one in six"),
    (0.225, "about a fifth"),
    (0.29, "about a quarter"),
    (0.365, "about a third"),
    (0.45, "about two in five"),
    (0.55, "about half"),
    (0.63, "about three in five"),
    (0.71, "about two thirds"),
    (0.775, "about three quarters"),
    (0.85, "about four in five"),
    (0.93, "about nine in ten"),
    (1.01, "nearly all"),
)


def part(share: float) -> str:
    """A share in words."""
    return next(word for limit, word in _PARTS if share < limit)
