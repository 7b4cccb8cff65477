"""What a collected row says is what objects say: the same reasons and words, or less, and never anything else."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any, Final

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.property.frames_alike import CASES, PARTS, rows_of
from tests.property.frames_book import drawn_book
from tests.property.frames_policies import RICH, STANDING, over_columns

from relcare.codec import loads_policy
from relcare.decisions import BookResult, Policy
from relcare.errors import BookDocumentError, InvalidValueError, UnsupportedPolicyError
from relcare.model import Book, Obligation, Pin, Reason, TierSpell
from relcare.segmentation import Scheme, settle
from relcare.testing import books_for, days_in_force, policies
from relcare.wording import explain

pytest.importorskip("polars")
frames = pytest.importorskip("relcare.frames")

# What no row holds, by the reason that says it.
UNKNOWN: Final[Mapping[str, frozenset[str]]] = {
    "segmentation.ranked": frozenset({"rank"}),
    "grade.placed": frozenset({"rank", "count"}),
    "fact.out_of_bounds": frozenset({"value"}),
}
DAY: Final = date(2024, 12, 31)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Policy, Book, date]:
    policy = over_columns(draw(policies(with_examples=False)))
    return policy, draw(books_for(policy, max_clients=6)), draw(days_in_force(policy))


def told(reasons: Iterable[Reason]) -> list[tuple[str, object, object]]:
    """Reasons without what no row holds."""
    return [
        (one.code, dict(one.facts), {name: v for name, v in one.values.items() if name not in UNKNOWN.get(one.code, ())})
        for one in reasons
    ]


def is_part(less: Reason, more: Reason) -> bool:
    """Whether a reason says nothing but what another one says too."""
    known = {name: value for name, value in less.values.items() if value is not None}
    return (
        less.code == more.code
        and all(more.values.get(name) == value for name, value in known.items())
        and (not less.facts or less.facts == more.facts)
    )


def check_less(less: Iterable[Reason], more: Iterable[Reason]) -> None:
    """Every reason that is given is one of those that there are, in their order."""
    there = iter(more)
    for reason in less:
        assert any(is_part(reason, one) for one in there), reason


def check(policy: Policy, book: Book, as_of: date, tables: Any, only: Collection[str] = PARTS) -> Counter[str]:
    """Compare every row of a book with what objects say of it."""
    try:
        result = policy.decide(book, as_of=as_of)
        decided = frames.decide(policy, tables, as_of=as_of, only=only)
    except (InvalidValueError, BookDocumentError, UnsupportedPolicyError):
        return Counter()
    reader = frames.RowReader(policy, as_of=as_of, rankings=decided.rankings)
    poor = frames.RowReader(policy, as_of=as_of)
    seen: Counter[str] = Counter()
    rows = {str(row["client_id"]): row for row in rows_of(decided.clients)}
    for client_id, row in rows.items():
        found = reader.client(row, pins=book.pins, spells=book.tier_spells)
        seen += check_grades(policy, result, found)
        seen += check_settled(policy, result, book, found, poor.client(row))
        for one in found.assignments:
            wanted = result.tier(one.scheme_id, client_id)
            check_less(one.reasons, wanted.reasons)
            if one.reasons[0].code != "segmentation.pinned":
                assert (told(one.reasons), one.missing) == (told(wanted.reasons), wanted.missing)
            assert (one.tier, one.is_held, one.is_in_scope) == (wanted.tier, wanted.is_held, wanted.is_in_scope)
            assert one.pin == wanted.pin
            ranked = wanted.rank is not None
            assert (one.score, one.border, one.group) == (wanted.score, wanted.border, wanted.group)
            check_words(one, wanted, f"rank {wanted.rank} of ", is_less=ranked)
        for less, full in zip(poor.client(row).assignments, found.assignments, strict=True):
            wanted = result.tier(full.scheme_id, client_id)
            check_less(less.reasons, wanted.reasons)
            assert less.reasons[0].code == wanted.reasons[0].code
        for vip in found.vip:
            wanted_vip = result.vip(vip.programme_id, client_id)
            assert told(vip.reasons) == told(wanted_vip.reasons)
            assert (vip.first_eligible_on, vip.shortfall) == (wanted_vip.first_eligible_on, wanted_vip.shortfall)
            check_words(vip, wanted_vip)
        for member in found.segments:
            wanted_member = result.segment(member.segment_id, client_id)
            assert told(member.reasons) == told(wanted_member.reasons)
            assert (member.answer, member.cells, member.missing) == (
                *(wanted_member.answer, wanted_member.cells, wanted_member.missing),
            )
            check_words(member, wanted_member)
        seen += Counter(reason.code for one in (*found.assignments, *found.vip, *found.segments) for reason in one.reasons)
    if decided.obligations is not None:
        seen += check_owed(result, reader, rows, list(rows_of(decided.obligations)))
        wanted_open = {(one.client_id, one.rule_id): one for one in result.undecided}
        for row in rows_of(decided.undecided):
            unknown = reader.undecided(row, rows[str(row["client_id"])])
            wanted_one = wanted_open[unknown.client_id, unknown.rule_id]
            assert (unknown.missing, told(unknown.reasons)) == (wanted_one.missing, told(wanted_one.reasons))
            check_words(unknown, wanted_one)
            seen["undecided"] += 1
    return seen


def check_grades(policy: Policy, result: BookResult, found: Any) -> Counter[str]:
    """Compare where a client stands with what objects say of it, but for the rank and for who shares its value."""
    assert [one.grade_id for one in found.grades] == [grade.id for grade in policy.grades]
    for one in found.grades:
        wanted = result.grade(one.grade_id, found.client_id)
        first, *ties = wanted.reasons
        assert told(one.reasons) == told([first])
        assert all(tie.code == "grade.tie" for tie in ties)
        assert one == attrs.evolve(wanted, rank=None, reasons=one.reasons)
        words = explain(attrs.evolve(wanted, reasons=(first,)))
        assert explain(one) == words.replace(f"rank {wanted.rank} of {first.values.get('count')} in ", "")
    return Counter(reason.code for one in found.grades for reason in one.reasons)


def check_settled(policy: Policy, result: BookResult, book: Book, found: Any, poor: Any) -> Counter[str]:
    """Compare where a review would leave a client with what objects say; without its spells and pins there are gaps."""
    schemes = {scheme.id: scheme for scheme in policy.segmentation}
    for one, less in zip(found.settled, poor.settled, strict=True):
        scheme = schemes[one.scheme_id]
        spell, pin = (
            next((of for of in several if of.client_id == one.client_id and in_force(of, scheme, result.as_of)), None)
            for several in (book.tier_spells, book.pins)
        )
        wanted = settle(
            scheme,
            result.schemes[scheme.id],
            one.client_id,
            tier_in_force=getattr(spell, "tier", None),
            since=getattr(spell, "start_on", None),
            pin=pin,  # type: ignore[arg-type]
            as_of=result.as_of,
        )
        for name in ("client_id", "scheme_id", "proposed", "wanted", "tier"):
            assert getattr(one, name) == getattr(less, name) == getattr(wanted, name), name
        assert one.reasons == wanted.reasons
        assert [reason.code for reason in less.reasons] == [reason.code for reason in wanted.reasons]
        check_less(less.reasons, wanted.reasons)
    return Counter(reason.code for one in found.settled for reason in one.reasons)


def in_force(spell: TierSpell | Pin, scheme: Scheme, day: date) -> bool:
    return spell.scheme_id == scheme.id and spell.covers(day)


def check_words(found: Any, wanted: Any, gone: str = "", *, is_less: bool = False) -> None:
    """The same words, but for the rank and for values out of bounds."""
    if any(reason.code in {"fact.out_of_bounds", "segmentation.pinned"} for reason in wanted.reasons):
        return
    words = explain(wanted)
    if is_less:
        assert gone in words
        before, _, after = words.partition(gone)
        words = before + after.partition(" ")[2]
    assert explain(found) == words


def check_owed(result: BookResult, reader: Any, rows: Mapping[str, Any], owed: list[Any]) -> Counter[str]:
    """Compare what is owed: the decision in full, the reasons as far as they are known."""
    wanted: dict[object, list[Obligation]] = {}
    for one in result.obligations:
        wanted.setdefault(spot(one), []).append(one)
    seen: Counter[str] = Counter()
    for row in owed:
        found = reader.obligation(row, client=rows[row["client_id"]])
        match = next(one for one in wanted[spot(found)] if one.key == found.key or one.last_contact_on is not None)
        for name in ("role", "minutes", "priority", "state", "interval_days", "earliest_on", "latest_on", "overdue_days"):
            assert getattr(found, name) == getattr(match, name), name
        if match.due_at is None and match.next_allowed_at is None:
            assert head(found) == head(match)
        check_less_of_owed(found.reasons, match.reasons)
        seen += Counter(f"owed {reason.code}" for reason in found.reasons)
    return seen


def spot(one: Obligation) -> object:
    return (one.client_id, one.rule_ids, one.person_id, one.due_on, one.last_contact_on)


def head(one: Obligation) -> str:
    """What is owed, without why."""
    return explain(one).partition(": ")[0]


def check_less_of_owed(less: Iterable[Reason], more: Iterable[Reason]) -> None:
    """Of several rules in one contact only the first one's reasons are known: these are looked for anywhere."""
    there = list(more)
    for reason in less:
        assert any(is_part(reason, one) for one in there), reason


