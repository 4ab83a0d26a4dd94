"""The HTML dialect: what parses to what, what is refused, offsets in UTF-16 units."""

from __future__ import annotations

from html import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.telegram import ApiError
from sandbox.telegram.entities import clean, finish, render, utf16_length
from sandbox.telegram.html import parse

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
SIMPLE = {"b": "bold", "i": "italic", "u": "underline", "s": "strikethrough", "tg-spoiler": "spoiler"}


def cut(text: str, entity: dict) -> str:
    units = text.encode("utf-16-le")
    return units[entity["offset"] * 2 : (entity["offset"] + entity["length"]) * 2].decode("utf-16-le")


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("<b>x</b>", "bold"),
        ("<STRONG>x</strong>", "bold"),
        ("<i>x</i>", "italic"),
        ("<em>x</em>", "italic"),
        ("<u>x</u>", "underline"),
        ("<ins>x</ins>", "underline"),
        ("<s>x</s>", "strikethrough"),
        ("<strike>x</strike>", "strikethrough"),
        ("<del>x</del>", "strikethrough"),
        ('<span class="tg-spoiler">x</span>', "spoiler"),
        ("<tg-spoiler>x</tg-spoiler>", "spoiler"),
        ("<code>x</code>", "code"),
        ("<pre>x</pre>", "pre"),
        ("<blockquote>x</blockquote>", "blockquote"),
        ("<blockquote expandable>x</blockquote>", "expandable_blockquote"),
        ('<tg-emoji emoji-id="5368324170671202286">x</tg-emoji>', "custom_emoji"),
        ('<a href="https://example.com/?a=1&b=2">x</a>', "text_link"),
        ("<b>x</>", "bold"),
    ],
)
def test_every_tag(source, kind):
    text, entities = parse(source)
    assert text == "x"
    assert [(e["type"], e["offset"], e["length"]) for e in entities] == [(kind, 0, 1)]


def test_links_and_code_keep_their_details():
    assert (
        parse('<a href="https://example.com/?a=1&amp;b=2">x</a>')[1][0]["url"]
        == "https://example.com/?a=1&b=2"
    )
    assert parse("<a>example.com</a>")[1][0]["url"] == "http://example.com/"
    assert parse('<a href="javascript:alert(1)">x</a>') == ("x", [])
    assert parse('<a href="tg://user?id=7">x</a>')[1][0] == {
        "type": "text_mention",
        "user": {"id": 7},
        "offset": 0,
        "length": 1,
    }
    assert parse('<pre><code class="language-python">x = 1</code></pre>')[1] == [
        {"type": "pre", "language": "python", "offset": 0, "length": 5}
    ]


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("<div>x</div>", 'Unsupported start tag "div" at byte offset 0'),
        ("ә<br>", 'Unsupported start tag "br" at byte offset 2'),
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<b><i>x</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b", "Unclosed start tag at byte offset 0"),
        ("1 < 2", 'Unsupported start tag "" at byte offset 2'),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<a href>x</a>", "Expected equal sign"),
        ('<a href="x>y</a>', "Unclosed start tag"),
        ("AT&T", "Unsupported character reference at byte offset 2"),
        ("&nbsp;", "Unsupported character reference"),
        ("&apos;", "Unsupported character reference"),
        ("&#0;", "Invalid character reference"),
        ("&#xD800;", "Invalid character reference"),
        ("&#1114112;", "Invalid character reference"),
    ],
)
def test_refusals(source, reason):
    with pytest.raises(ApiError) as caught:
        parse(source)
    assert caught.value.code == 400
    assert caught.value.description.startswith("Bad Request: can't parse entities: ")
    assert reason in caught.value.description


def test_references():
    assert parse("&lt;b&gt; &amp; &quot; &#39; &#x1F600;")[0] == "<b> & \" ' 😀"


@settings(deadline=None, max_examples=60)
@given(TEXT)
def test_escaped_text_comes_back(source):
    text, entities = parse(escape(source))
    assert text == clean(source)
    assert entities == []


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(TEXT, st.sampled_from(sorted(SIMPLE)), TEXT), max_size=5))
def test_offsets_are_utf16(parts):
    source = "".join(f"{escape(plain)}<{tag}>{escape(marked)}</{tag}>" for plain, tag, marked in parts)
    text, entities = parse(source)
    marked = [(SIMPLE[tag], clean(inner)) for _, tag, inner in parts if clean(inner)]
    assert [(e["type"], cut(text, e)) for e in entities] == marked
    assert utf16_length(text) == len(text.encode("utf-16-le")) // 2


@settings(deadline=None, max_examples=60)
@given(
    st.recursive(
        TEXT.map(escape),
        lambda inner: st.tuples(st.sampled_from(sorted(SIMPLE)), inner, inner).map(
            lambda p: f"<{p[0]}>{p[1]}</{p[0]}>{p[2]}"
        ),
        max_leaves=8,
    )
)
def test_rendering_parses_to_the_same(source):
    text, entities = finish(*parse(source), detect=False)
    again = finish(*parse(render(text, entities)), detect=False)
    assert again == (text, entities)


def test_overlapping_entities_are_rendered_nested():
    entities = [{"type": "italic", "offset": 0, "length": 2}, {"type": "bold", "offset": 1, "length": 2}]
    assert render("abc", entities) == "<i>a<b>b</b></i><b>c</b>"


def test_trimming_moves_and_clamps_entities():
    assert finish(*parse(" \n<b> жаңа </b> ")) == ("жаңа", [{"offset": 0, "length": 4, "type": "bold"}])
    assert finish(*parse("<b>  </b>")) == ("", [])


def test_nothing_inside_code_and_no_quote_in_a_quote():
    kinds = [e["type"] for e in finish(*parse("<pre><b>x</b> y</pre>"))[1]]
    assert kinds == ["pre"]
    nested = "<blockquote>a<blockquote>b</blockquote></blockquote>"
    assert [e["type"] for e in finish(*parse(nested))[1]] == ["blockquote"]


def test_links_mentions_commands_are_found():
    text = "😀 /start t.me/x https://example.com/a, @someone #тег a@b.kz 1/2 <"
    _, entities = finish(text, [])
    found = [(e["type"], cut(text, e)) for e in entities]
    assert found == [
        ("bot_command", "/start"),
        ("url", "t.me/x"),
        ("url", "https://example.com/a"),
        ("mention", "@someone"),
        ("hashtag", "#тег"),
        ("email", "a@b.kz"),
    ]


def test_control_characters_and_bidi_overrides_vanish():
    assert clean("a\r\nb\x07c\u202ed\x00") == "a\nb cd "
