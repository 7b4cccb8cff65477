from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import attrs
import pendulum
import pytest

from relcare.access import (
    FIELDS,
    AccessPurpose,
    AccessRequest,
    AccessRule,
    AccessRules,
    AuditEntry,
    ChangeEvent,
    Delegation,
    DigestKey,
    FieldClass,
    GrantEvent,
    Identity,
    Principal,
    Relation,
    Signature,
    Standing,
    acts_for,
    anchor_of,
    approver_standing,
    change_state,
    check_duplicate,
    decide_access,
    decide_query,
    grant_state,
    identity_key,
    inert_cell,
    standing_of,
    teams_of,
    verify_chain,
)
from relcare.codec import loads_policy
from relcare.errors import IllegalStepError, InvalidValueError, UnknownRecordError
from relcare.model import Absence, Book, Client, ContactPerson, OwnerSpell, Staff
from relcare.presets import part_names, part_text, preset_text
from relcare.wording import explain

DAY = date(2026, 3, 31)
NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
OWN = Standing(relations={"account manager"})


def rule(**fields: object) -> AccessRule:
    given = {"id": "r", "relations": ["account manager"], "actions": ["get"], "classes": ["basic"], **fields}
    return AccessRule(**given)  # type: ignore[arg-type]


BASIC = FieldClass("basic", ["client.name", "client.region"])


def lend(**fields: object) -> Delegation:
    given = {"giver_id": "wu", "receiver_id": "lee", "relations": ["head"], "start_on": DAY, "end_on": date(2026, 4, 2), **fields}
    return Delegation(**given)  # type: ignore[arg-type]


def entry(**fields: object) -> AuditEntry:
    given = {"at": NOON, "actor_id": "lee", "action": "get", "answer": "allowed", "purpose": "care", **fields}
    return AuditEntry(**given)  # type: ignore[arg-type]


WRONG: list[tuple[Callable[[], object], str]] = [
    (lambda: FieldClass("b", []), "fields is (): must name at least one field"),
    (lambda: FieldClass("b", "client.name"), "fields is 'client.name': must be a collection of str"),
    (lambda: FieldClass("b", ["client.nmae"]), "hint: did you mean 'client.name'?"),
    (lambda: FieldClass("b", ["hobby"]), "fields[0] is 'hobby': must be a field of a client's file"),
    (lambda: FieldClass("b", ["attribute.two words"]), "must be an identifier"),
    (lambda: FieldClass("b", ["client.id"]), "must be a field of a client's file"),
    (lambda: FieldClass("b", ["client.name", "client.name"]), "fields[1] is 'client.name': must come once"),
    (lambda: AccessPurpose("p", 7), "lasts is 7: must be a length of time"),  # type: ignore[arg-type]
    (lambda: rule(relations=()), "roles is (): must name a role, or relations a relation"),
    (lambda: rule(relations=["boss"]), "relations[0] is 'boss': must be one of"),
    (lambda: rule(actions=[]), "actions is (): must name at least one"),
    (lambda: rule(actions=["read"]), "actions[0] is 'read': must be one of"),
    (lambda: rule(media=[]), "media is (): must name at least one"),
    (lambda: rule(classes=[]), "classes is (): must name at least one class"),
    (lambda: rule(clients="mine"), "clients is 'mine': must be one of"),
    (lambda: rule(approval=1), "approval is 1: must be true or false"),
    (lambda: rule(approval=True, actions=["approve"]), "must go with reading or with apply alone"),
    (lambda: rule(approval=True, actions=["get", "propose"]), "must go with reading or with apply alone"),
    (lambda: rule(longest="7 days"), "must go with approval for reading"),
    (lambda: rule(approval=True, actions=["apply"], most=3), "must go with approval for reading"),
    (lambda: rule(approval=True, most=True), "most is True: must be a whole number from 1 to 1,000,000"),
    (lambda: rule(approval=True, most=0), "most is 0: must be a whole number from 1 to 1,000,000"),
    (lambda: rule(approval=True, longest="soon"), "longest is 'soon': must be a whole number and a unit"),
    (lambda: AccessRules(classes=[BASIC, BASIC]), "id 'basic' is taken by field_class[0]"),
    (lambda: AccessRules(classes=[BASIC, FieldClass("c", ["client.region"])]), "is in the class 'basic' already"),
    (lambda: AccessRules(classes=[BASIC], rules=[rule(classes=["basik"])]), "unknown class of fields 'basik'"),
    (lambda: AccessRules(classes=[BASIC], rules=[rule(), rule()]), "id 'r' is taken by access[0]"),
    (
        lambda: AccessRules(classes=[BASIC], rules=[rule(purposes=["car"])], purposes=[AccessPurpose("care")]),
        "unknown purpose 'car'; hint: did you mean 'care'?",
    ),
    (lambda: Identity(["touchpoint.note"]), "must be a field of the client, its attributes or its people"),
    (lambda: Identity([]), "must name at least one field"),
    (lambda: Principal(id="lee", roles="keeper"), "roles is 'keeper': must be a set of texts"),
    (lambda: Principal(id="lee", is_active=1), "is_active is 1: must be true or false"),  # type: ignore[arg-type]
    (lambda: Standing(relations=()), "relations is frozenset(): must hold at least one"),
    (lambda: Standing(relations={"boss"}), "relations is 'boss': must be one of"),  # type: ignore[arg-type]
    (lambda: Standing(relations={"head"}, is_pool=1), "is_pool is 1"),  # type: ignore[arg-type]
    (lambda: AccessRequest(action="get", purpose=""), "purpose is ''"),
    (lambda: AccessRequest(action="get", purpose="care", count=True), "count is True"),
    (lambda: AccessRequest(action="get", purpose="care", count=0), "count is 0"),
    (lambda: AccessRequest(action="get", purpose="care", query="  "), "query is ''"),
    (lambda: AccessRequest(action="get", purpose="care", fields=["client.x"]), "fields[0] is 'client.x'"),
    (lambda: lend(receiver_id="wu"), "must name somebody else than the giver"),
    (lambda: lend(relations=["keeper"]), "relations[0] is 'keeper': must be one of 'account manager', 'head'"),
    (lambda: lend(relations=[]), "must name at least one relation"),
    (lambda: lend(end_on=DAY), "must be after start_on, 2026-03-31"),
    (lambda: DigestKey(b"short"), "must be at least 32 bytes"),
    (lambda: entry(client_digest="c-17"), "must be 64 hexadecimal digits"),
    (lambda: entry(client_digests=["c-17"]), "client_digests[0] is '...': must be 64 hexadecimal digits"),
    (lambda: entry(client_digests=["a" * 64] * 2), "must come once each"),
    (lambda: entry(client_digests=[f"{number:064x}" for number in range(1_001)]), "must be at most 1,000"),
    (lambda: entry(client_digest="a" * 64, client_digests=["b" * 64]), "must be empty where there is a client_digest"),
    (lambda: entry(value_digests={"client.name": "Kim"}), "must be 64 hexadecimal digits"),
    (lambda: entry(count=-1), "count is -1"),
    (lambda: entry(at=datetime(2026, 3, 31)), "at is 2026-03-31T00:00:00: must be an aware instant"),
    (lambda: verify_chain("log", [], anchor=anchor_of("log", [], DigestKey(b"k" * 32), at=NOON)), "key is None"),
]


