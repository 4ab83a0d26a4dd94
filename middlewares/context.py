"""One update on its way: who, where, when, and everything the ops need to answer it."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

from aiogram import Bot
from aiogram.types import Message

from keyboards.callbacks import Go, Place
from locales.catalogue import Texts
from locales.locale import Locale
from models.access import Caller, Need, Principal, Role
from resources.registry import Registry
from resources.resource import Action, Deed, Op, Resource, Tool
from services import drafts as draft_store
from services import policy
from services.alerts import Alerts
from services.audit import Audit
from services.broadcasts import BroadcastNotes
from services.capabilities import Capabilities
from services.charts.studio import Studio
from services.coffee import Previews
from services.coffee_runs import CoffeeRuns
from services.decisions import Decisions
from services.drafts import Draft, Drafts
from services.export.orders import Orders
from services.feedback import Feedback
from services.gate import Begun, Entry, Gate
from services.inbox import Inbox
from services.jobs import Jobs
from services.journal import Journal
from services.lease import Lease
from services.linking import Linking
from services.list_state import ListState
from services.living import Living
from services.login import Login
from services.looking import Look, LookingCaller
from services.mailings import Mailings
from services.metrics import Metrics
from services.names import AdminNames
from services.once import Once
from services.operation_keys import OperationKeys
from services.pictures import PictureShelf
from services.preferences import Preferences, UiState
from services.records import Records
from services.saved_views import SavedViews
from services.sessions import Session, Sessions
from services.statistics import Reports
from services.tellings import Tellings
from utils.html import Html
from utils.tracing import request_id
from views.deliver import CallbackAnswer, Deliver, Shown


@dataclass(frozen=True, slots=True)
class App:
    """The parts of the running bot, built once by ``main.py``."""

    bot: Bot
    bot_username: str
    texts: Mapping[str, Texts]
    default_language: str
    default_zone: ZoneInfo
    registry: Registry
    records: Records
    gate: Gate
    journal: Journal
    sessions: Sessions
    login: Login
    drafts: Drafts
    lists: ListState
    operation_keys: OperationKeys
    preferences: Preferences
    audit: Audit
    capabilities: Capabilities
    pictures: PictureShelf
    deliver: Deliver
    metrics: Metrics
    names: AdminNames
    jobs: Jobs
    exports: Orders
    views: SavedViews
    decisions: Decisions
    inbox: Inbox
    alerts: Alerts
    alerts_lease: Lease
    reports: Reports
    charts: Studio
    living: Living
    linking: Linking
    once: Once
    broadcasts: BroadcastNotes
    mailings: Mailings
    coffee: Previews
    coffee_runs: CoffeeRuns
    tellings: Tellings
    feedback: Feedback
    idle_ttl: int
    replicated: bool = False
    """True where Telegram may deliver to several of these bots."""

    def locale(self, language: str | None, zone: str | None) -> Locale:
        """The locale of a person who chose these; the defaults for what is not chosen."""
        texts = self.texts.get(language or "") or self.texts[self.default_language]
        return Locale(texts, ZoneInfo(zone) if zone else self.default_zone)


@dataclass(frozen=True, slots=True)
class Person:
    """The sender of an update, as Telegram names them."""

    id: int
    first_name: str
    last_name: str | None = None
    username: str | None = None
    language_code: str | None = None


@dataclass(slots=True)
class Context:
    """What an op gets. Filled by the middlewares in their order; ``entry`` and after are set by the gate."""

    app: App
    update_id: int
    person: Person
    chat_id: int
    answer: CallbackAnswer
    go: Go | None = None
    message: Message | None = None
    shown: Shown | None = None
    now: float = field(default_factory=time.time)
    error_id: str = field(default_factory=lambda: request_id.get().rpartition("-")[2] or secrets.token_hex(4))
    """What an apology shows: the end of the id that is on every line of the log."""
    entry: Entry = field(init=False)
    locale: Locale = field(init=False)
    principal: Principal = field(init=False)
    session: Session | None = None
    refreshing: asyncio.Task[Session] | None = None
    doubtful: bool = False
    """True when the form that is saved may have been saved already, under whichever key."""
    look: Look | None = None
    """As which role a super admin looks on, writing nothing."""
    look_lapsed: bool = False
    """True for the first update after it ended by itself."""
    settled: bool = False
    """True once a write's end stored the update as done, so that nothing is left to note."""
    ui: dict[str, str] = field(default_factory=dict)
    """Fields of the ui hash to store with the end of this update."""

    @property
    def t(self) -> Any:
        """Plain text of a key."""
        return self.locale.t

    def html(self, key: str, **params: Any) -> Html:
        """Html text of a key; parameters are escaped."""
        return self.locale.html(key, **params)

    @property
    def state(self) -> UiState:
        """What Redis keeps about this person beside the session."""
        return self.entry.ui

    @property
    def caller(self) -> Caller:
        """Whose token reads use; only for an admin, which access made sure of."""
        if self.session is None:
            raise policy.Denied(self.principal, Need())
        caller = self.app.sessions.caller(self.session)
        return LookingCaller(caller, self.principal) if self.look is not None else caller

    async def fresh_caller(self) -> Caller:
        """The caller with a role at most a minute old, as writes need it. Raises ``SessionEnded``, ``Unavailable``, and
        ``services.policy.LookingOnly`` for whoever only looks on."""
        if self.session is None:
            raise policy.Denied(self.principal, Need())
        if self.look is not None:
            raise policy.LookingOnly(self.principal, Need())
        if self.refreshing is not None:
            self.adopt(await self.refreshing)
        # Reads tolerate an older check while the backend is silent; a write does not.
        self.adopt(await self.app.sessions.revalidate(self.session, self.now, writing=True))
        return self.app.sessions.caller(self.session)

    def adopt(self, session: Session) -> None:
        """Goes on with the refreshed session: role and name may have changed."""
        self.session = session
        self.refreshing = None
        self.look_on(self.look)

    def look_on(self, look: Look | None) -> None:
        """Goes on as the role that a super admin looks on as; with their own for None, and for anybody else."""
        principal = self.session.principal if self.session is not None else Principal(self.person.id)
        self.look = look if principal.role is Role.SUPER_ADMIN else None
        self.principal = principal if self.look is None else self.look.over(principal)

    @property
    def write_key(self) -> str:
        """The operation key in the pressed button; ``""`` for none."""
        return self.go.key if self.go is not None else ""

    @property
    def sid(self) -> str:
        """The session this update comes from, ``""`` for a guest."""
        return self.session.sid if self.session is not None else ""

    @property
    def lapsed(self) -> bool:
        """True when an earlier press began this write and nobody knows how it ended."""
        return self.doubtful or self.repeated

    @property
    def repeated(self) -> bool:
        """True when that was a press of this very button."""
        return self.entry.operation is not None and self.entry.operation.state is Begun.LAPSED

    async def give_back(self) -> None:
        """Gives the operation key back, because nothing was done under it."""
        operation = self.entry.operation
        if operation is None or operation.state not in (Begun.FRESH, Begun.LAPSED):
            return
        if operation.state is Begun.FRESH:
            await self.app.gate.release(self.entry, self.write_key)
        else:
            # Still unknown: forgetting it would let the next press repeat the write blindly.
            await self.app.gate.fail(self.entry, self.write_key)

    @property
    def draft(self) -> Draft | None:
        """The open draft, when it is this admin's."""
        return draft_store.read(self.entry.draft, self.principal.admin_id)

    def resource(self, code: str, view: str = "") -> Resource[Any] | None:
        """The resource of that code, bound to the parent that ``view`` names; None for none, or without its parent."""
        found = self.app.registry.by_code.get(code)
        if found is None or not found.parent:
            return found
        parent = Place.parent_of(view)
        return found.at(parent) if parent else None

    def may(self, resource: Resource[Any], op: Op) -> bool:
        """True when ``op`` is declared, allowed and offered by the backend: then its button is drawn."""
        return self.app.records.may(self.principal, resource, op)

    def may_do(self, resource: Resource[Any], deed: Deed[Any]) -> bool:
        """True when that deed is allowed and offered by the backend, and the record can be seen."""
        return self.app.records.may_do(self.principal, resource, deed)

    def may_run(self, resource: Resource[Any], own: Action[Any] | Tool) -> bool:
        """True when that action or tool is allowed and offered by the backend: then its button is drawn."""
        return self.app.records.may_run(self.principal, resource, own)

    def keyed(self, go: Go) -> Go:
        """The address with an operation key drawn for this person, this op and this record."""
        # One drawn while looking on is void: pressed after the look has lapsed it must do nothing.
        epoch = self.state.epoch if self.look is None else f"{self.state.epoch}:looking"
        key = self.app.operation_keys.draw(epoch, self.person.id, go.scope, self.now)
        return replace(go, key=key)

    def key_holds(self, go: Go) -> bool:
        """True when the address carries a key that was drawn for just this."""
        return self.app.operation_keys.verify(go.key, self.state.epoch, self.person.id, go.scope, self.now)

    def deep_link(self, payload: str) -> str:
        """A link that opens the bot at ``payload``; ``""`` when the bot's name is unknown."""
        name = self.app.bot_username
        return f"https://t.me/{name}?start={payload}" if name else ""

    async def search_text(self, token: str) -> str | None:
        """The text behind a search token; None when Redis has forgotten it."""
        return await self.app.lists.text(self.person.id, token)

    async def search_token(self, text: str) -> str:
        """A short token for a search text."""
        return await self.app.lists.token(self.person.id, text)
