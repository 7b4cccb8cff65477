"""Where in a policy that stands which a database cannot be told: by the columns that it goes into, or by the step that asked."""

import re
from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from relcare.decisions import Policy
from relcare.errors import Problem

__all__ = ["Places"]

_OF_FACT: Final = re.compile(r"[afgmorsvy] ((?:[0-9a-f]{2})+)")
"""Columns on the way to one fact, its name as digits behind."""
_NUMBERED: Final = re.compile(r"(?:([gxyz]) (\d+) .*|(ks|pf|l|o|ts) (\d+))")
"""Columns of one grade, scheme, programme, segment, rule or trigger, its place behind."""
_ROOM_BY_SIGN: Final[Mapping[str, str]] = {
    "g": "grade",
    **dict.fromkeys(("x", "ks", "pf"), "segmentation"),
    "y": "vip",
    "z": "segment",
    "l": "cadence",
    **dict.fromkeys(("o", "ts"), "trigger"),
}
_ROOM_BY_WORD: Final[Mapping[str, str]] = {
    "grade": "grade",
    **dict.fromkeys(("tier", "scheme"), "segmentation"),
    **dict.fromkeys(("vip", "programme"), "vip"),
    "segment": "segment",
}
_ROOM_BY_STEP: Final[Mapping[str, str]] = {"facts": "facts", "qualifications": "vip", "contacts": "cadence"}
_HINT: Final = "leave it out, or decide it with relcare.frames.decide"


class _Named(Protocol):
    @property
    def id(self) -> str: ...


class Places:
    """The places of one policy.

    Args:
        policy: The policy.
    """

    def __init__(self, policy: Policy) -> None:
        self._facts: frozenset[str] = frozenset(fact.id for fact in policy.facts)
        self._rooms: Mapping[str, Sequence[_Named]] = {
            "grade": policy.grades,
            "segmentation": policy.segmentation,
            "vip": policy.vip_programmes,
            "segment": policy.segments,
            "cadence": policy.cadence,
            "trigger": policy.triggers,
        }

    def of_name(self, name: str) -> str | None:
        """The place of a fact, or of what is shown of a part: `facts.revenue`, `segmentation[0]` of `tier.abc`."""
        if name in self._facts:
            return f"facts.{name}"
        word, _, rest = name.partition(".")
        room = _ROOM_BY_WORD.get(word, "")
        ids = [one.id for one in self._rooms.get(room, ())]
        own = rest.partition(".")[0]
        return f"{room}[{ids.index(own)}]" if own in ids else None

    def of_column(self, column: str) -> str | None:
        """The place of the part that a column stands for; None where it stands for none alone."""
        coded = _OF_FACT.fullmatch(column)
        if coded and (place := self.of_name(bytes.fromhex(coded[1]).decode("utf-8", "replace"))):
            return place
        if found := _NUMBERED.fullmatch(column):
            room, at = _ROOM_BY_SIGN[found[1] or found[3]], int(found[2] or found[4])
            return f"{room}[{at}]" if at < len(self._rooms[room]) else None
        return None

    def of_step(self, step: str) -> str:
        """The place of what a step of deciding is about; empty for the tables."""
        word, _, name = step.partition(" ")
        return (self.of_name(f"scheme.{name}") or "") if word == "scheme" else _ROOM_BY_STEP.get(word, "")

    def refusals(self, unsaid: Mapping[str, str], otherwise: tuple[str, str], dialect: str) -> list[Problem]:
        """What is said of texts that a dialect has no words for.

        Args:
            unsaid: The texts, by the columns that they go into.
            otherwise: The step that asked, and a text: where none goes into what stands for a part.
            dialect: Which.
        """
        found: dict[str, str] = {}
        for column, text in unsaid.items():
            if place := self.of_column(column):
                found.setdefault(place, text)
        step, text = otherwise
        return [self._refusal(*one, dialect) for one in (sorted(found.items()) or [(self.of_step(step), text)])]

    def _refusal(self, path: str, text: str, dialect: str) -> Problem:
        message = f"{self._called(path)}needs what is not known to mean the same in {dialect}: {text[:80]}"
        return Problem(file="<policy>", path=path, message=message, hint=_HINT)

    def _called(self, path: str) -> str:
        """The name of what stands at a place by number, which people know it by."""
        room, _, place = path.partition("[")
        return f"{self._rooms[room][int(place.rstrip(']'))].id!r} " if place else ""
