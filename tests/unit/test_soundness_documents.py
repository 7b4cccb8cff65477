"""Broken rhythms, staffings, requirements, acceptances and versions, each with one planted defect and a mended twin."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Final, TypeAlias

import attrs
import pytest

import relcare as rc
from relcare.soundness import CODES, Finding, ProofReport, Severity, prove, prove_versions

DAY: Final = date(2026, 3, 31)
FACTS: Final = """
[facts]
revenue = { type = "money", min = "0", polarity = "more" }
spend = { type = "money", min = "0", polarity = "more", may_be_missing = true }
is_key = { type = "flag" }
points = { type = "integer", min = "0", max = "2", polarity = "more" }
rate = { type = "number", grain = "0.01", round = "half up", ratio = ["revenue", "spend"], polarity = "more" }
"""
MANAGER: Final = "account manager"
Found: TypeAlias = tuple[str, tuple[str, ...]]
"""Code and places of a refutation."""


def document(text: str, **keys: str) -> rc.Policy:
    more = "".join(f"{key} = {value}\n" for key, value in keys.items())
    head = f'format = 1\n[policy]\nid = "p"\nversion = "1"\neffective_from = 2026-01-01\n{more}'
    return rc.loads_policy(head + FACTS + text)


def rule(rule_id: str, **keys: str) -> str:
    """A cadence rule; what is given is written as it stands."""
    lines = {"channel": f'"{rule_id}"', "every": '"1 week"', **keys}
    return f'[[cadence]]\nid = "{rule_id}"\n' + "".join(f"{key} = {value}\n" for key, value in lines.items())


def strategy(intervals: str) -> str:
    return f'[[relationship]]\ntype = "partner"\nappeal = "fellow feeling"\nintervals = {{ {intervals} }}\n'


def staff(clients: int, minutes: int, *, role: str = MANAGER, mix: str = "") -> str:
    people = f'{{ role = "{role}", staff = "1", minutes_per_day = {minutes} }}'
    return f"[staffing]\nclients = {clients}\nroles = [ {people} ]\n{mix}"


def grade(fact: str, **keys: str) -> str:
    lines = {"fact": f'"{fact}"', "parts": "5", **keys}
    return '[[grade]]\nid = "g"\n' + "".join(f"{key} = {value}\n" for key, value in lines.items())


def weighed(weight: str) -> str:
    """A quota whose score is a grade at its weight."""
    terms = f'[ {{ fact = "grade.g", weight = "{weight}" }} ]'
    listed = '{ id = "A", share = "20%" }, { id = "B", share = "80%" }'
    return f'[[segmentation]]\nid = "q"\nkind = "quota"\nscore = {terms}\ntiers = [ {listed} ]\n'


def tiers(*when: str, **keys: str) -> str:
    listed = ", ".join(f'{{ id = "{tier}", when = "{text}" }}' for tier, text in zip("ABC", when, strict=False))
    more = "".join(f'{key} = "{value}"\n' for key, value in keys.items())
    return f'[[segmentation]]\nid = "s"\nkind = "threshold"\n{more}tiers = [ {listed} ]\n'


def quota(share: str, ties: str = "by id") -> str:
    rest = f"{100 - int(share)}%"
    listed = f'{{ id = "A", share = "{share}%" }}, {{ id = "B", share = "{rest}" }}'
    return f'[[segmentation]]\nid = "q"\nkind = "quota"\nscore = "revenue"\nties = "{ties}"\ntiers = [ {listed} ]\n'


def steady(settings: str, tier_ids: str = "ABC") -> str:
    """A quota in equal shares, four at most, that remembers."""
    shares = {2: ("50%", "50%"), 3: ("20%", "40%", "40%")}[len(tier_ids)]
    listed = ", ".join(f'{{ id = "{tier}", share = "{share}" }}' for tier, share in zip(tier_ids, shares, strict=True))
    return f'[[segmentation]]\nid = "q"\nkind = "quota"\nscore = "revenue"\nsteady = {{ {settings} }}\ntiers = [ {listed} ]\n'


def stairs(stays: str) -> str:
    listed = f'{{ id = "A", when = "revenue >= 10", stays = "revenue >= 8" }}, {{ id = "B", when = "revenue >= 0"{stays} }}'
    return f'[[segmentation]]\nid = "s"\nkind = "threshold"\ntiers = [ {listed} ]\notherwise = "C"\n'


def club(settings: str, when: str = "revenue >= 10") -> str:
    lately = """
