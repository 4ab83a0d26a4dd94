"""The dashboard: a report as a text and as a chart."""

from views.statistics.areas import chart_of, text_of

__all__ = ["chart_of", "text_of"]