class TestValues:
    @pytest.mark.parametrize("case", range(len(WRONG)))
    def test_what_is_wrong_is_named(self, case: int) -> None:
        make, message = WRONG[case]
        with pytest.raises(InvalidValueError) as error:
            make()
        assert message in str(error.value)

    def test_a_secret_or_a_value_is_in_no_message_and_no_repr(self) -> None:
        with pytest.raises(InvalidValueError) as error:
            DigestKey(b"canary")
        assert "canary" not in str(error.value)
        assert "canary" not in repr(DigestKey(b"canary" * 9))
        assert "canary" not in repr(proposed("1", "lee", values={"client.name": "canary"}))

    @pytest.mark.parametrize(
        "at",
        [
            NOON.astimezone(ZoneInfo("Asia/Seoul")),
            NOON.astimezone(timezone(timedelta(hours=-5))),
            pendulum.instance(NOON).in_timezone("America/New_York"),
        ],
        ids=["zone", "offset", "pendulum"],
    )
    def test_instants_are_kept_in_utc(self, at: datetime) -> None:
        kept = Signature(by="lee", standing=OWN, at=at).at
        assert (kept, type(kept), kept.tzinfo) == (NOON, datetime, UTC)

    def test_a_day_is_no_instant(self) -> None:
        with pytest.raises(InvalidValueError, match="must be an aware instant"):
            Signature(by="lee", standing=OWN, at=DAY)  # type: ignore[arg-type]

    def test_a_query_that_differs_in_blanks_alone_is_the_same(self) -> None:
        asked = AccessRequest(action="search", purpose="care", query=" chemist \t seoul\n")
        assert asked == AccessRequest(action="search", purpose="care", query="chemist seoul")

    def test_keys_of_records_are_no_fields_and_every_other_field_of_the_file_is(self) -> None:
        assert not [field for field in FIELDS if field.endswith((".id", ".client_id"))]
        assert {"client.name", "person.phone", "touchpoint.note", "purchase.amount", "owner.note"} <= set(FIELDS)


# ------------------------------------------------------------------------------------------------------------------- relations

