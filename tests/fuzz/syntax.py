"""Damage below the meaning: bytes, characters, lines, values of TOML, cells of CSV."""

from __future__ import annotations

import random

WORDS = (
    "", "nan", "-nan", "inf", "-inf", "1e400", "-1", "0", "1", "0.5", "1.5", "1e-320", "9223372036854775807",
    "9223372036854775808", "2147483648", "-0", "0x10", "0b1", "1_000", "1,000", "1 000", "true", "false", "null", "NA",
    "N/A", "-", "--", "*", "<10", "~5", "50%", "5e2", "1.0", "1.", ".5", "+5", "2017-06-20", "2017-02-30", "0001-01-01",
    "9999-12-31", "2021-03-20", "20/03/2021", "March 3", "2017-06-20T01:02:03Z", '""', "''", '"""', "'''", "[", "]",
    "[[", "]]", "{", "}", "{}", "[]", ",", ",,", "=", ".", "#", "\\", "\\u0000", "\\ud800", "\x00", "\x1b[2J", "\u202e",
    "\ufeff", "\u0301", "\u200b", "\u00a0", "\N{FULLWIDTH DIGIT ONE}", "\N{ARABIC-INDIC DIGIT FIVE}",
    "\N{SUPERSCRIPT TWO}", "a" * 300, "9" * 400, "\n", "\r", "\r\n", "\t", "\v", "\x85", "\u2028", ";", "|", '"', '"a""b"',
    "=1+1", "../../x", "/dev/zero", "con", "Mara Voss", "Tom Iver", "Aldham", "Red", "early", "blocs", "rates", "race",
    "rates.own", "[rates]", "[race]", "[simulation]", "[night]", "[counting]", "[evidence]", "[first_round_polls]",
    "eliminated", "mean", "sd", "low", "high", "count", "of", "to", "counts", "means", "worth", "votes", "unit",
    "candidate", "mode", "status", "state", "out", "part", "partial", "complete", "counted", "pool", "bloc", "party",
    "new", "other", "undecided", "percent", "people", "\N{GREEK SMALL LETTER FINAL SIGMA}", "\N{KELVIN SIGN}",
)  # fmt: skip
VALUES = (
    "0", "1", "-1", "0.5", "1.5", "100", "1e308", "-0.0", "nan", "inf", "9223372036854775807", "9223372036854775808",
    "true", "false", '""', '"x"', '"Mara Voss"', '"Tom Iver"', '"Nobody"', '"first.csv"', '"/dev/null"', '"."', '"-"',
    '"run.toml"', '"\\u0000"', '"\\u202e"', "[]", "[1]", '["a", "a"]', '["Mara Voss", "Tom Iver"]', "[[]]", "{}",
    "{ low = 0.1, high = 0.9 }", "{ low = 0.9, high = 0.1 }", "{ low = 0.5, high = 0.5 }", "{ low = 0, high = 1 }",
    "{ low = 1e-12, high = 2e-12 }", "{ low = 0.9999999, high = 0.99999999 }", "{ mean = 0.5, sd = 0.5 }",
    "{ mean = 0.5, sd = 0.49999 }", "{ mean = 1e-9, sd = 1e-12 }", "{ count = 0, of = 0 }", "{ count = 3, of = 2 }",
    "{ count = 5, of = 5 }", "{ low = 0.4, high = 0.6, probability = 0.999999999 }", "2021-03-10", "0001-01-01",
    '{ to = "Mara Voss", mean = 0.5, sd = 0.1 }', '{ counts = { "Mara Voss" = 0, "Tom Iver" = 0 } }', "9999-12-31",
    '{ means = { "Mara Voss" = 1.0, "Tom Iver" = 0.0 }, worth = 1e9 }', "12:00:00", "2021-03-10T00:00:00Z",
    '{ means = { "Mara Voss" = 0.5, "Tom Iver" = 0.5 }, worth = 1e-9 }', "1e-300", "4_294_967_296", "1000",
)  # fmt: skip
SECTIONS = (
    "race", "results", "finalists", "blocs", "rates", "rates.own", "rates.blocs.Red", "rates.blocs.Nobody",
    'rates.candidates."Wu Ming"', "new_voters", "factors.turnout", "factors.preference", "evidence", "counting",
    "counting.modes.post", "first_round_polls", "night", "night.sizes.day", "simulation", "output",
)  # fmt: skip
KEYS = (
    "id", "name", "first_round", "runoff", "as_of", "threshold", "recount_margin", "table", "registered", "by",
    "total_votes", "totals", "advance", "names", "turnout", "preference", "people", "shared", "bloc", "pool", "region",
    "unit", "polls", "crosstabs", "design_effect", "shared_error_sd", "house_sd", "drift_sd_per_day", "undecided_sd",
    "status", "baseline", "previous", "least_share", "low", "high", "house", "drift", "results", "modes", "unit_sd",
    "region_sd", "slope_sd", "mode_votes_sd", "cell_sd", "partial_sd", "trials", "seed", "target_se", "quantiles",
)  # fmt: skip
_BOMS = (
    b"\xff\xfe",
    b"\xfe\xff",
    b"\xef\xbb\xbf",
    b"\xef\xbb\xbf\xef\xbb\xbf",
    b"\x1f\x8b\x08",
    b"PK\x03\x04",
    b"PAR1",
)