class TestRows:
    """CRI-3 Every result carries reasons: codes with the facts and values that they rest on."""

    @settings(max_examples=max(4, CASES // 4), suppress_health_check=list(HealthCheck), deadline=None)
    @given(cases())
    def test_a_row_says_what_objects_say(self, case: tuple[Policy, Book, date]) -> None:
        policy, book, as_of = case
        check(policy, book, as_of, frames.frames_of(book))

    def test_every_row_of_a_full_book_says_what_objects_say(self) -> None:
        book = drawn_book(7, 24)
        seen = check(loads_policy(RICH), book, DAY, frames.frames_of(book))
        for code in ("segmentation.ranked", "segmentation.tie", "segmentation.group", "segmentation.pinned", "vip.path_met"):
            assert seen[code] > 0, code
        for code in ("cadence.rule", "cadence.last_contact", "cadence.never_contacted", "cadence.quota", "cadence.occurrence"):
            assert seen[f"owed {code}"] > 0, code

    def test_grades_and_who_stays_are_told_as_objects_tell_them(self) -> None:
        """SEG-5, SEG-8, SEG-9, SEG-10: where a client stands, and what holds it in its tier."""
        book = drawn_book(3, 40)
        seen = check(loads_policy(STANDING), book, DAY, frames.frames_of(book), ["grades", "segmentation"])
        for code in ("grade.placed", "grade.missing", "grade.out_of_scope", "grade.scope_unknown"):
            assert seen[code] > 0, code
        for code in ("hysteresis", "minimum_stay", "pinned"):
            assert seen[f"segmentation.{code}"] > 0, code
