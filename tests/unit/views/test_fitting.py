"""Whatever a person or the backend writes: it fits, it parses, no grapheme is torn."""

from __future__ import annotations

import regex
from hypothesis import example, given
from hypothesis import strategies as st

from sandbox.telegram.entities import utf16_length
from sandbox.telegram.html import parse
from utils.html import Html, bold, code, escape, italic, lines, quote
from views.fitting import ELLIPSIS, cut, fit, label, pages, units, visible_units

FAMILY = "👨‍👩‍👧‍👦"
NASTY = st.one_of(
    st.text(max_size=60),
    st.text(alphabet="<>&;\"'ab/ ", max_size=60),
    st.sampled_from(
        [
            FAMILY * 20,
            "ә" * 200,
            "\u202eשלום " * 20,
            "a" + "\u0301" * 120,
            "🇰🇿" * 40,
            "&amp;" * 30,
            "<b>",
            "…" * 40,
        ]
    ),
)
MARKED = st.recursive(
    NASTY.map(escape),
    lambda inner: st.one_of(
        st.tuples(st.sampled_from([bold, italic, quote, code]), inner).map(lambda pair: pair[0](pair[1])),
        st.lists(inner, min_size=1, max_size=4).map(lambda parts: lines(*parts)),
    ),
    max_leaves=8,
)


def graphemes(text: str) -> list[str]:
    found: list[str] = regex.findall(r"\X", text)
    return found


@given(NASTY)
def test_units_are_those_of_telegram(text: str):
    assert units(text) == utf16_length(text)


@given(NASTY, st.integers(1, 80))
def test_a_cut_text_fits_and_begins_like_the_whole(text: str, limit: int):
    shown = cut(text, limit)
    assert units(shown) <= limit
    if units(text) <= limit:
        assert shown == text
    else:
        assert shown.endswith(ELLIPSIS)
        kept = shown.removesuffix(ELLIPSIS)
        assert text.startswith(kept)
        whole = graphemes(text)
        assert any("".join(whole[:count]).rstrip() == kept for count in range(len(whole)))


@given(NASTY, st.integers(1, 80))
def test_a_label_is_one_line_and_never_blank(text: str, limit: int):
    shown = label(text, limit)
    assert shown.strip()
    assert units(shown) <= limit
    assert shown.splitlines() == [shown]


@given(MARKED, st.integers(2, 120))
@example(Html("<b>" + "a" * 10 + "</b>b"), 10)
@example(Html("<b>aaaa</b><i>bbbbb</i>c"), 9)
@example(Html("🇰🇿" * 5), 15)
@example(Html("<blockquote>" + "&lt;" * 30 + "</blockquote>"), 7)
def test_fitted_html_parses_and_fits(html: Html, limit: int):
    fitted = fit(html, limit)
    text, _ = parse(fitted)
    whole, _ = parse(html)
    assert utf16_length(text) <= limit
    assert whole.startswith(text.removesuffix(ELLIPSIS)) or whole == text
    assert isinstance(fitted, Html)


@given(MARKED)
def test_visible_units_are_what_telegram_counts(html: Html):
    assert visible_units(html) >= utf16_length(parse(html)[0])


@given(NASTY, st.integers(2, 80))
@example("x" * 11, 10)
@example("a" + "\u0301" * 120, 60)
@example("word " * 40, 12)
def test_pages_lose_nothing_and_fit(text: str, limit: int):
    found = pages(text, limit)
    assert found
    assert all(units(page) <= limit for page in found)
    assert "".join("".join(found).split()) == "".join(text.split())


@given(st.integers(1, 40).map(lambda count: FAMILY * count), st.integers(11, 60))
def test_pages_keep_families_together(text: str, limit: int):
    assert set(graphemes("".join(pages(text, limit)))) == {FAMILY}
    assert all(set(graphemes(page)) == {FAMILY} for page in pages(text, limit))


def test_pages_break_at_paragraphs_then_lines_then_words():
    assert pages("one two\n\nthree four", 12) == ["one two", "three four"]
    assert pages("one two\nthree four", 12) == ["one two", "three four"]
    assert pages("one two three", 9) == ["one two", "three"]
    assert pages("", 9) == [""]
