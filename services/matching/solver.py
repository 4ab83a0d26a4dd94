"""The process that solves: ``python -m services.matching.solver`` reads a task, one line of JSON, and writes the round.

It ends when its stdin does: then whoever wanted the round is gone.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from typing import IO

from services.matching.coffee import arrange
from services.matching.wire import ARRANGEMENT, TASK

NICE = 5
"""Clicks come first."""


def main(source: IO[bytes], target: IO[bytes]) -> int:
    """0 when the round was written."""
    task = TASK.validate_json(json.loads(source.readline()))
    threading.Thread(target=_end_with, args=(source.fileno(),), daemon=True).start()
    target.write(ARRANGEMENT.dump_json(arrange(task)))
    target.flush()
    return 0


def _end_with(stdin: int) -> None:
    # Past Python's own buffers: a thread that holds those would keep the interpreter from ending.
    while os.read(stdin, 1):
        pass
    os._exit(1)


if __name__ == "__main__":
    os.nice(NICE)
    sys.exit(main(sys.stdin.buffer, sys.stdout.buffer))
