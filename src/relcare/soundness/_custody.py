"""Questions about who keeps which client: ladders that say something, in time, to clients there can be (CAD-15)."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import takewhile

from relcare.cadence import CadenceRule
from relcare.cells import Box, BudgetSpentError, Cover, Space
from relcare.custody import NeglectLadder, Protection, Rung, severity
from relcare.decisions import Policy
from relcare.errors import PolicyError, nearest
from relcare.policy import Criterion, Vocabulary
from relcare.soundness._ask import or_proved, plain_refutation, plain_undecided
from relcare.soundness._findings import Finding
from relcare.soundness._outcomes import conjoined
from relcare.soundness._prover import Prover
from relcare.soundness._rules import shadowed

__all__ = ["custody_criteria", "prove_custody"]


def custody_criteria(policy: Policy) -> Iterator[tuple[str, str, Criterion]]:
    """Every criterion about clients in the ladders, limits and claim rules, with its path and what it belongs to."""
    for index, ladder in enumerate(policy.neglect):
        if ladder.when is not None:
            yield f"neglect[{index}].when", ladder.id, ladder.when
        yield from _protecting(f"neglect[{index}]", ladder.protect)
    for index, limit in enumerate(policy.holding):
        for name, criterion in (("when", limit.when), ("exempt", limit.exempt)):
            if criterion is not None:
                yield f"holding[{index}].{name}", limit.id, criterion
    if policy.pool is not None:
        yield from _protecting("pool", policy.pool.protect)


def _protecting(path: str, protections: Sequence[Protection]) -> Iterator[tuple[str, str, Criterion]]:
    for place, protection in enumerate(protections):
        if protection.when is not None:
            yield f"{path}.protect[{place}].when", protection.id, protection.when


def prove_custody(policy: Policy, vocabulary: Vocabulary, prover: Prover) -> Iterator[Finding]:
    """Every ladder is somebody's, every rung and protection does something, and nobody is released before a contact is late."""
    ladders = policy.neglect
    if not ladders:
        return
    yield from _dead(ladders, vocabulary, prover)
    yield from or_proved("rungs", "neglect", list(_never_severest(ladders)))
    yield from or_proved("protections", "neglect", list(_idle(ladders)))
    if policy.cadence:
        yield from _releases(policy, vocabulary, prover)
        yield from or_proved("neglect channels", "neglect", list(_unknown_channels(ladders, policy)))


def _dead(ladders: Sequence[NeglectLadder], vocabulary: Vocabulary, prover: Prover) -> Iterator[Finding]:
    """The first ladder that applies is the client's, so those before a ladder can leave nobody over for it."""
    first = list(takewhile(lambda one: one[1].when is not None, enumerate(ladders)))
    named = [(f"neglect[{index}].when", ladder.id, ladder.when) for index, ladder in first if ladder.when is not None]
    behind = [
        plain_refutation(
            "dead",
            "neglect",
            "dead.shadowed",
            (f"neglect[{index}]", f"neglect[{len(first)}]"),
            "move the ladder that is everybody's to the end",
            rule=ladders[index].id,
            by=(ladders[len(first)].id,),
        )
        for index in range(len(first) + 1, len(ladders))
    ]
    for finding in prover.ask("neglect", named, vocabulary, {"dead": shadowed}):
        # What stands behind everybody's ladder refutes by itself, whatever is proved of those before it.
        if not (behind and finding.outcome == "proved"):
            yield finding
    yield from behind


def _never_severest(ladders: Sequence[NeglectLadder]) -> Iterator[Finding]:
    """A rung is seen as long as no severer one is reached as soon, unless a protection can hold the severer one back."""
    for index, ladder in enumerate(ladders):
        for place, rung in enumerate(ladder.rungs):
            for other, severer in enumerate(ladder.rungs):
                if _hides(severer, rung, ladder.protect):
                    places = (f"neglect[{index}].rungs[{place}]", f"neglect[{index}].rungs[{other}]")
                    hint = f"let {severer.action} come later than {rung.action}"
                    values = {"ladder": ladder.id, "action": rung.action, "after": str(rung.after)}
                    also = {"severer": severer.action, "severer_after": str(severer.after)}
                    yield plain_refutation("rungs", "neglect", "rung.order", places, hint, **values, **also)


def _hides(severer: Rung, rung: Rung, protections: Sequence[Protection]) -> bool:
    if severity(severer.action) <= severity(rung.action) or severer.after.average_days > rung.after.average_days:
        return False
    return not any(one.holds_back(severer.action) and not one.holds_back(rung.action) for one in protections)


