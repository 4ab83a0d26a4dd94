"""Cancellation that is not lost.

Before Python 3.12 ``asyncio.wait_for`` swallows a cancellation that comes as its inner call ends, and redis-py
sends every command through it. An endless loop around Redis would then never end.
"""

from __future__ import annotations

import asyncio


def pass_on() -> None:
    """Nothing, unless the present task was asked to end. Raises ``CancelledError``."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
