import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest

from relcare.errors import InvalidValueError
from relcare.model import STATES, Notice, Obligation, Reason, Undecided, Verdict
from relcare.segmentation import Assignment
from relcare.vip import PathDecision, VipDecision
from relcare.wording import CATALOGUES, Catalogue, catalogue, explain, explain_reason, reasons_in_words
from relcare.wording._catalogue import PHRASES
from relcare.wording._template import fields_of, parse_template

ROOT = Path(__file__).parents[2]
ENGLISH = CATALOGUES["en"]

# ------------------------------------------------------------------------------------------------ what the source can say

REASONS: dict[str, set[str]] = {
    "access.failed": set(),
    "access.grant_differs": {"differs", "grant"},
    "access.granted": {"by", "grant", "until"},
    "access.hidden": {"fields"},
    "access.illegal_step": set(),
    "access.inactive": {"principal"},
    "access.needs_approval": {"rule"},
    "access.no_case": set(),
    "access.no_client": set(),
    "access.no_rule": {"action", "medium", "purpose"},
    "access.nobody": set(),
    "access.not_to_know": {"relations"},
    "access.purpose_unknown": {"purpose"},
    "access.rule": {"rule", "source"},
    "access.unknown_record": {"client"},
    "book.credit": {"kind", "id", "value"},
    "book.over_returned": {"kind", "id", "value"},
    "book.unknown_absentee": {"kind", "id", "value"},
    "book.unknown_deputy": {"kind", "id", "value"},
    "book.unknown_owner": {"kind", "id", "value"},
    "book.unknown_person": {"kind", "id", "value"},
    "book.unknown_staff": {"kind", "id", "value"},
    "cadence.in_lieu": {"channel", "instead_of"},
    "cadence.last_contact": {"touchpoint", "channel", "interval", "on"},
    "cadence.merged": {"rule", "also"},
    "cadence.minimum": {"minimum", "instead_of"},
    "cadence.never_contacted": {"since", "on", "interval"},
    "cadence.occurrence": {"anchor", "occurrence", "on"},
    "cadence.quota": {"ordinal", "times", "period", "from"},
    "cadence.redated": {"from", "to", "since", "spread", "instead_of"},
    "cadence.rolled": {"from", "to", "calendar", "roll"},
    "cadence.rule": {"rule", "channel", "interval", "when", "source"},
    "cadence.satisfied_by": {"channel", "instead_of"},
    "cadence.strategy_interval": {"type", "interval", "instead_of"},
    "cadence.triggered": {"event", "kind", "direction", "on", "within"},
    "cadence.undecided": {"rule", "when", "missing"},
    "calendar.not_published": {"calendar", "on"},
    "change.applied": {"change"},
    "change.approved": {"change"},
    "change.outdated": {"change"},
    "change.proposed": {"change"},
    "change.refused": {"change"},
    "change.withdrawn": {"change"},
    "claim.daily_limit": {"staff", "most", "count"},
    "claim.free": {"since"},
    "claim.full": {"limit", "staff", "most", "count"},
    "claim.locked_out": {"staff", "lock_out", "lost_on", "until"},
    "claim.may_be_full": {"limit", "staff", "most", "count", "missing"},
    "claim.owned": {"owner"},
    "claim.protected": {"protection", "until"},
    "claim.since_unknown": {"delay"},
    "claim.too_new": {"delay", "until"},
    "claim.unsure": {"protection", "until", "missing"},
    "delegation.ended": {"delegation"},
    "delegation.given": {"delegation"},
    "fact.out_of_bounds": {"fact", "value"},
    "grant.approved": {"grant"},
    "grant.refused": {"grant"},
    "grant.requested": {"grant"},
    "grant.revoked": {"grant"},
    "grant.withdrawn": {"grant"},
    "holding.counted": {"limit", "owner", "most", "count", "open", "when", "exempt", "source"},
    "grade.missing": {"grade", "missing", "scope"},
    "grade.needs_book": {"fact", "grade"},
    "grade.out_of_scope": {"grade", "missing", "scope"},
    "grade.placed": {"count", "grade", "last", "part", "parts", "rank"},
    "grade.scope_unknown": {"grade", "missing", "scope"},
    "grade.tie": {"equals", "grade", "ties"},
    "membership.applied": {"by", "level", "missing", "programme", "since", "why"},
    "membership.approved": {"by", "level", "missing", "programme", "since", "why"},
    "membership.illegal": {"place", "programme", "rule", "value"},
    "membership.lapsed": {"by", "level", "missing", "programme", "since", "why"},
    "membership.member": {"by", "level", "missing", "programme", "since", "why"},
    "membership.next": {"next", "on", "programme"},
    "membership.nominated": {"by", "level", "missing", "programme", "since", "why"},
    "membership.none": {"by", "level", "missing", "programme", "since", "why"},
    "membership.refused": {"by", "level", "missing", "programme", "since", "why"},
    "membership.revoked": {"by", "level", "missing", "programme", "since", "why"},
    "neglect.held_back": {"action", "protection", "until"},
    "neglect.ladder": {"ladder", "when", "source"},
    "neglect.no_head": {"owner"},
    "neglect.quiet": {"days", "on", "since", "touchpoint"},
    "neglect.rung": {"action", "after", "on"},
    "neglect.undecided": {"ladder", "when", "source", "missing"},
    "neglect.unsure": {"action", "protection", "until", "missing"},
    "permission.beyond_horizon": {"days"},
    "permission.cap": {"channels", "count", "law", "limit", "per", "rule"},
    "permission.consent_expired": {"consent", "ended_on", "law", "rule", "since"},
    "permission.consent_given": {"consent", "law", "rule", "since", "source", "unconfirmed_since"},
    "permission.consent_lapsed": {"consent", "lapsed_on", "law", "reconfirm", "rule", "since"},
    "permission.consent_missing": {"channel", "law", "purpose", "rule"},
    "permission.gap": {"channels", "last", "law", "minimum", "rule"},
    "permission.holiday": {"calendar", "law", "on", "rule", "zone"},
    "permission.hours": {"hours", "law", "local", "opening", "rule", "zone"},
    "permission.law_stale": {"as_of", "rows"},
    "permission.refused": {"channel", "consent", "person", "purpose", "since", "source", "until"},
    "permission.requested": {"purpose"},
    "permission.rotation": {"channel", "law", "most", "rule"},
    "permission.soft_opt_in": {"deal_on", "law", "limit", "rule"},
    "permission.stopped": {"channels", "law", "refusals", "rule", "since", "until"},
    "permission.zone_unknown": {"zones"},
    "plan.appointment": {"appointment", "on"},
    "plan.away": {"on", "staff"},
    "plan.closed_day": {"on", "calendar"},
    "plan.confirmed": {"appointment", "on"},
    "plan.deputy": {"absent", "deputy", "on"},
    "plan.full": {"on", "minutes"},
    "plan.grace": {"due", "latest"},
    "plan.kept": {"on"},
    "plan.late": {"latest", "on", "days"},
    "plan.later": {"due", "until", "appointment"},
    "plan.no_day": {"from", "until"},
    "plan.no_room": {"from", "until", "minutes"},
    "plan.nobody": {"role"},
    "plan.not_permitted": {"on"},
    "plan.not_visiting": {"on", "staff"},
    "plan.overdue": {"due", "latest", "on"},
    "plan.projected": {"nth", "from", "interval"},
    "plan.replanned": {"from", "staff", "on"},
    "plan.stretched": {"percent", "due", "days"},
    "plan.too_long": {"minutes", "capacity"},
    "plan.tour": {"city", "on", "due"},
    "retention.asked": {"asked"},
    "retention.law": {"ground", "source", "until"},
    "retention.law_over": {"ground", "until"},
    "retention.linked": {"kind"},
    "retention.needed": {"ground", "purpose", "until"},
    "retention.no_ground": {"kind", "until"},
    "retention.no_rule": {"kind"},
    "retention.purpose_over": {"purpose", "until"},
    "role.absent": {"absent", "since", "until"},
    "role.deputy": {"absent", "deputy"},
    "role.fallback": {"role", "owner"},
    "role.handed_over": {"from", "to", "since", "until"},
    "segment.inapplicable": {"segment", "when", "missing"},
    "segment.member": {"segment", "when", "missing"},
    "segment.out_of_scope": {"segment", "scope"},
    "segment.outside": {"segment", "when", "missing"},
    "segment.placed": {"segment", "cells"},
    "segment.scope_unknown": {"segment", "scope", "missing"},
    "segment.shares": {"trait", "theme"},
    "segment.unknown": {"segment", "when", "missing"},
    "segment.unplaced": {"segment", "missing", "empty", "inapplicable"},
    "segmentation.cell": {"column", "column_fact", "row", "row_fact", "scheme", "tier"},
    "segmentation.border": {"scheme", "fact", "at", "tier"},
    "segmentation.conflict": {"scheme", "tier", "when", "hit", "met"},
    "segmentation.confirmed_part": {"scheme", "tier", "proposed", "to", "needed"},
    "segmentation.held_stays": {"scheme", "tier"},
    "segmentation.group": {"scheme", "by", "group"},
    "segmentation.hysteresis": {"scheme", "tier", "proposed", "more"},
    "segmentation.kept": {"scheme", "tier", "missing"},
    "segmentation.minimum_stay": {"scheme", "tier", "proposed", "since", "stay", "until"},
    "segmentation.missing": {"scheme", "tier", "missing"},
    "segmentation.newcomer": {"scheme", "tier", "missing"},
    "segmentation.no_match": {"scheme", "tier", "when", "hit", "met"},
    "segmentation.one_step": {"scheme", "tier", "proposed", "to"},
    "segmentation.otherwise": {"scheme", "tier", "when", "hit", "met"},
    "segmentation.out_of_scope": {"scheme", "scope"},
    "segmentation.pinned": {"scheme", "tier", "kind", "by", "why", "until"},
    "segmentation.ranked": {"scheme", "tier", "score", "rank", "count", "border_score", "border_id"},
    "segmentation.scope_unknown": {"scheme", "tier", "missing"},
    "segmentation.threshold_met": {"scheme", "tier", "when", "hit", "met"},
    "segmentation.tie": {"scheme", "cut", "ties", "equals"},
    "segmentation.unconfirmed": {"scheme", "tier", "proposed", "count", "needed"},
    "tier.in_force": {"scheme", "in_force", "since", "tier"},
    "tier.provisional": {"scheme", "tier"},
    "tier.unknown": {"scheme", "tier"},
    "vip.path_met": {"programme", "path", "when", "missing"},
    "vip.path_not_met": {"programme", "path", "when", "missing"},
    "vip.path_unknown": {"programme", "path", "when", "missing"},
}
# An outcome between two steps of a threshold scheme; no reason carries it.
NOT_GIVEN = {"segmentation.undecided"}
CODE = re.compile(r"[a-z]+\.[a-z_]+")


