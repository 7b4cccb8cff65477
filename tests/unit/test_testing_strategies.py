"""The strategies reach the corners that they are there for: a generator that has gone dull makes every property pass."""

from collections import Counter
from datetime import date, datetime
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from relcare.model import VOID, Birthday, Book, standing
from relcare.policy import Fact, FactType, OutOfBounds, Vocabulary, criterion, leaves
from relcare.testing import birthdays, books, criteria, days, fact_values, facts, ids, moments, names, rows, vocabularies


def seen(strategy: st.SearchStrategy[Counter[str]], examples: int = 150) -> Counter[str]:
    """What was drawn, counted; the same on every run."""
    total: Counter[str] = Counter()

    @settings(max_examples=examples, derandomize=True, database=None, deadline=None)
    @given(strategy)
    def gather(found: Counter[str]) -> None:
        total.update(found.keys())

    gather()
    return total


def corners_of(book: Book) -> dict[str, bool]:
    """Which corners there are, and whether a book has them."""
    amounts = Counter(purchase.amount.amount for purchase in book.purchases)
    takers = {entry.id for entry in book.touchpoints if entry.voids_id}
    leaplings = [one.birthday for one in book.people] + [one.birthday for one in book.staff]
    notices = {notice.code for notice in book.notices()}
    return {
        "no client": not book.clients,
        "no history": bool(book.clients) and not book.touchpoints and not book.purchases,
        "return": any(p.kind == "return" for p in book.purchases),
        "credit": any(p.kind == "credit" for p in book.purchases),
        "ties in amounts": any(count > 1 for count in amounts.values()),
        "threshold": bool({Decimal(10_000), Decimal(20_000)} & set(amounts)),
        "deletion": any(t.channel == VOID for t in book.touchpoints),
        "correction": any(t.voids_id is not None and t.channel != VOID for t in book.touchpoints),
        "chain of take-backs": any(t.voids_id in takers for t in book.touchpoints),
        "taken back": len(standing(book.touchpoints)) < len(book.touchpoints),
        "instant": any(isinstance(t.occurred_at, datetime) for t in book.touchpoints),
        "civil date": any(not isinstance(t.occurred_at, datetime) for t in book.touchpoints),
        "leap day": any((t.occurred_at.month, t.occurred_at.day) == (2, 29) for t in book.touchpoints),
        "month end": any(p.purchased_on.day == 31 for p in book.purchases),
        "several types": any(len(client.relationship_types) > 1 for client in book.clients),
        "attribute change": any(client.attribute_changes for client in book.clients),
        "open spell": any(spell.end_on is None for spell in book.tier_spells),
        "touching spells": any(a.end_on == b.start_on for a in book.tier_spells for b in book.tier_spells),
        "promised follow-up": any(isinstance(t.follow_up_at, datetime) for t in book.touchpoints),
        "consent to quiet hours": any(one.night for one in book.consents),
        "consent that ends": any(one.end_on is not None for one in book.consents),
        "refusal of a channel": any(one.kind == "refused" and one.channel and not one.purpose for one in book.consents),
        "do not contact": any(one.is_do_not_contact for one in book.consents),
        "word of a person": any(one.person_id for one in book.consents),
        "yes and no of a client": any(len({one.kind for one in some}) == 2 for some in book.consents_by_client.values()),
        "open absence": any(absence.end_on is None for absence in book.absences),
        "deputy": any(absence.deputy_id for absence in book.absences),
        "deputy away too": any(
            other.covers(absence.start_on)
            for absence in book.absences
            for other in book.absences_by_staff.get(absence.deputy_id or "", ())
        ),
        "appointment at an hour": any(one.starts_at is not None for one in book.appointments),
        "confirmed appointment": any(one.is_fixed for one in book.appointments),
        "obligation called off and planned anew": any(
            len({one.is_standing for one in some if one.obligation_key == of.obligation_key}) == 2
            for some in book.appointments_by_client.values()
            for of in some
            if of.obligation_key
        ),
        "step in a programme": bool(book.membership_events),
        "grant": any(event.step == "granted" for event in book.membership_events),
        "in the pool": any(spell.owner_id is None for spell in book.owner_spells),
        "handed over on the day": any(
            a.end_on == b.start_on and a.owner_id != b.owner_id
            for spells in book.owner_spells_by_client.values()
            for a in spells
            for b in spells
        ),
        "unknown staff": "book.unknown_staff" in notices,
        "unknown owner": "book.unknown_owner" in notices,
        "leapling": any(birthday and (birthday.month, birthday.day) == (2, 29) for birthday in leaplings),
        "zone with a changing clock": book.zone in {"America/New_York", "Australia/Lord_Howe"},
    }


