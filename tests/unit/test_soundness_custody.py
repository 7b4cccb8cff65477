import pytest

from relcare.codec import loads_policy
from relcare.soundness import Finding, prove

HEAD = """\
format = 1
[policy]
id = "house"
version = "1"
effective_from = 2026-01-01
[facts.revenue]
type = "money"
min = "0"
[facts.spent]
type = "money"
min = "0"
[facts.margin]
type = "number"
grain = "0.01"
round = "half up"
ratio = ["spent", "revenue"]
"""
CALLS = '[[cadence]]\nid = "call"\nchannel = "call"\nevery = "1 week"\nwhen = "revenue >= 1_000"\n'
VISITS = '[[cadence]]\nid = "visit"\nchannel = "visit"\nevery = "4 months"\n'


def ladder(*rungs: tuple[str, str], name: str = "all", more: str = "") -> str:
    steps = ", ".join(f'{{ after = "{after}", action = "{action}" }}' for after, action in rungs)
    return f'[[neglect]]\nid = "{name}"\nrungs = [ {steps} ]\n{more}\n'


def found(*texts: str) -> list[Finding]:
    return list(prove(loads_policy(HEAD + "".join(texts))).refuted)


def codes(*texts: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(finding.code, finding.places) for finding in found(*texts)]


class TestRungs:
    def test_in_order_all_is_proved(self) -> None:
        report = prove(loads_policy(HEAD + ladder(("3 days", "warn"), ("7 days", "release"))))
        answers = {finding.question: finding.outcome for finding in report.findings}
        assert answers == {"dead": "proved", "rungs": "proved", "protections": "proved"}

    @pytest.mark.parametrize("after", ["7 days", "6 days", "1 week"])
    def test_a_severer_one_as_soon_hides_a_milder_one(self, after: str) -> None:
        text = ladder(("7 days", "warn"), (after, "release"))
        assert codes(text) == [("rung.order", ("neglect[0].rungs[0]", "neglect[0].rungs[1]"))]

    def test_a_month_is_longer_than_thirty_days(self) -> None:
        assert codes(ladder(("30 days", "warn"), ("1 month", "release"))) == []
        assert [code for code, _ in codes(ladder(("1 month", "warn"), ("30 days", "release")))] == ["rung.order"]

    def test_one_that_can_be_held_back_hides_nothing(self) -> None:
        away = 'protect = [{ id = "away", owner_away = true }]'
        assert codes(ladder(("7 days", "at risk"), ("7 days", "release"), more=away)) == []

    def test_a_protection_that_holds_back_nothing(self) -> None:
        away = 'protect = [{ id = "away", owner_away = true }]'
        assert codes(ladder(("7 days", "warn"), more=away)) == [("protection.idle", ("neglect[0].protect[0]",))]


class TestLadders:
    def test_one_for_everybody_leaves_nobody_over(self) -> None:
        text = ladder(("7 days", "warn"), name="first") + ladder(("7 days", "warn"), name="second")
        assert codes(text) == [("dead.shadowed", ("neglect[1]", "neglect[0]"))]

    def test_two_together_can_leave_nobody_over(self) -> None:
        text = "".join(
            ladder(("7 days", "warn"), name=f"l{n}", more=f'when = "{when}"')
            for n, when in enumerate(["revenue >= 1_000", "revenue < 2_000", "spent >= 1 and revenue >= 1_500"])
        )
        assert [code for code, _ in codes(text)] == ["dead.shadowed"]

    def test_one_for_the_rest_is_somebodys(self) -> None:
        text = ladder(("7 days", "warn"), name="key", more='when = "revenue >= 1_000"') + ladder(("7 days", "warn"))
        assert codes(text) == []

    def test_criteria_of_ladders_protections_limits_and_the_pool_are_looked_at(self) -> None:
        never = "revenue >= 2 and revenue < 1"
        text = (
            ladder(("7 days", "release"), more=f'when = "{never}"\nprotect = [{{ id = "p", when = "{never}" }}]')
            + f'[[holding]]\nid = "few"\nmost = 1\nexempt = "{never}"\n'
            + f'[pool]\nprotect = [{{ id = "q", when = "{never}" }}]\n'
        )
        places = [place for code, (place, *_) in codes(text) if code == "dead.never"]
        assert places == ["neglect[0].when", "neglect[0].protect[0].when", "holding[0].exempt", "pool.protect[0].when"]

    def test_a_type_no_client_can_have(self) -> None:
        text = ladder(("7 days", "warn"), more="when = \"'parter' in client.relationship_types\"")
        assert ("type.unknown", ("neglect[0].when",)) in codes(text)

    def test_a_channel_that_looks_misspelt(self) -> None:
        text = VISITS + ladder(("7 days", "warn"), more='channels = ["vist"]')
        assert codes(text) == [("channel.unknown", ("neglect[0].channels[0]",))]


class TestReleases:
    @pytest.mark.parametrize(("after", "is_early"), [("3 months", True), ("4 months", True), ("5 months", False)])
    def test_before_the_contact_that_is_owed_is_late(self, after: str, is_early: bool) -> None:
        expected = [("release.early", ("neglect[0].rungs[0]", "cadence[0]"))] if is_early else []
        assert codes(VISITS, ladder((after, "release"))) == expected

    def test_grace_counts(self) -> None:
        text = VISITS + 'grace = "6 weeks"\n'
        assert [code for code, _ in codes(text, ladder(("5 months", "release")))] == ["release.early"]

    def test_warnings_may_come_before(self) -> None:
        assert codes(VISITS, ladder(("3 months", "warn"))) == []

    def test_a_shorter_rule_for_everybody_concerned_is_enough(self) -> None:
        # Those of the calls are owed something sooner; of the others only visits keep the ladder down.
        assert [code for code, _ in codes(VISITS, CALLS, ladder(("3 months", "release")))] == ["release.early"]
        big = 'when = "revenue >= 5_000"'
        assert codes(VISITS, CALLS, ladder(("3 months", "release"), more=big)) == []

    def test_what_the_ladder_does_not_count_keeps_nobody(self) -> None:
        big = 'when = "revenue >= 5_000"\nchannels = ["visit"]'
        assert [code for code, _ in codes(VISITS, CALLS, ladder(("3 months", "release"), more=big))] == ["release.early"]
        reaching = 'when = "revenue >= 5_000"\nreaches = ["principal"]'
        assert codes(VISITS, CALLS, ladder(("3 months", "release"), more=reaching)) == []

    def test_clients_of_an_earlier_ladder_are_not_released_by_a_later_one(self) -> None:
        small = ladder(("1 year", "release"), name="small", more='when = "revenue < 1_000"')
        assert codes(VISITS, CALLS, small, ladder(("3 months", "release"))) == []

    def test_what_only_a_computed_fact_decides_is_undecided(self) -> None:
        rule = VISITS + 'when = "margin >= 1"\n'
        report = prove(loads_policy(HEAD + rule + ladder(("3 months", "release"))))
        (answer,) = [finding for finding in report.findings if finding.question == "releases"]
        assert (answer.outcome, answer.values["why"]) == (
            "undecided",
            "only margin decides it, which is computed from other facts",
        )