def codes_in(node: ast.AST) -> set[str]:
    texts = (n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str))
    return {text for text in texts if CODE.fullmatch(text)}


def assigned(scope: ast.AST, name: str) -> Iterator[ast.expr]:
    """What a function gives to a name, each part of a tuple by itself."""
    for node in ast.walk(scope):
        if not isinstance(node, ast.Assign):
            continue
        for target in node.targets:
            names = target.elts if isinstance(target, ast.Tuple) else [target]
            is_each = isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple)
            values = node.value.elts if is_each and isinstance(node.value, ast.Tuple) else [node.value] * len(names)
            yield from (v for n, v in zip(names, values, strict=True) if isinstance(n, ast.Name) and n.id == name)


def codes_of(code: ast.expr, function: ast.AST, module: ast.Module) -> set[str]:
    """The codes that an expression may be: a text, a choice, a name, or what a method of the same module returns."""
    if isinstance(code, ast.Subscript):
        return codes_of(code.value, function, module)
    if isinstance(code, ast.Name):
        return {found for value in assigned(function, code.id) for found in codes_of(value, function, module)}
    if isinstance(code, ast.Call) and isinstance(code.func, ast.Attribute):
        methods = [n for n in ast.walk(module) if isinstance(n, ast.FunctionDef) and n.name == code.func.attr]
        return {
            found for m in methods for n in ast.walk(m) if isinstance(n, ast.Return) and n.value for found in codes_in(n.value)
        }
    return codes_in(code)


