from __future__ import annotations

from dataclasses import replace

import numpy as np

from runoff.phases.chamber.fit import without_shared
from runoff.simulate.chamber.draw import BLOCK, draw_chamber
from tests import chambers


def test_threads_and_blocks_do_not_show() -> None:
    """One thread and three draw equal bits."""
    chamber = chambers.ready(chambers.districts()).chamber
    one, three = (draw_chamber(chamber, BLOCK + 500, seed=4, threads=threads).digest() for threads in (1, 3))
    assert one == three


def test_more_trials_begin_with_the_fewer() -> None:
    """The first trials' seats are the same, however many follow."""
    chamber = chambers.ready(chambers.districts()).chamber
    few, many = (draw_chamber(chamber, trials, seed=4, threads=1) for trials in (1500, BLOCK + 100))
    assert (many.seats[:, :1500] == few.seats).all()


def test_a_district_s_trials_hang_on_nothing_but_its_id_and_the_election() -> None:
    """Without some other districts, the rest win, lose and poll as they did, trial by trial."""
    of = chambers.districts()
    whole = chambers.ready(of).chamber
    some = {one.place for one in whole.drawn[::2]}
    some_drawn = replace(whole, drawn=tuple(one for one in whole.drawn if one.place in some))
    fewer = draw_chamber(some_drawn, 3000, seed=2, threads=1)
    every = draw_chamber(whole, 3000, seed=2, threads=1)
    for d in some:
        assert (fewer.wins[d] == every.wins[d]).all()
        assert (fewer.sums[d] == every.sums[d]).all()


def test_every_trial_fills_every_seat() -> None:
    """Seats of all blocs, and of all parties, add up to the districts in each trial; wins to the trials."""
    of = chambers.districts()
    chamber = chambers.ready(of).chamber
    drawn = draw_chamber(chamber, 2000, seed=2, threads=2)
    assert (drawn.seats.sum(axis=0) == len(of)).all()
    assert (drawn.parties.sum(axis=0) == len(of)).all()
    assert all(drawn.wins[one.place].sum() == 2000 for one in chamber.drawn)


def test_what_races_share_makes_their_seats_move_together() -> None:
    """A bloc's seats spread more with shared shocks than without: 40 districts, a ratio of sds of 1.5 at least.

    At 4,000 trials a ratio of two sds has a standard error of 1.6 %.
    """
    ready = chambers.ready(chambers.districts(40))
    shared, alone = (
        draw_chamber(one.chamber, 4000, seed=3, threads=2).seats.astype(np.float64)
        for one in (ready, without_shared(ready))
    )
    bloc = ready.blocs.index("left")
    assert shared[bloc].std() > 1.5 * alone[bloc].std()


def test_equal_names_in_two_districts_share_nothing() -> None:
    """Without shared shocks winners of districts with equal candidates' names are uncorrelated.

    Correlations of 4,000 trials have a standard error of 0.016; the largest of 36 beyond 0.08 is a false alarm in
    fewer than one of a hundred thousand seeds.
    """
    ready = without_shared(chambers.ready(chambers.districts(9)))
    places = [one.place for one in ready.chamber.drawn]
    wins = []
    for d in places:
        groups = np.full_like(ready.chamber.seats, -1)
        groups[d, 0] = 0
        own = tuple(one for one in ready.chamber.drawn if one.place == d)
        chamber = replace(ready.chamber, drawn=own, seats=groups, parties=groups, groups=1, parties_n=1)
        wins.append(draw_chamber(chamber, 4000, seed=6, threads=1).seats[0].astype(np.float64))
    varied = [won for won in wins if 0.02 < won.mean() < 0.98]
    found = np.corrcoef(varied)
    assert len(varied) > 3
    assert np.abs(found[np.triu_indices(len(varied), 1)]).max() < 0.08
