"""What Telegram takes is called sound, and nothing that it refuses."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sandbox.telegram.errors import ApiError
from sandbox.telegram.html import parse
from utils.html import escape
from utils.markup import as_mail, is_sound, normal, plain, utf16

PIECES = st.sampled_from(
    [
        "<b>", "</b>", "<i>", "</i>", "<B>", "</B>", "<a href=\"https://x.kz\">", "</a>", "<span>", "</span>",
        "<span class=\"tg-spoiler\">", "<tg-spoiler>", "</tg-spoiler>", "<blockquote expandable>", "</blockquote>",
        "<h1>", "</h1>", "<br>", "<br/>", "<!-- x -->", "<", ">", "&", "&lt;", "&amp;", "&nope;", "қ", "😀", " ", "\n",
        "<tg-emoji emoji-id=\"5\">", "</tg-emoji>", "<pre>", "</pre>", "<code class=\"language-py\">", "</code>",
        "<!DOCTYPE x>", "<?x?>", "</", "<a", "<a>", "<b x=\"<\">",
    ]
)  # fmt: skip


@given(st.lists(PIECES, max_size=8).map("".join))
@example("<span>x</span>")
@example("<a>x</a>")
def test_what_is_sound_is_parsed(text: str):
    if is_sound(text):
        parse(normal(text))


@pytest.mark.parametrize("text", [
    "plain", "<b>a</b> &amp; <i>b</i>", '<a href="https://x.kz">l</a>', '<span class="tg-spoiler">s</span>',
    "<tg-spoiler>s</tg-spoiler>", "<blockquote expandable>q</blockquote>", "<pre><code>x</code></pre>", "a > b",
])  # fmt: skip
def test_what_people_write_is_sound(text: str):
    assert is_sound(text)
    parse(text)


@pytest.mark.parametrize(
    "text", ["<b>open", "</b>", "<b><i>x</b></i>", "<h1>x</h1>", "a < b", "<br>", "<span>x</span>"]
)
def test_what_telegram_refuses_is_not(text: str):
    assert not is_sound(text)
    with pytest.raises(ApiError):
        parse(text)


@given(st.text())
def test_escaped_text_reads_as_it_was(text: str):
    assert plain(escape(text)) == text.replace("\x00", "")


def test_a_bare_ampersand_is_written_out_once():
    assert normal("a & b &amp; &lt; &nope; &#38;") == "a &amp; b &amp; &lt; &amp;nope; &#38;"


def test_units_are_telegram_s():
    assert utf16("aқ😀") == 4


def test_a_letter_keeps_paragraphs_and_harmless_links_only():
    text = '<b>Hi</b>\n\n\n\n<a href="https://x.kz/?a=1&amp;b=2">x</a> <a href="tg://user?id=5">me</a>'
    assert as_mail(text) == '<b>Hi</b><br>\n<br>\n<a href="https://x.kz/?a=1&amp;b=2">x</a> me'
    assert as_mail("<tg-spoiler>a &lt;b&gt;</tg-spoiler>") == "a &lt;b&gt;"
    assert as_mail('<a href="javascript:alert(1)">x</a>') == "x"
