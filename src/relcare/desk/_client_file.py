"""What somebody may see of a client's file, and how a file's fields are read off a book."""

from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from functools import cached_property
from typing import Any, Final, cast

import attrs

from relcare._fields import ReadOnlyMap
from relcare.access import FIELDS, AccessDecision
from relcare.calendars import Calendar
from relcare.decisions import ClientResult, Policy
from relcare.errors import InvalidValueError, StorageError, UnknownRecordError
from relcare.model import Book, Obligation, Obligations, Reason, Touchpoint

__all__ = ["ClientFile", "FileReader", "conclusion_fields", "is_single", "needs_events", "owed_by", "quietly"]

_SINGLE: Final = frozenset({"client", "attribute", "tier", "vip"})
_CONCLUDED: Final = frozenset({"tier", "vip", "obligation", "decision"})
_OF_EVENTS: Final = _CONCLUDED | {"touchpoint", "purchase", "consent", "membership"}
REASONS: Final = "decision.reasons"
# What no rule about clients reads: facts are never made of it, and so no reason tells it.
_NEVER_READ: Final = frozenset({"name", "phone", "email", "note", "source", "recorded_at"})
_READ_KINDS: Final = frozenset({"client", "person", "touchpoint", "purchase", "consent", "membership", "pin"})

_RECORDS: Final[Mapping[str, Callable[[Book, str], Sequence[Any]]]] = {
    "person": lambda book, client_id: book.people_by_client.get(client_id, ()),
    "touchpoint": lambda book, client_id: book.touchpoints_by_client.get(client_id, ()),
    "purchase": lambda book, client_id: book.purchases_by_client.get(client_id, ()),
    "consent": lambda book, client_id: book.consents_by_client.get(client_id, ()),
    "appointment": lambda book, client_id: book.appointments_by_client.get(client_id, ()),
    "membership": lambda book, client_id: book.membership_events_by_client.get(client_id, ()),
    "owner": lambda book, client_id: book.owner_spells_by_client.get(client_id, ()),
    "pin": lambda book, client_id: book.pins_by_client.get(client_id, ()),
}


def is_single(field: str) -> bool:
    """Whether a client has one value of a field at most: not so of its people, contacts and purchases."""
    return field.partition(".")[0] in _SINGLE


def needs_events(fields: Collection[str]) -> bool:
    """Whether any of some fields is read off what happened, or concluded from it."""
    return any(field.partition(".")[0] in _OF_EVENTS for field in fields)


def conclusion_fields(policy: Policy) -> tuple[str, ...]:
    """The fields that the policy's conclusions may rest on: reasons tell their values, and are for whoever may see them all."""
    own = [fact for fact in policy.facts if fact.measure is None and fact.derivation is None]
    reads = [fact.reads or f"client.{fact.id}" for fact in own]
    return (
        *(field for field in FIELDS if field.partition(".")[0] in _READ_KINDS and field.partition(".")[2] not in _NEVER_READ),
        *(f"attribute.{name.removeprefix('client.')}" for name in dict.fromkeys(reads) if name.startswith("client.")),
        *(f"tier.{scheme.id}" for scheme in policy.segmentation),
        *(f"vip.{programme.id}" for programme in policy.vip_programmes),
    )


def _to_values(values: Mapping[str, object]) -> Mapping[str, object]:
    return ReadOnlyMap(values)


