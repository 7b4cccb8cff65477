"""Segments by criteria and by dimensions: documents, members, cells, reasons; what members share; whom to invite."""

from collections.abc import Callable, Mapping
from datetime import date
from fractions import Fraction
from math import comb

import pytest

import relcare as rc
from relcare.codec import dumps_policy
from relcare.decisions import segment_guests, segment_themes
from relcare.errors import InvalidValueError, PolicyDocumentError, UnknownRecordError
from relcare.model import AttributeValue, FactValue
from relcare.segments import CriterionSegment, ProductSegment, SegmentResult, Theme, expanded, in_common, invitations

DAY = date(2026, 3, 31)
HEAD = """\
format = 1
[policy]
id = "fund"
version = "1"
effective_from = 2026-01-01
[facts]
lines = { type = "set", may_be_missing = true }
risk = { type = "level", values = ["cautious", "balanced", "bold"], may_be_missing = true }
term = { type = "category", values = ["short", "long"], may_be_missing = true }
is_local = { type = "flag", may_be_missing = true }
city = { type = "category", may_be_missing = true }
assets = { type = "integer", may_be_missing = true }
hobbies = { type = "set", may_be_missing = true }
"""
BOLD = """\
[[segment]]
id = "bold_equity"
title = "Bold in equity"
source = "handbook 4.2"
when = "'equity' in lines and risk == 'bold'"
"""
GRID = """\
[[segment]]
id = "grid"
by = ["lines", "risk", "term"]
scope = "client.stage == 'closed'"
"""


def policy(text: str = BOLD + GRID) -> rc.Policy:
    return rc.loads_policy(HEAD + text)


def client(client_id: str, **attributes: AttributeValue) -> rc.Client:
    return rc.Client(id=client_id, name=client_id, stage="closed", attributes=attributes)


def both(*several: str) -> frozenset[str]:
    return frozenset(several)


CLIENTS = (
    client("c-1", lines=both("equity", "bonds"), risk="bold", term="long", hobbies=both("golf", "tea")),
    client("c-2", lines=both("equity"), risk="bold", term="long", hobbies=both("golf")),
    client("c-3", lines=both("equity")),
    client("c-4", lines=both(), risk="cautious", term="short"),
    client("c-5", lines=both("bonds"), risk="reckless", term="short", hobbies=both("tea")),
    rc.Client(id="c-6", name="c-6", attributes={"lines": both("equity"), "risk": "bold", "term": "long"}),
    rc.Client(id="c-7", name="c-7", stage="open", attributes={"hobbies": both("golf")}),
)


def results(text: str = BOLD + GRID, clients: tuple[rc.Client, ...] = CLIENTS) -> Mapping[str, SegmentResult]:
    return policy(text).decide(rc.Book(clients=clients), as_of=DAY).segments


