"""Who may do what with a client's file: ACC-1 to ACC-3 and ACC-6, whatever the rules, the people and the requests."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from typing import TypeAlias

import attrs
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from relcare.access import (
    ACTIONS,
    CHANGE_STEPS,
    GRANT_STEPS,
    MEDIA,
    RELATIONS,
    AccessDecision,
    AccessRequest,
    AccessRule,
    AccessRules,
    ChangeEvent,
    FieldClass,
    GrantEvent,
    GrantState,
    Identity,
    Principal,
    Relation,
    Signature,
    Standing,
    change_state,
    check_duplicate,
    decide_access,
    decide_query,
    grant_state,
    inert_cell,
    original_cell,
)
from relcare.codec import loads_policy
from relcare.errors import AccessDenied, IllegalStepError, UnknownRecordError
from relcare.model import Book, Client, ContactPerson, OwnerSpell, Staff
from relcare.presets import part_text
from relcare.testing import NASTY_NAMES, access_requests, access_rules

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
DAY = date(2026, 3, 31)
ROLES = ("secretary", "keeper", "auditor", "经理")
WHOLE = {"count", "filter", "sort", "record", "propose", "approve", "apply", "erase"}
READING = {"get", "list", "search", "count", "filter", "sort", "report", "export"}

people = st.builds(Principal, id=st.sampled_from(["lee", "wu"]), roles=st.sets(st.sampled_from(ROLES), max_size=2))
standings = st.builds(Standing, relations=st.sets(st.sampled_from(RELATIONS), min_size=1, max_size=2), is_pool=st.booleans())


Case: TypeAlias = tuple[AccessRules, Principal, AccessRequest, Standing]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Rules, somebody, what they ask and how they stand: most often such that one of the rules is about it."""
    rules, who, request, standing = draw(st.tuples(access_rules(), people, access_requests(of_client=True), standings))
    rng = random.Random(draw(st.integers(0, 2**32)))
    if rules.rules and rng.random() < 0.8:
        rule = rng.choice(rules.rules)
        fields = [field for one in rules.classes for field in one.fields] + list(request.fields)
        request = attrs.evolve(
            request,
            action=rng.choice(rule.actions),
            fields=rng.sample(sorted(set(fields)), min(len(set(fields)), rng.randint(0, 4))),
            purpose=rng.choice(rule.purposes or [one.id for one in rules.purposes] or [request.purpose]),
            medium=rng.choice(rule.media),
        )
        who = attrs.evolve(who, roles=who.roles | set(rng.sample(rule.roles, min(1, len(rule.roles)))))
        near = set(rng.sample(rule.relations, min(1, len(rule.relations))))
        standing = attrs.evolve(standing, relations=standing.relations | near)
    return rules, who, request, standing


def ask(rules: AccessRules, who: Principal | None, request: AccessRequest, standing: Standing | None) -> AccessDecision:
    return decide_access(rules, who, request, standing, at=NOON)


def table(rules: AccessRules, who: Principal, request: AccessRequest, standing: Standing) -> tuple[str, set[str]]:
    """The answer and the projection as a table of what is open, cell by cell; it shares no code with the decision."""
    cells: set[tuple[str, str, str, str]] = set()
    bare: set[tuple[str, str, str]] = set()
    knows = False
    purposes = {one.id for one in rules.purposes}
    for rule in rules.rules:
        roles = set(rule.roles) or who.roles | {"any"}
        relations = set(rule.relations) or set(RELATIONS)
        scopes = {"all": {True, False}, "owned": {False}, "pool": {True}}[rule.clients]
        if not ((who.roles | {"any"}) & roles and relations & standing.relations and standing.is_pool in scopes):
            continue
        if rule.approval and rule.actions != ("apply",):
            continue
        knows |= not rule.approval and set(rule.actions) != {"duplicate check"}
        for action in rule.actions:
            for purpose in set(rule.purposes) or purposes | {request.purpose}:
                for medium in rule.media:
                    bare.add((action, purpose, medium))
                    for one in rules.classes:
                        if one.id in rule.classes:
                            cells |= {(action, purpose, medium, field) for field in one.fields}
    where = (request.action, request.purpose, request.medium)
    if not who.is_active or not knows or (purposes and request.purpose not in purposes):
        return "unknown", set()
    seen = {field for field in request.fields if (*where, field) in cells}
    is_open = where in bare and (not request.fields or bool(seen))
    if is_open and not (request.action in WHOLE and seen != set(request.fields)):
        return "allowed", seen
    return "denied", set()