def _to_ids(values: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
    return ReadOnlyMap(values)


@attrs.frozen(kw_only=True)
class ClientFile:
    """Of a client's file what the asker may see; of the rest nothing is here.

    Attributes:
        client_id: Whose.
        values: By field, in the order in which they were asked for. Of `client`, `attribute`, `tier` and `vip` the value; of the
            others, such as `person.name`, a tuple with the value of each record, in the order of `ids`; `obligation.owed` and
            `decision.reasons` are tuples too. Not shown by `repr`.
        ids: Of the records, by kind (`person`, `touchpoint`), for the kinds of which a field may be seen; numbers for records
            that have no id.
        decision: Why, as the asker may be told.

    Source: ACC-1.
    """

    client_id: str
    values: Mapping[str, object] = attrs.field(converter=_to_values, repr=False)
    ids: Mapping[str, tuple[str, ...]] = attrs.field(converter=_to_ids, repr=False)
    decision: AccessDecision

    def __getitem__(self, field: str) -> object:
        """The value of a field.

        Raises:
            UnknownRecordError: If it was not asked for, or may not be seen.
        """
        if field not in self.values:
            raise UnknownRecordError("field", field)
        return self.values[field]

    def rows(self, kind: str) -> tuple[Mapping[str, object], ...]:
        """The records of a kind, each with its `id` and the fields that may be seen (`name`, `phone`); none for another kind.

        Args:
            kind: Such as `person`.
        """
        columns = {
            field.partition(".")[2]: cast("tuple[object, ...]", value)
            for field, value in self.values.items()
            if field.partition(".")[0] == kind
        }
        rows = enumerate(self.ids.get(kind, ()))
        return tuple(ReadOnlyMap({"id": one, **{name: column[place] for name, column in columns.items()}}) for place, one in rows)


@attrs.frozen(eq=False)
class FileReader:
    """Reads fields off a book, on a day. It hides nothing: whoever asks it has asked for a decision before.

    Conclusions about a client (tiers, qualifications, what is owed) are those of `Desk.decide_client`, whoever else is in the
    book.
    """

    policy: Policy
    calendar: Calendar | None
    book: Book
    day: date
    _results: dict[str, ClientResult] = attrs.field(factory=dict[str, ClientResult], init=False)

    def values(self, client_id: str, fields: Collection[str]) -> dict[str, object]:
        """Each field of a client, None where it is not known."""
        return {field: self._value(client_id, field) for field in fields}

    def ids(self, client_id: str, fields: Collection[str]) -> dict[str, tuple[str, ...]]:
        """The ids of the records of which a field is read."""
        kinds = dict.fromkeys(field.partition(".")[0] for field in fields)
        return {
            kind: tuple(getattr(one, "id", str(number)) for number, one in enumerate(_RECORDS[kind](self.book, client_id), 1))
            for kind in kinds
            if kind in _RECORDS
        }

    def result(self, client_id: str) -> ClientResult:
        """Everything the policy says about a client by itself."""
        if client_id not in self._results:
            with quietly():
                self._results[client_id] = self._decided(client_id)
        return self._results[client_id]

    def _value(self, client_id: str, field: str) -> object:
        kind, _, name = field.partition(".")
        client = self.book.client_by_id[client_id]
        if kind == "client":
            return self.book.owner_on(client_id, self.day) if name == "owner_id" else getattr(client, name)
        if kind == "attribute":
            return client.attribute(name, as_of=self.day)
        if kind in _RECORDS:
            return tuple(getattr(one, name) for one in _RECORDS[kind](self.book, client_id))
        if kind == "tier":
            in_force = self.book.tiers_in_force(client_id, on=self.day).get(name)
            return in_force or self.result(client_id).tiers.get(name)
        if kind == "vip":
            return next((one.qualification for one in self.result(client_id).vip if one.programme_id == name), None)
        if field == REASONS:
            return tuple(self._reasons(client_id))
        return tuple(_bare(one) for one in self.result(client_id).obligations)

    def _reasons(self, client_id: str) -> Iterator[Reason]:
        found = self.result(client_id)
        for one in (*found.assignments, *found.obligations, *found.vip):
            yield from one.reasons

    @cached_property
    def _touchpoints(self) -> Mapping[str, tuple[Touchpoint, ...]]:
        """Of each client all of them, those taken back too."""
        found: dict[str, list[Touchpoint]] = {}
        for one in self.book.touchpoints:
            found.setdefault(one.client_id, []).append(one)
        return {client_id: tuple(several) for client_id, several in found.items()}

    def _decided(self, client_id: str) -> ClientResult:
        book = self.book
        return self.policy.decide_client(
            book.client_by_id[client_id],
            touchpoints=self._touchpoints.get(client_id, ()),
            purchases=book.purchases_by_client.get(client_id, ()),
            as_of=self.day,
            people=book.people_by_client.get(client_id, ()),
            staff=book.staff,
            tier_spells=book.tier_spells_by_client.get(client_id, ()),
            pins=book.pins_by_client.get(client_id, ()),
            owner_spells=book.owner_spells_by_client.get(client_id, ()),
            absences=book.absences,
            consents=book.consents_by_client.get(client_id, ()),
            membership_events=book.membership_events_by_client.get(client_id, ()),
            zone=book.zone,
            calendar=self.calendar,
        )


def owed_by(policy: Policy, book: Book, day: date, calendar: Calendar | None) -> Obligations:
    """What is owed to all clients of a book, as `Desk.decide` says.

    Raises:
        PolicyError: If the policy is not in force on that day.
        StorageError: If the policy cannot decide about the book.
    """
    with quietly():
        return policy.decide(book, as_of=day, calendar=calendar).obligations


@contextmanager
def quietly() -> Generator[None]:
    """A value that a policy cannot decide by may be hidden from the asker, and so may its client: the error names neither."""
    try:
        yield
    except InvalidValueError:
        message = "the policy cannot decide about what is stored; hint: Desk.decide names what is wrong"
        raise StorageError(message) from None


def _bare(one: Obligation) -> Obligation:
    """What is owed without why: reasons are a field of their own, and tell the values of others."""
    return attrs.evolve(one, reasons=())
