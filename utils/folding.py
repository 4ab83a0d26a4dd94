"""Comparing what people type with what is stored, in Kazakh and Russian."""

from __future__ import annotations

import unicodedata

_ALIKE = str.maketrans(
    {
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
)


def fold(text: str) -> str:
    """``text`` for comparing: no case, ё as е, Kazakh letters as the Russian ones a phone keyboard offers
    instead.

    Runs of white space become one space.
    """
    return " ".join(unicodedata.normalize("NFC", text).casefold().translate(_ALIKE).split())
