"""What the benchmark of the first answer says of times that it measured."""

from __future__ import annotations

from pathlib import Path

from benchmarks.first_answer import BASE, commands, told


def test_ratios_are_of_medians() -> None:
    """Each command's median over the base's, of wall and of CPU; an outlier moves neither."""
    found = {BASE: [(0.1, 0.1), (0.2, 0.1), (9.0, 0.3)], "run": [(0.5, 0.4), (0.4, 0.2), (0.3, 0.3)]}
    assert [line.split()[-4:] for line in told(found).splitlines()[1:]] == [
        ["0.200", "1.00", "0.100", "1.00"],
        ["0.400", "2.00", "0.300", "3.00"],
    ]


def test_the_base_is_first(tmp_path: Path) -> None:
    """Ratios are of the first command."""
    assert next(iter(commands(tmp_path))) == BASE
