"""Broken rules about clients, each with one planted defect: the proof finds each one exactly, and its mended twin is sound.

Exactly: the one code and no other, every rule involved, and the client, or the two, with the values at the border. What random
clients find of them is counted below.
"""

import random
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final, TypeAlias

import attrs
import pytest

import relcare as rc
from relcare.policy import Core, FactType, Vocabulary
from relcare.segmentation import assign
from relcare.soundness import CODES, ProofReport, prove
from relcare.vip import qualifier_of

HEAD: Final = """
format = 1
[policy]
id = "p"
version = "1"
effective_from = 2026-01-01
[facts]
revenue = { type = "money", min = "0", max = "1000000", polarity = "more" }
spend = { type = "money", min = "0", max = "1000000", polarity = "more", may_be_missing = true }
margin = { type = "number", grain = "0.1" }
orders = { type = "integer", min = "0", max = "10000", polarity = "more" }
recency = { type = "integer", min = "0", max = "3650", polarity = "less" }
likelihood = { type = "level", values = ["none", "low", "medium", "high"], polarity = "more" }
region = { type = "category", values = ["direct", "partner", "reseller", "public"] }
city = { type = "category" }
interests = { type = "set" }
is_key = { type = "flag", polarity = "more" }
joined = { type = "date", min = 2000-01-01, max = 2026-12-31 }
renewed = { type = "date", min = 2000-01-01, max = 2026-12-31, polarity = "more" }
"""
# Twelve rules over five facts, as three tiers; each gap in them below is one threshold moved by a day or a cent.
RULES_OF_TWELVE: Final = (
    (
        "is_key",
        "revenue >= 100_000 and recency < 181",
        "50_000 <= revenue < 100_000 and orders >= 24 and recency < 91 and region in ('direct', 'partner')",
    ),
    (
        "revenue >= 100_000 and recency >= 181",
        "50_000 <= revenue < 100_000 and recency < 366",
        "10_000 <= revenue < 50_000 and orders >= 12 and recency < 181",
        "10_000 <= revenue < 50_000 and region == 'partner' and recency < 91",
    ),
    (
        "50_000 <= revenue < 100_000 and recency >= 366",
        "10_000 <= revenue < 50_000",
        "1_000 <= revenue < 10_000",
        "revenue < 1_000 and recency < 366",
        "revenue < 1_000 and recency >= 366",
    ),
)
SCHEME: Final = "segmentation[0]"
DRAWS: Final = 1_000

Client: TypeAlias = tuple[Mapping[str, object], str]
"""The facts of a witness as people write them, and what the policy makes of it."""


def tiers(*when: str, **keys: str) -> str:
    listed = ",\n".join(f'{{ id = "{tier}", when = "{text}" }}' for tier, text in zip("ABCDE", when, strict=False))
    more = "".join(f'{key} = "{value}"\n' for key, value in keys.items())
    return f'[[segmentation]]\nid = "s"\nkind = "threshold"\n{more}tiers = [\n{listed}\n]\n'


def score(*terms: str) -> str:
    listed = ", ".join(f"{{ {term} }}" for term in terms)
    return f'[[segmentation]]\nid = "q"\nkind = "quota"\nscore = [ {listed} ]\ntiers = [ {{ id = "A", share = "100%" }} ]\n'


def paths(*when: str) -> str:
    listed = ", ".join(f'{{ id = "{name}", when = "{text}" }}' for name, text in zip("abc", when, strict=False))
    return f'[[vip]]\nid = "v"\npaths = [ {listed} ]\n'


def calls(when: str) -> str:
    return f'[[cadence]]\nid = "call"\nchannel = "call"\nevery = "1 week"\nwhen = "{when}"\n'


def twelve(old: str = "", new: str = "") -> str:
    """The twelve rules, one of them written differently."""
    return tiers(*(" or ".join(f"({new if rule == old else rule})" for rule in rules) for rules in RULES_OF_TWELVE))


