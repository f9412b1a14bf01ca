"""The archive as arrays says what its races say."""

from __future__ import annotations

import numpy as np

from runoff.data.archive.archive import Archive
from runoff.data.archive.arrays import arrays_of
from runoff.data.archive.words import BLOCS, LEVELS


def test_the_arrays_are_the_races() -> None:
    """Votes, runoff votes, blocs and axis of every candidate, and what races have, one by one."""
    archive = Archive.load().where(country="France")
    arrays = arrays_of(archive)
    assert arrays.start[-1] == len(arrays.votes) == sum(len(race.candidates) for race in archive.races)
    for place, race in enumerate(archive.races[::37]):
        place *= 37
        part = slice(arrays.start[place], arrays.start[place + 1])
        assert (arrays.race[part] == place).all()
        assert arrays.votes[part].tolist() == [c.first_round_votes for c in race.candidates]
        assert arrays.runoff_votes[part].tolist() == [c.runoff_votes or 0 for c in race.candidates]
        assert [BLOCS[b] for b in arrays.bloc[part]] == [c.bloc for c in race.candidates]
        np.testing.assert_array_equal(arrays.axis[part], [c.axis for c in race.candidates])
        assert arrays.n_finalists[place] == len(race.finalists)
        assert arrays.elections[arrays.election[place]] == race.election
        assert tuple(LEVELS)[arrays.level[place]] == race.level
        assert arrays.date_runoff[place] == np.datetime64(race.date_runoff)
        assert arrays.valid[place].tolist() == [race.first.valid, race.runoff.valid]


def test_what_is_not_known_is_no_number() -> None:
    """Registered voters that a source lacks are NaN; an archive without races has empty arrays."""
    arrays = arrays_of(Archive.load().where(country="United States (Texas)"))
    assert np.isnan(arrays.registered).all()
    assert arrays_of(Archive(())).start.tolist() == [0]
