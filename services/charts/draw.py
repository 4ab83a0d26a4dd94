"""The process that draws: ``python -m services.charts.draw`` reads a chart from stdin and writes a PNG to stdout.

Nothing else imports this module: the library behind it takes a second and 60 MB that the bot does without.
"""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Sequence
from typing import Any

from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ticker import MaxNLocator

from services.charts.chart import COLUMNS, HEAD, SHARE, SHARES, Chart, Columns, Shares, Tone

NICE = 5
"""Clicks come first."""
FONT = "DejaVu Sans"
"""Comes with the library and has every letter of the three languages."""
DPI = 100
COLOURS = {Tone.MAIN: "#0072B2", Tone.WAITS: "#E69F00", Tone.AGAINST: "#8C3B5E", Tone.QUIET: "#C3C9D0"}
"""Apart in hue and in lightness: also those tell them apart who do not tell red from green."""
INK, FAINT, LINES = "#24313F", "#5F6B78", "#E6EAEE"
EDGE = 56
"""Pixels left free at the sides."""
TITLE, HEADING, TEXT = 42, 34, 30
"""Heights of letters in pixels: a phone shows the picture at about a third of its size."""
LEGEND = 44
"""Pixels of a line of the legend."""
BAR = 18
MANY = 12
"""From more parts on, the period before would be a scribble: the text has it."""


def draw(chart: Chart) -> bytes:
    """The PNG, ``chart.size`` pixels."""
    width, height = chart.size
    figure = Figure(figsize=(width / DPI, height / DPI), dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    page = _Page(figure, width, height)
    page.write(chart.title, EDGE, height - 30, TITLE, bold=True)
    if chart.columns is not None:
        _columns(page, chart.columns, height - HEAD)
    if chart.shares is not None:
        _shares(page, chart.shares, SHARES + SHARE * len(chart.shares.rows))
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=DPI, metadata={"Software": None})
    return out.getvalue()


