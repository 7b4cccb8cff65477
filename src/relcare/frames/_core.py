"""The tables past the border: columns of text and integers, checked."""

from collections.abc import Mapping

import attrs

from relcare.frames._engine import Engine, Lazy

__all__ = ["Core"]


@attrs.frozen(kw_only=True, eq=False)
class Core:
    """The tables past the border.

    Attributes:
        engine: Whose they are.
        clients: `cid`, the fields `stage`, `region`, `owner_id`, `zone`, `types`, `since`, and each attribute as `a <fact>`.
        scales: How many decimals the column of an attribute has, by fact; of facts that are numbers.
        words: Facts that are flags, numbers or days written as text; of the latter two `a <fact> odd` says where text is none.
        touchpoints: `cid`, `day` and the fields that are asked for, for triggers also `tid`, `instant` in microseconds and
            `follow`, the day that was agreed; None where there are none.
        reached: `cid`, `person_id`, `person_role`, `person_rank` of people, as event criteria ask for them; None where none does.
        purchases: `cid`, `day`, `pid`, `back` (the id of what a return returns), `units`, `category`, `currency`; None likewise.
        amount_scale: How many decimals `units` has.
        ranks: `cid`, `rank` of people; None where nobody asks.
        roles: `cid`, `role` of people, likewise.
        births: `cid`, `person_id`, `birthday` as text; None where no rule keeps birthdays.
        staff: `staff_id`, `staff_role`; None where nobody asks, or there is no such table.
        consents: `cid`, `id`, `kind`, `person_id`, `channel`, `purpose`, `from` of those in force; None where there are none.
        said: The consents and refusals of all days, likewise.
        absences: `staff_id`, `deputy_id` of who is away; None where there are none.
        spells: `cid`, `scheme`, `tier`, `from`, `until`, of all days; None where none were given.
        is_checked: Whether the rows were checked before: then facts are not looked at for wrong ones either.
        tiers: `cid`, `scheme`, `tier` of the day, one of each client and scheme; None where none were given.
        pins: `cid`, `scheme`, `tier`, `kind`, likewise.
    """

    engine: Engine
    clients: Lazy
    scales: Mapping[str, int]
    words: frozenset[str]
    touchpoints: Lazy | None
    purchases: Lazy | None
    amount_scale: int
    ranks: Lazy | None
    tiers: Lazy | None
    pins: Lazy | None
    roles: Lazy | None = None
    births: Lazy | None = None
    reached: Lazy | None = None
    staff: Lazy | None = None
    consents: Lazy | None = None
    said: Lazy | None = None
    absences: Lazy | None = None
    spells: Lazy | None = None
    is_checked: bool = False