def test_books_reach_every_corner() -> None:
    corners = books().map(lambda book: Counter(name for name, is_there in corners_of(book).items() if is_there))
    found = seen(corners, examples=250)
    assert set(found) == set(corners_of(Book()))


def test_texts_reach_other_scripts_and_confusable_forms() -> None:
    def corners(text: str) -> Counter[str]:
        held = {
            "beyond the first plane": any(ord(c) > 0xFFFF for c in text),
            "not composed": "\u1100" in text,
            "한글": "한글" in text,
        }
        held |= {"中文": "中文" in text, "wildcard": "%" in text, "quote": "'" in text, "formula": text.startswith("=")}
        return Counter(name for name, is_there in held.items() if is_there)

    for strategy in (ids(), names()):
        assert len(seen(strategy.map(corners), 300)) == 7


def test_days_instants_and_birthdays_reach_the_hard_ones() -> None:
    hard = seen(days().map(lambda day: Counter([day.isoformat()])))
    assert {"2024-02-29", "2025-12-31", "2026-01-31", "2026-03-08"} <= set(hard)
    shown = seen(moments("America/New_York").map(lambda at: Counter([f"{at:%H:%M} {at.utcoffset()}", f"{at:%m-%d}"])), 300)
    assert {"03-08", "11-01", "23:59 -1 day, 19:00:00"} <= set(shown)
    assert "--02-29" in seen(birthdays().map(lambda birthday: Counter([str(birthday)])))
    assert Birthday.parse("--02-29").in_year(2025) == date(2025, 2, 28)


def test_facts_are_of_every_kind_and_source_and_values_lie_on_both_sides_of_their_bounds() -> None:
    def source(fact: Fact) -> Counter[str]:
        bound = "bounded" if fact.min is not None and fact.max is not None else "free"
        from_where = "measure" if fact.measure else "derivation" if fact.derivation else "reads" if fact.reads else "own"
        return Counter([fact.type, bound, from_where, f"round {fact.round}"])

    kinds = seen(facts().map(source))
    assert {"number", "money", "integer", "level", "category", "set", "flag", "date"} <= set(kinds)
    assert {"bounded", "free", "measure", "derivation", "reads", "own", "round None", "round down"} <= set(kinds)

    bounded = FactType(kind="number", grain=Decimal("0.5"), low=Decimal(-1), high=Decimal(1))

    def side(value: object) -> Counter[str]:
        core = bounded.encode("x", value)
        return Counter(["out" if isinstance(core, OutOfBounds) else str(core)])

    assert {"out", "None", "-2", "-1", "0", "1", "2"} <= set(seen(fact_values(bounded).map(side)))


def test_rows_lie_on_beside_and_far_from_the_constants_and_miss_facts() -> None:
    words = Vocabulary(
        {"x": FactType(kind="money", grain=Decimal("0.01")), "level": FactType(kind="level", values=("a", "b", "c"))}
    )
    read = criterion("x >= 123.45 and level == 'b'")
    drawn = seen(rows(words, near=[read]).map(lambda row: Counter([f"x {row['x']}", f"level {row['level']}"])))
    assert {"x 12344", "x 12345", "x 12346", "x None", "level 0", "level 1", "level 2", "level None"} <= set(drawn)
    assert len(drawn) > 30


def test_criteria_are_joined_negated_and_nested_more_often_than_not() -> None:
    words = Vocabulary(
        {"한글": FactType(kind="flag"), "x": FactType(kind="money", grain=Decimal("0.01")), "s": FactType(kind="set")}
    )
    forms = seen(criteria(words).map(lambda one: Counter([type(one).__name__, f"{sum(1 for _ in leaves(one))} leaves"])), 100)
    assert {"And", "Or", "Not"} <= set(forms)
    assert forms["1 leaves"] < 50
    assert sum(forms[f"{n} leaves"] for n in range(4, 9)) > 20


def test_vocabularies_hold_declared_and_built_in_names() -> None:
    found = seen(vocabularies().map(lambda words: Counter([kind.kind for kind in words.values()] + list(words))), 100)
    assert {"client.stage", "client.relationship_types", "tier.abc", "amount", "number", "level", "date"} <= set(found)