def keys_of(values: ast.expr, function: ast.AST) -> set[str]:
    """The keys of a mapping as it is written: in place, under a name of the same function, or spread into another."""
    if isinstance(values, ast.Name):
        return {key for value in assigned(function, values.id) for key in keys_of(value, function)}
    assert isinstance(values, ast.Dict), "the values of a reason are written as a mapping"
    keys: set[str] = set()
    for key, value in zip(values.keys, values.values, strict=True):
        keys |= keys_of(value, function) if key is None else {ast.literal_eval(key)}
    return keys


def reasons_of(module: ast.Module) -> Iterator[tuple[str, set[str]]]:
    seen: set[ast.Call] = set()
    # Inner functions come later in the walk: the innermost one is where a name is looked up first, so they go first.
    for function in reversed([node for node in ast.walk(module) if isinstance(node, ast.FunctionDef)]):
        for call in ast.walk(function):
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name) or call in seen:
                continue
            if call.func.id == "Notice":
                given = {word.arg: word.value for word in call.keywords if word.arg}
                seen.add(call)
                yield from ((code, set(given) - {"code"}) for code in codes_in(given["code"]))
            elif call.func.id == "Reason":
                seen.add(call)
                keys = keys_of(call.args[2], function) if len(call.args) > 2 else set()
                yield from ((code, keys) for code in codes_of(call.args[0], function, module))


@pytest.fixture(scope="module")
def found() -> Mapping[str, set[str]]:
    """Every reason in the source with the values it always has."""
    values: dict[str, set[str]] = {}
    for path in sorted((ROOT / "src" / "relcare").rglob("*.py")):
        if "wording" in path.parts or "testing" in path.parts:
            continue
        text = path.read_text(encoding="utf-8")
        if "Reason(" in text or "Notice(" in text:
            for code, keys in reasons_of(ast.parse(text)):
                values[code] = values.get(code, keys) & keys
    return values


