"""Comparing what people type with what is stored, in Kazakh and Russian."""

from __future__ import annotations

import unicodedata

_ANY = "_"
"""One character, whichever, in the backend's text search (contract Q10)."""

_PAIRS = {
    "ё": "е",
    "ә": "а",
    "ғ": "г",
    "қ": "к",
    "ң": "н",
    "ө": "о",
    "ұ": "у",
    "ү": "у",
    "һ": "х",
    "і": "и",
}
_ALIKE = str.maketrans(_PAIRS)
_LOOSE = str.maketrans(dict.fromkeys("ёеәағгқкңнөоұүуһхіиЁЕӘАҒГҚКҢНӨОҰҮУҺХІИ", _ANY))
"""Every letter of the pairs above, in both cases, as any character."""


def fold(text: str) -> str:
    """``text`` for comparing: no case, ё as е, Kazakh letters as the Russian ones a phone keyboard offers
    instead.

    Runs of white space become one space.
    """
    return " ".join(unicodedata.normalize("NFC", text).casefold().translate(_ALIKE).split())


def loosened(text: str) -> str:
    """``text`` as a search of the backend that finds every spelling ``fold`` takes for the same, and a few more."""
    return unicodedata.normalize("NFC", text).translate(_LOOSE)
