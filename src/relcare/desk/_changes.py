"""What a proposed change makes of a client, its owner or a person there."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

import attrs

from relcare.access import ChangeEvent
from relcare.errors import InvalidValueError
from relcare.model import AttributeChange, AttributeValue, Birthday, Client, ContactPerson, OwnerSpell
from relcare.storage import BookReader, BookWriter

__all__ = ["apply_change", "changed_client", "changed_person", "check_target", "new_client", "revision_of"]

_OF_CLIENT: Final = frozenset({"client", "attribute"})
_OF_PERSON: Final = frozenset({"person"})
_OWNER: Final = "client.owner_id"


def check_target(values: Mapping[str, AttributeValue]) -> bool:
    """Whether the values are of a person at a client; else they are of the client and its attributes.

    Raises:
        InvalidValueError: If they are of neither, or of both: what happened is recorded, and conclusions are drawn.
    """
    kinds = frozenset(field.partition(".")[0] for field in values)
    if kinds == _OF_PERSON:
        return True
    if not kinds or not kinds <= _OF_CLIENT:
        rule = "must be fields of the client and its attributes, or of one person"
        raise InvalidValueError("values", tuple(values), rule, "record what happened; propose the rest one after the other")
    return False


def revision_of(reader: BookReader, client_id: str, person_id: str | None) -> int:
    """How often what a change is about was written; 0 for what is not there yet."""
    if person_id is not None:
        person = reader.find_person(person_id)
        return 0 if person is None else person.version
    client = reader.find_client(client_id)
    return 0 if client is None else client.version + reader.owners_of(client_id).version


def new_client(client_id: str, values: Mapping[str, AttributeValue]) -> Client:
    """The client that is proposed.

    Raises:
        InvalidValueError: Naming the field that is wrong.
    """
    if "client.name" not in values:
        raise InvalidValueError("values", tuple(values), "must name the client: client.name")
    attributes = {field.partition(".")[2]: value for field, value in values.items() if field.startswith("attribute.")}
    return Client(id=client_id, attributes=attributes, **_own(values))


def changed_client(client: Client, values: Mapping[str, AttributeValue], today: date, now: datetime) -> Client:
    """The client as it will be, all but its owner, who is kept by the day: attributes change from today on.

    Raises:
        InvalidValueError: Naming the field that is wrong.
    """
    changes = tuple(
        AttributeChange(name=field.partition(".")[2], value=value, effective_on=today, recorded_at=now)
        for field, value in values.items()
        if field.startswith("attribute.")
    )
    own = {name: value for name, value in _own(values).items() if name != "owner_id"}
    return attrs.evolve(client, attribute_changes=(*client.attribute_changes, *changes), **own)


def changed_person(
    person: ContactPerson | None, person_id: str, client_id: str, values: Mapping[str, AttributeValue]
) -> ContactPerson:
    """The person as they will be; a new one where there is none.

    Raises:
        InvalidValueError: Naming the field that is wrong.
    """
    fields: dict[str, Any] = {field.partition(".")[2]: value for field, value in values.items()}
    if isinstance(fields.get("birthday"), str):
        fields["birthday"] = Birthday.parse(fields["birthday"])
    if person is not None:
        return attrs.evolve(person, **fields)
    if "name" not in fields:
        raise InvalidValueError("values", tuple(values), "must name the person: person.name")
    return ContactPerson(id=person_id, client_id=client_id, **fields)


def _own(values: Mapping[str, AttributeValue]) -> dict[str, Any]:
    own: dict[str, Any] = {field.partition(".")[2]: value for field, value in values.items() if field.startswith("client.")}
    if own.get("relationship_types", frozenset()) is None:
        own["relationship_types"] = frozenset()
    return own


def apply_change(writer: BookWriter, proposal: ChangeEvent, *, by: str, now: datetime, today: date) -> None:
    """Enters a proposed change under the versions that are read in the same unit of work.

    Args:
        writer: Of the unit.
        proposal: The first step of the change.
        by: Who enters it.
        now: When.
        today: The same as a civil day: from which on attributes and a new owner hold.

    Raises:
        ConflictError: If what is changed was changed in between.
        InvalidValueError: Naming the field that is wrong.
    """
    values, client_id = proposal.values, proposal.client_id
    if proposal.person_id is not None:
        person = writer.find_person(proposal.person_id)
        made = changed_person(None if person is None else person.value, proposal.person_id, client_id, values)
        writer.put_person(made, expected=0 if person is None else person.version, by=by, recorded_at=now)
        return
    client = writer.find_client(client_id)
    if client is None:
        writer.put_client(new_client(client_id, values), expected=0, by=by, recorded_at=now)
        return
    changed = changed_client(client.value, values, today, now)
    if changed != client.value:
        writer.put_client(changed, expected=client.version, by=by, recorded_at=now)
    if _OWNER in values:
        _hand_over(writer, client_id, values[_OWNER], by=by, now=now, today=today)


def _hand_over(writer: BookWriter, client_id: str, owner_id: Any, *, by: str, now: datetime, today: date) -> None:  # noqa: ANN401
    """From today on another account manager, or none; who had the client before stays on record."""
    known = writer.owners_of(client_id)
    earlier = [spell for spell in known.value.spells if spell.start_on < today]
    kept = [attrs.evolve(spell, end_on=today) if spell.covers(today) else spell for spell in earlier]
    spell = OwnerSpell(client_id=client_id, owner_id=owner_id, start_on=today)
    writer.put_owners(client_id, [*kept, spell], expected=known.version, by=by, recorded_at=now)