class TestOneDecision:
    """ACC-1: One function decides: who, does what, to which client, which fields, for what purpose, in what medium; it returns a
    projection or a refusal as a value. Every path goes through it: get, search, count, filter, sort, export, duplicate check,
    report.
    """  # noqa: D205

    @settings(max_examples=200)
    @given(cases())
    def test_it_is_the_table_of_what_is_open(self, case: Case) -> None:
        rules, who, request, standing = case
        found = ask(rules, who, request, standing)
        assert (found.answer, set(found.fields)) == table(rules, who, request, standing)

    @given(cases())
    def test_nothing_is_seen_that_was_not_asked_for_or_is_in_no_class(self, case: Case) -> None:
        rules, who, request, standing = case
        found = ask(rules, who, request, standing)
        assert set(found.fields) <= set(request.fields) & set(rules.class_by_field)
        if found.answer == "allowed":
            assert sorted((*found.fields, *found.hidden)) == sorted(request.fields)
            assert not (request.action in WHOLE and found.hidden)
        else:
            assert found.fields == found.grant_ids == ()
            assert found.project(dict.fromkeys(request.fields, "secret")) == {}

    @given(cases(), st.randoms(use_true_random=False))
    def test_the_order_of_rules_and_classes_decides_nothing(self, case: Case, shuffled: st.DataObject) -> None:
        rules, who, request, standing = case
        classes, own = list(rules.classes), list(rules.rules)
        shuffled.shuffle(classes)  # type: ignore[attr-defined]
        shuffled.shuffle(own)  # type: ignore[attr-defined]
        other = ask(attrs.evolve(rules, classes=classes, rules=own), who, request, standing)
        found = ask(rules, who, request, standing)
        assert (other.answer, other.fields, other.hidden) == (found.answer, found.fields, found.hidden)

    @given(cases(), st.integers(0, 4))
    def test_adding_a_rule_never_takes_anything_away(self, case: Case, at: int) -> None:
        rules, who, request, standing = case
        assume(rules.rules)
        fewer = attrs.evolve(rules, rules=[rule for n, rule in enumerate(rules.rules) if n != at % len(rules.rules)])
        less, more = ask(fewer, who, request, standing), ask(rules, who, request, standing)
        order = ("unknown", "denied", "allowed")
        assert order.index(less.answer) <= order.index(more.answer)
        assert set(less.fields) <= set(more.fields)

    @given(cases(), st.sampled_from(RELATIONS), st.sampled_from(ROLES))
    def test_one_more_role_or_relation_never_takes_anything_away(self, case: Case, relation: Relation, role: str) -> None:
        rules, who, request, standing = case
        less = ask(rules, who, request, standing)
        closer = attrs.evolve(standing, relations=standing.relations | {relation})
        more = ask(rules, attrs.evolve(who, roles=who.roles | {role}), request, closer)
        assert set(less.fields) <= set(more.fields)
        assert less.answer != "allowed" or more.answer == "allowed"

    @given(cases())
    def test_a_filter_uses_several_fields_exactly_where_it_may_use_each(self, case: Case) -> None:
        rules, who, request, standing = case
        # Every rule that reads may filter here, so that filters are met with often.
        wide = [
            attrs.evolve(rule, actions=dict.fromkeys([*rule.actions, "filter"])) if READING & set(rule.actions) else rule
            for rule in rules.rules
        ]
        rules, asked = attrs.evolve(rules, rules=wide), attrs.evolve(request, action="filter")
        assume(asked.fields)
        each = [ask(rules, who, attrs.evolve(asked, fields=[field]), standing).is_allowed for field in asked.fields]
        assert ask(rules, who, asked, standing).is_allowed == all(each)

    @given(access_rules(), people, access_requests(of_client=False), standings, st.sampled_from(["c-1", "c-2"]))
    def test_a_query_that_is_refused_before_data_are_touched_is_allowed_for_no_client(
        self, rules: AccessRules, who: Principal, request: AccessRequest, standing: Standing, client_id: str
    ) -> None:
        if not decide_query(rules, who, request, at=NOON).is_allowed:
            assert not ask(rules, who, attrs.evolve(request, client_id=client_id), standing).is_allowed

    @given(access_rules(), access_requests(of_client=True), standings | st.none())
    def test_nobody_and_a_closed_account_learn_nothing(
        self, rules: AccessRules, request: AccessRequest, standing: Standing | None
    ) -> None:
        closed = Principal(id="lee", roles=ROLES, is_active=False)
        assert ask(rules, None, request, standing).told == ask(rules, closed, request, standing).told
        assert ask(rules, None, request, standing).answer == "unknown"


