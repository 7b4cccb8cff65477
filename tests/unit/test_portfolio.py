"""The four types and a fifth as data of a document, and how the relationships of a book are doing."""

from collections.abc import Mapping, Sequence
from datetime import date

import pytest

from relcare.codec import dumps_policy, loads_policy
from relcare.decisions import ClientHealth, Policy, Portfolio, portfolio
from relcare.errors import InvalidValueError, PolicyDocumentError
from relcare.model import AttributeValue, Book, Client, Touchpoint

DAY = date(2026, 3, 31)
HEAD = """
format = 1
[policy]
id = "agent"
version = "1"
effective_from = 2026-01-01
[facts]
in_trouble = { type = "flag", from = "client.in_trouble" }
trouble_since = { type = "date", from = "client.trouble_since" }
support_90d = { type = "integer", measure = { count = "touchpoints", window = "90 days", where = "purpose == 'support'" } }
quiet_days = { type = "integer", measure = { days_since = "touchpoints" } }
agreement_ends_on = { type = "date", from = "client.agreement_ends_on" }
agreement_is_ending = { type = "flag", from = "client.agreement_is_ending" }
margin = { type = "number", unit = "percent", grain = "0.1", from = "client.margin" }
margin_target = { type = "number", unit = "percent", grain = "0.1", from = "client.margin_target" }
margin_gap = { type = "number", unit = "percent", grain = "0.1", min = "-1000", difference = ["margin", "margin_target"] }
open_objections = { type = "integer", from = "client.open_objections" }
inspection_open = { type = "flag", from = "client.inspection_open" }
inspection_on = { type = "date", from = "client.inspection_on" }
"""
FOUR = """
[[relationship]]
type = "upstream"
appeal = "loyalty"
questions = ["What is hard for you at the moment?"]
forms = ["a support plan"]
indicators = [ { id = "support in a hard month", healthy = "not in_trouble or support_90d >= 1" } ]
[[relationship.situations]]
id = "in trouble"
when = "in_trouble"
action = "agree a support plan"
since = "trouble_since"
within = "5 days"
tracked_by = ["support"]
source = "handbook, part 2"

[[relationship]]
type = "partner"
appeal = "fellow feeling"
indicators = [ { id = "days since the last exchange", healthy = "quiet_days <= 60" } ]
situations = [
  { id = "agreement ends", when = "agreement_is_ending", action = "talk before it ends", since = "agreement_ends_on" },
  { id = "gone quiet", when = "quiet_days > 60", action = "ask how they are" },
]

[[relationship]]
type = "channel"
appeal = "profit"
indicators = [ { id = "margin against target", healthy = "margin_gap >= 0" } ]
situations = [ { id = "margin below target", when = "margin_gap < 0", action = "review the prices" } ]

[[relationship]]
type = "end_customer"
appeal = "reason"
indicators = [ { id = "open objections", healthy = "open_objections == 0" } ]
situations = [ { id = "value objection", when = "open_objections > 0", action = "show evidence, and do not press" } ]

[[cadence]]
id = "support"
channel = "call"
every = "1 week"
when = "strategy.upstream and in_trouble"

[[cadence]]
id = "greeting"
channel = "letter"
every = "1 month"
"""
FIFTH = """
[[relationship]]
type = "regulator"
appeal = "trust"
intervals = { call = "1 month" }
advice = ["Tell them first."]
avoid = ["Surprises."]
questions = ["What do you look at this year?"]
forms = ["a yearly report"]
indicators = [ { id = "no inspection open", healthy = "not inspection_open" } ]
situations = [
  { id = "inspection", when = "inspection_open", action = "hand in the papers", since = "inspection_on", within = "1 month" },
]
"""


def policy() -> Policy:
    return loads_policy(HEAD + FOUR + FIFTH)


def client(client_id: str, types: Sequence[str], **attributes: AttributeValue) -> Client:
    since = date(2026, 1, 1)
    return Client(id=client_id, name=client_id, relationship_types=types, attributes=attributes, client_since_on=since)


def health_of(*clients: Client, touchpoints: Sequence[Touchpoint] = ()) -> Portfolio:
    return portfolio(policy(), policy().decide(Book(clients=clients, touchpoints=touchpoints), as_of=DAY))