def when(*places: int) -> tuple[str, ...]:
    return tuple(f"{SCHEME}.tiers[{place}].when" for place in places)


@attrs.frozen(kw_only=True)
class Defect:
    """A broken policy and its mended twin.

    Attributes:
        name: For people.
        broken: The rules, after the common head.
        mended: The same with the one thing put right.
        code: What is found.
        places: Of every rule involved, the one to change first.
        clients: The witnesses.
        values: What else is told, or some of it.
    """

    name: str
    broken: str
    mended: str
    code: str
    places: tuple[str, ...]
    clients: tuple[Client, ...] = ()
    values: Mapping[str, object] = attrs.field(factory=dict[str, object])


GAPS: Final = (
    Defect(
        name="one day that no tier takes",
        broken=tiers("recency <= 89", "recency > 90"),
        mended=tiers("recency <= 89", "recency >= 90"),
        code="total.gap",
        places=when(0, 1),
        clients=(({"recency": 90}, "held"),),
    ),
    Defect(
        name="one cent that no tier takes",
        broken=tiers("revenue >= 100", "revenue < 99.99"),
        mended=tiers("revenue >= 100", "revenue < 100"),
        code="total.gap",
        places=when(0, 1),
        clients=(({"revenue": "99.99"}, "held"),),
    ),
    Defect(
        name="one cent for those long away only",
        broken=tiers(
            "revenue >= 1000 and recency <= 90", "revenue >= 1000 and recency > 90", "revenue < 999.99 or recency <= 90"
        ),
        mended=tiers("revenue >= 1000 and recency <= 90", "revenue >= 1000 and recency > 90", "revenue < 1000 or recency <= 90"),
        code="total.gap",
        places=when(0, 1, 2),
        clients=(({"revenue": "999.99", "recency": 91}, "held"),),
    ),
    Defect(
        name="one choice left out",
        broken=tiers("region in ('direct', 'partner')", "region == 'reseller'"),
        mended=tiers("region in ('direct', 'partner')", "region in ('reseller', 'public')"),
        code="total.gap",
        places=when(0, 1),
        clients=(({"region": "public"}, "held"),),
    ),
    Defect(
        name="any other text left out",
        broken=tiers("city == 'Seoul'", "city == 'Busan'"),
        mended=tiers("city == 'Seoul'", "city != 'Seoul'"),
        code="total.gap",
        places=when(0, 1),
        clients=(({"city": "anything else"}, "held"),),
    ),
    Defect(
        name="one level left out",
        broken=tiers("likelihood == 'high'", "likelihood <= 'low'"),
        mended=tiers("likelihood == 'high'", "likelihood <= 'medium'"),
        code="total.gap",
        places=when(0, 1),
        clients=(({"likelihood": "medium"}, "held"),),
    ),
    Defect(
        name="the last day of a year",
        broken=tiers("joined >= '2020-01-01'", "joined < '2019-12-31'"),
        mended=tiers("joined >= '2020-01-01'", "joined <= '2019-12-31'"),
        code="total.gap",
        places=when(0, 1),
        clients=(({"joined": date(2019, 12, 31)}, "held"),),
    ),
    Defect(
        name="a flag that is not set",
        broken=tiers("is_key", "not is_key and recency <= 30"),
        mended=tiers("is_key", "not is_key"),
        code="total.gap",
        places=when(0, 1),
        clients=(({"is_key": False, "recency": 31}, "held"),),
    ),
    Defect(
        name="neither of two interests",
        broken=tiers("'golf' in interests", "'tea' in interests"),
        mended=tiers("'golf' in interests", "'golf' not in interests"),
        code="total.gap",
        places=when(0, 1),
        clients=(({"interests": frozenset()}, "held"),),
    ),
    Defect(
        name="a fact that is missing",
        broken=tiers("not missing(spend) and spend >= 500", "not missing(spend) and spend < 500"),
        mended=tiers("spend >= 500", "spend < 500"),
        code="total.gap",
        places=when(0, 1),
        clients=(({"spend": None}, "held"),),
    ),
    Defect(
        name="below the lowest band of a fact without bounds",
        broken=tiers("margin >= 10", "-10 <= margin < 10"),
        mended=tiers("margin >= 10", "margin < 10"),
        code="total.gap",
        places=when(0, 1),
        clients=(({"margin": "-10.1"}, "held"),),
    ),
    Defect(
        name="one day under unique",
        broken=tiers("recency < 90", "recency > 90", hit="unique"),
        mended=tiers("recency <= 90", "recency > 90", hit="unique"),
        code="total.gap",
        places=when(0, 1),
        clients=(({"recency": 90}, "held"),),
    ),
    Defect(
        name="one day in twelve rules",
        broken=twelve("revenue >= 100_000 and recency >= 181", "revenue >= 100_000 and recency > 181"),
        mended=twelve(),
        code="total.gap",
        places=when(0, 1, 2),
        clients=(({"is_key": False, "revenue": 100_000, "recency": 181, "orders": 0, "region": "direct"}, "held"),),
    ),
    Defect(
        name="another day in twelve rules",
        broken=twelve("50_000 <= revenue < 100_000 and recency >= 366", "50_000 <= revenue < 100_000 and recency > 366"),
        mended=twelve(),
        code="total.gap",
        places=when(0, 1, 2),
        clients=(({"is_key": False, "revenue": 50_000, "recency": 366, "orders": 0, "region": "direct"}, "held"),),
    ),
    Defect(
        name="one cent in twelve rules",
        broken=twelve("1_000 <= revenue < 10_000", "1_000 <= revenue < 9_999.99"),
        mended=twelve(),
        code="total.gap",
        places=when(0, 1, 2),
        clients=(({"is_key": False, "revenue": "9999.99", "recency": 0, "orders": 0, "region": "direct"}, "held"),),
    ),
    Defect(
        name="another cent in twelve rules",
        broken=twelve("revenue < 1_000 and recency >= 366", "revenue < 999.99 and recency >= 366"),
        mended=twelve(),
        code="total.gap",
        places=when(0, 1, 2),
        clients=(({"is_key": False, "revenue": "999.99", "recency": 366, "orders": 0, "region": "direct"}, "held"),),
    ),
)
CONFLICTS: Final = (
    Defect(
        name="two tiers on one day",
        broken=tiers("recency <= 90", "recency >= 90", hit="unique"),
        mended=tiers("recency <= 90", "recency > 90", hit="unique"),
        code="conflict",
        places=when(1, 0),
        clients=(({"recency": 90}, "held"),),
        values={"tiers": ("A", "B")},
    ),
    Defect(
        name="the first tier and the last on one day",
        broken=tiers("recency <= 10", "10 < recency < 90", "recency >= 90 or recency == 0", hit="unique"),
        mended=tiers("recency <= 10", "10 < recency < 90", "recency >= 90", hit="unique"),
        code="conflict",
        places=when(2, 0),
        clients=(({"recency": 0}, "held"),),
        values={"tiers": ("A", "C")},
    ),
    Defect(
        name="two tiers for a corner of two facts",
        broken=tiers("revenue >= 999_000", "recency <= 10", hit="unique", otherwise="C"),
        mended=tiers("revenue >= 999_000", "revenue < 999_000 and recency <= 10", hit="unique", otherwise="C"),
        code="conflict",
        places=when(1, 0),
        clients=(({"revenue": 999_000, "recency": 0}, "held"),),
        values={"tiers": ("A", "B")},
    ),
)
FALLS: Final = (
    Defect(
        name="more revenue and a worse tier",
        broken=tiers("100 <= revenue < 500", "revenue >= 500", otherwise="C"),
        mended=tiers("revenue >= 500", "100 <= revenue < 500", otherwise="C"),
        code="monotone",
        places=when(1, 0),
        clients=(({"revenue": 100}, "A"), ({"revenue": 500}, "B")),
        values={"fact": "revenue"},
    ),
    Defect(
        name="a cent too much for the best tier",
        broken=tiers("revenue >= 100_000 and revenue != 200_000", otherwise="B"),
        mended=tiers("revenue >= 100_000", otherwise="B"),
        code="monotone",
        places=(SCHEME, *when(0)),
        clients=(({"revenue": 100_000}, "A"), ({"revenue": 200_000}, "B")),
    ),
    Defect(
        name="longer ago and a better tier, where less is better",
        broken=tiers("recency >= 100", otherwise="B"),
        mended=tiers("recency < 100", otherwise="B"),
        code="monotone",
        places=(SCHEME, *when(0)),
        clients=(({"recency": 100}, "A"), ({"recency": 0}, "B")),
        values={"fact": "recency"},
    ),
    Defect(
        name="a likelier client and a worse tier",
        broken=tiers("likelihood in ('low', 'high')", otherwise="B"),
        mended=tiers("likelihood in ('medium', 'high')", otherwise="B"),
        code="monotone",
        places=(SCHEME, *when(0)),
        clients=(({"likelihood": "low"}, "A"), ({"likelihood": "medium"}, "B")),
        values={"fact": "likelihood"},
    ),
    Defect(
        name="a key client in a worse tier",
        broken=tiers("revenue >= 100 and not is_key", otherwise="B"),
        mended=tiers("revenue >= 100 or is_key", otherwise="B"),
        code="monotone",
        places=(SCHEME, *when(0)),
        clients=(({"revenue": 100, "is_key": False}, "A"), ({"revenue": 100, "is_key": True}, "B")),
        values={"fact": "is_key"},
    ),
    Defect(
        name="a later renewal and a worse tier",
        broken=tiers("renewed <= '2025-06-30'", otherwise="B"),
        mended=tiers("renewed > '2025-06-30'", otherwise="B"),
        code="monotone",
        places=(SCHEME, *when(0)),
        clients=(({"renewed": date(2000, 1, 1)}, "A"), ({"renewed": date(2025, 7, 1)}, "B")),
        values={"fact": "renewed"},
    ),
    Defect(
        name="more orders and no VIP",
        broken=paths("10 <= orders < 9_999", "revenue >= 500_000"),
        mended=paths("orders >= 10", "revenue >= 500_000"),
        code="monotone",
        places=("vip[0].paths[0].when", "vip[0].paths[1].when"),
        clients=(({"orders": 10, "revenue": 0}, "yes"), ({"orders": 9_999, "revenue": 0}, "no")),
        values={"fact": "orders"},
    ),
    Defect(
        name="seen more lately and no VIP",
        broken=paths("recency >= 30"),
        mended=paths("recency < 30"),
        code="monotone",
        places=("vip[0].paths[0].when",),
        clients=(({"recency": 30}, "yes"), ({"recency": 0}, "no")),
        values={"fact": "recency"},
    ),
    Defect(
        name="a worse tier for want of data",
        broken=tiers("not missing(spend) and spend >= 100", otherwise="B"),
        mended=tiers("spend >= 100", otherwise="B"),
        code="demotes",
        places=(SCHEME, *when(0)),
        clients=(({"spend": 100}, "A"), ({"spend": None}, "B")),
        values={"fact": "spend"},
    ),
    Defect(
        name="a tier of its own for want of data",
        broken=tiers("not missing(spend) and spend >= 100", "not missing(spend) and spend < 100", "missing(spend)"),
        mended=tiers("spend >= 100", "spend < 100"),
        code="demotes",
        places=when(2, 0),
        clients=(({"spend": 100}, "A"), ({"spend": None}, "C")),
        values={"fact": "spend"},
    ),
)
RULES: Final = (
    Defect(
        name="a rule behind a wider one",
        broken=tiers("recency <= 90", "recency <= 30", otherwise="C"),
        mended=tiers("recency <= 30", "recency <= 90", otherwise="C"),
        code="dead.shadowed",
        places=when(1, 0),
        values={"rule": "B", "by": ("A",)},
    ),
    Defect(
        name="a rule behind a wider one, where the first decides",
        broken=tiers("recency <= 90", "recency <= 30", hit="first", otherwise="C"),
        mended=tiers("recency <= 30", "recency <= 90", hit="first", otherwise="C"),
        code="dead.shadowed",
        places=when(1, 0),
        values={"rule": "B", "by": ("A",)},
    ),
    Defect(
        name="a rule behind two others together, a third not to blame",
        broken=tiers(
            "region == 'public' and margin >= 5",
            "margin >= 0",
            "margin < 0",
            "-5 <= margin <= 5",
            otherwise="E",
        ),
        mended=tiers(
            "region == 'public' and margin >= 5",
            "margin >= 0",
            "margin < -1",
            "-5 <= margin <= 5",
            otherwise="E",
        ),
        code="dead.shadowed",
        places=when(3, 1, 2),
        values={"rule": "D", "by": ("B", "C")},
    ),
    Defect(
        name="a rule behind three others together",
        broken=tiers(
            "region == 'direct'",
            "region == 'partner'",
            "region == 'reseller'",
            "revenue >= 100 and region != 'public'",
            otherwise="E",
        ),
        mended=tiers("region == 'direct'", "region == 'partner'", "region == 'reseller'", "revenue >= 100", otherwise="E"),
        code="dead.shadowed",
        places=when(3, 0, 1, 2),
        values={"rule": "D", "by": ("A", "B", "C")},
    ),
    Defect(
        name="a criterion against itself",
        broken=tiers("10 < recency < 11", otherwise="B"),
        mended=tiers("recency < 11", otherwise="B"),
        code="dead.never",
        places=when(0),
        values={"rule": "A"},
    ),
    Defect(
        name="below the lowest level",
        broken=tiers("likelihood == 'high'", "likelihood < 'none'", otherwise="C"),
        mended=tiers("likelihood == 'high'", "likelihood < 'high'"),
        code="dead.never",
        places=when(1),
        values={"rule": "B"},
    ),
    Defect(
        name="missing, of a fact that cannot be",
        broken=paths("revenue >= 5 or is_key", "missing(revenue)"),
        mended=paths("revenue >= 5 or is_key"),
        code="dead.never",
        places=("vip[0].paths[1].when",),
        values={"rule": "b"},
    ),
    Defect(
        name="a scope without anybody",
        broken=tiers("is_key", otherwise="B", scope="revenue > 1_000_000"),
        mended=tiers("is_key", otherwise="B", scope="revenue >= 1_000_000"),
        code="dead.never",
        places=(f"{SCHEME}.scope",),
    ),
    Defect(
        name="a rule for nobody",
        broken=calls("joined < '2000-01-01'"),
        mended=calls("joined < '2000-01-02'"),
        code="dead.never",
        places=("cadence[0].when",),
        values={"rule": "call"},
    ),
    Defect(
        name="a rule for everybody that says when",
        broken=calls("recency >= 0"),
        mended=calls("recency >= 1"),
        code="always",
        places=("cadence[0].when",),
        values={"rule": "call"},
    ),
    Defect(
        name="a scope that leaves out nobody",
        broken=tiers("is_key", otherwise="B", scope="margin < 3 or margin >= 3"),
        mended=tiers("is_key", otherwise="B", scope="margin < 3 or margin >= 3.1"),
        code="always",
        places=(f"{SCHEME}.scope",),
    ),
    Defect(
        name="a path for everybody",
        broken=paths("orders >= 0"),
        mended=paths("orders >= 1"),
        code="always",
        places=("vip[0].paths[0].when",),
        values={"rule": "a"},
    ),
    Defect(
        name="a threshold above the bounds",
        broken=tiers("revenue >= 500 or revenue > 2_000_000", otherwise="B"),
        mended=tiers("revenue >= 500", otherwise="B"),
        code="bounds",
        places=when(0),
        values={"fact": "revenue", "threshold": Decimal(2_000_000)},
    ),
    Defect(
        name="a threshold below the bounds",
        broken=tiers("recency <= 30", "-1 < recency"),
        mended=tiers("recency <= 30", "recency > 30"),
        code="bounds",
        places=when(1),
        values={"fact": "recency", "threshold": Decimal(-1)},
    ),
    Defect(
        name="points that fall from band to band",
        broken=score('fact = "revenue", bands = [ { from = "20", points = 4 }, { from = "10", points = 5 } ]'),
        mended=score('fact = "revenue", bands = [ { from = "20", points = 5 }, { from = "10", points = 4 } ]'),
        code="monotone",
        places=(f"{SCHEME}.score[0]",),
        values={"fact": "revenue", "lower": "10", "higher": "20"},
    ),
    Defect(
        name="points below those of no band",
        broken=score('fact = "revenue", bands = [ { from = "10", points = -1 } ]'),
        mended=score('fact = "revenue", bands = [ { from = "10", points = 1 } ]'),
        code="monotone",
        places=(f"{SCHEME}.score[0]",),
        values={"fact": "revenue", "lower": "below 10", "higher": "10"},
    ),
    Defect(
        name="points for being long away",
        broken=score(
            'fact = "is_key", points = { true = 1, false = 0 }', 'fact = "recency", bands = [ { from = "90", points = 1 } ]'
        ),
        mended=score(
            'fact = "is_key", points = { true = 1, false = 0 }', 'fact = "recency", bands = [ { from = "90", points = -1 } ]'
        ),
        code="monotone",
        places=(f"{SCHEME}.score[1]",),
        values={"fact": "recency"},
    ),
    Defect(
        name="points that fall from level to level",
        broken=score('fact = "likelihood", points = { none = 0, low = 1, medium = 3, high = 2 }'),
        mended=score('fact = "likelihood", points = { none = 0, low = 1, medium = 2, high = 3 }'),
        code="monotone",
        places=(f"{SCHEME}.score[0]",),
        values={"fact": "likelihood", "lower": "medium", "higher": "high"},
    ),
    Defect(
        name="a rank by a fact of which less is better",
        broken='[[segmentation]]\nid = "q"\nkind = "quota"\nscore = "recency"\ntiers = [ { id = "A", share = "100%" } ]\n',
        mended='[[segmentation]]\nid = "q"\nkind = "quota"\nscore = "orders"\ntiers = [ { id = "A", share = "100%" } ]\n',
        code="monotone",
        places=(f"{SCHEME}.score",),
        values={"fact": "recency"},
    ),
    Defect(
        name="points for not knowing",
        broken=score('fact = "spend", bands = [ { from = "10", points = 5 } ], missing = 1'),
        mended=score('fact = "spend", bands = [ { from = "10", points = 5 } ]'),
        code="missing.points",
        places=(f"{SCHEME}.score[0]",),
        values={"fact": "spend"},
    ),
    Defect(
        name="a path implied by another",
        broken=paths("revenue >= 500", "revenue >= 700 and recency < 30"),
        mended=paths("revenue >= 500", "revenue >= 300 and recency < 30"),
        code="path.implied",
        places=("vip[0].paths[1].when", "vip[0].paths[0].when"),
        values={"path": "b", "by": ("a",)},
    ),
    Defect(
        name="a path implied by two others together",
        broken=paths("region == 'direct'", "region in ('direct', 'partner') and is_key", "region == 'partner'"),
        mended=paths("region == 'direct'", "region in ('direct', 'partner') and is_key", "region == 'public'"),
        code="path.implied",
        places=("vip[0].paths[1].when", "vip[0].paths[0].when", "vip[0].paths[2].when"),
        values={"path": "b", "by": ("a", "c")},
    ),
    Defect(
        name="a path that a tier implies",
        broken=tiers("revenue >= 500", otherwise="B") + paths("revenue >= 300", "tier.s == 'A'"),
        mended=tiers("revenue >= 500", otherwise="B") + paths("revenue >= 700", "tier.s == 'A'"),
        code="path.implied",
        places=("vip[0].paths[1].when", "vip[0].paths[0].when", SCHEME),
        values={"path": "b"},
    ),
    Defect(
        name="a rule against the tier it names",
        broken=tiers("revenue >= 500", otherwise="B") + calls("tier.s == 'A' and revenue < 500"),
        mended=tiers("revenue >= 500", otherwise="B") + calls("tier.s == 'A' and revenue < 500.01"),
        code="tier.contradicted",
        places=("cadence[0].when", SCHEME),
        values={"rule": "call"},
    ),
    Defect(
        name="a rule against the scope of the tier it names",
        broken=tiers("revenue >= 500", otherwise="B", scope="recency <= 30") + calls("tier.s == 'A' and recency > 30"),
        mended=tiers("revenue >= 500", otherwise="B", scope="recency <= 30") + calls("tier.s == 'A' and recency >= 30"),
        code="tier.contradicted",
        places=("cadence[0].when", SCHEME),
        values={"rule": "call"},
    ),
    Defect(
        name="a relationship type that nobody can have",
        broken=calls("'partners' in client.relationship_types"),
        mended=calls("'partner' in client.relationship_types"),
        code="type.unknown",
        places=("cadence[0].when",),
        values={"type": "partners"},
    ),
)
SHOWN_BY_A_CLIENT: Final = (*GAPS, *CONFLICTS, *FALLS)
DEFECTS: Final = (*SHOWN_BY_A_CLIENT, *RULES)


