"""The screens of a round of random coffee before it is stored: its groups, one of them, the left out, the question."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from keyboards.buttons import PRIMARY, SUCCESS, Button, Row, navigation
from keyboards.callbacks import Go, Press, to_base36
from keyboards.pager import grid, jump_targets, pager
from locales.locale import Locale
from resources.queries import ListQuery, Page
from resources.resource import Resource
from services.coffee import Known, Preview, State
from services.matching.arrangement import Arrangement, Group, LeftOut
from services.matching.task import LARGEST
from utils.folding import fold
from utils.html import Html, bold, italic, lines, quote
from views.card import Keyed
from views.coffee_words import ROW, Words, numbers, summary
from views.fitting import TEXT_LIMIT, fit, label
from views.listing import position
from views.screen import Screen

PAGE = 8
"""Groups on a page."""
NAME = 24
NAMED = 6
"""People left out who are named on the first screen."""
ALL, REPEATS, LEFT, GROUP, GROUP_OF_REPEATS, QUESTION, JUMP = "p", "r", "o", "g", "h", "c", "j"
"""What an address shows: pages of all groups, of repeats, of who is left out; a member's group; the question; pages."""
CHOOSE, SWAP, LOCK, UNLOCK, DROP = "k", "s", "l", "u", "d"
"""What an address changes."""
AGAIN = "a"
PREPARE = "pr"
"""Code of the tool that all of it begins with."""


