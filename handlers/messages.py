"""Typed messages: commands, codes, deep links, form input, searches, photos."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiogram.types import Message

from handlers import approvals, drafts, find, linking, menu, office, settings, sign_in, status
from handlers._engine import form, saved, typed
from handlers._engine.card import open_card
from handlers._engine.form import open_draft
from handlers._engine.listing import jump_to, search_choices, search_list
from handlers._engine.turn import Turns
from handlers.community import search_coffee
from keyboards.callbacks import Go, Place, Press
from middlewares.context import Context
from models.access import PUBLIC, SIGNED_IN, Need
from resources.resource import Op, Resource
from services import policy
from services.login import normalise
from services.pictures import FORMATS, MAX_BYTES
from views.screen import Outcome

OTP_PAYLOAD = "otp_"
LINK_PAYLOAD = "link_"
LONGEST_NUMBER = 18
"""Digits of a record's number: those of the audit are long."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command: what it answers, and the need it asks for (there is no default)."""

    run: Callable[[Context, str], Awaitable[Outcome]]
    need: Need


def _screen(opened: Callable[[Context], Awaitable[Outcome]]) -> Callable[[Context, str], Awaitable[Outcome]]:
    """A command that opens a screen at the end of the chat."""

    async def run(ctx: Context, typed: str) -> Outcome:
        outcome = await opened(ctx)
        return Outcome(outcome.screen, fresh=True)

    return run


async def start(ctx: Context, payload: str) -> Outcome:
    """The menu or the welcome; a payload signs in, links or opens a card; an unknown one is explained."""
    if payload.startswith(OTP_PAYLOAD):
        return await login(ctx, payload.removeprefix(OTP_PAYLOAD))
    if payload.startswith(LINK_PAYLOAD):
        return await linking.link(ctx, payload.removeprefix(LINK_PAYLOAD))
    if not payload:
        return await menu.open_menu(ctx)
    go = linked(payload)
    resource = ctx.resource(go.res, go.view) if go is not None else None
    if go is None or resource is None or bool(go.view) is not bool(resource.parent):
        return _noted(await menu.open_menu(ctx), ctx.html("start.unknown_link"))
    if ctx.principal.is_guest:
        return _noted(await menu.open_menu(ctx), ctx.html("start.sign_in_first"))
    if not ctx.may(resource, Op.CARD):
        return _noted(await menu.open_menu(ctx), ctx.html("error.forbidden"))
    ctx.go = go
    return await open_card(ctx, resource, go)


def linked(payload: str) -> Go | None:
    """The card that a link's payload names (``ev_31``, for a child ``pp_12_5``); None for anything else."""
    code, *numbers = payload.split("_")
    if not 1 <= len(numbers) <= 2 or not all(
        one.isascii() and one.isdigit() and len(one) < LONGEST_NUMBER for one in numbers
    ):
        return None
    parent = int(numbers[0]) if len(numbers) == 2 else 0
    return Go(Press.CARD, code, int(numbers[-1]), view=Place(parent=parent).pack())


def _noted(outcome: Outcome, note: str) -> Outcome:
    return Outcome(outcome.screen.noted(note) if outcome.screen is not None else None)


async def login(ctx: Context, typed: str) -> Outcome:
    """The menu of the new session, or why there is none."""
    if not typed.strip():
        return sign_in.explain(ctx, ctx.html("login.how_to"))
    result = await sign_in.sign_in(ctx, typed)
    if isinstance(result, str):
        return sign_in.explain(ctx, result)
    return _noted(await menu.open_menu(ctx), sign_in.greeting(ctx, result))


async def cancel(ctx: Context, typed: str) -> Outcome:
    """The menu; a form that was open is kept among the drafts."""
    note = ctx.html("form.kept") if ctx.state.input == "form" else ctx.html("form.nothing_to_cancel")
    return _noted(await menu.open_menu(ctx), note)


COMMANDS: Mapping[str, Command] = {
    "start": Command(start, PUBLIC),
    "login": Command(login, PUBLIC),
    "help": Command(_screen(menu.open_help), PUBLIC),
    "logout": Command(_screen(sign_in.log_out), PUBLIC),
    "status": Command(_screen(status.open_status), PUBLIC),
    "menu": Command(_screen(menu.open_menu), PUBLIC),
    "find": Command(find.find, SIGNED_IN),
    "drafts": Command(_screen(drafts.open_drafts), SIGNED_IN),
    "approvals": Command(_screen(approvals.open_inbox), SIGNED_IN),
    "admin": Command(_screen(office.open_office), SIGNED_IN),
    "settings": Command(_screen(settings.open_settings), SIGNED_IN),
    "cancel": Command(cancel, PUBLIC),
}


READERS = {
    "list": search_list, "jump": jump_to, "choose": search_choices, "view": saved.typed_name,
    "reason": approvals.typed_reason, "match": search_coffee,
}  # fmt: skip
"""What the screens of a list make of typed text."""