def proof(text: str) -> ProofReport:
    return prove(rc.loads_policy(HEAD + text))


def shown(facts: Mapping[str, object]) -> dict[str, object]:
    """Facts as they can be compared: numbers as Decimals."""
    return {
        name: Decimal(value) if isinstance(value, (int, str)) and type(value) is not bool and str(value)[-1].isdigit() else value
        for name, value in facts.items()
    }


@pytest.mark.parametrize("defect", [pytest.param(defect, id=defect.name) for defect in DEFECTS])
class TestPlantedDefects:
    """The proof finds the defect and nothing else, and finds nothing once it is mended."""

    def test_a_planted_defect_is_found_and_nothing_else(self, defect: Defect) -> None:
        report = proof(defect.broken)
        assert [finding.code for finding in report.refuted] == [defect.code], [str(finding) for finding in report.findings]
        assert report.undecided == ()

    def test_the_finding_names_every_rule_involved(self, defect: Defect) -> None:
        (finding,) = proof(defect.broken).refuted
        assert finding.places == defect.places
        assert finding.severity == CODES[defect.code][0]
        assert {name: finding.values.get(name) for name in defect.values} == defect.values

    def test_its_witnesses_stand_at_the_border(self, defect: Defect) -> None:
        (finding,) = proof(defect.broken).refuted
        found = [(dict(witness.facts), witness.outcome) for witness in finding.witnesses]
        assert found == [(shown(facts), outcome) for facts, outcome in defect.clients]

    def test_the_policy_itself_decides_them_so(self, defect: Defect) -> None:
        policy = rc.loads_policy(HEAD + defect.broken)
        for facts, outcome in defect.clients:
            result = policy.decide_facts(facts, as_of=policy.effective_from)
            assert [found.tier or "held" for found in result.assignments] + [found.qualification for found in result.vip] == [
                outcome
            ]

    def test_the_mended_twin_is_proved(self, defect: Defect) -> None:
        report = proof(defect.mended)
        assert report.refuted == (), [str(finding) for finding in report.refuted]
        assert report.undecided == ()
        assert report.is_sound


