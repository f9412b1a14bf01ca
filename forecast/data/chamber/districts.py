"""A district of a chamber as a frozen value, and who stands in its runoff by law."""

from __future__ import annotations

from dataclasses import dataclass

from runoff.race import Candidate


@dataclass(frozen=True, slots=True)
class Law:
    """Who wins outright and who may stand in the runoff.

    Attributes
    ----------
    outright : share of the valid votes that elects in the first round, with votes of at least `outright_registered`
        of the registered voters.
    qualify : share of the registered voters (of the valid votes where `of_valid`) that lets a candidate stand.
    least, most : so many stand at least, and at most.
    """

    outright: float = 0.5
    outright_registered: float = 0.25
    qualify: float = 0.125
    of_valid: bool = False
    least: int = 2
    most: int = 4


@dataclass(frozen=True, slots=True)
class District:
    """A seat: candidates with first-round votes, most first; equal votes in the table's order.

    Attributes
    ----------
    votes : of each candidate, at least one.
    registered : people on the roll, None where the table does not say.
    finalists : places of those who stand in the runoff; empty where the first round elected.
    withdrawn : places of those who might have stood and do not.
    elected : place of who won outright, or None.
    """

    id: str
    region: str
    candidates: tuple[Candidate, ...]
    votes: tuple[int, ...]
    registered: int | None
    finalists: tuple[int, ...]
    withdrawn: tuple[int, ...]
    elected: int | None

    @property
    def standing(self) -> tuple[Candidate, ...]:
        """Who stands in the runoff."""
        return tuple(self.candidates[k] for k in self.finalists)


def elected(votes: tuple[int, ...], registered: int | None, law: Law) -> int | None:
    """The place of a candidate who won outright; votes come most first."""
    enough = registered is None or votes[0] >= law.outright_registered * registered
    return 0 if votes[0] > law.outright * sum(votes) and enough else None


def qualified(votes: tuple[int, ...], registered: int | None, law: Law) -> tuple[int, ...]:
    """Places of those who may stand: by the law's share, and the first `least` in any case; votes come most first."""
    whole = sum(votes) if law.of_valid or registered is None else registered
    able = sum(1 for vote in votes if vote >= law.qualify * whole)
    return tuple(range(min(max(able, law.least), law.most, len(votes))))