SHOWING = frozenset(("", "list", "jump", "choose", "inbox", "match"))
"""Those that write nothing: open to who looks on as another role."""


class Messages:
    """Decides who reads a message, and answers it."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def receive(self, message: Message, ctx: Context) -> None:
        """Answers one message of a person in their private chat."""
        text = (message.text or "").strip()
        if text.startswith("/"):
            await self._command(ctx, text)
        elif message.photo or message.document:
            await self._turns.take(ctx, lambda: _photo(ctx, message), consume=True)
        elif text:
            await self._typed(ctx, text)
        else:
            await self._turns.take(ctx, lambda: _unreadable(ctx))

    async def _command(self, ctx: Context, text: str) -> None:
        head, _, rest = text[1:].partition(" ")
        name = head.partition("@")[0].lower()
        command = COMMANDS.get(name)

        async def run() -> Outcome:
            if command is None:
                return _noted(await menu.open_menu(ctx), ctx.html("start.unknown_command", name=name[:32]))
            policy.require(ctx.principal, command.need)
            return await command.run(ctx, rest.strip())

        async def fresh() -> Outcome:
            outcome = await run()
            return Outcome(outcome.screen, outcome.toast, outcome.alert, fresh=True)

        await self._turns.take(ctx, fresh, consume=True)

    async def _typed(self, ctx: Context, text: str) -> None:
        reader, _, rest = (ctx.state.input or "").partition(":")
        if ctx.principal.is_guest:
            await self._turns.take(
                ctx, lambda: login(ctx, text) if normalise(text) else menu.open_menu(ctx), consume=True
            )
            return
        await self._turns.take(ctx, lambda: _read(ctx, reader, rest, text), consume=True)


async def _read(ctx: Context, reader: str, rest: str, text: str) -> Outcome:
    """What the open screen makes of typed text; without a listening screen it is a search everywhere."""
    if ctx.look is not None and reader not in SHOWING:
        raise policy.LookingOnly(ctx.principal, SIGNED_IN)
    if reader == "form":
        return await _form(ctx, text)
    if reader == "zone":
        return await settings.typed_zone(ctx, text)
    if reader == "inbox":
        return await approvals.search(ctx, rest, text)
    if reader == "rename":
        return await saved.typed_new_name(ctx, rest, text)
    code, _, view = rest.partition(":")
    resource = ctx.resource(code, view)
    if reader in READERS and resource is not None and ctx.may(resource, Op.LIST):
        return await READERS[reader](ctx, resource, view, text)
    if _is_code(text):
        return await login(ctx, text)
    return await find.find(ctx, text)


def _is_code(text: str) -> bool:
    """True for a bare one-time password typed by someone who is signed in: digits and capitals, as the CRM shows it."""
    return normalise(text) == text and any(character.isdigit() for character in text)


async def _form(ctx: Context, text: str) -> Outcome:
    opened = await _open_form(ctx)
    if opened is None:
        return await find.find(ctx, text)
    resource, draft = opened
    if not form.allowed(ctx, resource, draft):
        raise policy.Denied(ctx.principal, SIGNED_IN)
    return await typed.typed_text(ctx, resource, draft, text)


async def _open_form(ctx: Context) -> tuple[Resource[Any], Any] | None:
    draft = ctx.draft if ctx.state.draft else None
    if draft is None and ctx.state.draft:
        draft = await open_draft(ctx, ctx.state.draft)
    resource = form.resource_of(ctx, draft) if draft is not None else None
    return (resource, draft) if resource is not None and draft is not None else None


async def _photo(ctx: Context, message: Message) -> Outcome:
    """The form step that asked for a photo takes it; anywhere else it is explained."""
    policy.require(ctx.principal, SIGNED_IN)
    if ctx.look is not None:
        raise policy.LookingOnly(ctx.principal, SIGNED_IN)
    opened = await _open_form(ctx) if ctx.state.input == "form" else None
    if opened is None:
        return _noted(await menu.open_menu(ctx), ctx.html("form.no_photo_here"))
    resource, draft = opened
    if not form.allowed(ctx, resource, draft):
        raise policy.Denied(ctx.principal, SIGNED_IN)
    photo, problem = photo_in(message)
    return await typed.sent_photo(ctx, resource, draft, photo, problem)


def photo_in(message: Message) -> tuple[dict[str, Any] | None, str]:
    """The picture a message carries as a draft keeps it, or None and the key of what is wrong with it."""
    if message.photo:
        return {"file_id": message.photo[-1].file_id}, ""
    document = message.document
    types = {content_type for _, content_type in FORMATS.values()}
    if document is None or document.mime_type not in types:
        return None, "photo.no_picture"
    if document.file_size is not None and document.file_size > MAX_BYTES:
        return None, "photo.too_large"
    return {"file_id": document.file_id}, ""


async def _unreadable(ctx: Context) -> Outcome:
    """Stickers, voice, places: not read, said kindly."""
    return _noted(await menu.open_menu(ctx), ctx.html("start.unreadable"))
