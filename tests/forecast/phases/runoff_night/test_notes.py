"""Notes of a runoff's night: effects are told in words."""

from __future__ import annotations

from pathlib import Path

from runoff.phases.runoff_night.notes import effect_said
from tests import runoff_night as night


def test_each_effect_of_a_night_has_words(tmp_path: Path) -> None:
    """No effect is told by its key, no two have the same words, and none says a word twice."""
    loaded = night.of_folder(tmp_path)
    model = night.prepared(loaded, night.nothing(loaded)).model
    said = [effect_said(name) for name in model.names]
    assert len(model.names) > 20
    assert len(set(said)) == len(said)
    for name, words in zip(model.names, said, strict=True):
        assert words != name.replace("\0", " ")
        assert all(a != b for a, b in zip(words.split(), words.split()[1:], strict=False))
    assert effect_said("slope of lean\0lean") == "the slope of units' lean on their first-round lean"
    assert effect_said("mode lean\0day\0north") == "the lean of mode day in north"