class Painter(Words):
    """Draws the screens of one preview for one person."""

    def __init__(self, resource: Resource[Any], preview: Preview, locale: Locale) -> None:
        super().__init__(preview, locale)
        self._resource = resource

    # --- addresses -----------------------------------------------------------------------------------------

    @property
    def listens(self) -> str:
        """How these screens are known as what the person looks at, and who reads what is typed under them."""
        return f"match:{self._resource.code}:{to_base36(self._preview.version)}"

    def show(self, what: str) -> Go:
        """An address that shows something of this version."""
        return Go(Press.MATCH, self._resource.code, arg=f"{to_base36(self._preview.version)}-{what}")

    def turn(self, what: str, member_id: int = 0) -> Go:
        """An address that changes this version."""
        return Go(
            Press.MATCH_TURN,
            self._resource.code,
            arg=f"{to_base36(self._preview.version)}-{what}{to_base36(member_id)}",
        )

    @property
    def _start(self) -> Go:
        return Go(Press.TOOL, self._resource.code, arg=PREPARE)

    # --- on the way ----------------------------------------------------------------------------------------

    def current(self) -> Screen:
        """The preview as it stands: on the way, there, or failed."""
        if self._preview.state is State.SOLVING:
            return self._solving()
        if self._preview.arrangement is None:
            return self._failed()
        # What went wrong with solving it again is said above the round that stands.
        note = self._locale.html(self._preview.why) if self._preview.why else None
        return self.groups(1).noted(note)

    def _solving(self) -> Screen:
        count = len(self._preview.people)
        known = self._locale.html("coffee.matching", n=count, count=self._locale.number(count))
        text = lines(self._head(), "", known if count else self._locale.html("coffee.gathering"))
        rows: tuple[Row, ...] = (
            (
                Button(self._t("coffee.refresh"), self.show(f"{ALL}1")),
                Button(self._t("coffee.drop"), self.turn(DROP)),
            ),
            navigation(self._locale, self._start),
        )
        return Screen(text, rows, listens=self.listens)

    def _failed(self) -> Screen:
        text = lines(self._head(), "", self._locale.html(self._preview.why or "coffee.failed"))
        day = f"{self._preview.day:%Y%m%d}"
        rows: tuple[Row, ...] = (
            (Button(self._t("coffee.try_again"), Go(Press.MATCH_SOLVE, self._resource.code, arg=f"d{day}")),),
            navigation(self._locale, self._start),
        )
        return Screen(text, rows, listens=self.listens)

    # --- groups --------------------------------------------------------------------------------------------

    def groups(self, number: int, *, repeats: bool = False, search: str = "") -> Screen:
        """A page of the groups: all, those with repeats, or those with a name that holds ``search``."""
        arrangement = self._round
        found = [one for one in arrangement.groups if (one.repeats or not repeats)]
        if search:
            text = fold(search)
            found = [one for one in found if any(text in fold(self.name(who)) for who in one.members)]
        page = self._page(found, number)
        shown = page.items
        what = REPEATS if repeats else ALL
        rows: list[Row] = [self._row(one, repeats=repeats) for one in shown]
        if search:
            rows.append((Button(label(f"✕ «{search}»", NAME), self.show(f"{ALL}1")),))
        else:
            jump = None if repeats else self.show(f"{JUMP}{page.query.page}")
            rows.append(pager(page, lambda at: self.show(f"{what}{at}"), jump, self._locale))
        rows.append(self._narrowing(arrangement, repeats=repeats))
        if self._preview.chosen:
            rows.append((Button(self._t("coffee.swap_cancel"), self.turn(CHOOSE)),))
        else:
            rows += self._tools()
        rows.append(navigation(self._locale, self._start))
        body = lines(
            *self._summary(arrangement),
            "",
            position(page, self._locale) or None,
            self._locale.html("list.searched", text=label(search, 64)) if search else None,
            self._hint(found, search),
        )
        return Screen(fit(body, TEXT_LIMIT), tuple(rows), listens=self.listens)

    def jump(self, number: int) -> Screen:
        """Pages to jump to; one that is typed is a page too."""
        pages = max(1, -(-len(self._round.groups) // PAGE))
        buttons = [
            Button(f"· {one} ·" if one == number else str(one), self.show(f"{ALL}{one}"))
            for one in jump_targets(min(number, pages), pages)
        ]
        rows = (*grid(buttons, 5), navigation(self._locale, self.show(f"{ALL}{number}")))
        text = lines(bold(self._t("list.jump_title")), self._locale.html("list.jump_help"))
        return Screen(text, rows, listens=self.listens)

    def _hint(self, found: Sequence[Group], search: str) -> Html:
        chosen = self._preview.chosen
        if chosen:
            return self._locale.html("coffee.swap_with", name=label(self.name(chosen), 80))
        if not found:
            return self._locale.html("list.nothing_found" if search else "coffee.no_groups")
        return italic(self._t("coffee.hint"))

    def _row(self, group: Group, *, repeats: bool) -> Row:
        """One button that opens the group; while somebody changes places one for each who can."""
        if self._preview.chosen and not group.locked:
            return tuple(self._partner(one) for one in group.members)
        what = f"{GROUP_OF_REPEATS if repeats else GROUP}{to_base36(group.members[0])}"
        return (Button(self.line(group), self.show(what)),)

    def _partner(self, member_id: int) -> Button:
        if member_id == self._preview.chosen:
            return Button(label(f"● {self.name(member_id)}", NAME), self.turn(CHOOSE))
        return Button(label(f"⇄ {self.name(member_id)}", NAME), self.turn(SWAP, member_id))

    def _narrowing(self, arrangement: Arrangement, *, repeats: bool) -> Row:
        row: list[Button] = []
        if repeats:
            row.append(Button(self._t("coffee.all_groups"), self.show(f"{ALL}1")))
        elif arrangement.repeats:
            count = self._locale.number(sum(bool(one.repeats) for one in arrangement.groups))
            row.append(Button(f"🔁 {self._t('coffee.only_repeats')} · {count}", self.show(f"{REPEATS}1")))
        if arrangement.skipped:
            count = self._locale.number(len(arrangement.skipped))
            row.append(Button(f"🪑 {self._t('coffee.left_out')} · {count}", self.show(f"{LEFT}1")))
        return tuple(row)

    def _tools(self) -> list[Row]:
        again = Go(Press.MATCH_SOLVE, self._resource.code, arg=f"{to_base36(self._preview.version)}-{AGAIN}")
        return [
            (Button(f"✅ {self._t('coffee.commit')}", self.show(QUESTION), style=SUCCESS),),
            (
                Button(f"🎲 {self._t('coffee.again')}", again),
                Button(f"🗑 {self._t('coffee.drop')}", self.turn(DROP)),
            ),
        ]

    def page_of(self, member_id: int) -> int:
        """On which page of all groups somebody is; 1 for who is in none."""
        places = (n for n, one in enumerate(self._round.groups) if member_id in one.members)
        return next(places, 0) // PAGE + 1

    # --- one group -----------------------------------------------------------------------------------------

    def group(self, group: Group, *, repeats: bool = False) -> Screen:
        """Who meets, why, and what can be changed about it."""
        back = self.show(f"{REPEATS}1" if repeats else f"{ALL}{self.page_of(group.members[0])}")
        rows: list[Row] = []
        if not group.locked:
            rows += [(self._mover(one),) for one in group.members]
        turn = UNLOCK if group.locked else LOCK
        icon, text = ("🔓", "coffee.unlock") if group.locked else ("🔒", "coffee.lock")
        rows.append((Button(f"{icon} {self._t(text)}", self.turn(turn, group.members[0])),))
        rows.append(navigation(self._locale, back))
        text = lines(
            bold(f"{self._resource.icon} {self._t('coffee.group')}"),
            "",
            *(self._person(one) for one in group.members),
            "",
            bold(self._t("coffee.why")),
            *(Html("• ") + self.why(one, pair=len(group.members) < LARGEST) for one in group.why),
        )
        return Screen(fit(text, TEXT_LIMIT), tuple(rows), listens=self.listens)

    def _mover(self, member_id: int) -> Button:
        """Chooses who changes places; with somebody chosen elsewhere, does it."""
        chosen, name = self._preview.chosen, label(self.name(member_id), NAME)
        if chosen == member_id:
            return Button(self._t("coffee.swap_cancel"), self.turn(CHOOSE))
        if chosen:
            return Button(f"⇄ {name}", self.turn(SWAP, member_id))
        return Button(f"⇄ {self._t('coffee.swap', name=name)}", self.turn(CHOOSE, member_id))

    def _person(self, member_id: int) -> Html:
        known = self._preview.people.get(member_id, Known())
        facts = [part for part in (self.segment(known.segment), known.city) if part]
        return bold(label(self.name(member_id), 100)) + (
            f" · {label(', '.join(facts), 100)}" if facts else ""
        )

    # --- left out ------------------------------------------------------------------------------------------

    def left(self, number: int) -> Screen:
        """Who meets nobody, and why; a tap changes places with somebody."""
        page = self._page(self._round.skipped, number)
        rows: list[Row] = [
            (
                self._partner(one.id)
                if self._preview.chosen
                else Button(label(f"⇄ {self.name(one.id)}", ROW), self.turn(CHOOSE, one.id)),
            )
            for one in page.items
        ]
        rows.append(pager(page, lambda at: self.show(f"{LEFT}{at}"), None, self._locale))
        if self._preview.chosen:
            rows.append((Button(self._t("coffee.swap_cancel"), self.turn(CHOOSE)),))
        rows.append(navigation(self._locale, self.show(f"{ALL}1")))
        hint = "coffee.swap_with" if self._preview.chosen else "coffee.left_hint"
        chosen = label(self.name(self._preview.chosen), 80) if self._preview.chosen else ""
        text = lines(
            bold(f"🪑 {self._t('coffee.left_out')}"),
            "",
            *(self._left_line(one) for one in page.items),
            "",
            self._locale.html(hint, name=chosen),
        )
        return Screen(fit(text, TEXT_LIMIT), tuple(rows), listens=self.listens)

    def _left_line(self, one: LeftOut) -> Html:
        return Html("• ") + bold(label(self.name(one.id), 80)) + f": {self._t(f'coffee.why.{one.why.key}')}"

    # --- the question --------------------------------------------------------------------------------------

    def question(self, keyed: Keyed, impact: str = "") -> Screen:
        """What is about to be stored, in numbers. Cancel stands first."""
        back = self.show(f"{ALL}1")
        now = keyed(Go(Press.MATCH_NOW, self._resource.code, arg=to_base36(self._preview.version)))
        rows: tuple[Row, ...] = (
            (Button(self._t("nav.cancel"), back),),
            (Button(f"✅ {self._t('coffee.commit_now')}", now, style=PRIMARY),),
            navigation(self._locale, back),
        )
        text = lines(*self._summary(self._round), "", impact or None, self._locale.html("coffee.ask_commit"))
        return Screen(fit(text, TEXT_LIMIT), rows)

    # --- words ---------------------------------------------------------------------------------------------

    @property
    def _round(self) -> Arrangement:
        if self._preview.arrangement is None:
            raise ValueError("there is no round yet")
        return self._preview.arrangement

    def _head(self) -> Html:
        day = self._locale.day(self._preview.day)
        return bold(f"{self._resource.icon} {self._t('coffee.preview')} · {day}")

    def _summary(self, arrangement: Arrangement) -> list[Html | str | None]:
        return [self._head(), *summary(numbers(arrangement), self._locale), self._left_names(arrangement)]

    def _left_names(self, arrangement: Arrangement) -> Html | None:
        if not arrangement.skipped:
            return None
        names = [label(self.name(one.id), 60) for one in arrangement.skipped[:NAMED]]
        more = len(arrangement.skipped) - len(names)
        return quote(", ".join(names) + (f" +{self._locale.number(more)}" if more else ""))

    @staticmethod
    def _page(found: Sequence[Any], number: int) -> Page[Any]:
        last = max(1, -(-len(found) // PAGE))
        query = ListQuery(min(max(1, number), last), PAGE)
        end = query.skip + PAGE
        return Page(found[query.skip : end], query, end < len(found), len(found))
