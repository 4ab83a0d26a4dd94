"""The picture itself: its size, its letters, its colours; whatever stands in the texts."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from dataclasses import asdict, replace

import pytest
from matplotlib.font_manager import FontProperties, findfont, get_font
from PIL import Image

from services.charts.chart import WIDTH, Chart, Columns, Series, Share, Shares, Tone
from services.charts.draw import COLOURS, FONT, draw
from tests.support.bots import ROOT

KAZAKH = "әғқңөұүһіӘҒҚҢӨҰҮҺІ"
RUSSIAN = "абвгдеёжзийклмнопрстуфхцчшщъыьэюяАБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ"
SIGNS = "«»—–…·▲▼№%−●"

COLUMNS = Columns(
    "Қосылған жазбалар", tuple(f"{day}.11" for day in range(15, 22)),
    (
        Series("Мақұлданған", Tone.MAIN, (3, 5, 2, 8, 4, 1, 0)),
        Series("Күтуде", Tone.WAITS, (1, 0, 2, 1, 3, 4, 2)),
        Series("Қабылданбаған", Tone.AGAINST, (0, 1, 0, 0, 1, 0, 0)),
        Series("Нобай", Tone.QUIET, (0, 1, 0, 0, 1, 0, 0)),
    ),
    (4, 3, 5, 2, 6, 3, 1), "алдыңғы 7 күн",
)  # fmt: skip
SHARES = Shares(
    "Қазір шешім күтіп тұр", (Share("Вакансиялар", 12, "12", Tone.WAITS), Share("Курстар", 0, "0"))
)
CHART = Chart(f"Модерация · {KAZAKH}", COLUMNS, SHARES)


def opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    assert image.format == "PNG"
    return image


@pytest.mark.parametrize("letters", [KAZAKH, RUSSIAN, SIGNS])
def test_the_font_has_every_letter(letters: str):
    known = get_font(findfont(FontProperties(family=FONT), fallback_to_default=False)).get_charmap()
    assert [one for one in letters if ord(one) not in known] == []


@pytest.mark.parametrize(
    "chart",
    [
        CHART,
        replace(CHART, columns=None),
        replace(CHART, shares=None),
        replace(CHART, shares=replace(SHARES, rows=SHARES.rows * 4)),
        replace(CHART, columns=replace(COLUMNS, before=None)),
        replace(CHART, columns=replace(COLUMNS, series=())),
    ],
)
def test_it_is_as_large_as_it_says(chart: Chart):
    """Warnings are errors here: a letter without a picture of its own would be one."""
    image = opened(draw(chart))
    assert image.size == chart.size
    assert image.size[0] == WIDTH
    assert sum(image.size) < 10_000


@pytest.mark.parametrize(
    "text",
    [
        "🎉🏳️‍🌈👩‍👩‍👧", "$x_1$ $\\frac{1}{", "\\alpha $$", "a\nb\tc\x00d", "مرحبا بالعالم", "漢字", "<b>&amp;</b>",
        "Ұ" * 20_000, "", " ", "\u202e\u200f\ufeff",
    ],
)  # fmt: skip
def test_whatever_people_write_is_drawn(text: str):
    rows = (Share(text, 5, text or "5"), Share("б", 3, "3"))
    columns = replace(
        COLUMNS, labels=(text, *COLUMNS.labels[1:]), series=(Series(text, Tone.MAIN, (1,) * 7),)
    )
    chart = Chart(text, replace(columns, heading=text, before_name=text), Shares(text, rows))
    assert opened(draw(chart)).size == chart.size


def test_the_colours_of_the_kinds_are_in_it():
    image = opened(draw(CHART)).convert("RGB")
    found = {colour for _, colour in image.getcolors(1 << 24)}
    wanted = {tuple(int(one[place : place + 2], 16) for place in (1, 3, 5)) for one in COLOURS.values()}
    assert wanted <= found


def seen(colour: str, matrix: tuple[tuple[float, ...], ...]) -> tuple[float, ...]:
    """A colour as somebody sees it who lacks one kind of cones (Viénot, Brettel and Mollon, 1999)."""
    linear = [(int(colour[place : place + 2], 16) / 255) ** 2.2 for place in (1, 3, 5)]
    found = (sum(part * value for part, value in zip(row, linear, strict=True)) for row in matrix)
    return tuple(max(0.0, one) ** (1 / 2.2) for one in found)


WHOLE = ((1, 0, 0), (0, 1, 0), (0, 0, 1))
NO_RED = ((0.112, 0.888, 0.0), (0.112, 0.888, 0.0), (0.004, -0.004, 1.0))
NO_GREEN = ((0.293, 0.707, 0.0), (0.293, 0.707, 0.0), (-0.022, 0.022, 1.0))


@pytest.mark.parametrize("eye", [WHOLE, NO_RED, NO_GREEN], ids=["all", "no red", "no green"])
def test_everybody_tells_the_colours_apart(eye: tuple[tuple[float, ...], ...]):
    found = [seen(colour, eye) for colour in COLOURS.values()]
    apart = [
        max(abs(one - other) for one, other in zip(first, second, strict=True))
        for number, first in enumerate(found)
        for second in found[:number]
    ]
    assert min(apart) > 0.3


def test_the_process_reads_a_chart_and_writes_a_picture():
    done = subprocess.run(
        [sys.executable, "-m", "services.charts.draw"],
        input=json.dumps(asdict(CHART)).encode() + b"\n", capture_output=True, cwd=ROOT, check=True, timeout=120,
    )  # fmt: skip
    assert opened(done.stdout).size == CHART.size
    assert b"Glyph" not in done.stderr


def test_a_chart_that_broke_off_is_none():
    done = subprocess.run(
        [sys.executable, "-m", "services.charts.draw"], input=b'{"title":', capture_output=True, cwd=ROOT,
        check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stdout == b""


def test_a_chart_is_the_same_after_the_pipe():
    assert Chart.read(json.loads(json.dumps(asdict(CHART)))) == CHART
    empty = Chart("t")
    assert Chart.read(json.loads(json.dumps(asdict(empty)))) == empty


def test_an_address_is_that_of_the_content():
    assert CHART.address == replace(CHART).address
    assert CHART.address != replace(CHART, title="Модерация").address
    assert CHART.address != replace(CHART, shares=None).address


def test_the_bot_starts_without_the_library():
    code = "import sys, composition; sys.exit(any(one in sys.modules for one in ('matplotlib', 'numpy')))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False, timeout=120).returncode == 0
