"""Every module's list becomes a file: each record of the CRM once, nobody's phone whole."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest

from handlers.modules import RESOURCES
from keyboards.callbacks import Go, Place, Press
from resources.resource import Op, Resource
from tests.flows.conftest import Stage
from tests.flows.hand import Hand
from tests.matrix.test_access import drawn
from tests.support.stage import until

PHONE = re.compile(r"\+7[ (]*7\d\d[ )]*\d{3}[ -]*\d\d[ -]*\d\d")


async def open_list(hand: Hand, resource: Resource[Any]) -> None:
    """A list with records: of a child that of the first parent that has some."""
    places = [""]
    if resource.parent:
        await hand.forge(Go(Press.LIST, resource.parent).pack())
        places = [Place(parent=go.id).pack() for go in drawn(hand) if go.op == Press.CARD]
    for place in places:
        await hand.forge(Go(Press.LIST, resource.code, view=place).pack())
        if hand.sees("export.button"):
            return
    pytest.skip("the seed has no list of these with records on the first page of their parents")


@pytest.mark.parametrize(
    "resource",
    [item for item in RESOURCES if Op.EXPORT in item.needs],
    ids=lambda resource: resource.key,
)
async def test_every_list_becomes_a_file(stage: Stage, resource: Resource[Any]):
    hand = await stage.hand("super_admin")
    await open_list(hand, resource)
    await hand.tap("export.button", "CSV")
    counted = re.fullmatch(r"([\d,]+) records?", hand.text.splitlines()[1])
    await hand.tap("export.make")
    documents = await until(lambda: [one for one in hand.person.bot_messages if one.document], 60)
    stored = stage.telegram.state.files.by_id(documents[0].document["file_id"])
    assert stored is not None
    head, *rows = csv.reader(io.StringIO(stored.data.decode("utf-8-sig"), newline=""))
    assert rows
    assert len(head) == len(set(head)), head
    assert all(len(row) == len(head) for row in rows)
    if hand.t("export.column.id") in head:
        ids = [row[head.index(hand.t("export.column.id"))] for row in rows]
        assert len(ids) == len(set(ids))
    if counted:
        assert len(rows) == int(counted[1].replace(",", ""))
    # Some of the CRM's records point at what was deleted; these alone have no name.
    bare = [row for row in rows if any(re.fullmatch(r"#\d+", cell) for cell in row)]
    assert len(bare) <= max(1, len(rows) // 20), bare[:5]
    private = [one for one in resource.fields if one.masked]
    places = [head.index(hand.t(f"{resource.key}.field.{one.name}")) for one in private
              if hand.t(f"{resource.key}.field.{one.name}") in head]  # fmt: skip
    assert not any(PHONE.search(row[place]) for row in rows for place in places)
