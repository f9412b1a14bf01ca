"""A run file that is a dict of Python's, as the text that it stands for."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def toml_text(document: Mapping[str, object]) -> str:
    """TOML with the document's values; sections below their headers, what stands in lists inline.

    Raises
    ------
    TypeError : a value that TOML has not (None, an object), with its place.
    """
    return "\n".join(_section(document, ()))


def _section(document: Mapping[str, object], path: tuple[str, ...]) -> list[str]:
    own = [(key, value) for key, value in document.items() if not isinstance(value, Mapping)]
    below = [(key, value) for key, value in document.items() if isinstance(value, Mapping)]
    lines = [f"[{'.'.join(map(_key, path))}]"] if path and (own or not below) else []
    lines += [f"{_key(key)} = {_value(value, (*path, key))}" for key, value in own]
    lines += [""] if lines else []
    for key, value in below:
        lines += _section(value, (*path, key))
    return lines


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else json.dumps(key, ensure_ascii=False)


def _value(value: object, path: tuple[str, ...]) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, (int, dt.date)):
        return value.isoformat() if isinstance(value, dt.date) else str(value)
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(k)} = {_value(v, (*path, k))}" for k, v in value.items()) + " }"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_value(v, path) for v in value) + "]"
    raise TypeError(f"{'.'.join(path)}: TOML has no {type(value).__name__}; got {value!r}")
