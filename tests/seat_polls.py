"""Polls of seats between the rounds of past Assemblies: the last that were published, and what they do to a forecast.

    python -m tests.seat_polls [ERROR_SD ...]

Each Assembly is forecast by a fit without its election, with and without what pollsters said of its seats, blocs being
the archive's.  2012 and 2022 are not in the archive: their polls are for the size of the error alone, and who came is
the ministry's count.
"""

from __future__ import annotations

import datetime as dt
import sys

import numpy as np

from runoff.app.backtest.chambers.assemblies import Assembly, Seen, assemblies, crps_seats, scored_blocs
from runoff.data.archive.archive import Archive
from runoff.data.archive.words import BLOCS
from runoff.model.prior.fitted import table
from runoff.phases.chamber.fit import Between, fitted
from runoff.runfile.sections.chamber import SeatPoll
from runoff.simulate.chamber.draw import draw_chamber

TRIALS = 20_000
_DAY = dt.date(2024, 7, 5)  # the day is nobody's business here
# year -> pollster, source, and seats said by bloc
POLLS: dict[int, list[tuple[str, str, dict[str, tuple[int, int]]]]] = {
    2007: [
        ("TNS Sofres, 12-13 June", "lecentrisme.com/2007/06/actualites-du-centre-legislatives-2007_15.html",
         {"right": (405, 435), "left": (127, 159), "far-left": (10, 15)}),
        ("Ipsos, 14-15 June", "lecentrisme.com/2007/06/actualites-du-centre-legislatives-2007_16.html",
         {"right": (380, 420)}),
    ],
    2012: [
        ("Ipsos, 13-14 June", "lapresse.ca/international/europe/201206/14/01-4535110",
         {"left": (324, 364), "right": (210, 250)}),
    ],
    2017: [
        ("Harris Interactive, 13-15 June", "chb44.com/?p=12124",
         {"centre": (440, 470), "right": (60, 80), "left": (22, 35), "far-left": (14, 25), "far-right": (1, 6)}),
        ("OpinionWay, 15 June", "chb44.com/?p=12124", {"centre": (440, 470), "right": (70, 90), "left": (20, 30)}),
    ],
    2022: [
        ("Ipsos, 12 June", "radiofrance.fr/franceculture/premier-tour-des-elections-legislatives-2022",
         {"centre": (255, 295), "left": (165, 215), "right": (50, 80), "far-right": (20, 45)}),
    ],
    2024: [
        ("Ipsos, 3-4 July", "journal-info.fr/2024/07/05/second-tour-des-legislatives-le-rn-toujours-en-tete",
         {"far-right": (175, 205), "left": (145, 175), "centre": (118, 148), "right": (57, 67)}),
        ("Ifop, 3-4 July", "tahiti-infos.com/Le-RN-en-tete_a224793.html",
         {"far-right": (210, 240), "left": (170, 200), "centre": (95, 125), "right": (25, 45)}),
    ],
}  # fmt: skip
CAME = {2012: {"left": 341, "right": 229}, 2022: {"centre": 245, "left": 153, "right": 74, "far-right": 89}}


def polls_of(year: int) -> list[SeatPoll]:
    """Polls of seats as a run file has them."""
    return [
        SeatPoll(field_end=_DAY, of=bloc, low=low, high=high, pollster=name)
        for name, _, said in POLLS[year]
        for bloc, (low, high) in said.items()
    ]


def errors(came: dict[str, int], year: int, seats: int) -> dict[str, tuple[float, float]]:
    """By bloc: mean of what polls said, less what came; and the same as `seats_error_sd` counts it."""
    found = {}
    for bloc, actual in came.items():
        said = [(poll.low + poll.high) / 2.0 for poll in polls_of(year) if poll.of == bloc]
        if said:
            mean = sum(said) / len(said)
            part = mean / seats
            found[bloc] = mean - actual, (mean - actual) / seats / (4.0 * part * (1.0 - part)) ** 0.5
    return found


def forecast(of: Assembly, year: int, error_sd: float | None) -> Seen:
    """An Assembly without its election; error_sd : None leaves polls out."""
    polls = Between() if error_sd is None else Between(seats=polls_of(year), seats_error=error_sd)
    fit, same = table.shipped().without[of.election], {bloc: bloc for bloc in BLOCS}
    ready = fitted(of.districts, same, fit, {}, election=of.election, seed=0, polls=polls)
    return Seen(of, ready, draw_chamber(ready.chamber, TRIALS, seed=0, threads=2))


def main() -> None:
    """Print the polls' errors, and each Assembly's seats with polls of several sizes of error."""
    sizes: list[float | None] = [None, *(map(float, sys.argv[1:]) if len(sys.argv) > 1 else (0.05, 0.1, 0.15))]
    past = {int(of.election[-10:-6]): of for of in assemblies(Archive.load())}
    came = CAME | {year: {b: of.blocs.count(b) for b in BLOCS} for year, of in past.items() if year in POLLS}
    off = []
    for year in sorted(POLLS):
        found = errors(came[year], year, 577)
        off += [(year, scaled) for _, scaled in found.values()]
        print(year, ", ".join(f"{bloc} {said:+.0f} ({scaled:+.2f})" for bloc, (said, scaled) in found.items()))
    print(f"rms of the errors in brackets: {np.mean([x * x for _, x in off]) ** 0.5:.3f}; without each election:",
          ", ".join(f"{y} {np.mean([x * x for z, x in off if z != y]) ** 0.5:.3f}" for y in sorted(POLLS)))  # fmt: skip
    scores: dict[float | None, list[tuple[float, bool, bool]]] = {size: [] for size in sizes}
    for year, of in past.items():
        if year not in POLLS:
            continue
        for size in sizes:
            seen, told = forecast(of, year, size), []
            for bloc in scored_blocs(of, seen):
                drawn, actual = seen.seats(bloc), of.blocs.count(bloc)
                q = [int(x) for x in np.quantile(drawn, [0.025, 0.1, 0.5, 0.9, 0.975], method="inverted_cdf")]
                scores[size].append((crps_seats(drawn, actual), q[1] <= actual <= q[3], q[0] <= actual <= q[4]))
                told.append(f"{bloc} {q[2]} ({q[1]} to {q[3]}) came {actual}")
            print(year, "no polls" if size is None else f"polls, {size:g}", "; ".join(told), flush=True)
    for size, rows in scores.items():
        mean = [np.mean([row[k] for row in rows]) for k in range(3)]
        print(
            "no polls" if size is None else f"polls, {size:g}",
            f"CRPS {mean[0]:.1f}, inside 80 {mean[1]:.2f}, 95 {mean[2]:.2f}",
        )


if __name__ == "__main__":
    main()