def _idle(ladders: Sequence[NeglectLadder]) -> Iterator[Finding]:
    for index, ladder in enumerate(ladders):
        for place, protection in enumerate(ladder.protect):
            if not any(protection.holds_back(rung.action) for rung in ladder.rungs):
                places, hint = (
                    (f"neglect[{index}].protect[{place}]",),
                    f"the ladder has {', '.join(rung.action for rung in ladder.rungs)}",
                )
                values = {"ladder": ladder.id, "protection": protection.id, "holds": ", ".join(protection.holds)}
                yield plain_refutation("protections", "neglect", "protection.idle", places, hint, **values)


def _releases(policy: Policy, vocabulary: Vocabulary, prover: Prover) -> Iterator[Finding]:
    """Whoever is owed a contact that would keep a ladder down is late with one before the client is released."""
    try:
        found, facts = _early(policy, vocabulary, Cover(prover.budget))
    except (BudgetSpentError, PolicyError) as given_up:
        yield plain_undecided("releases", "neglect", str(given_up))
        return
    strange = sorted(prover.opaque & facts)
    if found and strange:
        yield plain_undecided("releases", "neglect", f"only {', '.join(strange)} decides it, which is computed from other facts")
        return
    yield from or_proved("releases", "neglect", found)


def _early(policy: Policy, vocabulary: Vocabulary, cover: Cover) -> tuple[list[Finding], frozenset[str]]:
    criteria = [*(ladder.when for ladder in policy.neglect), *(rule.when for rule in policy.cadence)]
    space = Space.of([criterion for criterion in criteria if criterion is not None], vocabulary)
    before: list[Sequence[Box]] = []
    found: list[Finding] = []
    for index, ladder in enumerate(policy.neglect):
        own = conjoined(space, [*before, _holds(space, ladder.when)])
        before.append(() if ladder.when is None else space.region(ladder.when).fails)
        place = next((place for place, rung in enumerate(ladder.rungs) if rung.action == "release"), None)
        if place is None or not own:
            continue
        release = ladder.rungs[place].after
        asked = [(at, rule) for at, rule in enumerate(policy.cadence) if rule.mode != "grid" and _counts(rule, ladder)]
        keeping = [box for _, rule in asked if _late(rule) < release.average_days for box in _holds(space, rule.when)]
        for at, rule in asked:
            boxes = conjoined(space, [own, _holds(space, rule.when)])
            if _late(rule) >= release.average_days and any(not cover.covers(box, keeping) for box in boxes):
                places = (f"neglect[{index}].rungs[{place}]", f"cadence[{at}]")
                hint = "release later, or ask for contact more often"
                values = {"ladder": ladder.id, "after": str(release), "rule": rule.id, "every": str(rule.step)}
                found.append(plain_refutation("releases", "neglect", "release.early", places, hint, **values))
    return found, frozenset(space.places)


def _holds(space: Space, criterion: Criterion | None) -> Sequence[Box]:
    return (space.everything,) if criterion is None else space.region(criterion).holds


def _counts(rule: CadenceRule, ladder: NeglectLadder) -> bool:
    """Whether what a rule asks for is contact for a ladder."""
    by_channel = not ladder.channels or rule.channel in ladder.channels
    return by_channel and (not ladder.reaches or bool(rule.reaches and set(rule.reaches) <= set(ladder.reaches)))


def _late(rule: CadenceRule) -> Fraction:
    """How many days after the last contact the next one is late, on average; business days count as days."""
    return rule.step.average_days / rule.times + rule.grace.days


def _unknown_channels(ladders: Sequence[NeglectLadder], policy: Policy) -> Iterator[Finding]:
    """A firm logs more than it owes; a channel that looks misspelt is worth a look."""
    asked = dict.fromkeys([*(rule.channel for rule in policy.cadence), *(trigger.channel for trigger in policy.triggers)])
    for index, ladder in enumerate(ladders):
        for place, channel in enumerate(ladder.channels):
            near = nearest(channel, asked)
            if channel not in asked and near is not None:
                places, hint = (f"neglect[{index}].channels[{place}]",), f"did you mean {near!r}?"
                values = {"ladder": ladder.id, "channel": channel}
                yield plain_refutation("neglect channels", "neglect", "channel.unknown", places, hint, **values)
