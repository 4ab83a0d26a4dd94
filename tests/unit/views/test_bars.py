"""Shares drawn with letters."""

import pytest

from views.bars import bar


@pytest.mark.parametrize(
    ("share", "drawn"),
    [
        (0, "░░░░░░░░░░"),
        (1, "▓▓▓▓▓▓▓▓▓▓"),
        (0.42, "▓▓▓▓░░░░░░"),
        (0.001, "▓░░░░░░░░░"),
        (7, "▓▓▓▓▓▓▓▓▓▓"),
        (-1, "░░░░░░░░░░"),
    ],
)
def test_bars(share, drawn):
    assert bar(share) == drawn