STAFF = (
    Staff(id="wu", name="Wu"),
    Staff(id="lee", name="Lee", head_id="wu"),
    Staff(id="kim", name="Kim", head_id="wu"),
    Staff(id="zhao", name="Zhao"),
    Staff(id="han", name="Han", head_id="zhao"),
    Staff(id="solo", name="Solo"),
)
CLIENTS = (
    Client(id="c-lee", name="A", owner_id="lee"),
    Client(id="c-pool", name="B"),
    Client(id="c-moved", name="C", owner_id="lee"),
)
MOVED = (OwnerSpell(client_id="c-moved", owner_id="han", start_on=date(2026, 3, 1)),)
BOOK = Book(clients=CLIENTS, staff=STAFF, owner_spells=MOVED)
AWAY = Book(
    clients=CLIENTS,
    staff=STAFF,
    absences=[
        Absence(staff_id="lee", start_on=date(2026, 3, 30), end_on=date(2026, 4, 1), deputy_id="han"),
        Absence(staff_id="wu", start_on=date(2026, 3, 31), deputy_id="solo"),
    ],
)


def related(who: str, client_id: str, *roles: str, book: Book = BOOK, on: date = DAY, **more: object) -> list[Relation]:
    found = standing_of(book, Principal(id=who, roles=roles, **more), client_id, as_of=on)  # type: ignore[arg-type]
    assert found is not None
    assert found.is_pool == (client_id == "c-pool")
    return sorted(found.relations)


class TestStanding:
    @pytest.mark.parametrize(
        ("who", "client_id", "roles", "expected"),
        [
            ("lee", "c-lee", (), ["account manager"]),
            ("wu", "c-lee", (), ["head"]),
            ("kim", "c-lee", (), ["colleague"]),
            ("han", "c-lee", (), ["outsider"]),
            ("zhao", "c-lee", (), ["outsider"]),
            ("solo", "c-lee", (), ["outsider"]),
            ("stranger", "c-lee", (), ["outsider"]),
            ("stranger", "c-lee", ("auditor",), ["outsider"]),
            ("kim", "c-lee", ("secretary",), ["secretary"]),
            ("han", "c-lee", ("secretary",), ["outsider"]),
            ("han", "c-lee", ("keeper",), ["keeper"]),
            ("wu", "c-lee", ("keeper",), ["head", "keeper"]),
            ("lee", "c-moved", (), ["outsider"]),
            ("han", "c-moved", (), ["account manager"]),
            ("zhao", "c-moved", (), ["head"]),
            ("wu", "c-moved", (), ["outsider"]),
            ("lee", "c-pool", (), ["colleague"]),
            ("han", "c-pool", (), ["colleague"]),
            ("wu", "c-pool", (), ["colleague"]),
            ("stranger", "c-pool", (), ["outsider"]),
            ("han", "c-pool", ("secretary",), ["secretary"]),
        ],
    )
    def test_it_follows_from_owners_heads_and_roles(
        self, who: str, client_id: str, roles: tuple[str, ...], expected: list[str]
    ) -> None:
        assert related(who, client_id, *roles) == expected

    def test_who_had_a_client_before_has_it_no_more_and_who_will_have_it_not_yet(self) -> None:
        assert related("lee", "c-moved", on=date(2026, 2, 28)) == ["account manager"]
        assert related("han", "c-moved", on=date(2026, 2, 28)) == ["outsider"]

    @pytest.mark.parametrize(
        ("who", "day", "expected"),
        [
            ("han", date(2026, 3, 29), ["outsider"]),
            ("han", date(2026, 3, 30), ["deputy"]),
            ("han", date(2026, 4, 1), ["outsider"]),
            ("lee", date(2026, 3, 30), ["account manager"]),
            ("solo", date(2026, 3, 30), ["outsider"]),
            ("solo", date(2026, 3, 31), ["head"]),
            ("wu", date(2026, 3, 31), ["head"]),
        ],
    )
    def test_who_stands_in_has_it_for_the_time_alone(self, who: str, day: date, expected: list[str]) -> None:
        assert related(who, "c-lee", book=AWAY, on=day) == expected

    def test_who_stands_in_and_is_away_too_passes_it_on(self) -> None:
        away = [
            Absence(staff_id="lee", start_on=DAY, deputy_id="han"),
            Absence(staff_id="han", start_on=DAY, deputy_id="zhao"),
        ]
        book = Book(clients=CLIENTS, staff=STAFF, absences=away)
        assert related("han", "c-lee", book=book) == ["outsider"]
        assert related("zhao", "c-lee", book=book) == ["deputy"]

    def test_a_team_that_the_host_names_counts_before_that_of_the_head(self) -> None:
        assert related("han", "c-lee", team="wu") == ["colleague"]
        assert related("stranger", "c-lee", team="wu") == ["colleague"]
        assert related("kim", "c-lee", team="zhao") == ["outsider"]

    def test_there_is_none_to_a_client_that_is_not_there(self) -> None:
        assert standing_of(BOOK, Principal(id="wu"), "c-none", as_of=DAY) is None
        assert approver_standing(BOOK, Principal(id="wu"), "c-none", "lee", as_of=DAY) is None

    def test_a_delegation_lends_what_the_giver_has_for_its_days(self) -> None:
        def lent(who: str, day: date, *several: Delegation, client_id: str = "c-lee") -> list[str]:
            found = standing_of(BOOK, Principal(id=who), client_id, as_of=day, delegations=several)
            assert found is not None
            return sorted(found.relations)

        loan = lend(receiver_id="han")
        assert lent("han", date(2026, 3, 30), loan) == ["outsider"]
        assert lent("han", DAY, loan) == ["head"]
        assert lent("han", date(2026, 4, 1), loan) == ["head"]
        assert lent("han", date(2026, 4, 2), loan) == ["outsider"]
        assert lent("han", DAY, loan, client_id="c-pool") == ["colleague"]
        assert lent("kim", DAY, loan, lend(giver_id="han", receiver_id="kim")) == ["colleague"], "what was lent is not handed on"
        assert lent("wu", DAY, lend(giver_id="lee", receiver_id="wu")) == ["head"], "nobody lends what they have not"
        assert acts_for(BOOK, "han", "lee", as_of=DAY, delegations=[loan]) == {"wu"}
        assert acts_for(BOOK, "wu", "lee", as_of=DAY, delegations=[loan]) == frozenset()
        assert acts_for(BOOK, "kim", "lee", as_of=DAY, delegations=[loan]) == frozenset()

    @pytest.mark.parametrize(
        ("who", "client_id", "requester", "expected"),
        [
            ("wu", "c-lee", "han", ["head"]),
            ("zhao", "c-lee", "han", ["outsider"]),
            ("zhao", "c-pool", "han", ["head"]),
            ("wu", "c-pool", "han", ["colleague"]),
            ("zhao", None, "han", ["head"]),
            ("han", None, "han", ["colleague"]),
            ("stranger", None, "han", ["outsider"]),
        ],
    )
    def test_of_the_pool_the_head_of_who_asks_is_the_head(
        self, who: str, client_id: str | None, requester: str, expected: list[str]
    ) -> None:
        found = approver_standing(BOOK, Principal(id=who), client_id, requester, as_of=DAY)
        assert found is not None
        assert sorted(found.relations) == expected

    def test_a_head_who_is_away_is_stood_in_for_and_a_lent_head_decides_too(self) -> None:
        solo = approver_standing(AWAY, Principal(id="solo", roles={"keeper"}), None, "kim", as_of=DAY)
        assert solo == Standing(relations={"head", "keeper"}, is_pool=True)
        lent = approver_standing(BOOK, Principal(id="solo"), None, "kim", as_of=DAY, delegations=[lend(receiver_id="solo")])
        assert lent == Standing(relations={"head"}, is_pool=True)

    def test_teams_are_named_by_their_heads(self) -> None:
        assert teams_of(STAFF) == {"wu": "wu", "lee": "wu", "kim": "wu", "zhao": "zhao", "han": "zhao"}


