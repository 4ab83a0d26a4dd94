"""What a round of random coffee comes to in words: numbers, reasons, refusals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from locales.locale import Locale
from models.community import Segment
from services.coffee import Known, Preview
from services.matching.arrangement import Arrangement, Group, Proof, Why
from services.matching.task import LARGEST, Refusal
from utils.html import Html, italic, lines
from views.fitting import label

ROW = 56
PROOFS = ("hand", *Proof)
_SEGMENTS = frozenset(Segment)


class Words:
    """Speaks of one preview's people to one person."""

    def __init__(self, preview: Preview, locale: Locale) -> None:
        self._preview = preview
        self._locale = locale
        self._t = locale.t

    def line(self, group: Group) -> str:
        """``🔒 🔁 3 wk · Aigerim Sapar · Timur Pak``."""
        weeks = [int(one.params.get("weeks", 0)) for one in group.why if one.key == "repeat"]
        marks = [
            "🔒" if group.locked else "",
            "✋" if group.by_hand else "",
            self._t("coffee.weeks_ago", count=self._locale.number(min(weeks))) if weeks else "",
            "👥" if len(group.members) >= LARGEST else "",
        ]
        names = " · ".join(self.name(one) for one in group.members)
        return label(f"{' '.join(filter(None, marks))} {names}".strip(), ROW)

    def name(self, member_id: int) -> str:
        """What somebody is called; the number of who has no name."""
        known = self._preview.people.get(member_id, Known()).name
        return " ".join(known.split()) or self._t("members.nameless", id=member_id)

    def segment(self, value: object) -> str:
        """The segment in words; one that is new to the bot as it stands."""
        text = str(value or "").strip()
        return self._t(f"choice.members_segment.{text}") if text in _SEGMENTS else text

    def why(self, why: Why, *, pair: bool) -> Html:
        """One reason in words; of three people it names the two whom it is about."""
        params = why.params
        told: dict[str, str] = {}
        if "at" in params:
            weeks = int(params["weeks"])
            told["ago"] = self._t("coffee.ago", n=weeks, count=self._locale.number(weeks))
        for one in ("a", "b"):
            for part in ("segment", "city"):
                if f"{one}_{part}" in params:
                    value = params[f"{one}_{part}"]
                    told[one] = label(self.segment(value) if part == "segment" else str(value), 60)
        text = self._locale.html(f"coffee.why.{why.key}", **told)
        if pair or "b" not in params:
            return text
        names = " · ".join(label(self.name(int(params[one])), 40) for one in ("a", "b"))
        return lines(f"{names}: ") + text

    def refused(self, refusal: Refusal) -> str:
        """Why a change cannot be, as plain text."""
        params = refusal.params
        names = {
            one: label(self.name(params[part]), 40)
            for one, part in (("a", "a"), ("b", "b"), ("name", "id"))
            if part in params
        }
        return self._t(f"coffee.refused.{refusal.key}", **names)


def numbers(arrangement: Arrangement) -> dict[str, Any]:
    """The round in numbers, and how much of it is certain."""
    by_hand = any(one.by_hand for one in arrangement.groups)
    return {
        "people": sum(len(one.members) for one in arrangement.groups),
        "groups": len(arrangement.groups),
        "repeats": arrangement.repeats,
        "left_out": len(arrangement.skipped),
        "proof": "hand" if by_hand else str(arrangement.proof),
    }


def summary(found: Mapping[str, Any], locale: Locale) -> list[Html | str]:
    """The ``numbers`` of a round in words."""

    def told(key: str, name: str) -> Html:
        count = int(found.get(name, 0))
        return locale.html(f"coffee.sum.{key}", n=count, count=locale.number(count))

    words: list[Html | str] = [Html(" · ").join((told("people", "people"), told("groups", "groups")))]
    words.append(told("repeats", "repeats") if found.get("repeats") else locale.html("coffee.sum.no_repeats"))
    if found.get("left_out"):
        words.append(told("left", "left_out"))
    if found.get("proof") in PROOFS:
        words.append(italic(locale.t(f"coffee.proof.{found['proof']}")))
    return words
