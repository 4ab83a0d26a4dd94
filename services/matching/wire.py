"""Tasks and rounds as JSON: for the pipe, and to be kept."""

from __future__ import annotations

from pydantic import TypeAdapter

from services.matching.arrangement import Arrangement
from services.matching.task import Task

TASK = TypeAdapter(Task)
ARRANGEMENT = TypeAdapter(Arrangement)