# ------------------------------------------------------------------------------------------------------------------- decisions

HOUSE = AccessRules(
    classes=[BASIC, FieldClass("private", ["person.birthday"])],
    rules=[
        rule(id="own", actions=["get", "filter"], source="handbook"),
        rule(id="paper", actions=["report"], media=["paper"]),
        rule(id="pool", relations=["colleague"], clients="pool", approval=True, longest="7 days", most=3),
        rule(id="head", relations=["head"], actions=["approve"]),
        rule(id="told", relations=["secretary"], actions=["know"], classes=[]),
    ],
)


def asked(action: str = "get", *fields: str, **more: object) -> AccessRequest:
    given = {"action": action, "client_id": "c-1", "fields": fields, "purpose": "care", **more}
    return AccessRequest(**given)  # type: ignore[arg-type]


def told(request: AccessRequest, relation: Relation, *, is_pool: bool = False, who: Principal | None = None) -> str:
    standing = Standing(relations={relation}, is_pool=is_pool)
    return explain(decide_access(HOUSE, who or Principal(id="lee"), request, standing, at=NOON))


class TestWords:
    @pytest.mark.parametrize(
        ("request_", "relation", "expected"),
        [
            (
                asked("get", "client.name", "person.birthday"),
                "account manager",
                (
                    "to get client c-1 for care on screen is allowed, with client.name: rule own lets them, source handbook; "
                    "person.birthday stay hidden"
                ),
            ),
            (
                asked("filter", "client.name", "person.birthday"),
                "account manager",
                "to filter client c-1 for care on screen is denied: person.birthday stay hidden",
            ),
            (
                asked("export", "client.name", medium="file"),
                "account manager",
                "to export client c-1 for care on file is denied: no rule lets them export for care on file",
            ),
            (asked("get"), "outsider", "client c-1 is unknown: whoever asks knows of no client c-1"),
            (
                asked("get"),
                "secretary",
                "to get client c-1 for care on screen is denied: no rule lets them get for care on screen",
            ),
            (asked("know"), "secretary", "to know client c-1 for care on screen is allowed: rule told lets them"),
            (
                asked("report", "client.name", medium="paper"),
                "account manager",
                "to report client c-1 for care on paper is allowed, with client.name: rule paper lets them",
            ),
        ],
    )
    def test_a_decision_says_what_it_rests_on(self, request_: AccessRequest, relation: Relation, expected: str) -> None:
        assert told(request_, relation) == expected

    @pytest.mark.parametrize(
        ("who", "standing", "code"),
        [
            (None, OWN, "access.nobody"),
            (Principal(id="lee", is_active=False), OWN, "access.inactive"),
            (Principal(id="lee"), None, "access.no_client"),
            (Principal(id="lee"), Standing(relations={"outsider"}), "access.not_to_know"),
        ],
    )
    def test_the_log_alone_is_told_why_a_record_is_unknown(
        self, who: Principal | None, standing: Standing | None, code: str
    ) -> None:
        found = decide_access(HOUSE, who, asked("get", "client.name"), standing, at=NOON)
        assert [reason.code for reason in found.logged] == [code]
        assert found.told.logged == ()
        assert explain(found) == "client c-1 is unknown: whoever asks knows of no client c-1"

    def test_a_purpose_that_is_not_declared_opens_nothing(self) -> None:
        rules = attrs.evolve(HOUSE, purposes=[AccessPurpose("visit")])
        found = decide_access(rules, Principal(id="lee"), asked("get", "client.name"), OWN, at=NOON)
        assert (found.answer, found.logged[0].code) == ("unknown", "access.purpose_unknown")
        found = decide_query(rules, Principal(id="lee"), asked("filter", "client.name", client_id=None), at=NOON)
        assert explain(found) == "to filter for care on screen is denied: care is no purpose that the rules know"

    def test_a_waiting_rule_asks_for_an_approval_and_a_grant_for_something_else_is_told_apart(self) -> None:
        near = attrs.evolve(HOUSE, rules=[*HOUSE.rules, rule(id="known", relations=["colleague"], actions=["know"], classes=[])])
        pool = Standing(relations={"colleague"}, is_pool=True)
        wanted = asked("get", "client.name", "client.region")
        found = decide_access(near, Principal(id="lee"), wanted, pool, at=NOON)
        assert explain(found).endswith("is denied: rule pool would let them, with the approval of somebody else")
        grant = grant_state(near, pool_log(wanted), at=NOON)
        found = decide_access(near, Principal(id="lee"), wanted, pool, at=NOON, grants=[grant])
        assert explain(found) == (
            "to get client c-1 for care on screen is allowed, with client.name and client.region: "
            "grant g-1, approved by wu, holds until before 2026-04-02T12:00:00+00:00"
        )
        late = datetime(2026, 4, 2, 12, tzinfo=UTC)
        over = decide_access(
            near, Principal(id="lee"), wanted, pool, at=late, grants=[grant_state(near, pool_log(wanted), at=late)]
        )
        assert explain(over).endswith("somebody else; grant g-1 is for something else, by its time")