class TestDocuments:
    def test_both_kinds_are_read_and_written_back(self) -> None:
        found = policy()
        assert found.segments == (
            CriterionSegment(
                id="bold_equity",
                when=rc.criterion("'equity' in lines and risk == 'bold'"),
                title="Bold in equity",
                source="handbook 4.2",
            ),
            ProductSegment(id="grid", by=["lines", "risk", "term"], scope=rc.criterion("client.stage == 'closed'")),
        )
        assert rc.loads_policy(dumps_policy(found)) == found

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ('id = "s"\n', "14:1: segment[0]: a segment needs when or by; hint: write a criterion as when"),
            ('id = "s"\nwhen = "is_local"\nby = ["term"]\n', "17:1: segment[0].by: stands beside when"),
            ('id = "s"\nwhen = "is_local"\nscope = "is_local"\n', "17:1: segment[0].scope: goes with by"),
            ('id = "s"\nwhen = "is_locl"\n', "16:9: segment[0].when: unknown fact 'is_locl'; hint: did you mean 'is_local'?"),
            ('id = "s"\nby = ["term", "rsk"]\n', "16:15: segment[0].by[1]: unknown fact 'rsk'; hint: did you mean 'risk'?"),
            ('id = "s"\nby = ["assets"]\n', "16:7: segment[0].by[0]: assets is a integer: a dimension is a level"),
            ('id = "s"\nby = ["term", "term"]\n', "segment[0].by[1]: is 'term': must not be named twice"),
            ('id = "s"\nby = []\n', "segment[0].by: must name at least one fact"),
            ('id = "s"\nby = "term"\n', "16:6: segment[0].by: must be a list of texts, not text"),
            ('id = "s-1"\nwhen = "is_local"\n', "15:6: segment[0].id: is 's-1': must be an identifier"),
            ('id = "s"\nwen = "is_local"\n', "unknown key 'wen'; hint: did you mean 'when'?"),
            ('id = "s"\nby = ["term"]\nscope = "term == 1"\n', "segment[0].scope: term is compared with 1"),
            ('when = "is_local"\n', "segment[0].id: id is missing"),
            (
                'id = "s"\nwhen = "missing(is_local) and not segment.s"\n',
                "16:35: segment[0].when: segment.s: a segment may not ask",
            ),
        ],
    )
    def test_every_mistake_is_named_with_its_place(self, text: str, problem: str) -> None:
        with pytest.raises(PolicyDocumentError) as caught:
            policy(f"[[segment]]\n{text}")
        assert problem in str(caught.value)

    def test_a_segment_that_is_wrong_is_not_unknown_to_the_rules_that_ask_for_it(self) -> None:
        rule = '[[cadence]]\nid = "call"\nchannel = "call"\nevery = "1 week"\nwhen = "segment.s"\n'
        with pytest.raises(PolicyDocumentError) as caught:
            policy(f'[[segment]]\nid = "s"\nwhen = "is_locl"\n{rule}')
        assert len(caught.value.problems) == 1
        with pytest.raises(PolicyDocumentError) as caught:
            policy(f'[[segment]]\nid = "s"\nwhen = "is_local"\n{rule.replace("segment.s", "segment.t")}')
        assert "unknown fact 'segment.t'; hint: did you mean 'segment.s'?" in str(caught.value)

    def test_two_segments_have_different_ids(self) -> None:
        with pytest.raises(PolicyDocumentError, match=r"segment\[1\].id: id 'bold_equity' is taken by segment\[0\]"):
            policy(BOLD + BOLD)

    def test_a_product_has_at_most_ten_thousand_cells_by_declared_values(self) -> None:
        values = [f"v{number}" for number in range(101)]
        facts = [
            rc.Fact(id="wide", type="category", values=values[:100]),
            rc.Fact(id="wider", type="category", values=values),
            rc.Fact(id="as_wide", type="category", values=values[:100]),
            rc.Fact(id="open", type="set"),
        ]

        def made(*by: str) -> rc.Policy:
            segment = ProductSegment(id="s", by=by)
            return rc.Policy(id="p", version="1", effective_from=DAY, facts=facts, segments=[segment])

        assert made("wide", "as_wide", "open").segments
        with pytest.raises(PolicyDocumentError, match="makes 10,100 cells: at most 10,000 are allowed"):
            made("wide", "wider")

    def test_only_segments_are_segments(self) -> None:
        with pytest.raises(InvalidValueError, match=r"segments\[0\]"):
            rc.Policy(id="p", version="1", effective_from=DAY, segments=["bold"])  # type: ignore[list-item]

    @pytest.mark.parametrize(
        ("make", "name"),
        [
            (lambda: CriterionSegment(id="s", when="is_local"), "when"),  # type: ignore[arg-type]
            (lambda: ProductSegment(id="s", by=["term"], scope="is_local"), "scope"),  # type: ignore[arg-type]
            (lambda: ProductSegment(id="s", by=[""]), "by[0]"),
            (lambda: ProductSegment(id="1", by=["term"]), "id"),
            (lambda: CriterionSegment(id="s", when=rc.criterion("x"), title=""), "title"),
        ],
    )
    def test_values_refuse_what_is_wrong(self, make: Callable[[], object], name: str) -> None:
        with pytest.raises(InvalidValueError) as caught:
            make()
        assert caught.value.name == name

    def test_a_tier_relationship_type_or_programme_may_be_asked_for_but_nothing_before_asks_for_a_segment(self) -> None:
        tiers = '[[segmentation]]\nid = "abc"\nkind = "threshold"\ntiers = [ { id = "A", when = "is_local" } ]\notherwise = "B"\n'
        club = '[[vip]]\nid = "club"\npaths = [ { id = "one", when = "is_local" } ]\n'
        asks = "tier.abc == 'A' and vip.club == 'yes' and 'partner' in client.relationship_types and strategy.partner"
        text = f'{tiers}{club}[[segment]]\nid = "s"\nwhen = "{asks}"\n'
        known = rc.Client(id="c", name="c", relationship_types={"partner"}, attributes={"is_local": True})
        (found,) = results(text, (known, client("d", is_local=True), client("e"))).values()
        assert (found.members, found.outside) == (("c",), ("d", "e"))
        with pytest.raises(PolicyDocumentError, match=r"segment\.s cannot be asked for here; hint: it is decided after this"):
            policy(text.replace('when = "is_local" } ]\notherwise', 'when = "segment.s" } ]\notherwise'))
        with pytest.raises(PolicyDocumentError, match=r"segment\.s cannot be asked for here; hint: it is decided after this"):
            policy(f'{club.replace("is_local", "segment.s")}[[segment]]\nid = "s"\nwhen = "is_local"\n')