class TestUnknownRecord:
    """ACC-6: Who may not know that a client exists gets "unknown record"; the reason is in the log only. "Access denied" is for
    those who may know.
    """  # noqa: D205

    @settings(max_examples=150)
    @given(cases())
    def test_a_client_that_may_not_be_known_and_one_that_is_not_there_look_alike(self, case: Case) -> None:
        rules, who, request, standing = case
        found, missing = ask(rules, who, request, standing), ask(rules, who, request, None)
        assert missing.answer == "unknown"
        with pytest.raises(UnknownRecordError) as nothing:
            missing.required()
        if found.answer == "unknown":
            assert found.told == missing.told
            assert repr(found) == repr(missing)
            with pytest.raises(UnknownRecordError) as hidden:
                found.required()
            assert (str(hidden.value), hidden.value.args) == (str(nothing.value), nothing.value.args)
        elif found.answer == "denied":
            with pytest.raises(AccessDenied):
                found.required()
        else:
            assert found.required() is found

    @given(cases())
    def test_a_refusal_tells_who_may_not_know_nothing_of_rules_or_fields(self, case: Case) -> None:
        rules, who, request, standing = case
        found = ask(rules, who, request, standing)
        if found.answer == "unknown":
            assert [reason.code for reason in found.reasons] == ["access.unknown_record"]
            assert (found.fields, found.hidden, found.grant_ids) == ((), (), ())


# ------------------------------------------------------------------------------------------------- the file rules, cell by cell

HEAD = 'format = 1\n[policy]\nid = "p"\nversion = "1"\neffective_from = 2026-01-01\n'
FILES = loads_policy(HEAD + part_text("client-files")).access or AccessRules()
SAMPLES = {"client.name": "basic", "purchase.amount": "dynamic", "person.birthday": "occasions", "touchpoint.note": "private"}
EVERY = {"basic", "dynamic", "occasions", "private"}
SEEING = {"get", "list"}
QUERIES = {"search", "count", "filter", "sort"}


def opened(relation: str, action: str, purpose: str, medium: str, *, is_pool: bool) -> set[str] | None:
    """What the firm's file rules open without an approval, as its handbook puts it; None for an action that is closed."""
    if medium == "paper" and relation == "head" and action == "approve":
        return EVERY
    if medium != "screen":
        return None
    if relation == "head" and action == "approve":
        return EVERY
    if action == "duplicate check" and relation == "colleague":
        return set()
    if relation == "secretary" and purpose == "greeting" and action in {"know", "search", *SEEING}:
        return {"basic", "occasions"}
    if purpose != "care":
        return None
    cells: dict[str, dict[str, set[str]]] = {
        "account manager": {
            **dict.fromkeys(("know", *SEEING, *QUERIES), EVERY),
            "propose": EVERY - {"dynamic"},
            "record": {"dynamic", "private"},
        },
        "deputy": {**dict.fromkeys(("know", *SEEING, *QUERIES), EVERY), "record": {"dynamic", "private"}},
        "head": {
            **dict.fromkeys(("know", "report", *SEEING, *QUERIES), EVERY),
            "record": {"dynamic", "private"},
            "propose": {"dynamic"},
            "delegate": {"dynamic"},
        },
        "keeper": {**dict.fromkeys(("know", *SEEING), EVERY), "apply": EVERY},
    }
    return cells.get(relation, {}).get(action)


