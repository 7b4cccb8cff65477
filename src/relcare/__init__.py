"""relcare: the rules of client care as policies that can be proved, explained and run.

The names here are the ones most programs need; each is loaded when it is first used. Everything else is in the rooms:
`relcare.model`, `relcare.policy`, `relcare.segmentation`, `relcare.cadence`, `relcare.relationships`, `relcare.vip`,
`relcare.decisions`, `relcare.planning`, `relcare.codec`, `relcare.wording`, `relcare.storage`, `relcare.formats`,
`relcare.frames`, `relcare.presets`, `relcare.desk`.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from relcare._time import Every as Every
    from relcare.cadence import CadenceRule as CadenceRule
    from relcare.codec import load_policy as load_policy
    from relcare.codec import loads_policy as loads_policy
    from relcare.decisions import Policy as Policy
    from relcare.desk import Desk as Desk
    from relcare.desk import SystemClock as SystemClock
    from relcare.errors import RelcareError as RelcareError
    from relcare.formats import read_book as read_book
    from relcare.formats import write_book as write_book
    from relcare.frames import book_from_frames as book_from_frames
    from relcare.frames import frames_of as frames_of
    from relcare.model import Absence as Absence
    from relcare.model import Appointment as Appointment
    from relcare.model import Book as Book
    from relcare.model import Client as Client
    from relcare.model import Consent as Consent
    from relcare.model import ContactPerson as ContactPerson
    from relcare.model import Money as Money
    from relcare.model import Obligation as Obligation
    from relcare.model import Purchase as Purchase
    from relcare.model import Reason as Reason
    from relcare.model import Staff as Staff
    from relcare.model import TierSpell as TierSpell
    from relcare.model import Touchpoint as Touchpoint
    from relcare.planning import Capacity as Capacity
    from relcare.planning import board as board
    from relcare.planning import plan as plan
    from relcare.planning import plan_book as plan_book
    from relcare.policy import Fact as Fact
    from relcare.policy import criterion as criterion
    from relcare.presets import preset as preset
    from relcare.relationships import Strategy as Strategy
    from relcare.soundness import compare as compare
    from relcare.soundness import justify as justify
    from relcare.soundness import prove as prove
    from relcare.storage import MemoryStore as MemoryStore
    from relcare.storage import SqliteStore as SqliteStore
    from relcare.vip import Programme as Programme
    from relcare.wording import explain as explain

_HOMES = {
    "Absence": "model",
    "Appointment": "model",
    "Book": "model",
    "CadenceRule": "cadence",
    "Capacity": "planning",
    "Client": "model",
    "Consent": "model",
    "ContactPerson": "model",
    "Desk": "desk",
    "Every": "_time",
    "Fact": "policy",
    "MemoryStore": "storage",
    "Money": "model",
    "Obligation": "model",
    "Policy": "decisions",
    "Programme": "vip",
    "Purchase": "model",
    "Reason": "model",
    "RelcareError": "errors",
    "SqliteStore": "storage",
    "Staff": "model",
    "Strategy": "relationships",
    "SystemClock": "desk",
    "TierSpell": "model",
    "Touchpoint": "model",
    "board": "planning",
    "book_from_frames": "frames",
    "compare": "soundness",
    "criterion": "policy",
    "explain": "wording",
    "frames_of": "frames",
    "justify": "soundness",
    "load_policy": "codec",
    "loads_policy": "codec",
    "plan": "planning",
    "plan_book": "planning",
    "preset": "presets",
    "prove": "soundness",
    "read_book": "formats",
    "write_book": "formats",
}

# Without `book_from_frames` and `frames_of`: they need an extra, and `from relcare import *` must need none.
__all__ = [
    "Absence",
    "Appointment",
    "Book",
    "CadenceRule",
    "Capacity",
    "Client",
    "Consent",
    "ContactPerson",
    "Desk",
    "Every",
    "Fact",
    "MemoryStore",
    "Money",
    "Obligation",
    "Policy",
    "Programme",
    "Purchase",
    "Reason",
    "RelcareError",
    "SqliteStore",
    "Staff",
    "Strategy",
    "SystemClock",
    "TierSpell",
    "Touchpoint",
    "board",
    "compare",
    "criterion",
    "explain",
    "justify",
    "load_policy",
    "loads_policy",
    "plan",
    "plan_book",
    "preset",
    "prove",
    "read_book",
    "write_book",
]


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name == "__version__":
        from importlib import metadata  # heavy: no other name pays for it

        return metadata.version("relcare")
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'relcare' has no attribute {name!r}")
    return getattr(import_module(f"relcare.{home}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES, "__version__"])
