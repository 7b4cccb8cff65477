"""The border: tables checked and turned into columns of text and integers; nothing past it is missing in two ways, or inexact."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Final

import narwhals.stable.v2 as nw

from relcare.errors import BookDocumentError, Problem
from relcare.frames._apart import apart_questions, read_apart
from relcare.frames._checks import RETURN_RULE, among, refuse, refuse_whole, strange_returns, unique
from relcare.frames._core import Core
from relcare.frames._criteria import MOST
from relcare.frames._engine import BLANK, SEPARATOR, Lazy
from relcare.frames._frames import Opened
from relcare.frames._layout import attribute_column
from relcare.frames._needs import PERSON_FIELDS, Needs, attribute_of, coded
from relcare.frames._owners import owned, read_owner_spells
from relcare.frames._people import read_circumstances, read_events, read_people, read_staff
from relcare.frames._questions import Question, answered, checked, counted
from relcare.frames._reader import CLIENT, TableReader
from relcare.frames._standing import read_voids, standing_alone
from relcare.model import DIRECTIONS, STAGES
from relcare.policy import Fact

__all__ = ["cross"]

_TOUCH_TEXTS: Final = ("channel", "outcome", "purpose", "in_lieu_of", "person_id", "staff_id")
_DIRECTION_WORDS: Final = {"in": "incoming", "inbound": "incoming", "out": "outgoing", "outbound": "outgoing"}


def cross(given: Opened, needs: Needs, *, as_of: int, relationship_types: Iterable[str]) -> Core:
    """The tables past the border.

    Args:
        given: The tables.
        needs: What is asked of them.
        as_of: The day whose tiers and pins are in force, an ordinal.
        relationship_types: Those the policy knows (REL-4).

    Raises:
        BookDocumentError: With everything that is wrong with their columns; if nothing is, with what is wrong with their rows.
    """
    return _Border(given, needs, as_of).cross(tuple(relationship_types))


class _Border:
    def __init__(self, given: Opened, needs: Needs, as_of: int) -> None:
        self.given = given
        self.as_of = as_of
        self.needs = needs
        self.readers: dict[str, TableReader] = {
            name: TableReader(given.engine, name, frame, given.zone, is_checked=given.is_checked)
            for name, frame in given.tables.items()
        }
        self.problems: list[Problem] = []
        self.scales: dict[str, int] = {}
        self.words: set[str] = set()
        self.amount_scale = 0
        self.has_apart = False

    def cross(self, relationship_types: tuple[str, ...]) -> Core:
        self.has_apart = read_apart(self.readers, self.needs)
        self.read_clients(relationship_types)
        self.read_touchpoints()
        self.read_purchases()
        read_people(self.readers, self.reader, self.needs)
        read_staff(self.readers, self.reader, self.needs)
        read_circumstances(self.readers, self.needs)
        self.read_spells()
        read_owner_spells(self.readers.get("owner_spells"))
        for name in ("appointments", "membership_events"):
            self.readers.pop(name, None)
        self.problems += [problem for reader in self.readers.values() for problem in reader.problems]
        if self.problems:
            raise BookDocumentError(self.problems)
        tables = {name: reader.read() for name, reader in self.readers.items()}
        self.check_rows(tables)
        of_the_day = {
            name: spells for name in (*_SPELLS, "consents", "absences") if (spells := self.of_the_day(tables, name)) is not None
        }
        return Core(
            engine=self.given.engine,
            clients=owned(tables["clients"], of_the_day),
            scales=self.scales,
            words=frozenset(self.words),
            touchpoints=self.log(tables),
            reached=self.reached(tables),
            purchases=tables.get("purchases"),
            amount_scale=self.amount_scale,
            ranks=tables["people"] if self.needs.has_ranks else None,
            roles=tables["people"] if self.needs.has_people_roles else None,
            tiers=of_the_day.get("tiers"),
            pins=of_the_day.get("pins"),
            births=tables["people"].filter(~nw.col("birthday").is_null()) if self.needs.has_birthdays else None,
            staff=tables.get("staff"),
            consents=of_the_day.get("consents"),
            said=tables.get("consents"),
            absences=of_the_day.get("absences"),
            spells=tables.get("tiers"),
            is_checked=self.given.is_checked,
        )

    # ------------------------------------------------------------------------------------------------ columns

    def reader(self, name: str, why: str) -> TableReader | None:
        """The reader of a table that is needed; its absence is a problem."""
        if name not in self.readers:
            self.problems.append(Problem(file=name, message=f"is not given, but {why}", hint="an empty table will do"))
            return None
        return self.readers[name]

    def read_clients(self, relationship_types: tuple[str, ...]) -> None:
        reader, fields = self.readers["clients"], self.needs.client_fields
        reader.text("id", CLIENT, is_id=True)
        unique(reader, "id", CLIENT, "has ids that are there twice")
        refuse(
            reader, "id", nw.col(CLIENT) != nw.col(CLIENT).str.strip_chars(BLANK), "has ids with blanks at an end", "trim them"
        )
        for name in ("stage", "region", "owner_id", "zone"):
            reader.text(name, name, must=name in fields)
        among(reader, "stage", "stage", STAGES)
        reader.set_of("relationship_types", "types", must="relationship_types" in fields)
        if reader.has("relationship_types"):
            rest = nw.col("types")
            for known in relationship_types:
                rest = rest.str.replace_all(f"{SEPARATOR}{known}{SEPARATOR}", SEPARATOR, literal=True)
            is_strange = (rest != SEPARATOR) & (rest != SEPARATOR * 2)
            rule, hint = "names types that the policy does not know", f"it knows {', '.join(sorted(relationship_types))}"
            refuse(reader, "relationship_types", is_strange, rule, hint)
        reader.day("client_since_on", "since", must="client_since_on" in fields)
        for fact in self.needs.attributes:
            self.read_attribute(reader, fact)

    def read_attribute(self, reader: TableReader, fact: Fact) -> None:
        column, new, must = attribute_column(attribute_of(fact)), f"a {coded(fact.id)}", not self.has_apart
        if fact.fact_type.is_numeric:
            self.scales[fact.id] = reader.number(column, new, must=must, is_fact=True)
            if reader.is_text(column):
                self.words.add(fact.id)
        elif fact.type == "flag":
            if reader.flag(column, new, must=must):
                self.words.add(fact.id)
        elif fact.type == "date":
            if reader.day(column, new, must=must, is_fact=True):
                self.words.add(fact.id)
        elif fact.type == "set":
            reader.set_of(column, new, must=must)
        else:
            reader.text(column, new, must=must)

    def read_touchpoints(self) -> None:
        wanted = self.needs.touchpoints
        reader = self.readers.get("touchpoints")
        if reader is None and wanted is not None:
            reader = self.reader("touchpoints", "the policy asks for contacts")
        if reader is None:
            return
        fields = wanted or frozenset()
        reader.text("client_id", CLIENT, is_id=True)
        reader.day("occurred_at", "day", is_id=True, is_moment=True)
        needs_person, needs_staff = bool(fields & set(PERSON_FIELDS)), "staff.role" in fields
        for name in _TOUCH_TEXTS:
            if name in fields or (name == "person_id" and needs_person) or (name == "staff_id" and needs_staff):
                reader.text(name, name, must=name != "in_lieu_of", is_id=name == "channel")
        if "direction" in fields:
            reader.text("direction", "direction")
            among(reader, "direction", "direction", (*DIRECTIONS, *_DIRECTION_WORDS))
        read_events(reader, self.needs)
        read_voids(reader, has_channel="channel" in fields)

    def read_purchases(self) -> None:
        wanted = self.needs.purchases
        reader = self.readers.get("purchases")
        if reader is None and wanted is not None:
            reader = self.reader("purchases", "a fact is measured over it")
        if reader is None:
            return
        has_returns = self.needs.has_returns
        reader.text("client_id", CLIENT, is_id=True)
        reader.day("purchased_on", "day", is_id=True)
        # A credit is told by its amount, so that amounts are asked for even where purchases are only counted.
        self.amount_scale = reader.number("amount", "units", must=wanted is not None)
        if wanted is not None:
            refuse(reader, "amount", nw.col("units").is_null() & ~nw.col("units bad"), "has rows without one")
            total = nw.col("units").abs().cast(nw.Float64()).sum() >= float(MOST)
            refuse_whole(reader, "amount", total, "adds up to more than is exact with so many decimals")
        reader.text("category", "category", must="category" in (wanted or ()))
        reader.text("currency", "currency", must=False)
        reader.text("returns_purchase_id", "back", must=has_returns)
        has_ids = self.needs.has_purchase_ids
        reader.text("id", "pid", must=has_ids, is_id=has_ids)
        if has_returns:
            unique(reader, "id", "pid", "has ids that are there twice")
        if reader.has("returns_purchase_id"):
            negative = ~nw.col("back").is_null() & (nw.col("units") <= 0)
            refuse(reader, "amount", negative, "has returns that are not positive", "a return has the amount that came back")

    def read_spells(self) -> None:
        for name in ("tiers", "pins"):
            reader = self.readers.get(name)
            if reader is None:
                continue
            reader.text("client_id", CLIENT, is_id=True)
            reader.text("scheme_id", "scheme", is_id=True)
            reader.text("tier", "tier", is_id=True)
            reader.day("start_on", "from", is_id=True)
            reader.day("end_on", "until", must=False)
            if name == "pins":
                reader.text("kind", "kind", is_id=True)
                among(reader, "kind", "kind", ("floor", "exact"))

    # --------------------------------------------------------------------------------------------------- rows

    def check_rows(self, tables: Mapping[str, Lazy]) -> None:
        """Refuse tables with wrong rows, unless that was done before; and at any rate what no column holds."""
        questions: list[Question] = []
        if not self.given.is_checked:
            questions += [question for name, core in tables.items() for question in checked(self.readers[name], core)]
            questions += self.unrelated(tables)
        if found := answered(self.given.engine, [*questions, *apart_questions(tables, self.needs)]):
            raise BookDocumentError(found)

    def log(self, tables: Mapping[str, Lazy]) -> Lazy | None:
        """The touchpoints that stand."""
        core = tables.get("touchpoints")
        if core is None:
            return None
        fields = self.needs.touchpoints or frozenset()
        core = standing_alone(self.given.engine, core)
        if "direction" in fields:
            said = nw.col("direction")
            for word, meant in _DIRECTION_WORDS.items():
                said = nw.when(nw.col("direction") == word).then(nw.lit(meant)).otherwise(said)
            core = core.with_columns(direction=said.fill_null("outgoing"))
        return core

    def reached(self, tables: Mapping[str, Lazy]) -> Lazy | None:
        """What is asked about people who were reached."""
        persons = sorted((self.needs.touchpoints or frozenset()) & set(PERSON_FIELDS))
        said_of = {name.replace(".", "_"): nw.col(PERSON_FIELDS[name]) for name in persons}
        return tables["people"].select(CLIENT, "person_id", **said_of) if persons else None

    def of_the_day(self, tables: Mapping[str, Lazy], name: str) -> Lazy | None:
        """The spells that cover the day; half-open (TIM-4)."""
        is_on = (nw.col("from") <= self.as_of) & (nw.col("until").is_null() | (nw.col("until") > self.as_of))
        return tables[name].filter(is_on) if name in tables else None

    def unrelated(self, tables: Mapping[str, Lazy]) -> Iterator[Question]:
        """Rows about no client, returns of what was never bought, tiers and pins that are in force beside another."""
        clients, readers = tables["clients"].select(CLIENT), self.readers
        for name in ("people", "touchpoints", "purchases", *_SPELLS, "consents", "attributes"):
            if name in tables:
                strangers = tables[name].select(CLIENT).join(clients, on=CLIENT, how="anti")
                yield counted(readers[name], "client_id", strangers, "names clients that are not there")
        if "purchases" in tables and self.needs.has_returns:
            yield counted(readers["purchases"], "returns_purchase_id", strange_returns(tables["purchases"]), RETURN_RULE)
        for name, keys in _SPELLS.items():
            spells = self.of_the_day(tables, name)
            if spells is not None:
                twice = spells.group_by(*keys).agg(n=nw.len()).filter(nw.col("n") > 1)
                rule = f"has two of one {'client' if len(keys) == 1 else 'scheme'} on {date.fromordinal(self.as_of)}"
                yield counted(readers[name], "start_on", twice, rule)


_SPELLS: Final = {"tiers": (CLIENT, "scheme"), "pins": (CLIENT, "scheme"), "owner_spells": (CLIENT,)}