class TestRandomClients:
    """Random clients, however evenly drawn, are no proof: what stands on one day or one cent they miss."""

    def test_the_proof_finds_every_defect_and_random_clients_find_fewer(self) -> None:
        counts = {defect.name: _shown_by_chance(defect) for defect in SHOWN_BY_A_CLIENT}
        found = sum(count > 0 for count in counts.values())
        lines = [("planted defect", "proof", f"of {DRAWS} random clients")]
        lines += [(name, "found", str(count or "none")) for name, count in counts.items()]
        lines += [(f"found of {len(counts)}", str(len(counts)), str(found))]
        print("", *(f"{name:<60} {exact:>6} {naive:>23}" for name, exact, naive in lines), sep="\n")  # noqa: T201 - for pytest -s
        assert all(proof(defect.broken).refuted for defect in SHOWN_BY_A_CLIENT)
        assert 0 < found < len(counts)


def _shown_by_chance(defect: Defect) -> int:
    """How many of the random clients show the defect; for a comparison, of the pairs that differ in the one fact it is about."""
    policy = rc.loads_policy(HEAD + defect.broken)
    words = Vocabulary({fact.id: fact.fact_type for fact in policy.facts})
    draw = random.Random(defect.name)
    used = list(defect.clients[0][0])
    clients = [{name: _drawn(words[name], draw) for name in used} for _ in range(DRAWS)]
    if len(defect.clients) == 1:
        (scheme,) = policy.segmentation
        result = assign(scheme, {str(at): row for at, row in enumerate(clients)}, vocabulary=words, tiers_in_force={})
        reasons = [assignment.reasons[0].code for assignment in result.assignments]
        return reasons.count({"total.gap": "segmentation.no_match", "conflict": "segmentation.conflict"}[defect.code])
    (about,) = (name for name in used if defect.clients[0][0][name] != defect.clients[1][0][name])
    others = [{**client, about: _drawn(words[about], draw)} for client in clients]
    ranks, other_ranks = _ranks(policy, words, clients), _ranks(policy, words, others)
    more = [
        _is_more(words[about], one[about], two[about]) - _is_more(words[about], two[about], one[about])
        for one, two in zip(clients, others, strict=True)
    ]
    return sum(
        one is not None and two is not None and (one - two) * sign > 0
        for one, two, sign in zip(ranks, other_ranks, more, strict=True)
    )