def test_every_reason_that_the_source_gives_is_listed_with_its_values(found: Mapping[str, set[str]]) -> None:
    assert {code: keys for code, keys in found.items() if code not in NOT_GIVEN} == REASONS


@pytest.mark.parametrize("language", sorted(CATALOGUES))
@pytest.mark.parametrize("code", sorted(REASONS))
def test_every_reason_has_words_in_every_language_and_they_use_only_its_values(code: str, language: str) -> None:
    template = CATALOGUES[language].templates[code]
    assert set(fields_of(parse_template(template))) <= REASONS[code] | {"facts"}


@pytest.mark.parametrize("code", sorted(REASONS))
def test_every_reason_stands_in_the_reference_as_the_catalogue_has_it(code: str) -> None:
    page = (ROOT / "docs" / "reference" / "reasons.md").read_text(encoding="utf-8")
    values = ", ".join(f"`{name}`" for name in sorted(REASONS[code]))
    assert f"| `{code}` | {values} | `{ENGLISH.templates[code]}` |\n" in page


def test_no_words_are_kept_for_a_reason_that_nothing_gives() -> None:
    decisions = {
        "access_decision",
        "assignment",
        "grade_place",
        "obligation",
        "segment_membership",
        "undecided",
        "verdict",
        "vip_decision",
        "phrase",
        "joint",
        "justification",
        "neglect_decision",
        "permission_decision",
    }
    codes = {key for key in ENGLISH.templates if "=" not in key and key.partition(".")[0] not in decisions}
    assert codes == set(REASONS)


@pytest.mark.parametrize("state", STATES)
def test_every_state_has_words(state: str) -> None:
    assert f"obligation.{state}" in ENGLISH.templates


@pytest.mark.parametrize("answer", ["yes", "no", "unknown"])
def test_every_answer_has_words(answer: str) -> None:
    assert {f"verdict.{answer}", f"vip_decision.{answer}"} <= set(ENGLISH.templates)


# ------------------------------------------------------------------------------------------------------- single reasons