def cells() -> Iterator[tuple[Relation, str, str, str, bool]]:
    for relation in RELATIONS:
        for action in ACTIONS:
            for purpose in ("care", "greeting", "first visit", "reference", "erasure"):
                for medium in MEDIA:
                    yield from ((relation, action, purpose, medium, is_pool) for is_pool in (False, True))


class TestFileRules:
    """ACC-2: The account manager files basic facts; new clients and changes go to the head; the head enters dynamic facts; the
    designated keeper applies the rest. Looking a client up in the common pool needs the head's approval. Staff get an extract of
    what the work needs, after approval.
    """  # noqa: D205

    def test_every_cell_of_relation_action_purpose_medium_and_field_is_the_handbooks(self) -> None:
        knowing = {"account manager", "deputy", "head", "keeper", "secretary"}
        for relation, action, purpose, medium, is_pool in cells():
            expected = opened(relation, action, purpose, medium, is_pool=is_pool)
            standing = Standing(relations={relation}, is_pool=is_pool)
            for fields in (*combinations(SAMPLES, 1), tuple(SAMPLES)):
                request = AccessRequest(
                    action=action,  # type: ignore[arg-type]
                    client_id="c-1",
                    fields=fields,
                    purpose=purpose,
                    medium=medium,  # type: ignore[arg-type]
                )
                found = decide_access(FILES, Principal(id="lee", roles={"auditor"}), request, standing, at=NOON)
                seen = [field for field in fields if SAMPLES[field] in (expected or ())]
                where = (relation, action, purpose, medium, is_pool, fields)
                if relation not in knowing:
                    assert found.answer == "unknown", where
                elif not seen or (action in WHOLE and len(seen) < len(fields)):
                    assert found.answer == "denied", where
                else:
                    assert (found.answer, list(found.fields)) == ("allowed", seen), where

    def test_a_file_is_taken_out_by_the_keeper_for_that_purpose_alone(self) -> None:
        for relation, action, purpose, medium, is_pool in cells():
            if action != "erase":
                continue
            request = AccessRequest(action=action, client_id="c-1", purpose=purpose, medium=medium)  # type: ignore[arg-type]
            standing = Standing(relations={relation}, is_pool=is_pool)
            found = decide_access(FILES, Principal(id="lee", roles={"auditor"}), request, standing, at=NOON)
            assert found.is_allowed == ((relation, purpose, medium) == ("keeper", "erasure", "screen"))


# --------------------------------------------------------------------------------------------------------- grants and changes

NEAR: tuple[Relation, ...] = ("account manager", "head", "keeper", "colleague")
HOUSE = AccessRules(
    classes=[FieldClass("basic", ["client.name", "client.region"]), FieldClass("dynamic", ["tier.abc"])],
    rules=[
        AccessRule(
            id="ask",
            relations=["colleague", "head"],
            actions=["search", "get"],
            classes=["basic", "dynamic"],
            approval=True,
            longest="2 days",
            most=5,
        ),
        AccessRule(id="approve", relations=["head"], actions=["approve"], classes=["basic", "dynamic"]),
        AccessRule(id="file", relations=["account manager", "keeper"], actions=["propose"], classes=["basic"]),
        AccessRule(id="file-more", relations=["head"], actions=["propose"], classes=["dynamic"]),
        AccessRule(id="enter", relations=["keeper"], actions=["apply"], classes=["basic"], approval=True),
        AccessRule(id="enter-more", relations=["keeper"], actions=["apply"], classes=["dynamic"]),
    ],
)
ASKED = AccessRequest(action="search", query="chemist", fields=["client.name", "tier.abc"], purpose="visit", count=4)
PEOPLE = ("lee", "wu", "kim", "han")