def pool_log(request: AccessRequest) -> list[GrantEvent]:
    near = Standing(relations={"colleague"}, is_pool=True)
    leading = Standing(relations={"head"}, is_pool=True)
    return [
        GrantEvent(id="1", grant_id="g-1", step="requested", signed=Signature(by="lee", standing=near, at=NOON), request=request),
        GrantEvent(
            id="2",
            grant_id="g-1",
            step="approved",
            signed=Signature(by="wu", standing=leading, at=NOON),
            ends_at=NOON + timedelta(days=2),
        ),
    ]


class TestQueries:
    def test_a_hidden_field_in_a_filter_is_refused_before_any_client_is_looked_at(self) -> None:
        found = decide_query(HOUSE, Principal(id="lee"), asked("filter", "person.birthday", client_id=None), at=NOON)
        assert (found.answer, found.client_id) == ("denied", None)
        found = decide_query(HOUSE, Principal(id="lee"), asked("filter", "client.name", client_id=None), at=NOON)
        assert found.is_allowed

    def test_a_query_names_no_client_and_a_decision_names_one(self) -> None:
        with pytest.raises(InvalidValueError, match="decide_access is for one client"):
            decide_query(HOUSE, Principal(id="lee"), asked(), at=NOON)
        with pytest.raises(InvalidValueError, match="decide_query is for queries"):
            decide_access(HOUSE, Principal(id="lee"), asked(client_id=None), OWN, at=NOON)

    def test_what_is_not_there_raises_unknown_record(self) -> None:
        with pytest.raises(UnknownRecordError, match="unknown client 'c-1'"):
            decide_access(HOUSE, Principal(id="lee"), asked(), None, at=NOON).required()


# ---------------------------------------------------------------------------------------------------------------- illegal steps


def grant_event(step: str, by: str, relation: Relation = "head", *, at: datetime = NOON, **more: object) -> GrantEvent:
    signed = Signature(by=by, standing=Standing(relations={relation}, is_pool=True), at=at, for_ids=more.pop("for_ids", ()))  # type: ignore[arg-type]
    return GrantEvent(id=f"{step}-{by}", grant_id="g-1", step=step, signed=signed, **more)  # type: ignore[arg-type]


