"""Where keys and values stand in a TOML text."""

from __future__ import annotations

import contextlib
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runoff.app.template import template
from runoff.runfile.positions import BoundsError, locate

TEXT = """\
top = 1
[a.b]   # comment = 3
c = "x = 'y'"  # d = 1
"q.uo\\"ted" = [1, [2, 3], {z = 4}]
d.e = '''
many = 1
'''
[[list]]
name = 'one'
[[list]]
name = 'two'
sub.key = {inner = true, other = 2017-04-18}
"""


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        (("top",), False, (1, 1, "top")),
        (("top",), True, (1, 7, "1")),
        (("a", "b"), False, (2, 2, "a.b")),
        (("a", "b", "c"), True, (3, 5, "\"x = 'y'\"")),
        (("a", "b", 'q.uo"ted'), False, (4, 1, '"q.uo\\"ted"')),
        (("a", "b", 'q.uo"ted', 1, 0), True, (4, 20, "2")),
        (("a", "b", 'q.uo"ted', 2, "z"), False, (4, 28, "z")),
        (("a", "b", "d", "e"), False, (5, 1, "d.e")),
        (("list", 0, "name"), True, (9, 8, "'one'")),
        (("list", 1, "name"), True, (11, 8, "'two'")),
        (("list", 1, "sub", "key", "other"), True, (12, 34, "2017-04-18")),
        (("list", 1, "sub", "key", "absent"), True, (12, 1, "sub.key")),
    ],
)
def test_places(path: tuple[str | int, ...], value: bool, expected: tuple[int, int, str]) -> None:
    """Line, column and text of keys and values of every kind; a missing one falls back to its parent."""
    tomllib.loads(TEXT)
    positions = locate(TEXT)
    span = positions.find(path, value=value)
    assert span is not None
    line, column, text = positions.line_column(span.start)
    assert (line, column, text[column - 1 : column - 1 + span.length]) == expected


def _paths(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    if isinstance(value, dict):
        return [path, *(p for key, part in value.items() for p in _paths(part, (*path, key)))]
    if isinstance(value, list):
        return [path, *(p for i, part in enumerate(value) for p in _paths(part, (*path, i)))]
    return [path]


@pytest.mark.parametrize("text", [TEXT, template()], ids=["all kinds", "template"])
def test_everything_that_tomllib_reads_is_located(text: str) -> None:
    """Every path of the document has a place of its own."""
    positions = locate(text)
    known = set(positions.keys) | set(positions.values)
    for path in _paths(tomllib.loads(text))[1:]:
        # the tables that only a longer header names have no place of their own
        assert path in known or any(other[: len(path)] == path for other in known)


@given(st.text(alphabet="ab.=[]{}\"'\n#, 1\\", max_size=60))
def test_never_fails_on_any_text(text: str) -> None:
    """Whatever the text, the scanner returns, or says that bounds are exceeded."""
    with contextlib.suppress(BoundsError):
        positions = locate(text)
        for span in (*positions.keys.values(), *positions.values.values()):
            assert 0 <= span.start <= span.start + span.length <= len(text) + 1


@given(st.text(alphabet="ab.=[]{}\"'\n#, 1\\", max_size=40))
def test_bounds_hold_for_what_tomllib_would_read(text: str) -> None:
    """Valid text of small depth is never refused."""
    try:
        tomllib.loads(text)
    except ValueError:
        return
    locate(text)