def signature(rng: random.Random, hours: int) -> Signature:
    return Signature(
        by=rng.choice(PEOPLE),
        standing=Standing(relations=rng.sample(NEAR, rng.randint(1, 3)), is_pool=rng.random() < 0.5),
        for_ids=rng.sample(PEOPLE, rng.choice([0, 0, 1, 2])),
        at=NOON + timedelta(hours=hours),
    )


@st.composite
def grant_stories(draw: st.DrawFn) -> list[GrantEvent]:
    """Logs that are legal from the first step to the last: of the steps that are drawn those that are refused are left out."""
    rng = random.Random(draw(st.integers(0, 2**32)))
    log: list[GrantEvent] = []
    hours = 0
    for number in range(rng.randint(6, 20)):
        hours += rng.choice([0, 1, 7, 24])
        step = "requested" if not log else rng.choice(["approved", "approved", *GRANT_STEPS, "used"])
        event = GrantEvent(
            id=f"e-{number}",
            grant_id="g-1",
            step=step,
            signed=signature(rng, hours),
            request=ASKED if step == "requested" else None,
            ends_at=NOON + timedelta(hours=hours + rng.choice([1, 24, 48, 49])) if step == "approved" else None,
            fields=rng.choice([None, ("client.name",)]) if step == "approved" else None,
            count=rng.randint(1, 3) if step == "used" else rng.choice([None, 2]) if step == "approved" else None,
        )
        try:
            grant_state(HOUSE, [*log, event], at=event.signed.at)
        except IllegalStepError:
            continue
        log.append(event)
    assume(log)
    return log