DAY = date(2026, 3, 20)
SENTENCES: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    (
        "cadence.rule",
        {"tier.abc": "A"},
        {"rule": "call-A", "channel": "call", "interval": "1 week", "when": "tier.abc == 'A'", "source": "handbook"},
        "rule call-A asks for contact by call every 1 week while tier.abc == 'A' (tier.abc is A), source handbook",
    ),
    (
        "cadence.rule",
        {},
        {"rule": "all", "channel": "call", "interval": "2 months", "when": None, "source": None},
        "rule all asks for contact by call every 2 months",
    ),
    (
        "cadence.rule",
        {"stage": "open"},
        {"rule": "proposal", "channel": "visit", "interval": None, "when": "stage == 'open'", "source": None},
        "rule proposal asks for contact by visit while stage == 'open' (stage is open)",
    ),
    (
        "cadence.last_contact",
        {},
        {"touchpoint": "t-1", "channel": "call", "interval": "1 week", "on": DAY},
        "last contact t-1 on 2026-03-20 by call, and the next is due 1 week later",
    ),
    *(
        (
            "cadence.never_contacted",
            {},
            {"since": since, "on": DAY, "interval": "1 week"},
            f"no contact that counts so far, so the first is due 1 week after 2026-03-20, the day {words}",
        )
        for since, words in [
            ("client_since", "it became a client"),
            ("first_event", "of its first event"),
            ("rule_in_force", "the policy came into force"),
        ]
    ),
    (
        "cadence.occurrence",
        {},
        {"anchor": "people.birthday", "occurrence": "p-1@2026", "on": DAY},
        "occurrence p-1@2026, counted from the birthday, falls on 2026-03-20",
    ),
    (
        "cadence.occurrence",
        {},
        {"anchor": "2026-01-31", "occurrence": "2", "on": DAY},
        "occurrence 2, counted from 2026-01-31, falls on 2026-03-20",
    ),
    ("cadence.merged", {}, {"rule": "a", "also": ("b", "c")}, "rule a governs, and the same contact serves b and c"),
    (
        "cadence.undecided",
        {"tier.abc": None, "client.stage": "open"},
        {"rule": "call-A", "when": "tier.abc == 'A'", "missing": ("tier.abc",)},
        "rule call-A asks only while tier.abc == 'A', which is unknown (tier.abc is missing, client.stage is open)",
    ),
    (
        "role.fallback",
        {},
        {"role": "secretary", "owner": "lee"},
        "nobody on the staff has the role secretary, so it falls to the owner, lee",
    ),
    ("role.fallback", {}, {"role": "secretary", "owner": None}, "nobody on the staff has the role secretary"),
    (
        "segmentation.ranked",
        {"revenue": Decimal("12000.50")},
        {
            "scheme": "abc",
            "tier": "A",
            "score": Decimal(14),
            "rank": 2,
            "count": 91,
            "border_score": Decimal(12),
            "border_id": None,
        },
        "rank 2 of 91 in scheme abc with score 14 (revenue is 12000.50), the border of tier A being at score 12",
    ),
    (
        "segmentation.ranked",
        {},
        {"scheme": "abc", "tier": "A", "score": 1, "rank": 1, "count": 1, "border_score": 1, "border_id": "c-9"},
        "rank 1 of 1 in scheme abc with score 1, the border of tier A being at score 1 (last id there: c-9)",
    ),
    (
        "segmentation.ranked",
        {},
        {"scheme": "abc", "tier": "A", "score": 2, "rank": 1, "count": 3, "border_score": 1, "border_id": ""},
        "rank 1 of 3 in scheme abc with score 2, the border of tier A being at score 1 (last id there: none)",
    ),
    (
        "segmentation.ranked",
        {},
        {"scheme": "abc", "tier": "C", "score": 2, "rank": 1, "count": 3, "border_score": None, "border_id": None},
        "rank 1 of 3 in scheme abc with score 2",
    ),
    *(
        (
            "segmentation.tie",
            {},
            {"scheme": "abc", "cut": "A", "ties": ties, "equals": equals},
            f"{head} the score at the cut below tier A of scheme abc, and {words}",
        )
        for ties, equals, head, words in [
            ("by id", 2, "2 clients share", "the ids part them"),
            ("together upward", 3, "3 clients share", "all of them stay above it"),
            ("together downward", 1, "1 client has", "all of them go below it"),
        ]
    ),
    (
        "segmentation.threshold_met",
        {"revenue": Decimal(120)},
        {"scheme": "abc", "tier": "B", "when": "revenue >= 100", "hit": "first", "met": ("B",)},
        "tier B of scheme abc because revenue >= 100 holds (revenue is 120), the first criterion that does",
    ),
    (
        "segmentation.border",
        {"revenue": Decimal("99.99")},
        {"scheme": "abc", "fact": "revenue", "at": Decimal(100), "tier": "B"},
        "near a border of scheme abc (revenue is 99.99): revenue at 100 would move it to tier B",
    ),
    (
        "segmentation.border",
        {"points": Decimal(2)},
        {"scheme": "abc", "fact": "points", "at": Decimal(1), "tier": None},
        "near a border of scheme abc (points is 2): points at 1 would move it",
    ),
    (
        "segmentation.conflict",
        {"revenue": Decimal(120)},
        {"scheme": "abc", "tier": None, "when": None, "hit": "unique", "met": ("A", "B", "C")},
        "the criteria of A, B and C hold together, and scheme abc allows one (revenue is 120)",
    ),
    (
        "segmentation.scope_unknown",
        {"client.stage": None},
        {"scheme": "abc", "tier": None, "missing": ("client.stage",)},
        "unknown whether scheme abc applies (client.stage is missing)",
    ),
    (
        "segmentation.scope_unknown",
        {"client.stage": None},
        {"scheme": "abc", "tier": "B", "missing": ("client.stage",)},
        "unknown whether scheme abc applies, so tier B is kept (client.stage is missing)",
    ),
    (
        "vip.path_not_met",
        {"best_rank": "staff", "client.relationship_types": frozenset({"partner", "channel"}), "is_new": False},
        {"programme": "vip", "path": "rank", "when": "best_rank >= 'department'", "missing": ()},
        (
            "path rank of programme vip does not hold, best_rank >= 'department' "
            "(best_rank is staff, client.relationship_types is channel + partner, is_new is no)"
        ),
    ),
    ("fact.out_of_bounds", {}, {"fact": "revenue", "value": "-1"}, "revenue is out of bounds with -1 and counts as missing"),
]


@pytest.mark.parametrize(("code", "facts", "values", "words"), SENTENCES)
def test_a_reason_is_one_plain_sentence(code: str, facts: dict[str, Any], values: dict[str, Any], words: str) -> None:
    assert explain_reason(Reason(code, facts, values)) == explain(Reason(code, facts, values)) == words


