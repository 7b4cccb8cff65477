"""Grants, changes and delegations in a store: their steps in its log, and what finds them among its records."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, TypeAlias, TypeVar, cast

from relcare.access import ChangeEvent, DelegationEvent, GrantEvent
from relcare.codec import AccessCase, dump_record, load_record
from relcare.errors import StorageError
from relcare.storage._book_entries import entry_id
from relcare.storage._erasing import RESTRICTED
from relcare.storage._protocols import ReadUnit, UnitOfWork
from relcare.storage._values import LogEntry, Record

__all__ = ["AccessSteps", "case_of"]

AccessStep: TypeAlias = GrantEvent | ChangeEvent | DelegationEvent
StepKind: TypeAlias = Literal["grant_step", "change_step", "delegation_step"]
CaseKind: TypeAlias = Literal["grant", "change", "delegation"]
Step = TypeVar("Step", GrantEvent, ChangeEvent, DelegationEvent)

_NO_CLIENT: Final = " access"
"""Whom an entry concerns that is about no client: no client can have this id, for it begins with a blank."""

_OPEN: Final = ("open", "yes")
_UNTIL: Final = "until"
_STEP_KINDS: Final[dict[CaseKind, StepKind]] = {
    "grant": "grant_step",
    "change": "change_step",
    "delegation": "delegation_step",
}


class AccessSteps:
    """The grants, changes and delegations of one unit; good as long as the unit is open.

    Each of them is its steps, which are never changed and only followed by others (TIM-7): what became of it is for
    `grant_state`, `change_state` and `delegation_of` to say. Steps come in the order in which they were taken; of one that was
    never begun, whose first step was erased, or of which a step is restricted, there are none (ACC-5).

    Args:
        unit: A unit of work; to look only, a unit of reading.

    Source: ACC-2, ACC-4.
    """

    def __init__(self, unit: ReadUnit | UnitOfWork) -> None:
        self._unit = unit

    def grant(self, grant_id: str) -> tuple[GrantEvent, ...]:
        """The steps of a grant."""
        return self._steps("grant", GrantEvent, grant_id)

    def change(self, change_id: str) -> tuple[ChangeEvent, ...]:
        """The steps of a change."""
        return self._steps("change", ChangeEvent, change_id)

    def delegation(self, delegation_id: str) -> tuple[DelegationEvent, ...]:
        """The steps of a delegation."""
        return self._steps("delegation", DelegationEvent, delegation_id)

    def open_grants(self, requester_id: str | None = None, *, at: datetime | None = None) -> Iterator[tuple[GrantEvent, ...]]:
        """The grants that no step has closed, by id.

        Args:
            requester_id: Only those that this person asked for; None for all.
            at: An aware instant: those whose end has come by then are left out unread. None: time may have ended some, until
                who asked for them asks for another.
        """
        return self._open("grant", GrantEvent, requester_id, at)

    def open_changes(self) -> Iterator[tuple[ChangeEvent, ...]]:
        """The changes that are neither applied, refused nor withdrawn, by id."""
        return self._open("change", ChangeEvent, None, None)

    def open_delegations(self, receiver_id: str | None = None) -> Iterator[tuple[DelegationEvent, ...]]:
        """The delegations that were not ended, by id: those of coming days too, and of past ones until the next to that person.

        Args:
            receiver_id: Only those to this person; None for all.
        """
        return self._open("delegation", DelegationEvent, receiver_id, None)

    def append(self, event: AccessStep, *, is_open: bool) -> None:
        """Keeps a step, which was checked against those before it; a first one closes what time has ended of the same person's.

        Args:
            event: What was done.
            is_open: Whether another step may follow it.

        Raises:
            ConflictError: If somebody else took a step at the same time, or the id is taken.
            StorageError: If the unit is one of reading.
        """
        unit = self._unit
        if not hasattr(unit.log, "append"):
            raise StorageError("steps of access cannot be kept in a unit of reading; hint: open one with store.write()")
        unit = cast("UnitOfWork", unit)
        kind, case_id, whose, client_id = _place_of(event)
        known = unit.records.get(_case_kind(kind), case_id)
        earlier = () if known is None else load_record("access_case", known.payload).step_ids
        first = unit.log.get(earlier[0]) if earlier else None
        entry = LogEntry(
            id=entry_id(_STEP_KINDS[kind], event.id),
            kind=_STEP_KINDS[kind],
            client_id=client_id or _NO_CLIENT if first is None else first.entry.client_id,
            payload=dump_record(event),
            by=event.signed.by,
            recorded_at=event.signed.at.isoformat(),
        )
        keys = {} if known is None else dict(known.keys)
        owner = whose if known is None else keys.get("of")
        case = Record(
            kind=_case_kind(kind),
            id=case_id,
            payload=dump_record(AccessCase((*earlier, entry.id))),
            keys=_keys(owner, _end_of(event) or keys.get(_UNTIL)) if is_open else (),
        )
        if known is None and owner is not None:
            _close_ended(unit, case.kind, owner, event.signed.at)
        unit.records.put(case, expected=0 if known is None else known.version)
        unit.log.append(entry)

    def _steps(self, kind: CaseKind, wanted: type[Step], case_id: str) -> tuple[Step, ...]:
        record = self._unit.records.get(_case_kind(kind), case_id)
        return () if record is None else self._of(kind, wanted, record)

    def _open(self, kind: CaseKind, wanted: type[Step], whose: str | None, at: datetime | None) -> Iterator[tuple[Step, ...]]:
        key = _OPEN if whose is None else ("of", whose)
        for record in self._unit.records.scan(_case_kind(kind), key=key):
            is_open = _OPEN in record.keys and not (at is not None and _has_ended(record, at))
            if is_open and (steps := self._of(kind, wanted, record)):
                yield steps

    def _of(self, kind: CaseKind, wanted: type[Step], record: Record) -> tuple[Step, ...]:
        found: list[Step] = []
        for number, step_id in enumerate(load_record("access_case", record.payload).step_ids):
            stored = self._unit.log.get(step_id)
            # What is restricted is stored and nothing else, so to whoever asks it is not there, as what is erased (ACC-5).
            if stored is not None and stored.entry.kind == RESTRICTED:
                return ()
            if stored is None:
                if number == 0:
                    return ()
                raise StorageError(f"a step of a stored {kind} is missing; hint: restore a backup")
            step = load_record(_STEP_KINDS[kind], stored.entry.payload)
            if not isinstance(step, wanted):
                raise StorageError(f"a step of a stored {kind} is something else; hint: restore a backup")
            found.append(step)
        return tuple(found)


def case_of(entry: LogEntry) -> tuple[str, str] | None:
    """The record by which the grant or the change is found that a step belongs to, as kind and id; None for any other entry.

    Raises:
        StorageError: If the step cannot be read.
    """
    if entry.kind == "grant_step":
        return _case_kind("grant"), load_record("grant_step", entry.payload).grant_id
    if entry.kind == "change_step":
        return _case_kind("change"), load_record("change_step", entry.payload).change_id
    return None


def _case_kind(kind: CaseKind) -> str:
    return f"{kind}_case"


def _keys(whose: str | None, until: str | None) -> tuple[tuple[str, str], ...]:
    """By what an open case is found, and when it ends by itself; a closed one has none of it, so that no list grows for ever."""
    own = () if whose is None else (("of", whose),)
    return (*own, _OPEN) if until is None else (*own, _OPEN, (_UNTIL, until))


def _end_of(event: AccessStep) -> str | None:
    """From which instant on a step has its case over, whatever else is done; None where it sets no end."""
    if isinstance(event, GrantEvent) and event.ends_at is not None:
        return event.ends_at.isoformat()
    if isinstance(event, DelegationEvent) and event.delegation is not None:
        # Its days are those of the book's zone: a day later its last one is over in every zone.
        last = datetime.combine(event.delegation.end_on, datetime.min.time(), UTC)
        return (last + timedelta(days=1)).isoformat()
    return None


def _has_ended(record: Record, at: datetime) -> bool:
    until = dict(record.keys).get(_UNTIL)
    return until is not None and datetime.fromisoformat(until) <= at


def _close_ended(unit: UnitOfWork, kind: str, owner: str, at: datetime) -> None:
    """Closes what time has ended of the cases of one person: whoever has many does not look through them for ever."""
    ended = [one for one in unit.records.scan(kind, key=("of", owner)) if _has_ended(one, at)]
    for one in ended:
        unit.records.put(Record(kind=one.kind, id=one.id, payload=one.payload), expected=one.version)


def _place_of(event: AccessStep) -> tuple[CaseKind, str, str | None, str | None]:
    """The case that a step belongs to, by kind and id; whose it is, and which client it concerns, by the first step."""
    if isinstance(event, GrantEvent):
        return "grant", event.grant_id, event.signed.by, None if event.request is None else event.request.client_id
    if isinstance(event, ChangeEvent):
        return "change", event.change_id, event.signed.by, event.client_id
    receiver = None if event.delegation is None else event.delegation.receiver_id
    return "delegation", event.delegation_id, receiver, None