def only(found: Portfolio) -> ClientHealth:
    (one,) = found.clients
    return one


def readings(one: ClientHealth) -> Mapping[str, str]:
    return {reading.indicator.id: reading.health for reading in one.indicators}


class TestDocuments:
    """REL-1, REL-2: strategies are data."""

    def test_a_document_with_every_part_is_written_and_read_back_equal(self) -> None:
        assert loads_policy(dumps_policy(policy())) == policy()

    def test_a_fifth_type_needs_nothing_but_its_table(self) -> None:
        found = health_of(client("c", ["regulator"], inspection_open=True, inspection_on=date(2026, 1, 31)))
        (started,) = only(found).started
        assert (started.type, started.situation.action, started.act_by) == ("regulator", "hand in the papers", date(2026, 2, 28))
        with pytest.raises(InvalidValueError, match="must be one of the types of the policy"):
            loads_policy(HEAD + FOUR).decide(Book(clients=[client("c", ["regulator"])]), as_of=DAY)

    @pytest.mark.parametrize(
        ("old", "new", "told"),
        [
            ("quiet_days <= 60", "quiet_day <= 60", "relationship[1].indicators[0].healthy: unknown fact 'quiet_day'"),
            ('when = "agreement_is_ending"', 'when = "ending"', "relationship[1].situations[0].when: unknown fact 'ending'"),
            ('since = "trouble_since"', 'since = "in_trouble"', "situations[0].since: in_trouble is a flag: a situation begins"),
            (
                'since = "trouble_since"',
                'since = "trouble_sinc"',
                "relationship[0].situations[0].since: unknown fact 'trouble_sinc'",
            ),
            ('["support"]', '["suport"]', "relationship[0].situations[0].tracked_by[0]: unknown rule 'suport'"),
            ('["support"]', '["nothing"]', "hint: declare it under [[cadence]] or [[trigger]]"),
            ('since = "inspection_on", ', "", "relationship[4].situations[0].within: is '1 month': must go with since"),
            ('within = "5 days"', 'within = "soon"', "relationship[0].situations[0].within: is 'soon': must be a whole number"),
            ('id = "gone quiet"', 'id = "agreement ends"', "relationship[1].situations[1].id: "),
            ('action = "ask how they are"', 'actoin = "ask"', "unknown key 'actoin'"),
            ('healthy = "margin_gap >= 0"', "healthy = 1", "relationship[2].indicators[0].healthy: must be text"),
        ],
    )
    def test_each_mistake_is_told_at_its_place(self, old: str, new: str, told: str) -> None:
        text = HEAD + FOUR + FIFTH
        assert text.count(old) == 1
        with pytest.raises(PolicyDocumentError) as caught:
            loads_policy(text.replace(old, new))
        assert told in str(caught.value)

    def test_a_rule_that_could_not_be_read_is_no_unknown_rule(self) -> None:
        with pytest.raises(PolicyDocumentError) as caught:
            loads_policy(HEAD + FOUR.replace('every = "1 week"', 'every = "weekly"'))
        assert [problem.path for problem in caught.value.problems] == ["cadence[0].every"]

    def test_a_policy_built_by_hand_is_checked_alike(self) -> None:
        good = policy()
        with pytest.raises(PolicyDocumentError, match="unknown rule 'support'"):
            Policy(id="p", version="1", effective_from=DAY, facts=good.facts, relationships=good.relationships, cadence=())