def damaged(text: str, dice: random.Random) -> bytes:
    """The text with one to four pieces of damage, as bytes."""
    if dice.random() < 0.01:
        return dice.randbytes(dice.randrange(2_000))
    for _ in range(dice.choice((1, 1, 1, 2, 3, 4))):
        text = _piece(text, dice)
    content = text.encode("utf-8", "surrogatepass")
    chance = dice.random()
    if chance < 0.05 and content:  # now below the level of characters
        place = dice.randrange(len(content))
        content = content[:place] + bytes([dice.randrange(256)]) + content[place + dice.randint(0, 2) :]
    elif chance < 0.07:
        content = dice.choice(_BOMS) + content
    elif chance < 0.09:
        content = text.encode(dice.choice(("utf-16", "utf-32", "cp1252", "cp037")), "replace")
    elif chance < 0.10:
        content = content.replace(b"\n", dice.choice((b"\r\n", b"\r", b"\n\r", b"\x0b", b"\n\n")))
    return content


def _piece(text: str, dice: random.Random) -> str:
    """One piece of damage: a stretch, a line or a token is dropped, doubled, moved or replaced."""
    start = dice.randrange(len(text) + 1)
    end = min(len(text), start + dice.randint(0, 12))
    kind = dice.randrange(13)
    if kind == 0:
        return text[:start] + text[end:]
    if kind == 1:
        return text[:start] + dice.choice(WORDS) + text[end:]
    if kind == 2:
        return text[:start] + chr(dice.choice([dice.randrange(32, 127), dice.randrange(0x110000)])) + text[start:]
    if kind == 3:
        return text[:start]
    return "\n".join(_line(text.split("\n"), kind, dice))


def resaid(text: str, dice: random.Random) -> bytes:
    """A run file that stays TOML for the most part: one to three values, keys or sections are other ones."""
    for _ in range(dice.randint(1, 3)):
        lines = text.split("\n")
        keys = [n for n, line in enumerate(lines) if " = " in line]
        heads = [n for n, line in enumerate(lines) if line.startswith("[")]
        if not keys or not heads:
            break
        row, head, kind = dice.choice(keys), dice.choice(heads), dice.randrange(8)
        key = lines[row].split(" = ")[0]
        if kind <= 2:
            alike = [value for value in VALUES if _sort(value) == _sort(lines[row].split(" = ", 1)[1])]
            lines[row] = f"{key} = {dice.choice(alike if alike and kind else VALUES)}"
        elif kind == 3:
            del lines[row]
        elif kind == 4:
            lines.insert(head + 1, f"{dice.choice(KEYS)} = {dice.choice(VALUES)}")
        elif kind == 5:
            lines.insert(head + 1, lines.pop(row))
        elif kind == 6:
            lines[head] = f"[{dice.choice(SECTIONS)}]"
        else:
            lines += [f"[{dice.choice(SECTIONS)}]", f"{dice.choice(KEYS)} = {dice.choice(VALUES)}"]
        text = "\n".join(lines)
    return text.encode("utf-8", "surrogatepass")


def _sort(value: str) -> str:
    """What a value of TOML is, by its first character."""
    return value[0] if value[0] in '"[{' else "number"


def _line(lines: list[str], kind: int, dice: random.Random) -> list[str]:
    """Damage to lines and their parts."""
    row, other = dice.randrange(len(lines)), dice.randrange(len(lines))
    mark = "=" if "=" in lines[row] else ","
    parts = lines[row].split(mark)
    if kind == 4:
        del lines[row]
    elif kind == 5:
        lines.insert(other, lines[row])
    elif kind == 6:
        lines[row], lines[other] = lines[other], lines[row]
    elif kind <= 9:  # a value of a run file, or a cell of a table
        parts[dice.randrange(len(parts))] = dice.choice(WORDS)
        lines[row] = mark.join(parts)
    elif kind == 10:
        lines[row] = lines[row].replace(dice.choice("0123456789"), dice.choice(WORDS), 1)
    elif kind == 11:  # a cell of another row, or of the same
        cells = lines[other].split(mark)
        parts[dice.randrange(len(parts))] = dice.choice(cells)
        lines[row] = mark.join(parts)
    else:  # a column of the whole table gets one word
        place, word = dice.randrange(len(parts)), dice.choice(WORDS)
        split = [line.split(",") for line in lines]
        lines = [
            ",".join([*cells[:place], word, *cells[place + 1 :]]) if n and place < len(cells) > 1 else lines[n]
            for n, cells in enumerate(split)
        ]
    return lines