WANTED = asked("get", "client.name", count=3)
REQUESTED = grant_event("requested", "lee", "colleague", request=WANTED)
APPROVED = grant_event("approved", "wu", ends_at=NOON + timedelta(days=7))


class TestIllegalGrants:
    @pytest.mark.parametrize(
        ("events", "message"),
        [
            ([APPROVED], "events[0].step is 'approved': must not be taken: the grant is 'none' then"),
            ([REQUESTED, REQUESTED], "must not be taken: the grant is 'requested' then"),
            ([REQUESTED, grant_event("approved", "lee", ends_at=NOON + timedelta(1))], "must not be who asked for the grant"),
            (
                [REQUESTED, grant_event("approved", "wu", for_ids={"lee"}, ends_at=NOON + timedelta(1))],
                "must not be who asked for the grant, nor anybody it was asked for",
            ),
            (
                [
                    grant_event("requested", "kim", "colleague", request=WANTED, for_ids={"wu"}),
                    grant_event("approved", "wu", ends_at=NOON + timedelta(1)),
                ],
                "must not be who asked for the grant, nor anybody it was asked for",
            ),
            (
                [REQUESTED, grant_event("approved", "zhao", "colleague", ends_at=NOON + timedelta(1))],
                "must be somebody whom the rules let approve",
            ),
            ([REQUESTED, grant_event("refused", "lee")], "it is refused by somebody else"),
            ([REQUESTED, grant_event("withdrawn", "wu")], "must be who asked for the grant"),
            (
                [REQUESTED, grant_event("approved", "wu", ends_at=NOON + timedelta(days=7, microseconds=1))],
                "must be at most 2026-04-07 12:00:00+00:00, by the rules and the purpose",
            ),
            ([REQUESTED, grant_event("approved", "wu", ends_at=NOON)], "must be after the approval"),
            (
                [REQUESTED, grant_event("approved", "wu", ends_at=NOON + timedelta(1), fields=["client.region"])],
                "must be among those that were asked for",
            ),
            (
                [REQUESTED, grant_event("approved", "wu", ends_at=NOON + timedelta(1), count=4)],
                "must be at most 3, what was asked for",
            ),
            ([REQUESTED, APPROVED, grant_event("used", "lee", count=4)], "must be at most 3, what is left of the grant"),
            ([REQUESTED, APPROVED, grant_event("used", "wu", count=1)], "must be who asked for the grant"),
            (
                [REQUESTED, APPROVED, grant_event("used", "lee", count=3), grant_event("used", "lee", count=1)],
                "the grant is 'spent' then",
            ),
            (
                [REQUESTED, APPROVED, grant_event("used", "lee", count=1, at=NOON + timedelta(days=7))],
                "the grant is 'over' then",
            ),
            ([REQUESTED, APPROVED, grant_event("revoked", "wu"), grant_event("used", "lee", count=1)], "is 'revoked' then"),
            ([REQUESTED, grant_event("approved", "wu", at=NOON - timedelta(1), ends_at=NOON)], "must not be before"),
            (
                [grant_event("requested", "lee", "outsider", request=WANTED)],
                "must be what a rule lets them ask approval for",
            ),
            (
                [grant_event("requested", "lee", "colleague", request=asked("get", "person.birthday"))],
                "must be fields that a rule lets them ask approval for",
            ),
            (
                [grant_event("requested", "lee", "colleague", request=asked("get", "client.name", count=4))],
                "must be at most 3, by the rules",
            ),
        ],
    )
    def test_the_first_step_that_may_not_be_is_named(self, events: list[GrantEvent], message: str) -> None:
        with pytest.raises(IllegalStepError) as error:
            grant_state(HOUSE, events, at=NOON + timedelta(days=30))
        assert message in str(error.value)

    def test_events_belong_together_and_begin(self) -> None:
        with pytest.raises(InvalidValueError, match="must be 'g-1', as before"):
            grant_state(HOUSE, [REQUESTED, attrs.evolve(APPROVED, grant_id="g-2")], at=NOON)
        with pytest.raises(InvalidValueError, match="must begin with a request"):
            grant_state(HOUSE, [REQUESTED], at=NOON - timedelta(1))

    def test_the_shorter_of_the_rule_and_the_purpose_bounds_a_grant(self) -> None:
        rules = attrs.evolve(HOUSE, purposes=[AccessPurpose("care", "2 days")])
        with pytest.raises(IllegalStepError, match="must be at most 2026-04-02 12:00:00"):
            grant_state(rules, [REQUESTED, APPROVED], at=NOON)

    @pytest.mark.parametrize(
        ("step", "fields", "message"),
        [
            ("requested", {}, "request is None: must be given where a grant is requested"),
            ("approved", {}, "ends_at is None: must be given where a grant is approved"),
            ("used", {}, "count is None: must be given where a grant is used"),
            ("used", {"count": True}, "count is True: must be a whole number from 1"),
            ("refused", {"ends_at": NOON}, "must be left out where a grant is refused"),
            ("revoked", {"fields": ("client.name",)}, "must be left out where a grant is revoked"),
        ],
    )
    def test_a_step_carries_what_it_needs_and_nothing_else(self, step: str, fields: dict[str, object], message: str) -> None:
        with pytest.raises(InvalidValueError) as error:
            grant_event(step, "wu", **fields)  # type: ignore[arg-type]
        assert message in str(error.value)


