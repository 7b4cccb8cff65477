"""The kinds of client a policy is meant for, from its declared shares and the declared mix."""

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from fractions import Fraction
from typing import Final

import attrs

from relcare.decisions import Policy, Staffing, vocabularies_of_policy
from relcare.errors import InvalidValueError
from relcare.policy import And, Core, Criterion, Missing, Not, Or, OutOfBounds, Vocabulary, evaluate_leaf, facts_of
from relcare.relationships import strategies_of
from relcare.segmentation import QuotaScheme, Scheme, ThresholdScheme, assign_one

__all__ = ["Answers", "ClientKind", "answers_of", "kinds_of"]

_MOST_KINDS: Final = 20_000
_FALSE, _UNKNOWN, _TRUE = -1, 0, 1
_OUTCOMES: Final = {False: _FALSE, None: _UNKNOWN, True: _TRUE}


@attrs.frozen(kw_only=True)
class ClientKind:
    """Clients of whom the same is known.

    Attributes:
        share: Of the book, from 0 to 1.
        row: What is known of them, in core form; a fact that is not in it is unknown, None is known to be missing.
        guessed: Facts of the row that are so only if the client is in a scheme's scope, which is unknown.
    """

    share: Fraction
    row: Mapping[str, Core]
    guessed: frozenset[str] = frozenset()

    @property
    def certain(self) -> Mapping[str, Core]:
        """What is known beyond doubt."""
        return {name: value for name, value in self.row.items() if name not in self.guessed}


class Answers(Enum):
    """What a criterion can come to for clients of whom only some facts are known."""

    ALWAYS = "always"
    PERHAPS = "perhaps"
    NEVER = "never"


def answers_of(
    criterion: Criterion | None, row: Mapping[str, Core], vocabulary: Vocabulary, perhaps_missing: frozenset[str] = frozenset()
) -> Answers:
    """Whether a criterion holds for all, some or none of the clients of whom this is known; without a criterion for all.

    Each unknown fact is taken by itself, so `PERHAPS` may be said of a criterion that two unknown facts never let hold together.

    Args:
        criterion: Checked before.
        row: What is known.
        vocabulary: What the facts mean.
        perhaps_missing: Facts of the row that may be missing all the same.
    """
    possible = {_TRUE} if criterion is None else _possible(criterion, row, vocabulary, perhaps_missing)
    return Answers.NEVER if _TRUE not in possible else Answers.ALWAYS if possible == {_TRUE} else Answers.PERHAPS


def _possible(criterion: Criterion, row: Mapping[str, Core], vocabulary: Vocabulary, perhaps_missing: frozenset[str]) -> set[int]:
    """The outcomes a criterion can have: in Kleene's logic `and` is the least, `or` the greatest of the parts."""
    if isinstance(criterion, Not):
        return {-outcome for outcome in _possible(criterion.part, row, vocabulary, perhaps_missing)}
    if isinstance(criterion, (And, Or)):
        join = min if isinstance(criterion, And) else max
        found = _possible(criterion.parts[0], row, vocabulary, perhaps_missing)
        for part in criterion.parts[1:]:
            found = {join(one, other) for one in found for other in _possible(part, row, vocabulary, perhaps_missing)}
        return found
    if criterion.fact in row:
        known = _OUTCOMES[evaluate_leaf(criterion, row, vocabulary)]
        return {known, _OUTCOMES[evaluate_leaf(criterion, {}, vocabulary)]} if criterion.fact in perhaps_missing else {known}
    may_be_missing = vocabulary[criterion.fact].may_be_missing and not isinstance(criterion, Missing)
    return {_TRUE, _FALSE, _UNKNOWN} if may_be_missing else {_TRUE, _FALSE}


def kinds_of(policy: Policy, staffing: Staffing) -> list[ClientKind]:
    """The kinds of client that the mix and the shares of quota tiers tell apart; their shares sum to 1.

    Raises:
        InvalidValueError: If there are more than 20,000 of them.
    """
    words = vocabularies_of_policy(policy)
    kinds = [ClientKind(share=Fraction(1), row={})]
    for fact, shares in staffing.mix.items():
        values = [(share, _core(fact, value, words.full)) for value, share in shares.items() if share]
        _check_count(len(kinds) * len(values))
        kinds = [
            attrs.evolve(kind, share=kind.share * share, row={**kind.row, fact: value})
            for kind in kinds
            for share, value in values
        ]
    strategies = list(strategies_of(policy.relationships))
    kinds = [attrs.evolve(kind, row={**kind.row, **_flags(kind.row, strategies)}) for kind in kinds]
    for scheme, vocabulary in zip(policy.segmentation, words.schemes, strict=True):
        if f"tier.{scheme.id}" not in staffing.mix:
            kinds = [split for kind in kinds for split in _with_tier(kind, scheme, vocabulary)]
            _check_count(len(kinds))
    return kinds


def _check_count(count: int) -> None:
    if count > _MOST_KINDS:
        raise InvalidValueError("mix", count, f"must tell at most {_MOST_KINDS:,} kinds of client apart", "name fewer facts")


def _core(fact: str, value: str, vocabulary: Vocabulary) -> Core:
    core = vocabulary[fact].encode(f"mix.{fact}", value)
    if isinstance(core, OutOfBounds):
        raise InvalidValueError(f"mix.{fact}", value, "must be a value of the fact")
    return core


def _flags(row: Mapping[str, Core], strategies: Sequence[str]) -> dict[str, Core]:
    types = row.get("client.relationship_types")
    return {f"strategy.{name}": name in types for name in strategies} if isinstance(types, frozenset) else {}


def _with_tier(kind: ClientKind, scheme: Scheme, vocabulary: Vocabulary) -> Iterator[ClientKind]:
    name = f"tier.{scheme.id}"
    scope = answers_of(scheme.scope, kind.row, vocabulary)
    if scope is Answers.NEVER:
        yield attrs.evolve(kind, row={**kind.row, name: None})
        return
    guessed = kind.guessed if scope is Answers.ALWAYS else kind.guessed | {name}
    if isinstance(scheme, QuotaScheme):
        for place, tier in enumerate(scheme.tiers):
            if tier.share:
                rank = len(scheme.tiers) - 1 - place
                yield ClientKind(share=kind.share * tier.share, row={**kind.row, name: rank}, guessed=guessed)
    elif all(fact in kind.row for tier in scheme.tiers for fact in facts_of(tier.when)):
        tier_id = _tier_of(scheme, kind.row, vocabulary)
        core = None if tier_id is None else len(scheme.tier_ids) - 1 - scheme.tier_ids.index(tier_id)
        yield ClientKind(share=kind.share, row={**kind.row, name: core}, guessed=guessed)
    else:
        yield kind


def _tier_of(scheme: ThresholdScheme, row: Mapping[str, Core], vocabulary: Vocabulary) -> str | None:
    plain = attrs.evolve(scheme, scope=None)  # the scope has been looked at
    found = assign_one(plain, "kind", row, vocabulary=vocabulary, tier_in_force=None)
    return None if found is None else found.tier
