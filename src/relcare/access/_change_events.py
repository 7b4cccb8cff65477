"""The log of a change to a client's file: proposed, decided, applied."""

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

import attrs

from relcare._fields import ReadOnlyMap, check_choice, check_id, check_optional_text, check_text, to_map
from relcare.access._who import Signature
from relcare.access._words import check_field
from relcare.errors import InvalidValueError
from relcare.model import AttributeValue

__all__ = ["CHANGE_STEPS", "ChangeEvent", "ChangeStep"]

ChangeStep: TypeAlias = Literal["proposed", "approved", "refused", "withdrawn", "applied"]
CHANGE_STEPS: Final[tuple[ChangeStep, ...]] = ("proposed", "approved", "refused", "withdrawn", "applied")


def _to_values(values: Mapping[str, AttributeValue]) -> Mapping[str, AttributeValue]:
    return to_map(values)


@attrs.frozen(kw_only=True)
class ChangeEvent:
    """One step of a change to a client's file. Entries are never changed, only followed by others (TIM-7).

    Attributes:
        id: Unique in the book.
        change_id: Of which change.
        client_id: Whose file.
        step: `proposed`, `approved`, `refused`, `withdrawn` by who proposed it, or `applied`.
        signed: Who, as what, for whom and when.
        values: Of `proposed`, and only of it: the new value of each field; None for one that is no longer known. Not shown by
            `repr`.
        purpose: Of `proposed`, and only of it: what for.
        person_id: Of `proposed`: whose fields they are, where they are those of a person at the client; None for its own.
        revision: Of `proposed`: how often what it changes was written by then, 0 for what is new; None where nobody counted.
            Who applies the change compares it, so that what was approved is what it is applied to.
        reason: Why, free text.

    Raises:
        InvalidValueError: Naming the field that is wrong.

    Source: ACC-2.
    """

    id: str
    change_id: str
    client_id: str
    step: ChangeStep
    signed: Signature
    values: Mapping[str, AttributeValue] = attrs.field(factory=ReadOnlyMap[str, AttributeValue], converter=_to_values, repr=False)
    purpose: str | None = None
    person_id: str | None = None
    revision: int | None = None
    reason: str | None = None

    def __attrs_post_init__(self) -> None:
        check_id("id", self.id)
        check_id("change_id", self.change_id)
        check_id("client_id", self.client_id)
        check_choice("step", self.step, CHANGE_STEPS)
        if not isinstance(self.signed, Signature):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidValueError("signed", self.signed, "must be a Signature")
        if not isinstance(self.values, ReadOnlyMap):
            raise InvalidValueError("values", type(self.values).__name__, "must be a mapping of fields to values")
        for field in self.values:
            check_field("values", field)
        is_proposal = self.step == "proposed"
        if bool(self.values) != is_proposal:
            rule = "must name at least one field" if is_proposal else f"must be left out where a change is {self.step}"
            raise InvalidValueError("values", tuple(self.values), rule)
        if (self.purpose is not None) != is_proposal:
            rule = "must be given" if is_proposal else f"must be left out where a change is {self.step}"
            raise InvalidValueError("purpose", self.purpose, rule)
        if self.purpose is not None:
            check_text("purpose", self.purpose)
        self._check_target(is_proposal=is_proposal)
        check_optional_text("reason", self.reason)

    def _check_target(self, *, is_proposal: bool) -> None:
        for name in ("person_id", "revision"):
            if getattr(self, name) is not None and not is_proposal:
                raise InvalidValueError(name, getattr(self, name), f"must be left out where a change is {self.step}")
        if self.person_id is not None:
            check_id("person_id", self.person_id)
        if self.revision is not None and (type(self.revision) is not int or not 0 <= self.revision < 2**63):
            raise InvalidValueError("revision", self.revision, "must be a whole number from 0")