FILING = AccessRules(
    classes=[BASIC],
    rules=[
        rule(id="file", actions=["propose"]),
        rule(id="approve", relations=["head"], actions=["approve"]),
        rule(id="enter", relations=["keeper"], actions=["apply"], approval=True),
    ],
)


def proposed(event_id: str, by: str, **fields: object) -> ChangeEvent:
    given = {"values": {"client.region": "Seoul"}, "purpose": "care", **fields}
    return step_of("proposed", by, "account manager", event_id=event_id, **given)  # type: ignore[arg-type]


def step_of(step: str, by: str, relation: Relation, *, event_id: str = "2", at: datetime = NOON, **fields: object) -> ChangeEvent:
    signed = Signature(by=by, standing=Standing(relations={relation}), at=at, for_ids=fields.pop("for_ids", ()))  # type: ignore[arg-type]
    return ChangeEvent(id=event_id, change_id="ch-1", client_id="c-1", step=step, signed=signed, **fields)  # type: ignore[arg-type]


FIRST = proposed("1", "lee")
AGREED = step_of("approved", "wu", "head")


class TestIllegalChanges:
    @pytest.mark.parametrize(
        ("events", "message"),
        [
            ([AGREED], "the change is 'none'"),
            ([FIRST, step_of("applied", "kim", "keeper")], "must come after an approval, by the rules for its fields"),
            ([FIRST, step_of("approved", "lee", "head")], "must not be who proposed the change: it is approved by somebody else"),
            ([FIRST, step_of("approved", "wu", "head", for_ids={"lee"})], "must not be who proposed the change"),
            ([FIRST, step_of("applied", "lee", "keeper")], "must not be who proposed the change, as nobody else has approved it"),
            ([FIRST, step_of("approved", "kim", "keeper")], "must be somebody whom the rules let approve every field"),
            ([FIRST, AGREED, step_of("applied", "wu", "head")], "must be somebody whom the rules let apply every field"),
            ([FIRST, AGREED, step_of("applied", "kim", "keeper"), AGREED], "the change is 'applied'"),
            ([FIRST, step_of("withdrawn", "kim", "keeper")], "must be who proposed the change"),
            ([step_of("proposed", "kim", "keeper", values={"client.name": "K"}, purpose="care")], "let propose every field"),
            ([proposed("1", "lee", values={"person.birthday": None})], "let propose every field"),
            ([FIRST, step_of("approved", "wu", "head", at=NOON - timedelta(1))], "must not be before"),
        ],
    )
    def test_the_first_step_that_may_not_be_is_named(self, events: list[ChangeEvent], message: str) -> None:
        with pytest.raises(IllegalStepError) as error:
            change_state(FILING, events, at=NOON)
        assert message in str(error.value)

    def test_a_keeper_applies_what_they_proposed_once_somebody_else_approved_it(self) -> None:
        rules = attrs.evolve(FILING, rules=[*FILING.rules, rule(id="k", relations=["keeper"], actions=["propose"])])
        own = step_of("proposed", "kim", "keeper", event_id="1", values={"client.name": "K"}, purpose="care")
        done = change_state(rules, [own, AGREED, step_of("applied", "kim", "keeper")], at=NOON)
        assert (done.status, done.proposer_id, done.approver_id, done.applied_by) == ("applied", "kim", "wu", "kim")

    def test_events_belong_together_and_begin(self) -> None:
        for name, other in (("change_id", "ch-2"), ("client_id", "c-2")):
            with pytest.raises(InvalidValueError, match="as before"):
                change_state(FILING, [FIRST, attrs.evolve(AGREED, **{name: other})], at=NOON)  # type: ignore[arg-type]
        with pytest.raises(InvalidValueError, match="must begin with a proposal"):
            change_state(FILING, [FIRST], at=NOON - timedelta(1))

    @pytest.mark.parametrize(
        ("fields", "message"),
        [
            ({"values": {}}, "values is (): must name at least one field"),
            ({"values": {"client.nmae": "K"}}, "did you mean 'client.name'?"),
            ({"purpose": None}, "purpose is None: must be given"),
            ({"values": [1]}, "values is 'list': must be a mapping"),
        ],
    )
    def test_a_proposal_names_fields_and_a_purpose(self, fields: dict[str, object], message: str) -> None:
        with pytest.raises(InvalidValueError) as error:
            proposed("1", "lee", **fields)
        assert message in str(error.value)

    def test_another_step_has_neither(self) -> None:
        with pytest.raises(InvalidValueError, match="must be left out where a change is approved"):
            step_of("approved", "wu", "head", purpose="care")
        with pytest.raises(InvalidValueError, match="must be left out where a change is approved"):
            step_of("approved", "wu", "head", values={"client.name": "K"})