def _is_more(kind: FactType, one: Core, two: Core) -> bool:
    """Whether the first is to be no worse off: it has more of what is better, or nothing is known of it."""
    if one is None or two is None:
        return one is None and two is not None
    return (one > two if kind.polarity == "more" else one < two) if isinstance(one, int) and isinstance(two, int) else False


def _ranks(policy: rc.Policy, words: Vocabulary, clients: Sequence[Mapping[str, Core]]) -> list[int | None]:
    """From 0 for the best outcome; None while a client is held."""
    if policy.vip_programmes:
        qualifier = qualifier_of(policy.vip_programmes[0], words)
        return [{"yes": 0, "no": 1}.get(qualifier.qualification(client)) for client in clients]
    (scheme,) = policy.segmentation
    result = assign(scheme, {str(at): row for at, row in enumerate(clients)}, vocabulary=words, tiers_in_force={})
    found = [result.tiers.get(str(at)) for at in range(len(clients))]
    return [None if tier is None else scheme.tier_ids.index(tier) for tier in found]


def _drawn(kind: FactType, draw: random.Random) -> Core:
    """Any value of a fact, each as likely; missing one time in ten where it may be."""
    if kind.may_be_missing and draw.random() < 0.1:
        return None
    if kind.is_numeric:
        low, high = (default if bound is None else bound for bound, default in ((kind.low, -(10**6)), (kind.high, 10**6)))
        grain = kind.grain or Decimal(1)
        return draw.randint(int(Decimal(str(low)) / grain), int(Decimal(str(high)) / grain))
    if kind.kind == "date":
        assert isinstance(kind.low, date)
        assert isinstance(kind.high, date)
        return draw.randint(kind.low.toordinal(), kind.high.toordinal())
    if kind.kind == "flag":
        return draw.random() < 0.5
    if kind.kind == "set":
        return frozenset(member for member in ("golf", "tea", "opera") if draw.random() < 0.5)
    chosen = draw.choice(kind.values or ("Seoul", "Busan", "Daegu", "Incheon"))
    return kind.values.index(chosen) if kind.kind == "level" else chosen