class TestSigns:
    """REL-3: indicators are facts with thresholds."""

    @pytest.mark.parametrize(
        ("kind", "attributes", "health"),
        [
            ("upstream", {"in_trouble": False}, "healthy"),
            ("upstream", {"in_trouble": True}, "ailing"),
            ("upstream", {}, "unknown"),
            ("partner", {}, "unknown"),
            ("channel", {"margin": "12.0", "margin_target": "12.0"}, "healthy"),
            ("channel", {"margin": "11.9", "margin_target": "12.0"}, "ailing"),
            ("channel", {"margin": "11.9"}, "unknown"),
            ("end_customer", {"open_objections": 0}, "healthy"),
            ("end_customer", {"open_objections": 1}, "ailing"),
            ("regulator", {"inspection_open": False}, "healthy"),
        ],
    )
    def test_an_indicator_is_healthy_ailing_or_unknown(
        self, kind: str, attributes: dict[str, AttributeValue], health: str
    ) -> None:
        (found,) = readings(only(health_of(client("c", [kind], **attributes)))).values()
        assert found == health

    def test_a_supplier_in_trouble_starts_a_support_plan_that_is_tracked(self) -> None:
        one = only(health_of(client("c", ["upstream"], in_trouble=True, trouble_since=date(2026, 3, 30))))
        (started,) = one.started
        assert (started.situation.action, started.began_on, started.act_by) == (
            "agree a support plan",
            date(2026, 3, 30),
            date(2026, 4, 4),
        )
        assert [owed.rule_id for owed in started.owed] == ["support"]
        assert started.facts == {"in_trouble": True}
        assert one.act_by == date(2026, 4, 4)

    def test_what_is_not_tracked_or_does_not_hold_names_no_obligation_and_no_day(self) -> None:
        (calm,) = only(health_of(client("c", ["upstream"], in_trouble=False, trouble_since=DAY))).situations
        assert (calm.holds, calm.began_on, calm.act_by, calm.owed) == (False, None, None, ())
        (unknown,) = only(health_of(client("c", ["upstream"]))).situations
        assert unknown.holds is None

    def test_a_situation_without_a_known_beginning_has_no_last_day(self) -> None:
        (started,) = only(health_of(client("c", ["upstream"], in_trouble=True))).started
        assert (started.began_on, started.act_by) == (None, None)

    def test_support_that_was_given_heals_the_indicator(self) -> None:
        given = Touchpoint(id="t", client_id="c", occurred_at=DAY, channel="call", purpose="support", outcome="reached")
        one = only(health_of(client("c", ["upstream"], in_trouble=True), touchpoints=[given]))
        assert readings(one) == {"support in a hard month": "healthy"}
        assert one.needs_attention

    def test_several_types_on_one_client_merge_with_all_their_readings(self) -> None:
        one = only(health_of(client("c", ["upstream", "channel"], in_trouble=True, margin="1.0", margin_target="2.0")))
        assert one.types == ("channel", "upstream")
        assert [(reading.type, reading.indicator.id) for reading in one.ailing] == [
            ("channel", "margin against target"),
            ("upstream", "support in a hard month"),
        ]
        assert [(reading.type, reading.situation.id) for reading in one.started] == [
            ("channel", "margin below target"),
            ("upstream", "in trouble"),
        ]


class TestPortfolio:
    """REL-2, REL-3: the health of each type, and who needs attention."""

    @pytest.fixture
    def found(self) -> Portfolio:
        return health_of(
            client("none", []),
            client("well", ["end_customer"], open_objections=0),
            client("doubt", ["end_customer"], open_objections=2),
            client("maker", ["upstream", "end_customer"], in_trouble=True, trouble_since=date(2026, 3, 1)),
            client("late", ["upstream"], in_trouble=True, trouble_since=date(2026, 2, 1)),
        )

    def test_each_type_counts_its_own_clients_by_its_own_indicators(self, found: Portfolio) -> None:
        assert {one.type: one.client_ids for one in found.types} == {
            "upstream": ("maker", "late"),
            "end_customer": ("well", "doubt", "maker"),
        }
        assert {one.type: one.counts for one in found.types} == {
            "upstream": {"support in a hard month": {"healthy": 0, "ailing": 2, "unknown": 0}},
            "end_customer": {"open objections": {"healthy": 1, "ailing": 1, "unknown": 1}},
        }

    def test_attention_is_counted_for_the_type_that_asks_for_it(self, found: Portfolio) -> None:
        assert {one.type: one.attention for one in found.types} == {
            "upstream": ("maker", "late"),
            "end_customer": ("doubt",),
        }

    def test_who_needs_attention_stands_by_the_day_for_action_and_then_by_id(self, found: Portfolio) -> None:
        assert [one.client_id for one in found.attention] == ["late", "maker", "doubt"]
        assert found.as_of == DAY

    def test_clients_without_a_type_are_left_out(self, found: Portfolio) -> None:
        assert [one.client_id for one in found.clients] == ["well", "doubt", "maker", "late"]