class TestMembers:
    def test_who_lacks_a_decisive_fact_is_unknown_and_never_just_out(self) -> None:
        found = results()["bold_equity"]
        assert found.members == ("c-1", "c-2", "c-6")
        assert dict(found.unknown) == {"c-3": ("risk",), "c-7": ("lines", "risk")}
        assert found.outside == ("c-4", "c-5")

    def test_a_membership_says_why(self) -> None:
        found = results()["bold_equity"]
        (reason,) = found.membership("c-3").reasons
        assert (reason.code, dict(reason.facts)) == ("segment.unknown", {"lines": both("equity"), "risk": None})
        codes = [found.membership(one).reasons[0].code for one in ("c-1", "c-4")]
        assert codes == ["segment.member", "segment.outside"]
        assert rc.explain(found.membership("c-3")) == (
            "unknown whether c-3 is in segment bold_equity, for want of risk: "
            "unknown whether 'equity' in lines and risk == 'bold' holds, which makes segment bold_equity "
            "(lines is equity, risk is missing)"
        )

    def test_a_value_out_of_bounds_is_told_beside_what_it_left_open(self) -> None:
        found = results()["grid"].membership("c-5")
        assert [reason.code for reason in found.reasons] == ["segment.unplaced", "fact.out_of_bounds"]

    def test_a_dimension_that_a_client_can_never_have_leaves_nothing_open(self) -> None:
        text = (
            '[[segmentation]]\nid = "size"\nkind = "threshold"\nscope = "client.stage == \'closed\'"\n'
            'tiers = [ { id = "A", when = "assets >= 10" } ]\notherwise = "B"\n'
            '[[segment]]\nid = "sized"\nby = ["tier.size", "term"]\n'
        )
        clients = (client("c", assets=20, term="long"), rc.Client(id="d", name="d", stage="open", attributes={"assets": 20}))
        found = results(text, clients)["sized"]
        assert found.membership("c").cells == (("A", "long"),)
        never = found.membership("d")
        assert (never.answer, never.missing) == ("no", ("term",))
        assert rc.explain(never).endswith(
            "for want of term, tier.size being nothing it can have (tier.size is missing, term is missing)"
        )

    def test_an_unknown_client_is_refused(self) -> None:
        with pytest.raises(UnknownRecordError):
            results()["grid"].membership("c-9")
        decided = policy().decide(rc.Book(clients=CLIENTS), as_of=DAY)
        assert decided.segment("grid", "c-2").cells == (("equity", "bold", "long"),)
        with pytest.raises(UnknownRecordError, match="did you mean 'grid'"):
            decided.segment("grod", "c-2")

    def test_the_membership_is_a_flag_for_the_rules_that_follow(self) -> None:
        rule = '[[cadence]]\nid = "call"\nchannel = "call"\nevery = "1 week"\nwhen = "segment.bold_equity"\n'
        decided = policy(BOLD + rule).decide(rc.Book(clients=CLIENTS), as_of=DAY)
        assert [decided.facts(f"c-{n}")["segment.bold_equity"] for n in (1, 3, 4)] == [True, None, False]
        assert sorted(one.client_id for one in decided.obligations) == ["c-1", "c-2", "c-6"]
        assert [(one.client_id, one.missing) for one in decided.undecided] == [
            ("c-3", ("segment.bold_equity",)),
            ("c-7", ("segment.bold_equity",)),
        ]

    def test_a_client_alone_and_mere_facts_are_asked_alike(self) -> None:
        alone = policy().decide_client(CLIENTS[0], touchpoints=(), purchases=(), as_of=DAY)
        assert [(one.segment_id, one.answer) for one in alone.segments] == [("bold_equity", "yes"), ("grid", "yes")]
        assert policy().decide_facts({"lines": "equity"}, as_of=DAY).facts["segment.bold_equity"] is None
        assert policy().decide_facts({"segment.bold_equity": "yes"}, as_of=DAY).facts["segment.bold_equity"] is True

    def test_examples_may_expect_a_membership(self) -> None:
        text = '[[examples]]\ngiven = { lines = "equity" }\nexpect = { "segment.bold_equity" = "unknown" }\n'
        assert policy(BOLD + text).check().is_ok
        assert not policy(BOLD + text.replace('"unknown"', '"no"')).check().is_ok
        yes = '[[examples]]\ngiven = { lines = "equity", risk = "bold" }\nexpect = { "segment.bold_equity" = "yes" }\n'
        assert policy(BOLD + yes).check().is_ok
        with pytest.raises(PolicyDocumentError, match="unknown segment 'bold'"):
            policy(BOLD + yes.replace("segment.bold_equity", "segment.bold"))

    def test_a_tier_that_is_never_given_leaves_nobody_open(self) -> None:
        text = """
[[segmentation]]
id = "abc"
kind = "threshold"
scope = "is_local"
tiers = [ { id = "A", when = "risk == 'bold'" } ]
otherwise = "B"
[[segment]]
id = "s"
when = "tier.abc == 'A'"
[[cadence]]
id = "call"
channel = "call"
every = "1 week"
when = "not segment.s"
"""
        clients = client("in", is_local=True, risk="bold"), client("out", is_local=False), client("open", is_local=True)
        decided = policy(text).decide(rc.Book(clients=clients), as_of=DAY)
        found = decided.segments["s"]
        assert (found.members, dict(found.unknown), found.outside) == (("in",), {"open": ("tier.abc",)}, ("out",))
        assert found.membership("out").reasons[0].code == "segment.inapplicable"
        # As if the rule asked for the tier itself: who has none is not undecided.
        assert [one.client_id for one in decided.undecided] == ["open"]


