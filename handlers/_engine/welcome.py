"""What a guest sees."""

from __future__ import annotations

from keyboards.buttons import Button
from keyboards.callbacks import Go, Press
from middlewares.context import Context
from utils.html import Html, bold, code, lines
from views.screen import Screen

EXAMPLE = "/login ABCD2345"


def welcome(ctx: Context, note: str = "") -> Screen:
    """What this is and how to get in."""
    text = lines(
        bold(ctx.t("welcome.title")), "", ctx.html("welcome.text"), "", login_steps(ctx), "", code(EXAMPLE)
    )
    buttons = (Button(ctx.t("menu.language"), Go(Press.LANGUAGE)), Button(ctx.t("menu.help"), Go(Press.HELP)))
    return Screen(text, (buttons,)).noted(note)


def login_steps(ctx: Context) -> Html:
    """The three steps to a session."""
    return lines(*(ctx.html(f"welcome.step{number}") for number in (1, 2, 3)))