def test_facts_follow_where_the_template_has_no_place_for_them() -> None:
    reason = Reason("tier.provisional", {"revenue": None}, {"scheme": "abc", "tier": "A"})
    assert explain(reason).endswith("not yet in force (revenue is missing)")


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (Reason("house.own"), "house.own"),
        (Reason(""), "''"),
        (
            Reason("house.own", {"tier.abc": None}, {"rule": "call-A", "met": (), "on": DAY}),
            "house.own (rule=call-A, met=none, on=2026-03-20, tier.abc=missing)",
        ),
        (Reason("cadence.merged", {}, {"rule": "a"}), "cadence.merged (rule=a)"),
        (Reason("house\n.own", {}, {"a b\r\nc": True}), "'house .own' (a b c=yes)"),
    ],
)
def test_an_unknown_code_or_a_value_too_few_shows_the_code_with_its_values(reason: Reason, words: str) -> None:
    assert explain(reason) == words


# ------------------------------------------------------------------------------------------------------- what was decided

RULE = Reason(
    "cadence.rule",
    {"tier.abc": "A"},
    {"rule": "call-A", "channel": "call", "interval": "1 week", "when": "tier.abc == 'A'", "source": None},
)
LAST = Reason("cadence.last_contact", {}, {"touchpoint": "t-1", "channel": "call", "interval": "1 week", "on": DAY})


def obligation(**changes: Any) -> Obligation:
    given = Obligation(
        key="c-17/call-A/t-1",
        client_id="c-17",
        rule_id="call-A",
        rule_ids=("call-A",),
        owner_id="lee",
        staff_id="lee",
        attributed_to="owner",
        channel="call",
        role="account manager",
        state="overdue",
        never_contacted=False,
        last_contact_on=DAY,
        interval="1 week",
        interval_days=Decimal(7),
        earliest_on=date(2026, 3, 27),
        due_on=date(2026, 3, 27),
        latest_on=date(2026, 3, 29),
        overdue_days=4,
        policy_id="consulting",
        policy_version="1",
        as_of=date(2026, 3, 31),
    )
    return attrs.evolve(given, **changes)


def test_an_obligation_says_what_is_owed_when_and_why() -> None:
    assert explain(obligation(reasons=(RULE, LAST))) == (
        "call owed to c-17 by 2026-03-27, overdue by 4 days (grace ended 2026-03-29): "
        "rule call-A asks for contact by call every 1 week while tier.abc == 'A' (tier.abc is A); "
        "last contact t-1 on 2026-03-20 by call, and the next is due 1 week later"
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"state": "upcoming"}, "call owed to c-17 by 2026-03-27, upcoming"),
        ({"state": "upcoming", "earliest_on": DAY}, "call owed to c-17 by 2026-03-27, upcoming, open from 2026-03-20"),
        ({"state": "due"}, "call owed to c-17 by 2026-03-27, due now"),
        ({"state": "due", "earliest_on": DAY}, "call owed to c-17 by 2026-03-27, due now, open since 2026-03-20"),
        ({"state": "grace", "overdue_days": 1}, "call owed to c-17 by 2026-03-27, late by 1 day, in grace to 2026-03-29"),
        (
            {"state": "overdue", "overdue_days": 1, "latest_on": date(2026, 3, 27)},
            "call owed to c-17 by 2026-03-27, overdue by 1 day",
        ),
        ({"state": "deferred"}, "call owed to c-17 by 2026-03-27, deferred"),
        ({"state": "due", "person_id": "p-1"}, "call owed to p-1 at c-17 by 2026-03-27, due now"),
    ],
)
def test_an_obligation_says_where_it_stands(changes: dict[str, Any], words: str) -> None:
    assert explain(obligation(**changes)) == words


def test_a_reason_that_two_merged_rules_share_is_told_once() -> None:
    assert explain(obligation(reasons=(RULE, LAST, RULE, LAST))) == explain(obligation(reasons=(RULE, LAST)))


def test_an_undecided_rule_names_client_and_rule() -> None:
    reason = Reason("cadence.undecided", {"x": None}, {"rule": "r", "when": "x > 1", "missing": ("x",)})
    assert explain(Undecided(client_id="c-1", rule_id="r", missing=("x",), reasons=(reason,))) == (
        "undecided whether anything is owed to c-1 under rule r: rule r asks only while x > 1, which is unknown (x is missing)"
    )


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (Verdict(answer="yes"), "holds"),
        (Verdict(answer="no", reasons=(LAST,)), f"does not hold: {explain_reason(LAST)}"),
        (Verdict(answer="unknown"), "unknown"),
        (Verdict(answer="unknown", missing=("a", "b")), "unknown, for want of a and b"),
    ],
)
def test_a_verdict_says_its_answer(verdict: Verdict, words: str) -> None:
    assert explain(verdict) == words


@pytest.mark.parametrize(
    ("tier", "is_in_scope", "words"),
    [
        ("A", True, "c-1 is in tier A of scheme abc"),
        (None, True, "c-1 is held without a tier in scheme abc"),
        (None, False, "c-1 has no tier in scheme abc"),
    ],
)
def test_an_assignment_says_the_tier_or_that_there_is_none(tier: str | None, is_in_scope: bool, words: str) -> None:
    found = Assignment(client_id="c-1", scheme_id="abc", tier=tier, is_held=tier is None, is_in_scope=is_in_scope)
    assert explain(found) == words


