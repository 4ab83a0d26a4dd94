"""What a method is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.telegram.params import Params
from sandbox.telegram.state import State

Method = Callable[[State, Params], Any]
"""Takes the world and the parameters, gives the result or an awaitable of it; raises ApiError."""
