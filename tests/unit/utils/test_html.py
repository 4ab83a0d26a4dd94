"""What is not Html is escaped when it meets Html: nothing that people write becomes markup."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sandbox.telegram.entities import clean
from sandbox.telegram.html import parse
from utils.html import Html, bold, code, escape, italic, lines, quote


@given(st.text())
def test_escaped_text_reads_as_it_was_written(text: str):
    shown, entities = parse(escape(text))
    assert shown == clean(text.replace("\x00", ""))
    assert entities == []


@given(st.text(), st.text())
def test_sums_and_joins_escape_what_is_plain(left: str, right: str):
    plain = parse(Html("<b>x</b>") + left)[0]
    assert plain == "x" + clean(left.replace("\x00", ""))
    assert parse(Html(", ").join([left, bold(right)]))[0] == clean(f"{left}, {right}".replace("\x00", ""))


@given(st.text(min_size=1), st.sampled_from([bold, italic, code, quote]))
def test_tags_close_around_anything(text: str, tag):
    shown, entities = parse(tag(text))
    assert shown == clean(text.replace("\x00", ""))
    assert len(entities) <= 1


def test_escaping_twice_changes_nothing():
    once = escape("<b>&")
    assert once == "&lt;b&gt;&amp;"
    assert escape(once) is once
    assert escape(12) == "12"


def test_lines_leave_out_none_and_keep_empty_ones():
    assert lines("a<", None, "", bold("b")) == "a&lt;\n\n<b>b</b>"
    assert isinstance(lines("a"), Html)
