"""Many damaged files of one kind, and what became of them; what failed is kept."""

from __future__ import annotations

import difflib
import random
import shutil
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from tests.fuzz import parquet
from tests.fuzz.judge import ANSWERED, FAILED, NO_WAY_OUT, NOTED, Verdict, judged
from tests.fuzz.races import TABLES, Race, small
from tests.fuzz.sheet import Sheet
from tests.fuzz.syntax import damaged, resaid

KINDS = ("run_file", *TABLES, "parquet")
_KEPT = 3  # cases of one class of failure whose files are kept
_DIFFERENCE = 40  # lines of a difference that are kept


@dataclass
class Tally:
    """What became of the cases of a kind; `kept` are the folders of failures."""

    outcomes: Counter[str] = field(default_factory=Counter)
    classes: Counter[tuple[str, str]] = field(default_factory=Counter)
    kept: dict[str, list[Path]] = field(default_factory=dict)
    slowest: float = 0.0

    @property
    def failed(self) -> int:
        """How many cases failed."""
        return self.outcomes[FAILED]


@dataclass(frozen=True)
class Case:
    """Files to be judged; `faithful` where they must give the undamaged answer or be refused."""

    race: Race
    victim: str
    files: dict[str, bytes]
    faithful: bool = False
    said: str = ""


def case(kind: str, dice: random.Random) -> Case:
    """One damaged set of files."""
    if kind == "parquet":
        return _as_parquet(dice)
    races = [race for race in small() if kind == "run_file" or kind in race.tables]
    race = dice.choice(races)
    victim = race.run if kind == "run_file" else race.tables[kind]
    files = {name: text.encode() for name, text in race.files.items()}
    damage = resaid if kind == "run_file" and dice.random() < 0.7 else damaged
    files[victim] = damage(race.files[victim], dice)
    if kind != "run_file" and dice.random() < 0.03:
        files[race.run] = damaged(race.files[race.run], dice)
    return Case(race, victim, files)


def _as_parquet(dice: random.Random) -> Case:
    """One table as Parquet."""
    race = dice.choice(small())
    name = dice.choice(list(race.tables.values()))
    content, said, faithful = parquet.damaged(Sheet.of(race.files[name]), dice)
    files = {other: text.encode() for other, text in race.files.items() if other != name}
    victim = name.replace(".csv", ".parquet")
    files[race.run] = files[race.run].replace(name.encode(), victim.encode())
    return Case(race, victim, {**files, victim: content}, faithful, said)


def fuzz(kind: str, count: int, seed: int, keep: Path, draw: float = 1.0) -> Tally:
    """Judge `count` cases of a kind, drawing a share of them; files of failures stay in `keep`."""
    tally = Tally()
    folder = Path(mkdtemp(prefix="case-", dir=keep))
    if draw:
        warm_up(folder)
    for number in range(count):
        dice = random.Random(f"{kind}/{seed}/{number}")
        found = case(kind, dice)
        drawn = dice.random() < draw
        verdict = judged_case(found, folder, drawn)
        tally.outcomes[verdict.outcome] += 1
        tally.slowest = max(tally.slowest, verdict.seconds)
        if verdict.kind:
            tally.classes[verdict.outcome, verdict.kind] += 1
            seen = tally.kept.setdefault(verdict.kind, [])
            if len(seen) < _KEPT:
                seen.append(keep / f"{kind}-{seed}-{number}")
                shutil.copytree(folder, seen[-1], dirs_exist_ok=True)
                (seen[-1] / "why.txt").write_text(_why(found, verdict), "utf-8", "backslashreplace")
    shutil.rmtree(folder)
    return tally


def judged_case(found: Case, folder: Path, drawn: bool) -> Verdict:
    """What becomes of a case, its files left in the folder."""
    written(folder, found.files)
    verdict = judged(folder, found.race.run, draw=drawn)
    if drawn and found.faithful and verdict.outcome in (ANSWERED, NOTED):
        plain = undamaged(found.race)
        if verdict.answer != plain.answer:
            return Verdict(FAILED, f"{verdict.message}\n\ninstead of\n\n{plain.message}", kind=_other(found))
    return verdict


def _other(found: Case) -> str:
    table = next(kind for kind, name in found.race.tables.items() if name.split(".")[0] == found.victim.split(".")[0])
    return f"another answer than of the CSV: {table}"


def written(folder: Path, files: dict[str, bytes]) -> None:
    """Exactly these files in a folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)


@cache
def undamaged(race: Race) -> Verdict:
    """What becomes of a race as it is."""
    folder = Path(mkdtemp(prefix="runoff-fuzz-"))
    written(folder, {name: text.encode() for name, text in race.files.items()})
    verdict = judged(folder, race.run, slowest=600.0)
    shutil.rmtree(folder)
    if verdict.outcome not in (ANSWERED, NOTED):
        raise AssertionError(f"{race.name}, as it is: {verdict.outcome}\n{verdict.message}")
    return verdict


Race.__hash__ = lambda race: hash(race.name)  # type: ignore[method-assign]  # races are told apart by name


def warm_up(_: Path) -> None:
    """Everything is compiled and imported before anything is timed."""
    for race in small():
        undamaged(race)


def _why(found: Case, verdict: Verdict) -> str:
    """The verdict, what was done, and the damaged lines."""
    plain = found.race.files.get(found.victim, "").split("\n")
    now = found.files[found.victim].decode("utf-8", "backslashreplace").split("\n")
    lines: Iterable[str] = ()
    if not found.victim.endswith(".parquet"):
        lines = list(difflib.unified_diff(plain, now, "before", found.victim, n=0, lineterm=""))[:_DIFFERENCE]
    title = f"{verdict.outcome}: {verdict.kind}\n{found.race.name}, {found.victim}: {found.said}"
    return "\n".join([title, *lines, "", verdict.message]) + "\n"


def told(kind: str, tally: Tally) -> str:
    """The tally in a few lines."""
    counts = ", ".join(f"{number:,} {outcome}" for outcome, number in tally.outcomes.most_common())
    lines = [f"{kind}: {counts}; slowest {tally.slowest:.2f} s"]
    for (outcome, what), number in sorted(tally.classes.items(), key=lambda item: (item[0][0] != FAILED, -item[1])):
        if outcome in (FAILED, NO_WAY_OUT):
            where = f"  [{tally.kept[what][0]}]" if outcome == FAILED else ""
            lines.append(f"  {number:5,} {outcome}: {what}{where}")
    return "\n".join(lines)
