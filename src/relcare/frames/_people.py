"""People, staff, consents and absences at the border: who was reached, who does it, who must not be asked, what obliges."""

from collections.abc import Callable
from typing import Final, TypeAlias

from relcare.frames._checks import among, unique
from relcare.frames._needs import PERSON_FIELDS, Needs
from relcare.frames._reader import CLIENT, TableReader
from relcare.model import CONSENT_KINDS

__all__ = ["read_circumstances", "read_events", "read_people", "read_staff"]

Reader: TypeAlias = Callable[[str, str], TableReader | None]
"""The reader of a table that is needed, for a reason; None where it is not given, which is a problem."""

_TEXTS: Final = ("id", "person_id", "channel", "purpose")


def read_people(readers: dict[str, TableReader], reader: Reader, needs: Needs) -> None:
    """Read what is asked about people at clients; the table is left out where nothing is.

    Args:
        readers: By table.
        reader: See `Reader`.
        needs: What is asked.
    """
    fields = needs.touchpoints or frozenset[str]()
    asked = {PERSON_FIELDS[name] for name in fields & set(PERSON_FIELDS)} | ({"rank"} if needs.has_ranks else set[str]())
    asked |= {"role"} if needs.has_people_roles else set[str]()
    asked |= {"birthday"} if needs.has_birthdays else set[str]()
    if not asked:
        readers.pop("people", None)
        return
    people = reader("people", "the policy asks about them")
    if people is None:
        return
    people.text("client_id", CLIENT, is_id=True)
    for name in sorted(asked):
        people.date_text(name, name) if name == "birthday" else people.text(name, name)
    if fields & set(PERSON_FIELDS) or needs.has_birthdays:
        people.text("id", "person_id", is_id=True)
        unique(people, "id", "person_id", "has ids that are there twice")


def read_events(touchpoints: TableReader, needs: Needs) -> None:
    """Read what tells one touchpoint from another, when it was, and what was agreed with it, where that is asked."""
    if needs.has_touch_events:
        touchpoints.text("id", "tid", is_id=True)
        touchpoints.text("person_id", "person_id", must=False)
    if needs.has_instants:
        touchpoints.instant("occurred_at", "instant")
    if needs.has_promises:
        touchpoints.day("follow_up_at", "follow", is_moment=True)


def read_staff(readers: dict[str, TableReader], reader: Reader, needs: Needs) -> None:
    """Read the roles of the staff where event criteria ask for them, and where duties have a role and there is a staff."""
    is_needed = "staff.role" in (needs.touchpoints or ())
    if not is_needed and not (needs.has_roles and "staff" in readers):
        readers.pop("staff", None)
        return
    staff = reader("staff", "event criteria ask for roles")
    if staff is not None:
        staff.text("id", "staff_id", is_id=True)
        staff.text("role", "staff_role")
        unique(staff, "id", "staff_id", "has ids that are there twice")


def read_circumstances(readers: dict[str, TableReader], needs: Needs) -> None:
    """Read consents and absences where cadence asks for them; the tables are left out where it does not."""
    if not needs.owed:
        readers.pop("consents", None)
        readers.pop("absences", None)
        return
    consents, absences = readers.get("consents"), readers.get("absences")
    if consents is not None:
        consents.text("client_id", CLIENT, is_id=True)
        consents.text("kind", "kind", is_id=True)
        among(consents, "kind", "kind", CONSENT_KINDS)
        for name in _TEXTS:
            consents.text(name, name, must=name == "id", is_id=name == "id")
    if absences is not None:
        absences.text("staff_id", "staff_id", is_id=True)
        absences.text("deputy_id", "deputy_id", must=False)
    for spells in (consents, absences):
        if spells is not None:
            spells.day("start_on", "from", is_id=True)
            spells.day("end_on", "until", must=False)
