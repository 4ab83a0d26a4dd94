import contextlib
from collections.abc import Iterator

import pytest

from utils.tracing import request_id, requested, span, tracer


def test_ids_nest_and_end():
    with requested("job") as outer:
        with requested("update") as inner:
            assert request_id.get() == inner != outer
        assert request_id.get() == outer
    assert request_id.get() == ""


def test_an_id_ends_with_what_was_done_under_it_also_when_that_set_another():
    with requested("job"):
        request_id.set("export-1")
    assert request_id.get() == ""


def test_without_a_tracer_a_span_is_nothing():
    with span("update", kind="message") as nothing:
        assert nothing is None


def test_a_tracer_hears_of_spans_with_the_id():
    heard = []

    @contextlib.contextmanager
    def record(name: str, attributes: dict[str, str]) -> Iterator[None]:
        heard.append((name, attributes))
        yield

    token = tracer.set(record)
    try:
        with requested("job") as own, pytest.raises(ValueError, match="x"), span("job", job="export"):
            raise ValueError("x")
    finally:
        tracer.reset(token)
    assert heard == [("job", {"job": "export", "request_id": own})]