[facts.lately]
type = "money"
measure = { sum = "purchases.amount", window = "30 days" }
[facts.this_month]
type = "integer"
measure = { count = "purchases", window = "1 calendar month" }
"""
    return lately + f'[[vip]]\nid = "club"\npaths = [ {{ id = "big", when = "{when}" }} ]\nmembership = {{ {settings} }}\n'


def segment(segment_id: str, **keys: str) -> str:
    """A segment; what is given is written as it stands."""
    return f'[[segment]]\nid = "{segment_id}"\n' + "".join(f"{key} = {value}\n" for key, value in keys.items())


def require(text: str) -> str:
    return f"[[require]]\n{text}\n"


def accept(text: str) -> str:
    return f'[[accept]]\n{text}\nreason = "the firm knows"\n'


@attrs.frozen(kw_only=True)
class Defect:
    """A broken policy and its mended twin.

    Attributes:
        name: For people.
        broken: The rules, after the common head.
        mended: The same with the one thing put right.
        found: Code and places of everything that is refuted, in order; the first is the planted defect, others follow from it.
        values: What else is told of the planted one, or some of it.
        hint: A part of its hint.
        keys: More keys of `[policy]`, as TOML: of the broken one, and of the mended one.
    """

    name: str
    broken: str
    mended: str
    found: tuple[Found, ...]
    values: Mapping[str, object] = attrs.field(factory=dict[str, object])
    hint: str = ""
    keys: tuple[Mapping[str, str], Mapping[str, str]] = ({}, {})


SECOND: Final = """
[[segmentation]]
id = "t"
kind = "threshold"
tiers = [ {{ id = "X", when = "tier.s == '{}'" }} ]
otherwise = "Y"
"""
PARTNERS: Final = "'partner' in client.relationship_types"
RHYTHMS: Final = (
    Defect(
        name="a grace as long as the interval",
        broken=rule("call", grace='"7 days"'),
        mended=rule("call", grace='"6 days"'),
        found=(("grace", ("cadence[0]",)),),
        values={"rule": "call", "grace": "7 days", "every": "1 week"},
    ),
    Defect(
        name="a grace longer than any month",
        broken=rule("visit") + rule("call", every='"1 month"', grace='"31 days"'),
        mended=rule("visit") + rule("call", every='"1 month"', grace='"30 days"'),
        found=(("grace", ("cadence[1]",)),),
        values={"rule": "call"},
    ),
    Defect(
        name="two rules that keep each other",
        broken=rule("call", satisfied_by='["visit"]') + rule("visit", satisfied_by='["call"]'),
        mended=rule("call", satisfied_by='["visit"]') + rule("visit"),
        found=(("circle", ("cadence[0]", "cadence[1]")),),
        values={"rules": ("call", "visit")},
    ),
    Defect(
        name="three rules in a circle, a fourth outside",
        broken=rule("mail", satisfied_by='["call"]')
        + rule("call", satisfied_by='["visit"]')
        + rule("visit", satisfied_by='["letter"]')
        + rule("letter", satisfied_by='["call"]'),
        mended=rule("mail", satisfied_by='["call"]')
        + rule("call", satisfied_by='["visit"]')
        + rule("visit", satisfied_by='["letter"]')
        + rule("letter", satisfied_by='["fax"]'),
        found=(("circle", ("cadence[1]", "cadence[2]", "cadence[3]")),),
        values={"rules": ("call", "visit", "letter")},
    ),
    Defect(
        name="two circles",
        broken=rule("call", satisfied_by='["visit"]')
        + rule("visit", satisfied_by='["call"]')
        + rule("letter", satisfied_by='["gift"]')
        + rule("gift", satisfied_by='["letter"]'),
        mended=rule("call", satisfied_by='["visit"]') + rule("visit") + rule("letter", satisfied_by='["gift"]') + rule("gift"),
        found=(("circle", ("cadence[0]", "cadence[1]")), ("circle", ("cadence[2]", "cadence[3]"))),
    ),
    Defect(
        name="a circle that one client can owe",
        broken=rule("call", satisfied_by='["visit"]', when='"revenue <= 100"')
        + rule("visit", satisfied_by='["call"]', when='"revenue >= 100"'),
        mended=rule("call", satisfied_by='["visit"]', when='"revenue < 100"')
        + rule("visit", satisfied_by='["call"]', when='"revenue >= 100"'),
        found=(("circle", ("cadence[0]", "cadence[1]")),),
    ),
    Defect(
        name="a misspelt channel",
        broken=rule("call", satisfied_by='["fax", "vist"]') + rule("visit"),
        mended=rule("call", satisfied_by='["fax", "visit"]') + rule("visit"),
        found=(("channel.unknown", ("cadence[0].satisfied_by[1]",)),),
        values={"rule": "call", "channel": "vist"},
        hint="'visit'",
    ),
    Defect(
        name="an interval of a strategy longer than the rule's",
        broken=rule("call", every='"1 month"') + strategy('call = "2 months"'),
        mended=rule("call", every='"1 month"') + strategy('call = "1 month"'),
        found=(("strategy.idle", ("relationship[0].intervals.call",)),),
        values={"type": "partner", "channel": "call", "every": "2 months"},
    ),
    Defect(
        name="an interval of a strategy for a misspelt channel",
        broken=rule("call", every='"1 month"') + strategy('cal = "1 week"'),
        mended=rule("call", every='"1 month"') + strategy('call = "1 week"'),
        found=(("strategy.idle", ("relationship[0].intervals.cal",)),),
        hint="'call'",
    ),
    Defect(
        name="an interval of a strategy for a rule that does not roll",
        broken=rule("call", mode='"grid"', anchor='"2026-01-01"') + strategy('call = "1 week"'),
        mended=rule("call") + strategy('call = "1 week"'),
        found=(("strategy.idle", ("relationship[0].intervals.call",)),),
    ),
    Defect(
        name="a type that is misspelt in a scope",
        broken=tiers("is_key", otherwise="B", scope="'partnr' in client.relationship_types"),
        mended=tiers("is_key", otherwise="B", scope=PARTNERS),
        found=(("type.unknown", ("segmentation[0].scope",)),),
        values={"type": "partnr"},
        hint="'partner'",
    ),
    Defect(
        name="days off that are not published yet",
        broken=rule("call", roll='"none"') + rule("visit"),
        mended=rule("call", roll='"none"') + rule("visit"),
        found=(("horizon", ("policy.calendar", "cadence[1]")),),
        values={"calendar": "CN"},
        keys=({"calendar": '"CN"'}, {"calendar": '"CN"', "effective_until": "2026-07-01"}),
    ),
)
PERMITTED: Final = (
    Defect(
        name="a cap of four in a month on a weekly call",
        broken=rule("call") + '[permission]\ncaps = [ { limit = 4, per = "month", channels = ["call"] } ]\n',
        mended=rule("call") + '[permission]\ncaps = [ { limit = 5, per = "month", channels = ["call"] } ]\n',
        found=(("cap.interval", ("permission.caps[0]", "cadence[0]")),),
        values={"limit": 4, "rule": "call"},
    ),
    Defect(
        name="a gap a day longer than the interval",
        broken=rule("call") + '[permission]\ngaps = [ { minimum = "8 days" } ]\n',
        mended=rule("call") + '[permission]\ngaps = [ { minimum = "7 days" } ]\n',
        found=(("gap.interval", ("permission.gaps[0]", "cadence[0]")),),
        values={"minimum": "8 days", "rule": "call"},
    ),
    Defect(
        name="hours that never open together",
        broken=rule("call") + '[permission]\nhours = [ { allowed = ["Mon-Fri 07:00-09:00"] }, { quiet = ["21:00-09:00"] } ]\n',
        mended=rule("call") + '[permission]\nhours = [ { allowed = ["Mon-Fri 07:00-09:00"] }, { quiet = ["21:00-08:59"] } ]\n',
        found=(("hours.none", ("permission.hours[0]", "permission.hours[1]", "cadence[0]")),),
        values={"channel": "call"},
    ),
    Defect(
        name="a channel of no known medium under a law",
        broken=rule("newsletter") + '[permission]\nlaw = ["de"]\n',
        mended=rule("newsletter") + '[permission]\nlaw = ["de"]\nmedia = { newsletter = "visit" }\n',
        found=(("medium.unknown", ("permission.law", "cadence[0]")),),
        values={"channel": "newsletter"},
    ),
)
STAFFED: Final = (
    Defect(
        name="a role that nobody has",
        broken=rule("call", role='"researcher"', minutes="10") + staff(10, 400, role="researchers"),
        mended=rule("call", role='"researcher"', minutes="10") + staff(10, 400, role="researcher"),
        found=(("role.unstaffed", ("cadence[0]",)), ("feasible.average", ("staffing", "cadence[0]"))),
        values={"rule": "call", "role": "researcher"},
        hint="'researchers'",
    ),
    Defect(
        name="a minute too few on average",
        broken=rule("call", minutes="20") + staff(100, 399),
        mended=rule("call", minutes="20") + staff(100, 400),
        found=(("feasible.average", ("staffing", "cadence[0]")),),
        values={"role": MANAGER, "needs": Decimal(400), "has": Decimal(399), "clients": 100, "largest_book": 99},
        hint="99 clients would fit, or all intervals 1.01 times as long",
    ),
    Defect(
        name="a minute too few on the fullest day",
        broken=rule("call", minutes="20") + staff(101, 419),
        mended=rule("call", minutes="20") + staff(101, 420),
        found=(("feasible.peak", ("staffing", "cadence[0]")),),
        values={"role": MANAGER, "average": Decimal(404), "peak": 420, "has": Decimal(419)},
    ),
    Defect(
        name="a mix that asks too much",
        broken=rule("call", minutes="20", when='"is_key"')
        + staff(100, 100, mix='mix = { is_key = { "true" = "30%", "false" = "70%" } }\n'),
        mended=rule("call", minutes="20", when='"is_key"')
        + staff(100, 100, mix='mix = { is_key = { "true" = "25%", "false" = "75%" } }\n'),
        found=(("feasible.average", ("staffing", "cadence[0]")),),
        values={"needs": Decimal(120)},
    ),
)
REQUIRED: Final = (
    Defect(
        name="a required totality with a cent missing",
        broken=tiers("revenue >= 100", "revenue < 99.99") + require('total = "s"'),
        mended=tiers("revenue >= 100", "revenue < 100") + require('total = "s"'),
        found=(
            ("total.gap", ("segmentation[0].tiers[0].when", "segmentation[0].tiers[1].when")),
            ("require.total", ("require[0]", "segmentation[0].tiers[0].when", "segmentation[0].tiers[1].when")),
        ),
    ),
    Defect(
        name="a required totality with two tiers for one cent",
        broken=tiers("revenue >= 100", "revenue <= 100", hit="unique") + require('total = "s"'),
        mended=tiers("revenue >= 100", "revenue < 100", hit="unique") + require('total = "s"'),
        found=(
            ("conflict", ("segmentation[0].tiers[1].when", "segmentation[0].tiers[0].when")),
            ("require.total", ("require[0]", "segmentation[0].tiers[1].when", "segmentation[0].tiers[0].when")),
        ),
    ),
    Defect(
        name="a required order that falls",
        broken=tiers("revenue < 100", otherwise="B") + require('monotone = "revenue"'),
        mended=tiers("revenue >= 100", otherwise="B") + require('monotone = "revenue"'),
        found=(
            ("monotone", ("segmentation[0]", "segmentation[0].tiers[0].when")),
            ("require.monotone", ("require[0]", "segmentation[0]", "segmentation[0].tiers[0].when")),
        ),
    ),
    Defect(
        name="a required order that a VIP programme breaks",
        broken='[[vip]]\nid = "v"\npaths = [ { id = "a", when = "revenue < 100" } ]\n' + require('monotone = "revenue"'),
        mended='[[vip]]\nid = "v"\npaths = [ { id = "a", when = "revenue >= 100" } ]\n' + require('monotone = "revenue"'),
        found=(
            ("monotone", ("vip[0].paths[0].when",)),
            ("require.monotone", ("require[0]", "vip[0].paths[0].when")),
        ),
    ),
    Defect(
        name="a required order of a score that falls",
        broken=quota("20").replace('"revenue"', '[ { fact = "revenue", bands = [ { from = "10", points = -1 } ] } ]')
        + require('monotone = "revenue"\nscheme = "q"'),
        mended=quota("20").replace('"revenue"', '[ { fact = "revenue", bands = [ { from = "10", points = 1 } ] } ]')
        + require('monotone = "revenue"\nscheme = "q"'),
        found=(
            ("monotone", ("segmentation[0].score[0]",)),
            ("require.monotone", ("require[0]", "segmentation[0].score[0]")),
        ),
    ),
    Defect(
        name="a required order through the tier of another scheme",
        broken=tiers("revenue >= 5", otherwise="B") + SECOND.format("B") + require('monotone = "revenue"\nscheme = "t"'),
        mended=tiers("revenue >= 5", otherwise="B") + SECOND.format("A") + require('monotone = "revenue"\nscheme = "t"'),
        found=(
            ("monotone", ("segmentation[1]", "segmentation[1].tiers[0].when")),
            ("require.monotone", ("require[0]", "segmentation[1]", "segmentation[1].tiers[0].when")),
        ),
    ),
    Defect(
        name="a required kindness to those without data",
        broken=tiers("not missing(spend) and spend >= 1", otherwise="B") + require('never_demotes = "s"'),
        mended=tiers("spend >= 1", otherwise="B") + require('never_demotes = "s"'),
        found=(
            ("demotes", ("segmentation[0]", "segmentation[0].tiers[0].when")),
            ("require.never_demotes", ("require[0]", "segmentation[0]", "segmentation[0].tiers[0].when")),
        ),
    ),
    Defect(
        name="a share above its bound",
        broken=quota("26") + require('share = "A <= 25%"'),
        mended=quota("25") + require('share = "A <= 25%"'),
        found=(("require.share", ("require[0]", "segmentation[0]")),),
        values={"share": "26%", "from": "the declared shares"},
    ),
    Defect(
        name="a share below its bound, of a mix",
        broken=tiers("revenue >= 1", otherwise="B")
        + staff(10, 400, mix='mix = { "tier.s" = { A = "9.5%", B = "90.5%" } }\n')
        + require('share = "A >= 10%"'),
        mended=tiers("revenue >= 1", otherwise="B")
        + staff(10, 400, mix='mix = { "tier.s" = { A = "10%", B = "90%" } }\n')
        + require('share = "A >= 10%"'),
        found=(("require.share", ("require[0]", "segmentation[0]")),),
        values={"share": "9.5%", "from": "the declared mix"},
    ),
    Defect(
        name="a required fit that is a minute short",
        broken=rule("call", minutes="20") + staff(100, 399) + require("feasible = true"),
        mended=rule("call", minutes="20") + staff(100, 400) + require("feasible = true"),
        found=(
            ("feasible.average", ("staffing", "cadence[0]")),
            ("require.feasible", ("require[0]", "staffing", "cadence[0]")),
        ),
    ),
)
ACCEPTED: Final = (
    Defect(
        name="an acceptance that is over today",
        broken=rule("call", grace='"7 days"') + accept('code = "grace"\nof = "call"\nuntil = 2026-03-31'),
        mended=rule("call", grace='"7 days"') + accept('code = "grace"\nof = "call"\nuntil = 2026-04-01'),
        found=(("accept.expired", ("accept[0]",)), ("grace", ("cadence[0]",))),
        values={"finding": "grace", "of": "call", "until": DAY},
    ),
    Defect(
        name="an acceptance of what there is not",
        broken=rule("call") + accept('code = "grace"'),
        mended=rule("call", grace='"7 days"') + accept('code = "grace"'),
        found=(("accept.idle", ("accept[0]",)),),
        values={"finding": "grace"},
        hint="leave it out",
    ),
    Defect(
        name="an acceptance for another rule",
        broken=rule("call", grace='"7 days"') + accept('code = "grace"\nof = "visit"'),
        mended=rule("call", grace='"7 days"') + accept('code = "grace"\nof = "call"'),
        found=(("accept.idle", ("accept[0]",)), ("grace", ("cadence[0]",))),
        values={"finding": "grace", "of": "visit"},
    ),
    Defect(
        name="an acceptance of a misspelt code",
        broken=rule("call", grace='"7 days"') + accept('code = "graces"'),
        mended=rule("call", grace='"7 days"') + accept('code = "grace"'),
        found=(("accept.idle", ("accept[0]",)), ("grace", ("cadence[0]",))),
        hint="'grace'",
    ),
    Defect(
        name="a requirement is never accepted away",
        broken=quota("26") + require('share = "A <= 25%"') + accept('code = "require.share"'),
        mended=quota("25") + require('share = "A <= 25%"'),
        found=(("require.share", ("require[0]", "segmentation[0]")), ("accept.idle", ("accept[0]",))),
    ),
)
MEMBERSHIP: Final = (
    Defect(
        name="goods may come back for as long as a purchase counts",
        broken=club('returns_delay = "30 days"', "lately >= 10"),
        mended=club('returns_delay = "29 days"', "lately >= 10"),
        found=(("membership.unbegun", ("vip[0].membership.returns_delay", "vip[0].paths[0].when")),),
        values={"programme": "club", "returns_delay": "30 days", "window": "30 days"},
    ),
    Defect(
        name="goods may come back for longer than any window",
        broken=club('returns_delay = "2 months"', "lately >= 10 or this_month >= 2"),
        mended=club('returns_delay = "2 months"', "lately >= 10 or revenue >= 2"),
        found=(("membership.unbegun", ("vip[0].membership.returns_delay", "vip[0].paths[0].when")),),
        values={"window": "1 calendar month"},
    ),
    Defect(
        name="notice as long as the term",
        broken=club('length = "30 days", notice = "30 days"'),
        mended=club('length = "31 days", notice = "30 days"'),
        found=(("membership.hasty", ("vip[0].membership.notice", "vip[0].membership.length")),),
        values={"notice": "30 days", "length": "30 days"},
    ),
    Defect(
        name="grace that nobody gets",
        broken=club('length = "1 year", grace = "30 days"'),
        mended=club('length = "1 year", grace = "30 days", keeping = "grace"'),
        found=(("membership.idle", ("vip[0].membership.grace",)),),
        values={"setting": "grace"},
        hint='keeping = "grace"',
    ),
    Defect(
        name="one step down from nowhere",
        broken=club('length = "1 year", keeping = "one step down", levels = ["gold"]'),
        mended=club('length = "1 year", keeping = "one step down", levels = ["gold", "silver"]'),
        found=(("membership.idle", ("vip[0].membership.keeping",)),),
        hint="two levels",
    ),
    Defect(
        name="the end of a membership without an end",
        broken=club('keeping = "re-evaluated", notice = "30 days"'),
        mended=club('keeping = "re-evaluated", notice = "30 days", length = "1 year"'),
        found=(
            ("membership.idle", ("vip[0].membership.keeping",)),
            ("membership.idle", ("vip[0].membership.notice",)),
        ),
        hint="a length",
    ),
    Defect(
        name="the longest of no grants",
        broken=club('grants = false, longest_grant = "1 year"'),
        mended=club('grants = true, longest_grant = "1 year"'),
        found=(("membership.idle", ("vip[0].membership.longest_grant",)),),
        values={"setting": "longest_grant"},
    ),
)
STEADY: Final = (
    Defect(
        name="a tier that nobody falls out of",
        broken=steady('hysteresis = "40%"'),
        mended=steady('hysteresis = "39.9%"'),
        found=(("steady.stuck", ("segmentation[0].steady.hysteresis", "segmentation[0].tiers[1].share")),),
        values={"tier": "B", "hysteresis": "40%"},
        hint="less than 40%",
    ),
    Defect(
        name="one step where there is only one",
        broken=steady("one_step = true", "AB"),
        mended=steady("one_step = true"),
        found=(("steady.idle", ("segmentation[0].steady.one_step",)),),
        values={"setting": "one_step"},
    ),
    Defect(
        name="nothing that could be held back",
        broken=steady('holds_back = "falls"'),
        mended=steady('holds_back = "falls", confirm = 2'),
        found=(("steady.idle", ("segmentation[0].steady",)),),
    ),
    Defect(
        name="only falls of what never holds a rise back",
        broken=steady('hysteresis = "5%", holds_back = "falls"'),
        mended=steady('hysteresis = "5%"'),
        found=(("steady.idle", ("segmentation[0].steady.holds_back",)),),
    ),
    Defect(
        name="who stays asks for what nobody can have",
        broken=stairs(', stays = "revenue >= 5 and revenue < 5"'),
        mended=stairs(', stays = "revenue >= 5"'),
        found=(("dead.never", ("segmentation[0].tiers[1].stays",)),),
    ),
)
SEGMENTS: Final = (
    Defect(
        name="a segment that nobody can be in",
        broken=segment("few", when='"spend > 10 and spend < 10.01"'),
        mended=segment("few", when='"spend >= 10 and spend < 10.01"'),
        found=(("segment.never", ("segment[0].when",)),),
        values={"segment": "few"},
    ),
    Defect(
        name="cells that the scope rules out",
        broken=segment("grid", by='["client.stage", "is_key"]', scope="\"client.stage in ('closed', 'dormant') and is_key\""),
        mended=segment("grid", by='["client.region"]', scope="\"client.stage in ('closed', 'dormant') and is_key\""),
        found=(("segment.never", ("segment[0].by", "segment[0].scope")),),
        values={
            "cells": (
                "client.stage visitor and is_key false",
                "client.stage visitor and is_key true",
                "client.stage open and is_key false",
                "client.stage open and is_key true",
                "client.stage closed and is_key false",
                "and 1 more",
            )
        },
        hint="widen the scope",
    ),
    Defect(
        name="a segment that everybody is in",
        broken=segment("all", when='"revenue >= 0"'),
        mended=segment("all", when='"spend >= 0"'),
        found=(("segment.everybody", ("segment[0].when",)),),
        values={"segment": "all"},
    ),
    Defect(
        name="two segments that are one",
        broken=segment("one", when='"is_key and spend >= 10"') + segment("two", when='"not (spend < 10 or not is_key)"'),
        mended=segment("one", when='"is_key and spend >= 10"') + segment("two", when='"not (spend < 10 or is_key)"'),
        found=(("segment.same", ("segment[1].when", "segment[0].when")),),
        values={"segments": ("one", "two")},
        hint="leave one of them out",
    ),
    Defect(
        # The mended ones lie within each other, the earlier in the later and the later in the earlier: that is not the same.
        name="the same segment twice among three",
        broken=segment("one", when='"spend >= 10"') + segment("two", when='"spend >= 5"') + segment("three", when='"spend >= 5"'),
        mended=segment("one", when='"spend >= 10"') + segment("two", when='"spend >= 5"') + segment("three", when='"spend >= 7"'),
        found=(("segment.same", ("segment[2].when", "segment[1].when")),),
        values={"segments": ("two", "three")},
    ),
    Defect(
        name="the same dimensions in another order",
        broken=segment("one", by='["is_key", "client.region"]') + segment("two", by='["client.region", "is_key"]'),
        mended=segment("one", by='["is_key", "client.region"]') + segment("two", by='["client.region"]'),
        found=(("segment.same", ("segment[1].by", "segment[0].by")),),
    ),
    Defect(
        name="a rule that asks for a segment and for what it leaves out",
        broken=segment("big", when='"spend >= 10"') + rule("call", when='"segment.big and spend < 5"'),
        mended=segment("big", when='"spend >= 10"') + rule("call", when='"segment.big and spend < 50"'),
        found=(("dead.never", ("cadence[0].when",)),),
    ),
    Defect(
        name="a segment that asks for a type that there is not",
        broken=segment("agents", when="\"'agent' in client.relationship_types\""),
        mended=segment("agents", when="\"'partner' in client.relationship_types\""),
        found=(("type.unknown", ("segment[0].when",)),),
    ),
)
USED: Final = rule("call", when='"grade.g >= 3"')
GRADED: Final = (
    Defect(
        name="a grade that nobody asks for",
        broken=grade("revenue"),
        mended=grade("revenue") + USED,
        found=(("grade.unused", ("grade[0]",)),),
        values={"grade": "g"},
        hint="ask for grade.g",
    ),
    Defect(
        name="three values in quintiles",
        broken=grade("points") + USED,
        mended=grade("points", ties='"by id"') + USED,
        found=(("grade.parts", ("grade[0].parts",)),),
        values={"fact": "points", "values": 3, "parts": 5},
        hint="write parts = 3",
    ),
    Defect(
        name="less of what is better",
        broken=grade("revenue", better='"less"') + USED,
        mended=grade("revenue", better='"more"') + USED,
        found=(("grade.direction", ("grade[0].better", "facts.revenue")),),
        values={"better": "less", "polarity": "more"},
        hint="leave better out",
    ),
    Defect(
        name="a grade above the best",
        broken=grade("revenue") + rule("call", when='"grade.g >= 6"'),
        mended=grade("revenue") + rule("call", when='"grade.g >= 5"'),
        found=(("bounds", ("cadence[0].when",)), ("dead.never", ("cadence[0].when",))),
    ),
    Defect(
        name="a grade among nobody",
        broken=grade("revenue", scope='"revenue < 0"') + USED,
        mended=grade("revenue", scope='"revenue > 0"') + USED,
        found=(("dead.never", ("grade[0].scope",)),),
    ),
    Defect(
        name="a sum of grades that turns one of them round",
        broken=grade("revenue") + weighed("-1"),
        mended=grade("revenue") + weighed("1"),
        found=(("monotone", ("segmentation[0].score[0]",)),),
        values={"fact": "grade.g"},
    ),
    Defect(
        name="a requirement that a turned grade breaks",
        broken=grade("revenue") + weighed("-1") + require('monotone = "revenue"'),
        mended=grade("revenue") + weighed("1") + require('monotone = "revenue"'),
        found=(
            ("monotone", ("segmentation[0].score[0]",)),
            ("require.monotone", ("require[0]", "segmentation[0].score[0]")),
        ),
    ),
)
DEFECTS: Final = (*GRADED, *SEGMENTS, *MEMBERSHIP, *STEADY, *RHYTHMS, *PERMITTED, *STAFFED, *REQUIRED, *ACCEPTED)


def proof(text: str, keys: Mapping[str, str]) -> ProofReport:
    return prove(document(text, **keys), as_of=DAY)


def refuted(report: ProofReport) -> list[Finding]:
    """What is refuted and not accepted."""
    return [finding for finding in report.refuted if finding.accepted is None]


@pytest.mark.parametrize("defect", [pytest.param(defect, id=defect.name) for defect in DEFECTS])
class TestPlantedDefects:
    """The proof finds the defect, at its place, and nothing once it is mended."""

    def test_a_planted_defect_is_found_and_nothing_that_does_not_follow(self, defect: Defect) -> None:
        report = proof(defect.broken, defect.keys[0])
        assert sorted((finding.code, finding.places) for finding in refuted(report)) == sorted(defect.found), report.refuted
        assert report.undecided == ()
        assert report.is_sound is all(CODES[code][0] == "note" for code, _ in defect.found)

    def test_the_finding_tells_what_people_need(self, defect: Defect) -> None:
        found = next(f for f in refuted(proof(defect.broken, defect.keys[0])) if f.code == defect.found[0][0])
        assert {name: found.values.get(name) for name in defect.values} == defect.values
        assert defect.hint in (found.hint or "")

    def test_the_mended_twin_is_sound(self, defect: Defect) -> None:
        report = proof(defect.mended, defect.keys[1])
        assert refuted(report) == []
        assert report.undecided == ()
        assert report.is_sound


def test_a_required_finding_carries_the_witness_of_what_it_is_derived_from() -> None:
    text = tiers("revenue >= 100", "revenue < 99.99") + require('total = "s"')
    gap, required = proof(text, {}).refuted
    assert required.witnesses == gap.witnesses
    assert required.is_required


def test_a_required_order_in_a_fact_below_a_ratio_is_undecided_and_open() -> None:
    report = proof(tiers("rate >= 5", otherwise="B") + require('monotone = "spend"'), {})
    (finding,) = report.open
    assert (finding.question, finding.outcome) == ("require monotone", "undecided")
    assert "rate is computed from spend" in str(finding)


def test_an_accepted_finding_keeps_its_reason_and_its_evidence() -> None:
    text = tiers("revenue >= 100", "revenue < 99.99") + accept('code = "total.gap"\nof = "s"')
    report = proof(text, {})
    (finding,) = report.accepted
    assert finding.accepted == "the firm knows"
    assert finding.witnesses
    assert report.is_sound


def test_what_depends_on_an_undeclared_mix_is_undecided_and_open_where_it_is_required() -> None:
    text = rule("call", minutes="20", when='"is_key"') + staff(100, 300) + require("feasible = true")
    report = proof(text, {})
    assert [(finding.question, finding.is_open) for finding in report.undecided] == [
        ("feasible", False),
        ("require feasible", True),
    ]
    assert "is_key" in str(report.undecided[0])
    assert not report.is_sound


def test_a_share_that_only_a_book_shows_is_undecided_without_one() -> None:
    policy = document(tiers("revenue >= 1", otherwise="B") + require('share = "A <= 50%"'))
    assert [finding.question for finding in prove(policy).undecided] == ["require share"]
    assert prove(policy, as_of=DAY, book=book("5", "0")).is_sound
    (finding,) = prove(policy, as_of=DAY, book=book("5", "5", "0")).refuted
    assert (finding.code, finding.values["share"], finding.values["from"]) == ("require.share", "66.67%", "the book")


def book(*revenues: str) -> rc.Book:
    return rc.Book(
        clients=[
            rc.Client(id=f"c{at}", name="somebody", attributes={"revenue": revenue})
            for at, revenue in enumerate(revenues, start=1)
        ]
    )


class TestEquals:
    """SEG-3: equals that a cut parts are named, a real pair of them; no proof without a book can show that."""

    def test_a_cut_through_equals_names_a_pair(self) -> None:
        report = prove(document(quota("50")), as_of=DAY, book=book("9", "5", "5", "1"))
        (finding,) = report.refuted
        assert (finding.code, finding.places) == ("ties.unequal", ("segmentation[0]",))
        assert finding.values["clients"] == ("c2", "c3")
        assert [(dict(witness.facts), witness.outcome) for witness in finding.witnesses] == [
            ({"revenue": Decimal("5.00")}, "A"),
            ({"revenue": Decimal("5.00")}, "B"),
        ]

    def test_equals_on_one_side_of_a_cut_are_no_finding(self) -> None:
        assert prove(document(quota("50")), as_of=DAY, book=book("9", "9", "1", "1")).refuted == ()

    def test_with_equals_kept_together_nobody_is_treated_unequally(self) -> None:
        policy = document(quota("50", ties="together upward"))
        assert prove(policy, as_of=DAY, book=book("9", "5", "5", "1")).refuted == ()


class TestVersions:
    """TIM-4: effective dates are half-open, and on each day one version is in force."""

    @staticmethod
    def versions(*spans: tuple[str, str, str | None]) -> list[tuple[str, tuple[str, ...], Severity]]:
        policies = [
            rc.Policy(
                id="p",
                version=version,
                effective_from=date.fromisoformat(first),
                effective_until=None if until is None else date.fromisoformat(until),
            )
            for version, first, until in spans
        ]
        return [(finding.code, finding.places, finding.severity) for finding in prove_versions(policies) if finding.places]

    def test_a_day_with_two_versions(self) -> None:
        broken = self.versions(("1", "2026-01-01", "2026-07-02"), ("2", "2026-07-01", None))
        assert broken == [("versions.overlap", ("documents[1]", "documents[0]"), "error")]
        assert self.versions(("1", "2026-01-01", "2026-07-01"), ("2", "2026-07-01", None)) == []

    def test_a_day_without_a_version(self) -> None:
        broken = self.versions(("2", "2026-07-02", None), ("1", "2026-01-01", "2026-07-01"))
        assert broken == [("versions.gap", ("documents[0]", "documents[1]"), "warning")]

    def test_a_version_that_never_ends_under_the_next(self) -> None:
        assert self.versions(("1", "2026-01-01", None), ("2", "2026-07-01", None))[0][0] == "versions.overlap"

    def test_a_long_version_over_two_later_ones(self) -> None:
        broken = self.versions(("1", "2026-01-01", "2028-01-01"), ("2", "2026-02-01", "2026-03-01"), ("3", "2026-03-01", None))
        assert [(code, places) for code, places, _ in broken] == [
            ("versions.overlap", ("documents[1]", "documents[0]")),
            ("versions.overlap", ("documents[2]", "documents[0]")),
        ]

    def test_the_same_version_twice(self) -> None:
        broken = self.versions(("1", "2026-01-01", "2026-07-01"), ("1", "2026-07-01", None))
        assert broken == [("versions.same", ("documents[1]", "documents[0]"), "error")]


def test_every_code_that_a_proof_can_give_is_expected_by_some_test() -> None:
    texts = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    assert [code for code in CODES if f'"{code}"' not in texts] == []