class TestCells:
    def test_a_client_is_in_one_cell_for_each_member_of_a_set(self) -> None:
        found = results()["grid"]
        assert [(cell.name, cell.client_ids) for cell in found.cells] == [
            ("bonds / bold / long", ("c-1",)),
            ("equity / bold / long", ("c-1", "c-2")),
        ]
        assert found.members == ("c-1", "c-2")
        assert found.membership("c-1").cells == (("bonds", "bold", "long"), ("equity", "bold", "long"))

    def test_who_lacks_a_dimension_or_has_none_of_a_set_is_unplaced(self) -> None:
        found = results()["grid"]
        assert dict(found.unplaced) == {"c-3": ("risk", "term"), "c-4": ("lines",), "c-5": ("risk",)}
        assert [found.membership(one).answer for one in ("c-3", "c-4", "c-5")] == ["unknown", "no", "unknown"]
        assert found.membership("c-3").missing == ("risk", "term")
        assert found.membership("c-4").reasons[0].values["empty"] == ("lines",)

    def test_an_unknown_scope_is_told_and_another_one_is_out(self) -> None:
        found = results()["grid"]
        assert (dict(found.unknown), found.outside) == ({"c-6": ("client.stage",)}, ("c-7",))
        assert [found.membership(one).reasons[0].code for one in ("c-6", "c-7")] == [
            "segment.scope_unknown",
            "segment.out_of_scope",
        ]

    def test_cells_stand_in_the_order_of_their_values_and_empty_ones_can_be_asked_for(self) -> None:
        text = '[[segment]]\nid = "s"\nby = ["risk", "is_local", "city"]\n'
        clients = (
            client("c-1", risk="bold", is_local=True, city="Ulm"),
            client("c-2", risk="cautious", is_local=True, city="Ulm"),
            client("c-3", risk="cautious", is_local=False, city="Bonn"),
        )
        found = results(text, clients)["s"]
        assert [cell.name for cell in found.cells] == ["cautious / false / Bonn", "cautious / true / Ulm", "bold / true / Ulm"]
        assert found.dimensions["risk"] == ("cautious", "balanced", "bold")
        assert found.dimensions["city"] == ("Bonn", "Ulm")
        assert (found.cell_count, len(list(found.empty_cells()))) == (12, 9)
        assert next(found.empty_cells()).values == ("cautious", "false", "Ulm")
        assert found.cell("bold/ true /Ulm").client_ids == ("c-1",)
        assert found.cell("balanced / true / Ulm").client_ids == ()
        with pytest.raises(UnknownRecordError, match="did you mean 'bold / true / Ulm'"):
            found.cell("bold / true / Um")

    def test_without_a_scope_everybody_is_divided_and_an_empty_book_has_no_cells(self) -> None:
        text = '[[segment]]\nid = "s"\nby = ["city"]\n'
        assert results(text)["s"].unplaced.keys() == {one.id for one in CLIENTS}
        assert (results(text, ())["s"].cells, results(text, ())["s"].cell_count) == ((), 0)