class TestGrants:
    """ACC-2: Grants are bound to requester, query, fields, purpose, medium and time; never by oneself."""

    @settings(max_examples=200)
    @given(grant_stories(), st.integers(-1, 200))
    def test_nobody_decides_about_what_they_asked_for(self, log: list[GrantEvent], hours: int) -> None:
        asked = {log[0].signed.by, *log[0].signed.for_ids}
        for event in log[1:]:
            if event.step in {"approved", "refused", "revoked"}:
                assert not {event.signed.by, *event.signed.for_ids} & asked
                assert "head" in event.signed.standing.relations

    @settings(max_examples=200)
    @given(grant_stories(), st.integers(0, 200))
    def test_a_grant_opens_something_only_from_its_approval_to_its_end_and_for_so_many_records(
        self, log: list[GrantEvent], hours: int
    ) -> None:
        at = NOON + timedelta(hours=hours)
        state = grant_state(HOUSE, log, at=at) if log[0].signed.at <= at else None
        assume(state is not None)
        past = [event for event in log if event.signed.at <= at]
        approved = [event for event in past if event.step == "approved"]
        used = sum(event.count or 0 for event in past if event.step == "used")
        taken_back = any(event.step in {"withdrawn", "revoked", "refused"} for event in past)
        allowed = (approved[0].count or ASKED.count) if approved else 0
        lives = bool(
            approved and not taken_back and approved[0].ends_at and approved[0].signed.at <= at < approved[0].ends_at
        ) and (used < allowed)
        found = decide_access(
            HOUSE,
            Principal(id=log[0].signed.by),
            attrs.evolve(ASKED, client_id="c-1", count=1),
            Standing(relations={"colleague"}, is_pool=True),
            at=at,
            grants=[state] if state else [],
        )
        assert found.is_allowed == lives
        assert used <= allowed
        if approved:
            assert approved[0].ends_at is not None
            assert approved[0].ends_at - approved[0].signed.at <= timedelta(days=2)

    @settings(max_examples=200)
    @given(grant_stories(), st.data())
    def test_whatever_differs_from_what_was_approved_is_closed(self, log: list[GrantEvent], data: st.DataObject) -> None:
        approved = [event for event in log if event.step == "approved"]
        assume(approved and approved[0].ends_at)
        start = approved[0].signed.at
        state = grant_state(HOUSE, log[: log.index(approved[0]) + 1], at=start)
        who, asked = log[0].signed.by, attrs.evolve(ASKED, client_id="c-1", count=1)
        near = Standing(relations={"colleague"}, is_pool=True)
        right = decide_access(HOUSE, Principal(id=who), asked, near, at=start, grants=[state])
        assert right.fields == tuple(field for field in ASKED.fields if field in state.fields)
        wrong: list[tuple[str, AccessRequest, datetime, GrantState]] = [
            ("somebody else", asked, start, state),
            (who, attrs.evolve(asked, query="chemists"), start, state),
            (who, attrs.evolve(asked, query=None), start, state),
            (who, attrs.evolve(asked, action="get"), start, state),
            (who, attrs.evolve(asked, purpose="care"), start, state),
            (who, attrs.evolve(asked, medium="paper"), start, state),
            (who, attrs.evolve(asked, count=5), start, state),
            (who, attrs.evolve(asked, fields=["client.region"]), start, state),
            (who, asked, start - timedelta(microseconds=1), state),
            (who, asked, state.ends_at or start, state),
            (who, asked, start, attrs.evolve(state, request=attrs.evolve(ASKED, client_id="c-2"))),
        ]
        person, request, at, held = data.draw(st.sampled_from(wrong))
        found = decide_access(HOUSE, Principal(id=person), request, near, at=at, grants=[held])
        assert found.answer == ("denied" if request.fields == ("client.region",) else "unknown")
        assert found.fields == ()

    @given(grant_stories(), st.integers(0, 200))
    def test_what_happens_later_changes_nothing_before(self, log: list[GrantEvent], hours: int) -> None:
        at = NOON + timedelta(hours=hours)
        past = [event for event in log if event.signed.at <= at]
        if past:
            assert grant_state(HOUSE, log, at=at) == grant_state(HOUSE, past, at=at)


@st.composite
def change_stories(draw: st.DrawFn) -> list[ChangeEvent]:
    """Logs that are legal from the first step to the last."""
    rng = random.Random(draw(st.integers(0, 2**32)))
    log: list[ChangeEvent] = []
    values = rng.choice([{"client.region": "서울"}, {"tier.abc": "A"}])
    for number in range(rng.randint(6, 20)):
        step = "proposed" if not log else rng.choice(["approved", "applied", *CHANGE_STEPS])
        is_first = step == "proposed"
        event = ChangeEvent(
            id=f"e-{number}",
            change_id="ch-1",
            client_id="c-1",
            step=step,
            signed=signature(rng, number),
            values=values if is_first else {},
            purpose="care" if is_first else None,
        )
        try:
            change_state(HOUSE, [*log, event], at=event.signed.at)
        except IllegalStepError:
            continue
        log.append(event)
    assume(log)
    return log


class TestChanges:
    """ACC-2: The account manager files basic facts; changes go to the head; the designated keeper applies the rest."""

    @settings(max_examples=150)
    @given(change_stories())
    def test_a_change_takes_two_people_and_each_in_the_part_that_is_theirs(self, log: list[ChangeEvent]) -> None:
        state = change_state(HOUSE, log, at=NOON + timedelta(days=9))
        first = log[0].signed
        proposers = {first.by, *first.for_ids}
        approvals = [event.signed for event in log if event.step == "approved"]
        applied = [event.signed for event in log if event.step == "applied"]
        is_basic = "client.region" in state.values
        filing = {"account manager", "keeper"} if is_basic else {"head"}
        assert filing & first.standing.relations
        for signed in approvals:
            assert "head" in signed.standing.relations
            assert not {signed.by, *signed.for_ids} & proposers
        for signed in applied:
            assert "keeper" in signed.standing.relations
            assert approvals or not ({signed.by, *signed.for_ids} & proposers)
            assert approvals or not is_basic
        assert (state.status == "applied") == bool(applied)
        assert len(applied) <= 1

    @given(change_stories())
    def test_an_end_is_an_end(self, log: list[ChangeEvent]) -> None:
        ends = [place for place, event in enumerate(log) if event.step in {"refused", "withdrawn", "applied"}]
        assert ends in ([], [len(log) - 1])