def test_a_vip_decision_says_since_when_and_by_which_path() -> None:
    met = Reason(
        "vip.path_met",
        {"largest_purchase": Decimal("12000.00")},
        {"programme": "vip", "path": "one purchase", "when": "largest_purchase >= 10000", "missing": ()},
    )
    path = PathDecision(id="one purchase", answer="yes", first_ever_on=DAY)
    decision = VipDecision(
        programme_id="vip", client_id="c-1", qualification="yes", paths=(path,), first_eligible_on=DAY, reasons=(met,)
    )
    assert explain(decision) == (
        "c-1 qualifies for programme vip since 2026-03-20: path one purchase of programme vip holds, "
        "largest_purchase >= 10000 (largest_purchase is 12000.00)"
    )


def test_a_vip_decision_without_qualification_says_what_is_lacking() -> None:
    paths = (
        PathDecision(id="either", answer="no", shortfall={"revenue": Decimal("0.01"), "rank": Decimal(1)}),
        PathDecision(id="other", answer="no"),
    )
    decision = VipDecision(programme_id="vip", client_id=None, qualification="no", paths=paths)
    assert explain(decision) == "does not qualify for programme vip: path either is missed by 0.01 in revenue and 1 in rank"


def test_a_vip_decision_may_be_unknown() -> None:
    decision = VipDecision(programme_id="vip", client_id="c-1", qualification="unknown", paths=())
    assert explain(decision) == "qualification of c-1 for programme vip is unknown"


@pytest.mark.parametrize(
    ("notice", "words"),
    [
        (
            Notice(code="book.unknown_staff", kind="touchpoint", id="t-1", value="chen"),
            "touchpoint t-1 is of chen, who is not among the staff",
        ),
        (
            Notice(code="book.credit", kind="purchase", id="p-1", value="-12.50 CNY"),
            "purchase p-1 is a credit of -12.50 CNY that names no purchase",
        ),
        (
            Notice(code="book.over_returned", kind="purchase", id="p-1", value="12.51 CNY"),
            "of purchase p-1 more came back than it was, 12.51 CNY",
        ),
        (
            Notice(code="book.unknown_absentee", kind="absence", id="chen", value="chen"),
            "chen, who is away, is not among the staff",
        ),
        (
            Notice(code="book.unknown_deputy", kind="absence", id="lee", value="chen"),
            "chen, who stands in for lee, is not among the staff",
        ),
        (
            Notice(code="book.unknown_person", kind="consent", id="n-1", value="p-9"),
            "consent n-1 is of p-9, who is not among the people at the client",
        ),
    ],
)
def test_a_notice_is_one_sentence(notice: Notice, words: str) -> None:
    assert explain(notice) == words


def test_what_is_none_of_these_is_refused() -> None:
    nothing: Any = 3
    with pytest.raises(InvalidValueError, match="what is 3: must be a reason"):
        explain(nothing)


def test_reasons_stay_in_their_order() -> None:
    assert reasons_in_words([RULE, LAST, RULE]) == tuple(map(explain_reason, (RULE, LAST, RULE)))
    assert reasons_in_words([]) == ()


# ----------------------------------------------------------------------------------------------------------- hostile values


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("{rule.__class__}", "'{rule.__class__}'"),
        ("{", "'{'"),
        ("[{facts}]", "'[{facts}]'"),
        ("%s %(x)s", "'%s %(x)s'"),
        ("a\nb\r\n\x1b[31mc\u2028d", "'a b [31mc d'"),
        ("abc\u202edef", "abc def"),
        ("\ud800", "' '"),
        ("A, vip is yes", "'A, vip is yes'"),
        ("it's", '"it\'s"'),
        ("\"'", '"\\"\'"'),
        (" padded ", "' padded '"),
        ("key city", "key city"),
        ("김철수", "김철수"),
        (Decimal("1E+999999"), "1E+999999"),
        (Decimal("1E+3"), "1000"),
        (Decimal("0.10"), "0.10"),
        (Decimal("NaN"), "NaN"),
        (Decimal("sNaN"), "sNaN"),
        (tuple(map(str, range(30))), ", ".join(map(str, range(20))) + ", …"),
        (frozenset[str](), "none"),
    ],
)
def test_a_hostile_value_is_shown_and_does_nothing(value: Any, words: str) -> None:
    assert explain(Reason("house.own", {"fact": value})) == f"house.own (fact={words})"


