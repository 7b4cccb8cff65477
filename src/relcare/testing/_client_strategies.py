"""Hypothesis strategies for clients, the people at them and the staff that serves them."""

from collections.abc import Sequence

import attrs
from hypothesis import strategies as st

from relcare.model import STAGES, AttributeChange, AttributeValue, Client, ContactPerson, Staff
from relcare.testing._strategies import (
    ATTRIBUTES,
    RANKS,
    ROLES,
    TYPES,
    amounts,
    birthdays,
    cached,
    days,
    ids,
    moments,
    names,
    zones,
)

__all__ = ["attribute_changes", "clients", "people", "staff"]


@cached
def staff(staff_ids: st.SearchStrategy[str] | None = None) -> st.SearchStrategy[Staff]:
    """One member of staff, with or without role, head and birthday."""
    return st.builds(
        Staff,
        id=staff_ids or ids(),
        name=names(),
        role=st.none() | st.sampled_from(ROLES),
        head_id=st.none() | ids(),
        birthday=st.none() | birthdays(),
    )


@cached
def _attribute_values() -> st.SearchStrategy[AttributeValue]:
    texts = st.sampled_from(["low", "high", "12.50", "nowhere"])
    return texts | st.booleans() | amounts() | days() | st.integers(-5, 5) | st.frozensets(texts, max_size=2) | st.none()


@cached
def attribute_changes() -> st.SearchStrategy[AttributeChange]:
    """One dated change of an attribute, to a value of any type or to none."""
    return st.builds(
        AttributeChange,
        name=st.sampled_from(ATTRIBUTES),
        value=_attribute_values(),
        effective_on=days(),
        recorded_at=st.none() | days() | moments("Asia/Seoul"),
    )


@cached
def clients(client_ids: st.SearchStrategy[str] | None = None) -> st.SearchStrategy[Client]:
    """One client: any number of relationship types, attributes of every type, dated changes, most fields also absent."""
    return st.builds(
        Client,
        id=client_ids or ids(),
        name=names(),
        relationship_types=st.frozensets(st.sampled_from(TYPES), max_size=4),
        stage=st.none() | st.sampled_from(STAGES),
        owner_id=st.none() | ids(),
        region=st.none() | names(),
        zone=st.none() | zones(),
        client_since_on=st.none() | days(),
        attributes=st.dictionaries(st.sampled_from(ATTRIBUTES), _attribute_values(), max_size=3),
        attribute_changes=st.lists(attribute_changes(), max_size=3),
    )


@cached
def _people_shapes() -> st.SearchStrategy[list[tuple[int, ContactPerson]]]:
    one = st.builds(
        ContactPerson,
        id=ids(),
        client_id=st.just("?"),
        name=names(),
        role=st.none() | st.sampled_from(ROLES),
        rank=st.none() | st.sampled_from(RANKS),
        phone=st.sampled_from([None, "+82 10-0000-0000", "=1"]),
        email=st.sampled_from([None, "a@example.com"]),
        birthday=st.none() | birthdays(),
    )
    return st.lists(st.tuples(st.integers(0, 5), one), max_size=4, unique_by=lambda pair: pair[1].id)


def people(client_ids: Sequence[str]) -> st.SearchStrategy[tuple[ContactPerson, ...]]:
    """People at these clients, with different ids; none where there are no clients."""
    if not client_ids:
        return st.just(())
    there = tuple(client_ids)
    return _people_shapes().map(lambda shapes: tuple(attrs.evolve(one, client_id=there[at % len(there)]) for at, one in shapes))
