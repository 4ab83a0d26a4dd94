"""Addresses of the three taps: which group, in which language, what was answered so far.

They stand under messages that the bot sent to members, so they say all there is to know; nothing in them is trusted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from keyboards.buttons import Button, Row
from keyboards.callbacks import Go, Press
from locales.locale import Locale

LANGUAGE_CODES: Mapping[str, str] = {"k": "kk", "r": "ru", "e": "en"}
MET, NOT_MET = "y", "n"
RATINGS = 5
WORDS: Mapping[bool, int] = {True: 4, False: 3}
"""How many words there are to pick from after a meeting, and after none."""
NO_WORD = 0


@dataclass(frozen=True, slots=True)
class Said:
    """What was answered so far; None: not asked yet. ``word`` counts from 1, ``NO_WORD`` for none of them."""

    group_id: int
    language: str
    met: bool | None = None
    rating: int | None = None
    word: int | None = None

    @classmethod
    def read(cls, go: Go) -> Said | None:
        """What the address says; None for anything that no button of the bot says."""
        language, answers = LANGUAGE_CODES.get(go.arg[:1]), go.arg[1:]
        if language is None or not go.id:
            return None
        if not answers:
            return cls(go.id, language)
        if answers[0] not in (MET, NOT_MET) or not (answers[1:] == "" or answers[1:].isascii()):
            return None
        met, digits = answers[0] == MET, answers[1:]
        if digits and not digits.isdigit():
            return None
        numbers = [int(one) for one in digits]
        rating = numbers.pop(0) if met and numbers else None
        word = numbers.pop(0) if numbers else None
        if numbers or rating not in (None, *range(1, RATINGS + 1)):
            return None
        if word is not None and word > WORDS[met]:
            return None
        return cls(go.id, language, met, rating, word)

    @property
    def is_whole(self) -> bool:
        """True when nothing is left to ask."""
        return self.word is not None

    def go(self) -> Go:
        """The address that says it."""
        first = next(code for code, language in LANGUAGE_CODES.items() if language == self.language)
        met = "" if self.met is None else MET if self.met else NOT_MET
        numbers = "".join(str(one) for one in (self.rating, self.word) if one is not None)
        return Go(Press.FEEDBACK, id=self.group_id, arg=f"{first}{met}{numbers}")


def start_row(group_id: int, locale: Locale) -> Row:
    """The button under a coffee message."""
    return (Button(locale.t("feedback.start"), Said(group_id, locale.language).go()),)


def question_rows(group_id: int, locale: Locale) -> tuple[Row, ...]:
    """Whether they met."""
    return (
        (
            Button(f"👍 {locale.t('feedback.met')}", Said(group_id, locale.language, met=True).go()),
            Button(f"👎 {locale.t('feedback.not_met')}", Said(group_id, locale.language, met=False).go()),
        ),
    )