@pytest.mark.parametrize("value", ["x" * 1_000_000, 10**6_000, Decimal("1" * 1_000)], ids=["text", "integer", "number"])
def test_a_very_long_value_is_cut(value: Any) -> None:
    words = explain(Reason("house.own", {"fact": value}))
    assert words.endswith("…)")
    assert len(words) == len("house.own (fact=)") + 200


def test_a_value_that_cannot_be_shown_gives_its_type() -> None:
    class Mute:
        def __str__(self) -> str:
            raise RuntimeError

    mute: Any = Mute()
    assert explain(Reason("house.own", {}, {"a": mute})) == "house.own (a='<Mute>')"


def test_a_criterion_is_never_cut() -> None:
    when = " or ".join(["revenue >= 1"] * 250)
    reason = Reason("vip.path_met", {}, {"programme": "vip", "path": "p", "when": when, "missing": ()})
    assert explain(reason).endswith(when)


def test_a_word_for_a_value_belongs_to_its_field() -> None:
    reason = Reason("cadence.merged", {}, {"rule": "client_since", "also": ("since=client_since",)})
    assert explain(reason) == "rule client_since governs, and the same contact serves 'since=client_since'"


# --------------------------------------------------------------------------------------------------------------- catalogues


def test_an_unknown_language_names_those_that_exist() -> None:
    with pytest.raises(InvalidValueError, match="language is 'kr': must be one of 'en'"):
        explain(LAST, language="kr")
    with pytest.raises(InvalidValueError, match="language"):
        reasons_in_words([], "")


def test_a_catalogue_can_be_extended_and_passed_in() -> None:
    own = ENGLISH.extended({"house.own": "{count:call/calls} from {who}[ on {on}]"}, language="house")
    assert own.language == "house"
    assert catalogue(own) is own
    assert explain(Reason("house.own", {}, {"count": 1, "who": "lee"}), language=own) == "1 call from lee"
    assert (
        explain(Reason("house.own", {}, {"count": 2, "who": "lee", "on": DAY}), language=own) == "2 calls from lee on 2026-03-20"
    )
    assert explain(LAST, language=own) == explain(LAST)
    assert "house.own" not in ENGLISH.templates


def test_a_catalogue_in_another_language_translates_phrases_and_values() -> None:
    own = ENGLISH.extended({"phrase.missing": "{name} fehlt", "joint.items": " | ", "channel=call": "Anruf"}, language="de")
    assert explain(Reason("tier.provisional", {"a": None, "b": None}, {"scheme": "s", "tier": "A"}), language=own).endswith(
        "(a fehlt | b fehlt)"
    )
    assert explain(obligation(state="due"), language=own) == "Anruf owed to c-17 by 2026-03-27, due now"


@pytest.mark.parametrize(
    ("key", "template"),
    [
        ("house.own", "{rule.__class__}"),
        ("house.own", "{rule[0]}"),
        ("house.own", "{rule!r}"),
        ("house.own", "{}"),
        ("house.own", "{0}"),
        ("house.own", "{rule"),
        ("house.own", "rule}"),
        ("house.own", "[{rule}"),
        ("house.own", "{rule}]"),
        ("house.own", "{rule:>10}"),
        ("house.own", "{rule:/days}"),
        ("house.own", "{rule:a/b/c}"),
        ("house.own", "two\nlines"),
        ("phrase.missing", "missing"),
        ("joint.items", "{name}"),
        ("since=first_event", "{on}"),
    ],
)
def test_a_template_that_cannot_be_read_is_refused_by_its_key(key: str, template: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        ENGLISH.extended({key: template})
    assert caught.value.name == f"templates[{key!r}]"


@pytest.mark.parametrize("wrong", [{"a": 1}, {1: "a"}, "text"])
def test_templates_are_text_by_text(wrong: Any) -> None:
    with pytest.raises(InvalidValueError, match="templates"):
        ENGLISH.extended(wrong)


@pytest.mark.parametrize("phrase", sorted(PHRASES))
def test_a_catalogue_must_hold_every_phrase(phrase: str) -> None:
    with pytest.raises(InvalidValueError, match=re.escape(phrase)):
        Catalogue(language="xx", templates=without(ENGLISH.templates, [phrase]))


def without(templates: Mapping[str, str], keys: Iterable[str]) -> dict[str, str]:
    return {key: template for key, template in templates.items() if key not in set(keys)}


@pytest.mark.parametrize("language", ["", None, 3])
def test_a_catalogue_has_a_language(language: Any) -> None:
    with pytest.raises(InvalidValueError, match="language"):
        Catalogue(language=language, templates=ENGLISH.templates)


def test_catalogues_are_values() -> None:
    assert ENGLISH.extended({}) == ENGLISH
    assert hash(ENGLISH.extended({})) == hash(ENGLISH)
    assert ENGLISH.extended({"house.own": "x"}) != ENGLISH
