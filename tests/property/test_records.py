"""STO-4: what is stored comes back, from this format and from older ones."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import cast

import attrs
import pendulum
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relcare.codec import RECORD_FORMAT, RecordCodec, RecordValue, dump_record, load_record
from relcare.errors import StorageError
from relcare.model import Book, Touchpoint
from relcare.testing import books

Upcaster = Callable[[str, dict[str, object]], dict[str, object]]
KINDS = {
    "clients": "client",
    "people": "person",
    "touchpoints": "touchpoint",
    "purchases": "purchase",
    "staff": "staff",
    "tier_spells": "tier_spell",
    "pins": "pin",
    "consents": "consent",
    "absences": "absence",
    "owner_spells": "owner_spell",
    "appointments": "appointment",
}

OF_FORMAT_1 = {"client", "person", "touchpoint", "purchase", "staff", "tier_spell"}


def values(book: Book) -> list[tuple[str, RecordValue]]:
    return [(kind, value) for name, kind in KINDS.items() for value in getattr(book, name)]


def anatomy(value: object) -> object:
    """The value with its types, digits and zone names all the way down: what plain equality does not look at."""
    inside: object = value
    if attrs.has(type(value)):
        fields = attrs.fields(cast("type[attrs.AttrsInstance]", type(value)))
        inside = [(field.name, anatomy(getattr(value, field.name))) for field in fields]
    elif isinstance(value, Mapping):
        inside = sorted((name, repr(anatomy(member))) for name, member in cast("Mapping[str, object]", value).items())
    elif isinstance(value, tuple):
        inside = [anatomy(member) for member in cast("tuple[object, ...]", value)]
    elif isinstance(value, datetime):
        inside = (value.isoformat(), cast("pendulum.DateTime", value).timezone_name)
    elif isinstance(value, (Decimal, frozenset)):
        inside = str(value) if isinstance(value, Decimal) else sorted(cast("frozenset[str]", value))
    return type(value), inside


class TestSto4:
    """STO-4: documents written by an older release load in a newer one (`format` number, upcasters)."""

    @given(books())
    def test_what_is_written_is_read_back_with_types_digits_and_zone_names(self, book: Book) -> None:
        for kind, value in values(book):
            found = load_record(kind, dump_record(value))
            assert found == value
            assert anatomy(found) == anatomy(value)

    @given(books())
    def test_what_format_1_said_means_the_same_in_this_format(self, book: Book) -> None:
        old = RecordCodec(1)
        for kind, value in values(book):
            if kind in OF_FORMAT_1:
                then = attrs.evolve(value, follow_up_at=None) if isinstance(value, Touchpoint) else value
                text = old.dump(then)
                assert '"format":1' in text
                assert anatomy(load_record(kind, text)) == anatomy(then)

    @given(books())
    def test_the_same_value_always_gives_the_same_one_line(self, book: Book) -> None:
        for kind, value in values(book):
            text = dump_record(value)
            assert dump_record(load_record(kind, text)) == text
            assert "\n" not in text

    @settings(max_examples=50)
    @given(book=books(max_clients=2), later=st.integers(1, 4))
    def test_a_later_format_reads_what_this_one_wrote_by_each_upcaster_once_and_in_order(self, book: Book, later: int) -> None:
        seen: list[int] = []

        def upcaster(number: int) -> Upcaster:
            def note(_: str, document: dict[str, object]) -> dict[str, object]:
                seen.append(number)
                return document

            return note

        numbers = range(RECORD_FORMAT, RECORD_FORMAT + later)
        codec = RecordCodec(RECORD_FORMAT + later, {number: upcaster(number) for number in numbers})
        for kind, value in values(book):
            seen.clear()
            assert codec.load(kind, dump_record(value)) == value
            assert seen == list(numbers)

    @settings(max_examples=50)
    @given(book=books(max_clients=2), later=st.integers(1, 900_000))
    def test_what_a_newer_release_wrote_is_refused_whatever_it_says(self, book: Book, later: int) -> None:
        codec = RecordCodec(RECORD_FORMAT + later)
        for kind, value in values(book):
            with pytest.raises(StorageError, match="newer relcare"):
                load_record(kind, codec.dump(value))
