"""What a TOML parser and a checker of types say, in the words of somebody who wrote a run file by hand.

Each message has what is wrong, the rule, and a way out that works when it is followed.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

Words = tuple[str, str, str]  # what is wrong, the rule, the way out

_DAY_RULE = "dates are written 2017-04-18 (year, month, day), without quotes"
_DAY = re.compile(r"(?<![\d.])(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?![\d.])")
_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})[./](\d{1,2})[./](\d{1,2})(?!\d)")
_COMMA = re.compile(r"(?<![\w.])(\d+),(\d+)(?![\w.])")
_PERCENT = re.compile(r"(\d+(?:[.,]\d+)?)\s*%")
_GROUPS = re.compile(r"(?<![\w.])\d{1,3}(?:[ '\u2019\u00a0\u202f]\d{3})+(?![\w.])")
_BARE = re.compile(r"=\s*([^\s\"'\[\]{}#,=][^\"'\[\]{}#,=]*?)\s*(?:#.*)?$")
_COLON = re.compile(r"^\s*([A-Za-z_][\w-]*)\s*:\s*(.+)$")
_RULE = "lines are [section] or key = value; text stands in quotes, numbers and dates without"


def parser_words(message: str, text: str, line: int) -> Words:
    """What tomllib's message means for this text, whose line (from 1) it stopped at."""
    lines = text.split("\n")
    here = lines[line - 1] if 0 < line <= len(lines) else ""
    for found in (_value(here), _twice(message, lines, line), _quotes(message, here), _shape(message, here)):
        if found is not None:
            what, rule, fix = found
            return f"not TOML: {what}", rule, fix
    return "not TOML: this line cannot be read", _RULE, 'write key = value; 0.85 for a share, "..." around text'