class _Page:
    """The figure, addressed in pixels from its lower left corner."""

    def __init__(self, figure: Figure, width: int, height: int) -> None:
        self.figure, self.width, self.height = figure, width, height
        self._letters = get_font(
            findfont(FontProperties(family=FONT), fallback_to_default=False)
        ).get_charmap()

    def axes(self, left: float, bottom: float, width: float, height: float) -> Axes:
        axes = self.figure.add_axes(
            (left / self.width, bottom / self.height, width / self.width, height / self.height)
        )
        axes.set_frame_on(False)
        axes.tick_params(length=0, labelsize=_points(TEXT), labelcolor=FAINT, pad=8)
        return axes

    def write(
        self,
        text: str,
        x: float,
        y: float,
        size: int,
        *,
        bold: bool = False,
        colour: str = INK,
        right: bool = False,
        room: float | None = None,
    ) -> float:
        """Writes one line below ``y``, as much as fits into ``room`` pixels; the width it takes."""
        font = FontProperties(family=FONT, size=_points(size), weight="bold" if bold else "normal")
        shown = self.fitted(text, font, room if room is not None else self.width - x - EDGE)
        self.figure.text(
            x / self.width, y / self.height, shown, fontproperties=font, color=colour, va="top",
            ha="right" if right else "left", parse_math=False,
        )  # fmt: skip
        return self.measured(shown, font)

    def measured(self, text: str, font: FontProperties) -> float:
        """Pixels of one line."""
        canvas: Any = self.figure.canvas
        width: float = canvas.get_renderer().get_text_width_height_descent(text, font, ismath=False)[0]
        return width

    def fitted(self, text: str, font: FontProperties, room: float) -> str:
        """The line with letters this font has, cut to ``room`` pixels."""
        line = self.readable(text)
        if self.measured(line, font) <= room:
            return line
        while line and self.measured(line.rstrip() + "…", font) > room:
            line = line[: -max(1, len(line) // 12)]
        return line.rstrip() + "…"

    def readable(self, text: str) -> str:
        """One line without what the font cannot draw: emoji, mostly."""
        return " ".join("".join(one for one in text if one.isspace() or ord(one) in self._letters).split())


def _columns(page: _Page, panel: Columns, top: float) -> None:
    page.write(panel.heading, EDGE, top, HEADING, bold=True)
    before = panel.before if len(panel.labels) <= MANY else None
    entries = [(series.name, COLOURS[series.tone]) for series in panel.series]
    entries += [(panel.before_name, "")] if before is not None else []
    high = _legend(page, entries, top - 50) - 12
    low = top - COLUMNS + 72
    axes = page.axes(EDGE + 64, low, page.width - 2 * EDGE - 64, high - low)
    places = range(len(panel.labels))
    base = [0] * len(panel.labels)
    for series in panel.series:
        axes.bar(places, series.values, bottom=base, width=0.72, color=COLOURS[series.tone], zorder=2)
        base = [under + value for under, value in zip(base, series.values, strict=True)]
    if before is not None:
        _before(axes, places, before)
    axes.set_ylim(0, max((*base, *(before or ()), 1)) * 1.08)
    axes.set_xlim(-0.6, len(panel.labels) - 0.4)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
    axes.grid(axis="y", color=LINES, linewidth=2, zorder=0)
    labelled = [place for place in places if panel.labels[place]]
    axes.set_xticks(labelled, [page.readable(panel.labels[place]) for place in labelled], parse_math=False)


def _before(axes: Axes, places: Sequence[float], values: Sequence[float]) -> None:
    """A dotted line with a light edge, so that it is seen on columns of every colour."""
    axes.plot(places, values, color="white", linewidth=7, zorder=3, clip_on=False)
    axes.plot(
        places, values, color=INK, linewidth=3, linestyle=(0, (1.2, 1.4)), marker="o", markersize=8,
        markeredgecolor="white", zorder=4, clip_on=False,
    )  # fmt: skip


def _legend(page: _Page, entries: Sequence[tuple[str, str]], y: float) -> float:
    """Writes names and colours, in as many lines as they need; where the last line ends. No colour is the line."""
    font = FontProperties(family=FONT, size=_points(TEXT))
    x = float(EDGE)
    for name, colour in entries:
        width = 40 + page.measured(page.readable(name), font)
        if x > EDGE and x + width > page.width - EDGE:
            x, y = EDGE, y - LEGEND
        mark = page.axes(x, y - 28, 26, 26)
        mark.set_axis_off()
        mark.set_xlim(0, 1)
        mark.set_ylim(0, 1)
        if colour:
            mark.fill_between((0, 1), 0, 1, color=colour)
        else:
            _before(mark, (0.1, 0.9), (0.5, 0.5))
        page.write(name, x + 40, y, TEXT, colour=FAINT)
        x += width + 30
    return y - LEGEND


def _shares(page: _Page, panel: Shares, top: float) -> None:
    page.write(panel.heading, EDGE, top - 8, HEADING, bold=True)
    highest = max((row.value for row in panel.rows), default=0) or 1
    whole = page.width - 2 * EDGE
    for number, row in enumerate(panel.rows):
        y = top - SHARES + 14 - number * SHARE
        taken = page.write(row.written, page.width - EDGE, y, TEXT, bold=True, right=True, room=400)
        page.write(row.label, EDGE, y, TEXT, room=whole - taken - 24)
        strip = page.axes(EDGE, y - TEXT - 12 - BAR, whole, BAR)
        strip.set_axis_off()
        strip.set_xlim(0, highest)
        strip.barh(0, highest, height=1, color=LINES)
        strip.barh(0, row.value, height=1, color=COLOURS[row.tone])
        strip.set_ylim(-0.5, 0.5)


def _points(pixels: float) -> float:
    return pixels * 72 / DPI


def main() -> int:
    """0 when the picture is out; 1 when the chart broke off."""
    line = sys.stdin.buffer.readline()
    if not line.endswith(b"\n"):
        return 1
    rcParams["font.family"] = FONT
    sys.stdout.buffer.write(draw(Chart.read(json.loads(line))))
    return 0


if __name__ == "__main__":
    os.nice(NICE)
    sys.exit(main())
