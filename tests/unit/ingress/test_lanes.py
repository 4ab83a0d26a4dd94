import pytest

from ingress.contract import Update
from ingress.lanes import person
from tests.unit.ingress.telegram import message


@pytest.mark.parametrize(
    ("update", "key"),
    [
        (message(1, person=42), 42),
        ({"update_id": 1, "callback_query": {"from": {"id": 42}, "message": {"chat": {"id": 7}}}}, 42),
        ({"update_id": 1, "channel_post": {"chat": {"id": -100}}}, -100),
        ({"update_id": 1, "poll_answer": {"user": {"id": 42}}}, 42),
        ({"update_id": 1, "message": {"from": "x", "chat": {"id": 5}}}, 5),
        ({"update_id": 1, "message": {"from": {"id": "5"}}}, ("update", 1)),
        ({"update_id": 1, "message": None}, ("update", 1)),
    ],
)
def test_whose_update_it_is(update: Update, key: object):
    assert person(update) == key