BOOK: Mapping[str, Mapping[str, FactValue]] = {
    "a": {"hobbies": both("golf", "tea"), "term": "long", "is_local": True},
    "b": {"hobbies": both("golf"), "term": "long", "is_local": None},
    "c": {"hobbies": both("golf"), "term": "short"},
    "d": {"hobbies": both("tea"), "term": "short", "is_local": False},
    "e": {"hobbies": both(), "term": None},
    "f": {"hobbies": None, "term": "long"},
}


class TestInCommon:
    def test_shares_are_of_those_of_whom_the_trait_is_known(self) -> None:
        (golf,) = in_common(["a", "b", "f"], BOOK, ["hobbies"], at_least=2).found
        assert (golf.fact, golf.value, golf.client_ids) == ("hobbies", "golf", ("a", "b"))
        assert (golf.count, golf.known, golf.book_count, golf.book_known) == (2, 2, 3, 5)
        assert (golf.share, golf.book_share, golf.lift) == (Fraction(1), Fraction(3, 5), Fraction(5, 3))

    def test_the_chance_is_that_of_drawing_so_many_or_more(self) -> None:
        (golf,) = in_common(["a", "b", "f"], BOOK, ["hobbies"], at_least=2).found
        assert golf.chance == Fraction(comb(3, 2), comb(5, 2))
        assert golf.looked_at == 2
        assert golf.chance_of_any == Fraction(6, 10)
        tea = next(one for one in in_common(["a", "c", "d"], BOOK, ["hobbies"], at_least=1).found if one.value == "tea")
        # Of 5, 2 drink tea; 3 are drawn: 2 of them, as here, or more, which there are not.
        assert tea.chance == Fraction(comb(2, 2) * comb(3, 1), comb(5, 3))

    def test_a_rare_value_shared_by_three_of_three_is_rarer_than_a_common_one(self) -> None:
        book = {f"c{n:03}": {"hobbies": both("opera" if n < 3 else "golf")} for n in range(100)}
        (opera,) = in_common(["c000", "c001", "c002"], book, ["hobbies"]).found
        assert (opera.lift, opera.chance) == (Fraction(100, 3), Fraction(1, comb(100, 3)))

    def test_missing_is_counted(self) -> None:
        found = in_common(["a", "b", "f"], BOOK, ["hobbies", "term", "is_local"])
        assert dict(found.missing) == {"hobbies": 1, "term": 0, "is_local": 2}
        assert dict(found.book_missing) == {"hobbies": 1, "term": 1, "is_local": 4}

    def test_the_highest_lift_comes_first_then_the_most_members_then_the_name(self) -> None:
        rows: Mapping[str, Mapping[str, FactValue]] = {
            "a": {"x": both("p", "q", "r"), "y": "s"},
            "b": {"x": both("p", "q", "r"), "y": "s"},
            "c": {"x": both("p"), "y": "s"},
            "d": {"x": both("p"), "y": "t"},
        }
        found = in_common(["a", "b", "c"], rows, ["y", "x"], at_least=2).found
        assert [(str(one.lift), one.count, one.value) for one in found] == [
            ("4/3", 3, "s"),
            ("4/3", 2, "q"),
            ("4/3", 2, "r"),
            ("1", 3, "p"),
        ]

    @pytest.mark.parametrize(("at_least", "values"), [(1, ["golf", "tea"]), (2, ["golf"]), (3, [])])
    def test_a_value_is_a_theme_from_so_many_members_on(self, at_least: int, values: list[str]) -> None:
        assert [one.value for one in in_common(["a", "b"], BOOK, ["hobbies"], at_least=at_least).found] == values

    def test_flags_and_categories_are_shared_too(self) -> None:
        found = in_common(["a", "b"], BOOK, ["term", "is_local"], at_least=1).found
        assert {(one.fact, one.value) for one in found} == {("term", "long"), ("is_local", "true")}

    def test_nobody_has_nothing_in_common(self) -> None:
        found = in_common([], BOOK, ["hobbies"])
        assert (found.found, found.client_ids) == ((), ())

    @pytest.mark.parametrize(
        ("members", "traits", "at_least", "name"),
        [
            (["z"], ["hobbies"], 3, "members"),
            (["a"], ["hobbies", "hobbies"], 3, "traits"),
            (["a"], ["hobbies"], 0, "at_least"),
            (["a"], ["hobbies"], True, "at_least"),
        ],
    )
    def test_what_is_no_question_is_refused(self, members: list[str], traits: list[str], at_least: int, name: str) -> None:
        with pytest.raises(InvalidValueError) as caught:
            in_common(members, BOOK, traits, at_least=at_least)
        assert caught.value.name == name

    def test_a_number_or_a_date_is_no_trait(self) -> None:
        for value in (3, DAY):
            with pytest.raises(InvalidValueError, match="declare a level of its bands"):
                in_common(["a"], {"a": {"x": value}}, ["x"])

    def test_of_a_decided_book_all_that_can_be_shared_is_looked_at_save_what_makes_the_segment(self) -> None:
        decided = policy().decide(rc.Book(clients=CLIENTS), as_of=DAY)
        shared = segment_themes(policy(), decided, "bold_equity", at_least=2)
        assert shared.traits == ("term", "is_local", "city", "hobbies")
        assert [(one.fact, one.value, one.count) for one in shared.found] == [("term", "long", 3), ("hobbies", "golf", 2)]
        named = segment_themes(policy(), decided, "grid", traits=["hobbies"], cell="equity / bold / long", at_least=1)
        assert [(one.value, one.count) for one in named.found] == [("golf", 2), ("tea", 1)]

    @pytest.mark.parametrize(
        ("traits", "told"), [(["hobby"], "did you mean 'hobbies'"), (["assets"], "must be a set, a category, a level or a flag")]
    )
    def test_what_is_no_trait_of_the_policy_is_refused(self, traits: list[str], told: str) -> None:
        decided = policy().decide(rc.Book(clients=CLIENTS), as_of=DAY)
        with pytest.raises(InvalidValueError, match=told):
            segment_themes(policy(), decided, "grid", traits=traits)


