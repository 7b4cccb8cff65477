"""Policies that are decided over columns: drawn ones, without the parts that are not, and two written ones of every kind."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, Final

import attrs
from hypothesis import strategies as st

from relcare.cadence import CadenceRule, Trigger
from relcare.decisions import Policy, vocabularies_of_policy
from relcare.model import Book
from relcare.permission import PermissionRules
from relcare.policy import facts_of
from relcare.segments import CriterionSegment, Segment
from relcare.testing import books_for, days_in_force, policies, triggers
from relcare.vip import Programme

LATER: Final = ("neglect", "holding", "examples", "require", "accept")
OF_STEPS: Final = (".nominated", ".membership", ".benefits")
RULES: Final = ("pool", "access", "retention")
FOLDER: Final = Path(__file__).with_name("policies")


def written(name: str) -> str:
    """A policy of the folder, which goes on from what all of them begin with."""
    return "\n".join((FOLDER / f"{one}.toml").read_text("utf-8") for one in ("common", name))


RICH: Final = written("rich")
STANDING: Final = written("standing")


def over_columns(policy: Policy) -> Policy:
    """The policy without the parts that are not decided over columns, where nothing that stays asks for them."""
    programmes = [one for one in policy.vip_programmes if f"vip.{one.id}.nominated" not in asked_by_paths(one)]
    lost_programmes = tuple(f"vip.{one.id}" for one in policy.vip_programmes if one not in programmes)
    gone = (*lost_programmes, *(f"vip.{one.id}{what}" for one in programmes for what in OF_STEPS))
    segments = [one for one in policy.segments if not any(name.startswith(gone) for name in asked_by(one))]
    lost = (*gone, *(f"segment.{one.id}" for one in policy.segments if one not in segments))
    cadence = [attrs.evolve(rule, spread="0 days") for rule in policy.cadence if not asks(rule, lost)]
    obliging = [one for one in policy.triggers if not asks(one, lost)]
    permission = None if policy.permission is None else by_days(policy.permission)
    later: dict[str, Any] = {**dict.fromkeys(LATER, ()), **dict.fromkeys(RULES)}
    later |= {"permission": permission, "vip": programmes, "segments": segments}
    return attrs.evolve(policy, **later, cadence=cadence, triggers=obliging)


def asks(rule: CadenceRule | Trigger, names: tuple[str, ...]) -> bool:
    """Whether a rule asks for a fact whose name begins so."""
    return rule.when is not None and any(name.startswith(names) for name in facts_of(rule.when))


def asked_by_paths(programme: Programme) -> set[str]:
    """The facts that the paths of a programme ask for."""
    return {name for path in programme.paths for name in facts_of(path.when)}


def asked_by(segment: Segment) -> Iterator[str]:
    """The facts that a segment asks for."""
    if isinstance(segment, CriterionSegment):
        yield from facts_of(segment.when)
    else:
        yield from (*segment.by, *(facts_of(segment.scope) if segment.scope is not None else ()))


def by_days(rules: PermissionRules) -> PermissionRules:
    """The rules about permission that go by days."""
    return attrs.evolve(
        rules,
        zones=rules.zones[:1],
        consent=(),
        caps=[cap for cap in rules.caps if cap.per.unit != "hours"],
        gaps=[gap for gap in rules.gaps if gap.minimum.unit != "hours"],
        hours=[attrs.evolve(hours, night_consent=False) for hours in rules.hours],
        stops=[stop if stop.after == 1 else attrs.evolve(stop, within=None) for stop in rules.stops],
    )


@st.composite
def cases(draw: st.DrawFn) -> tuple[Policy, Book, date]:
    policy = draw(policies(with_examples=False))
    drawn = draw(st.lists(triggers(vocabularies_of_policy(policy).full), max_size=2))
    policy = attrs.evolve(policy, triggers=[attrs.evolve(one, id=f"obliges-{n}") for n, one in enumerate(drawn)])
    policy = over_columns(policy)
    book = draw(books_for(policy, max_clients=8))
    return policy, book, draw(days_in_force(policy))
