"""Who is told what is worked on."""

from collections.abc import Callable
from typing import TypeAlias

__all__ = ["Progress", "silent"]

Progress: TypeAlias = Callable[[str], None]
"""Told in a few words what is worked on next, whenever that changes; for people who wait, so the words may change."""


def silent(_: str) -> None:
    """Nobody is told."""