# ------------------------------------------------------------------------------------------------------------------- duplicates


class TestDuplicates:
    RULES = AccessRules(
        rules=[rule(id="known", relations=["colleague"], actions=["duplicate check"], classes=[])],
        identities=[Identity(["client.name", "attribute.city"]), Identity(["person.phone", "person.name"])],
    )
    BOOK = Book(
        clients=[
            Client(id="c-1", name="Śarma AG", owner_id="lee", attributes={"city": frozenset({"Bern", "Basel"})}),
            Client(id="c-2", name="Other"),
        ],
        people=[
            ContactPerson(id="p-1", client_id="c-1", name="Kim", phone="+82 10-1234-5678"),
            ContactPerson(id="p-2", client_id="c-1", name="Lee", phone=None),
        ],
        staff=STAFF,
    )

    def found(self, **values: str) -> tuple[bool, str | None]:
        named = {name.replace("_", ".", 1): value for name, value in values.items()}
        answer = check_duplicate(self.RULES, Principal(id="han"), named, self.BOOK, purpose="care", at=NOON, as_of=DAY)
        return answer.exists, answer.team

    def test_every_field_of_an_identity_must_agree_and_those_of_people_with_one_person(self) -> None:
        assert self.found(client_name="śarma ag.", attribute_city="BERN") == (True, "wu")
        assert self.found(client_name="Śarma AG", attribute_city="Genf") == (False, None)
        assert self.found(person_phone="01012345678", person_name="KIM") == (True, "wu")
        assert self.found(person_phone="01012345678", person_name="Lee") == (False, None)
        assert self.found(person_phone="0-1012345678", person_name="x", client_name="Śarma", attribute_city="Bern") == (
            False,
            None,
        )

    @pytest.mark.parametrize(
        "values",
        [
            {},
            {"client_name": "Other"},
            {"client_stage": "open"},
            {"client_name": "x", "attribute_city": "y", "client_stage": "z"},
        ],
    )
    def test_a_part_of_an_identity_or_anything_else_is_refused(self, values: dict[str, str]) -> None:
        with pytest.raises(InvalidValueError, match="must be all fields of an identity"):
            self.found(**values)

    @pytest.mark.parametrize("value", ["", " - ", "x" * 401])
    def test_what_cannot_be_compared_is_refused_without_showing_it(self, value: str) -> None:
        with pytest.raises(InvalidValueError, match="must have a letter or digit") as error:
            self.found(client_name=value, attribute_city="Bern")
        assert "xxx" not in str(error.value)

    @pytest.mark.parametrize(
        ("field", "one", "other"),
        [
            ("client.name", "Kim & Co.", "KIM CO"),
            ("client.name", "김", "\u1100\u1175\u11b7"),
            ("client.name", "ＫＩＭ", "kim"),
            ("client.name", "STRASSE", "straße"),
            ("person.phone", "+82 10 1234 5678", "010-1234-5678"),
            ("person.phone", "١٢٣٤٥٦٧", "1234567"),
        ],
    )
    def test_writings_of_one_thing_are_the_same(self, field: str, one: str, other: str) -> None:
        assert identity_key(field, one) == identity_key(field, other) != ""

    def test_two_names_that_differ_in_a_letter_are_not(self) -> None:
        assert identity_key("client.name", "Kim") != identity_key("client.name", "Kin")


class TestInertCells:
    @pytest.mark.parametrize(
        ("text", "cell"),
        [
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-5", "'-5"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "'\r=1"),
            ("\0=1", "'\0=1"),
            (" =1", "' =1"),
            ("\uff1d1", "'\uff1d1"),
            ("'=1", "''=1"),
            ("", ""),
            (" ", " "),
            ("Kim", "Kim"),
            ("a=1", "a=1"),
        ],
    )
    def test_what_could_start_a_formula_stands_behind_an_apostrophe(self, text: str, cell: str) -> None:
        assert inert_cell(text) == cell


class TestParts:
    def test_the_part_stands_at_the_end_of_every_preset(self) -> None:
        assert part_names() == ("client-files",)
        for name in ("consulting", "agent"):
            policy = loads_policy(preset_text(name) + part_text("client-files"))
            assert policy.access is not None
            assert [field for field in FIELDS if policy.access.class_of(field) is None] == []
            assert [one.id for one in policy.access.rules if one.source is None] == []

    def test_an_unknown_part_names_the_nearest(self) -> None:
        with pytest.raises(UnknownRecordError, match="did you mean 'client-files'"):
            part_text("client-file")