class TestDuplicateCheck:
    """ACC-3: A duplicate check may say "exists, kept by team X" and nothing more: the one declared exception to ACC-6."""

    RULES = AccessRules(
        rules=[AccessRule(id="known", relations=["colleague"], actions=["duplicate check"])],
        identities=[Identity(["client.name"]), Identity(["person.phone"])],
    )
    STAFF = (Staff(id="wu", name="Wu"), Staff(id="lee", name="Lee", head_id="wu"), Staff(id="han", name="Han"))

    @given(
        st.sampled_from(NASTY_NAMES),
        st.sampled_from(["lee", "wu", None]),
        st.sampled_from(["wu", "lee", "han"]),
        st.sampled_from(["open", "dormant", None]),
        st.booleans(),
    )
    def test_it_depends_on_existence_and_team_alone(
        self, name: str, owner_id: str | None, asker: str, stage: str | None, is_double: bool
    ) -> None:
        values = {"client.name": "Kim & Co", "person.phone": "010-1234-5678"}
        one = Client(id="c-1", name="KIM & CO.", owner_id=owner_id, stage=stage, attributes={"hobby": name})  # type: ignore[arg-type]
        other = Client(id="c-2", name=name, owner_id="han")
        person = ContactPerson(id="p-1", client_id="c-1", name=name, phone="+82 10 1234 5678" if is_double else None)
        book = Book(clients=[one, other], people=[person], staff=self.STAFF)
        found = check_duplicate(self.RULES, Principal(id=asker), values, book, purpose="care", at=NOON, as_of=DAY)
        plain = Book(clients=[Client(id="c-9", name="kim&co", owner_id=owner_id)], staff=self.STAFF)
        assert found == check_duplicate(self.RULES, Principal(id="lee"), values, plain, purpose="care", at=NOON, as_of=DAY)
        assert (found.exists, found.team) == (True, None if owner_id is None else "wu")
        assert set(attrs.asdict(found, recurse=False)) == {"decision", "exists", "team"}

    @given(st.sampled_from(["lee", "han", "stranger"]), st.booleans())
    def test_who_has_the_client_now_is_what_counts_and_strangers_are_told_nothing(self, asker: str, is_there: bool) -> None:
        client = Client(id="c-1", name="Kim & Co" if is_there else "Park", owner_id="han")
        spell = OwnerSpell(client_id="c-1", owner_id="lee", start_on=date(2026, 3, 1))
        book = Book(clients=[client], owner_spells=[spell], staff=self.STAFF)
        values = {"client.name": "Kim & Co"}
        found = check_duplicate(self.RULES, Principal(id=asker), values, book, purpose="care", at=NOON, as_of=DAY)
        if asker == "stranger":
            assert (found.decision.answer, found.exists, found.team) == ("denied", False, None)
        else:
            assert (found.exists, found.team) == ((True, "wu") if is_there else (False, None))


class TestInertCells:
    """ACC-1: whatever leaves as a cell of a spreadsheet is text there, and can be read back."""

    @given(
        st.text(max_size=8) | st.builds("{}{}{}".format, st.sampled_from(["", " ", "\t"]), st.sampled_from("=+-@＝'"), st.text())
    )
    def test_no_cell_starts_a_formula_and_every_one_reads_back(self, text: str) -> None:
        cell = inert_cell(text)
        assert original_cell(cell) == text
        assert not cell.lstrip(" \u00a0\u3000\ufeff").startswith(tuple("=+-@\t\r\n\0\uff1d\uff0b\uff0d\uff20"))