class TestInvitations:
    def test_who_shares_the_theme_stands_inside_or_outside_and_of_whom_it_is_missing_is_told(self) -> None:
        found = invitations(["a", "d", "f"], BOOK, Theme("hobbies", "golf"))
        assert [one.client_id for one in found.inside] == ["a"]
        assert [one.client_id for one in found.outside] == ["b", "c"]
        assert found.unknown == ("f",)
        assert rc.explain(found.inside[0].reasons[0]) == "golf is among its hobbies (hobbies is golf + tea)"

    def test_of_a_decided_book(self) -> None:
        decided = policy().decide(rc.Book(clients=CLIENTS), as_of=DAY)
        found = segment_guests(policy(), decided, "bold_equity", Theme("hobbies", "golf"))
        assert [one.client_id for one in found.inside] == ["c-1", "c-2"]
        assert [one.client_id for one in found.outside] == ["c-7"]
        assert found.unknown == ("c-6",)

    @pytest.mark.parametrize(
        ("theme", "told"),
        [
            (Theme("term", "lng"), "did you mean 'long'"),
            (Theme("is_local", "yes"), "its values are 'false', 'true'"),
            (Theme("hobby", "golf"), "did you mean 'hobbies'"),
        ],
    )
    def test_a_theme_that_nobody_can_have_is_refused(self, theme: Theme, told: str) -> None:
        decided = policy().decide(rc.Book(clients=CLIENTS), as_of=DAY)
        with pytest.raises(InvalidValueError, match=told):
            segment_guests(policy(), decided, "bold_equity", theme)
        with pytest.raises(UnknownRecordError, match="did you mean 'bold_equity'"):
            segment_guests(policy(), decided, "bold_equty", Theme("hobbies", "golf"))

    def test_a_theme_is_read_from_text(self) -> None:
        assert Theme.parse(" hobbies = golf ") == Theme("hobbies", "golf")
        assert str(Theme("hobbies", "golf")) == "hobbies=golf"
        for text in ("hobbies", "=golf", "hobbies="):
            with pytest.raises(InvalidValueError, match="write hobbies=golf"):
                Theme.parse(text)


@pytest.mark.parametrize(
    ("text", "written_out"),
    [
        ("segment.s", "risk == 'bold' or is_local == True"),
        ("segment.s == False", "not (risk == 'bold' or is_local == True)"),
        ("segment.s != True", "not (risk == 'bold' or is_local == True)"),
        ("segment.s != False", "risk == 'bold' or is_local == True"),
        ("not segment.s", "not (risk == 'bold' or is_local == True)"),
        ("segment.s and term == 'long'", "(risk == 'bold' or is_local == True) and term == 'long'"),
        ("segment.s or term == 'long'", "risk == 'bold' or is_local == True or term == 'long'"),
        ("missing(segment.s)", "missing(segment.s)"),
        ("segment.s in (False,)", "not (risk == 'bold' or is_local == True)"),
        ("segment.s in (True, False)", "risk == 'bold' or is_local == True or not (risk == 'bold' or is_local == True)"),
        ("segment.t", "segment.t == True"),
    ],
)
def test_a_criterion_is_written_out(text: str, written_out: str) -> None:
    segment = CriterionSegment(id="s", when=rc.criterion("risk == 'bold' or is_local"))
    assert str(expanded(rc.criterion(text), {"s": segment})) == written_out