def _day(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def day_meant(text: str) -> str:
    """A day as a run file has it, or '' where it is not sure which one is meant."""
    if match := _YEAR_FIRST.search(text) or re.search(r"(?<!\d)(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)", text):
        found = _day(*(int(part) for part in match.groups()))
        return found.isoformat() if found else ""
    if not (match := _DAY.search(text)):
        return ""
    first, second, year = int(match[1]), int(match[3]), int(match[4])
    days = {_day(year, second, first)} | ({_day(year, first, second)} if match[2] != "." else set())
    sure = [day.isoformat() for day in days if day is not None]
    return sure[0] if len(sure) == 1 else ""


def _value(line: str) -> Words | None:
    """A date, a decimal comma, a percent sign or a grouped number as people write them elsewhere."""
    bare = re.sub(r'"[^"]*"|\'[^\']*\'', '""', line.split("#", 1)[0])
    if "=" not in bare:
        return None
    if match := _DAY.search(bare) or _YEAR_FIRST.search(bare):
        day = day_meant(match[0])
        return "a date in another form", _DAY_RULE, f"write {day}" if day else "write year-month-day, as in 2017-04-18"
    if match := re.search(r"=\s*(\d{4}-\d{1,2}-\d{1,2})", bare):
        day = day_meant(match[1])
        if day and day != match[1]:
            return "a date in another form", _DAY_RULE, f"write {day}"
        return None if day else ("no such day", _DAY_RULE, "look at the calendar")
    if match := _PERCENT.search(bare):
        share = float(match[1].replace(",", ".")) / 100
        return "a percent sign", "shares are written 0.85 for 85 %", f"write {share:g}"
    if (match := _COMMA.search(bare)) and "[" not in bare.split("=", 1)[1][: match.start()]:
        return "a decimal comma", "numbers have a decimal point: 0.85", f"write {match[1]}.{match[2]}"
    if match := _GROUPS.search(bare):
        digits = re.sub(r"\D", "", match[0])
        return "a number with blanks", "digits are grouped by _ or not at all", f"write {digits}"
    if match := re.search(r"(?<![\w.])\.\d+", bare):
        return "a number without a digit before its point", "numbers are written 0.85", f"write 0{match[0]}"
    if match := re.search(r"(?<![\w.])(\d+)\.(?!\d)", bare):
        return "a number without a digit behind its point", "numbers are written 1.0", f"write {match[1]}.0"
    if match := re.search(r"=\s*[+-]?0(\d[\d_]*)", bare):
        return "a number that begins with 0", "numbers have no zeros before them", f"write {match[1].lstrip('0') or 0}"
    return None


def _twice(message: str, lines: list[str], line: int) -> Words | None:
    """A key or a section that stands twice."""
    if not any(part in message for part in ("Cannot overwrite", "Cannot declare", "Cannot mutate", "Duplicate")):
        return None
    here = lines[line - 1].split("#", 1)[0].strip() if line <= len(lines) else ""
    said = here if here.startswith("[") else here.split("=", 1)[0].strip()
    kind = "section" if said.startswith("[") else "key"
    rule = f"each {kind} stands once" + ("" if kind == "section" else " in its section")
    first = [n for n, text in enumerate(lines[: line - 1], 1) if text.split("#", 1)[0].split("=", 1)[0].strip() == said]
    fix = f"it stands in line {first[-1]} too: keep one" if first else "keep one of them"
    return f"{said or 'a key'} stands twice" if said else f"a {kind} twice", rule, fix


def _quotes(message: str, line: str) -> Words | None:
    """Text without its quotes, or with others."""
    rule = 'text stands between two straight quotes: "text"'
    if re.search("[\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb]", line.split("#", 1)[0]) and "Illegal" not in message:
        return "curly quotes", rule, 'write " instead, before and behind the text'
    if "Unescaped '\\'" in message or "escape" in message.lower() or "hex value" in message:
        return "a backslash in text", "a backslash begins an escape such as \\n", "write / or \\\\ instead of \\"
    if "Unterminated" in message or "Illegal character '\\n'" in message or "Expected '\"'" in message:
        return "text without its closing quote", rule, 'write " behind the text'
    if "Illegal character" in message:
        return "a control character", "lines hold letters, digits and signs that are seen", "take the character out"
    match = _BARE.search(line)
    if match and not re.fullmatch(r"[\d_.+-]+", match[1]):
        word = match[1]
        if word.lower() in ("true", "false", "yes", "no", "on", "off"):
            meant = "true" if word.lower() in ("true", "yes", "on") else "false"
            return "not true or false", "yes and no are written true and false", f"write {meant}"
        if word.lower() in ("none", "null", "nil", "na"):
            return "a key without a value", "a key that is not known is left out", "remove the line"
        return "text without quotes", rule, f'write "{word}"'
    return None


def _shape(message: str, line: str) -> Words | None:
    """Brackets, braces and lines that are no key = value."""
    bare = line.split("#", 1)[0].strip()
    if bare.startswith("[") and not bare.endswith("]"):
        return "a section without its closing bracket", "sections are written [race]", f"write {bare}]"
    if bare.startswith("["):
        rule = 'a name with blanks or other signs stands in quotes: [rates.candidates."Bob Gray"]'
        return "a section's name that cannot be read", rule, "put the name in quotes"
    if match := _COLON.match(bare):
        return "a colon for an equals sign", "lines are key = value", f"write {match[1]} = {match[2]}"
    if bare.endswith("="):
        return "a key without a value", "lines are key = value", "give the value, or remove the line"
    if "=" not in bare and bare:
        return "a line that is no key = value", _RULE, "put # before it if it is a remark"
    key = bare.split("=", 1)[0].strip()
    if key and not re.fullmatch(
        r'(?:[A-Za-z0-9_-]+|"[^"]*"|\'[^\']*\')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|\'[^\']*\'))*', key
    ):
        rule = "a name with blanks or other signs stands in quotes"
        return "a key with blanks or other signs", rule, f'write "{key}" ='
    if bare.count("{") > bare.count("}"):
        rule = "what stands in { } stands in one line, and commas part it"
        return "braces across lines", rule, "write it in one line"
    if bare.count("[") != bare.count("]") or bare.count("{") != bare.count("}"):
        return "a bracket too many or too few", "each bracket is closed once", "close it, or take it away"
    if "{" in bare:
        rule = "{ key = value, key = value }, parted by commas"
        return "keys in { } that cannot be read", rule, "put a comma between"
    return None


def type_words(kind: str, value: Any, context: dict[str, Any], rule: str) -> Words:
    """What is wrong with a value of the wrong type or size; `kind` and `context` are pydantic's."""
    if kind in ("date_type", "date_parsing", "date_from_datetime_parsing", "date_from_datetime_inexact"):
        day = day_meant(str(value)) if isinstance(value, (str, dt.datetime)) else ""
        return "not a date", _DAY_RULE, f"write {day}" if day else "write it as in 2017-04-18"
    if kind.startswith(("int_", "float_")) or kind in ("finite_number", "decimal_type"):
        return _number(kind, value, context, rule)
    if kind in ("greater_than", "greater_than_equal", "less_than", "less_than_equal"):
        return _beyond(kind, value, context, rule)
    if kind == "bool_type" or kind == "bool_parsing":
        return "not true or false", rule, f"write {'true' if value in (1, 'true', 'yes', 'True') else 'false'}"
    if kind.startswith("string_"):
        return _text(kind, value, context, rule)
    if kind in ("list_type", "too_short", "too_long"):
        if kind == "list_type":
            item = f'"{value}"' if isinstance(value, str) else str(value).lower()
            fix = f"write [{item}]" if not isinstance(value, dict) else "write [ ... ]"
            return "not a list", rule, fix
        few, bound = kind == "too_short", context.get("min_length", context.get("max_length", 1))
        return f"too {'few' if few else 'many'} entries", rule, f"give at {'least' if few else 'most'} {bound}"
    if kind in ("model_type", "model_attributes_type", "dict_type", "mapping_type"):
        return "not a section", rule, "write its keys below a header in single brackets, or { key = value }"
    return "a value that does not fit", rule, "see docs/run-file.md"


def _number(kind: str, value: Any, context: dict[str, Any], rule: str) -> Words:
    whole = kind.startswith("int_")
    what = "not a whole number" if whole else "not a finite number" if kind == "finite_number" else "not a number"
    if isinstance(value, bool) or value is None:
        return what, rule, "give a number"
    if isinstance(value, str):
        text = value.strip().replace("\u00a0", " ")
        match = re.fullmatch(r"([+-]?\d+(?:[.,]\d+)?)\s*(%?)", text)
        if match:
            number = float(match[1].replace(",", ".")) / (100 if match[2] else 1)
            return what + ", but text", rule, f"write {number:.12g}, without quotes"
        digits = re.sub(r"[ _,.']", "", text)
        if whole and digits.isascii() and digits.isdigit():
            return what + ", but text", rule, f"write {int(digits)}, without quotes"
        return what + ", but text", rule, "give a number, without quotes"
    if isinstance(value, float) and whole and abs(value) < 2**53:
        return what, rule, f"write {round(value)}"
    if isinstance(value, list) and len(value) == 1:
        return what, rule, "write it without brackets"
    return what, rule, "give a number"


_SIGNS = {
    "greater_than": ("gt", "above"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "below"),
    "less_than_equal": ("le", "at most"),
}


def _beyond(kind: str, value: Any, context: dict[str, Any], rule: str) -> Words:
    key, words = _SIGNS[kind]
    bound = context[key]
    said = f"{bound:.12f}".rstrip("0").rstrip(".") if isinstance(bound, float) else f"{bound}"
    what, upper = f"must be {words} {said}", key in ("lt", "le")
    part = value / 100
    if upper and bound <= 1 < value <= 100 and (part < bound or (key == "le" and part <= bound)):
        return what, rule, f"write {part:g} for {value:g} %"
    if key in ("ge", "le"):
        return what, rule, f"write {said}, or {'less' if upper else 'more'}"
    return what, rule, f"write a number {words} {said}"


def _text(kind: str, value: Any, context: dict[str, Any], rule: str) -> Words:
    if kind == "string_type":
        return "not text", rule, f'write "{value}"' if isinstance(value, (int, float, dt.date)) else "put it in quotes"
    if kind == "string_too_short":
        return "empty text", rule, "give it, or remove the key"
    if kind == "string_too_long":
        return f"text of more than {context.get('max_length', 1000):,} characters", rule, "shorten it"
    fix = re.sub(r"[^A-Za-z0-9._-]+", "-", str(value)).strip("-._")[:100]
    if "letters, digits" in rule:
        return "text that does not fit", rule, f'write "{fix or "race-2025"}"'
    return "text that does not fit", rule, "write one of those that the rule names"
