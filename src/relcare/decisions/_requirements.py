"""What a policy document demands of itself, and which findings about it the firm has accepted."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from fractions import Fraction
from typing import Final, Literal

import attrs

from relcare._fields import check_choice, check_day, check_id, check_optional_text, check_text, to_optional_day
from relcare.access import RELATIONS, AccessRules, Relation
from relcare.errors import InvalidValueError, nearest
from relcare.policy import RuleProblem, Vocabulary
from relcare.segmentation import Scheme, to_share

__all__ = ["REQUIREMENTS", "Acceptance", "Requirement", "RequirementKind", "ShareBound", "requirement_problems"]

RequirementKind = Literal["total", "monotone", "never_demotes", "share", "feasible", "closed"]
REQUIREMENTS: Final[tuple[RequirementKind, ...]] = ("total", "monotone", "never_demotes", "share", "feasible", "closed")

_BOUND: Final = re.compile(r"(?P<tier>.+?) *(?P<relation><=|>=) *(?P<share>[^<>=]+)")


@attrs.frozen
class ShareBound:
    """What share of the classed clients a tier may have.

    Attributes:
        tier: The tier.
        relation: `<=` or `>=`; both inclusive.
        share: From 0 to 1.
    """

    tier: str
    relation: Literal["<=", ">="]
    share: Fraction

    def __attrs_post_init__(self) -> None:
        check_id("tier", self.tier)
        check_choice("relation", self.relation, ("<=", ">="))
        if not isinstance(self.share, Fraction) or not 0 <= self.share <= 1:  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidValueError("share", self.share, "must be a Fraction from 0 to 1")

    @classmethod
    def parse(cls, text: str) -> "ShareBound":
        """Read `A <= 25%`.

        Raises:
            InvalidValueError: If it is not of that form.
        """
        match = _BOUND.fullmatch(text)
        if match is None:
            raise InvalidValueError("share", text, "must be a tier, <= or >=, and a percentage", 'write share = "A <= 25%"')
        return cls(match["tier"], "<=" if match["relation"] == "<=" else ">=", to_share(match["share"]))

    def allows(self, share: Fraction) -> bool:
        """Whether a share keeps the bound."""
        return share <= self.share if self.relation == "<=" else share >= self.share


@attrs.frozen(kw_only=True)
class Requirement:
    """Something that must be proved about the policy: one `[[require]]` of a document.

    - `total`: every client in the scope of the scheme `of` is decided, whatever the facts.
    - `monotone`: more of the fact `of` (less, where less is better) never gives less, in `scheme` or in all that read it.
    - `never_demotes`: in the scheme `of`, not knowing a fact never gives a worse tier than knowing it (SEG-8).
    - `share`: a tier has no more, or no less, of the clients, such as `A <= 25%`.
    - `feasible`: what the cadence rules ask fits the declared staffing.
    - `closed`: nobody who has `role` and no other, or no role where none is named, and who stands to the client in `relation`
      alone, or in any where none is named, reads a field of the class `of`, with an approval or without.

    Attributes:
        kind: What is demanded.
        of: See above; None for `feasible`.
        scheme: The scheme that `monotone` or `share` is about; needed for `share` where several schemes have the tier.
        role: Of `closed`: the role that must not read.
        relation: Of `closed`: the relation in which nobody must read. At least one of the two must be given.

    Raises:
        InvalidValueError: If it is none of the kinds, or what it is about is missing.
    """

    kind: RequirementKind
    of: str | None = None
    scheme: str | None = None
    role: str | None = None
    relation: Relation | None = None

    def __attrs_post_init__(self) -> None:
        check_choice("kind", self.kind, REQUIREMENTS)
        check_optional_text("scheme", self.scheme)
        check_optional_text("role", self.role)
        if self.relation is not None:
            check_choice("relation", self.relation, RELATIONS)
        self._check_whom()
        if self.kind == "feasible":
            if self.of is not None:
                raise InvalidValueError("feasible", self.of, "must be true", "write feasible = true")
        else:
            check_text(self.kind, self.of)
        if self.scheme is not None and self.kind not in {"monotone", "share"}:
            raise InvalidValueError("scheme", self.scheme, "must go with monotone or share")
        if self.kind == "share":
            ShareBound.parse(self.of or "")

    def _check_whom(self) -> None:
        named = [name for name in ("role", "relation") if getattr(self, name) is not None]
        if self.kind == "closed" and not named:
            raise InvalidValueError("closed", self.of, "must go with a role or a relation", 'add relation = "colleague"')
        if self.kind != "closed" and named:
            raise InvalidValueError(named[0], getattr(self, named[0]), "must go with closed")

    @property
    def bound(self) -> ShareBound | None:
        """The bound of a `share`; None for the other kinds."""
        return ShareBound.parse(self.of or "") if self.kind == "share" else None

    def __str__(self) -> str:
        """As a document writes it, without the quotes."""
        text = f"{self.kind} = {'true' if self.of is None else self.of}"
        whom = [f"{name} {word}" for name, word in (("role", self.role), ("relation", self.relation)) if word is not None]
        text = " for ".join([text, *([" and ".join(whom)] if whom else [])])
        return text if self.scheme is None else f"{text} in {self.scheme}"


@attrs.frozen(kw_only=True)
class Acceptance:
    """A finding the firm lives with, why, and until when: one `[[accept]]` of a document.

    Attributes:
        code: Of the finding.
        of: The scheme, rule, programme or fact it is about, by its id; None for the policy as a whole.
        reason: Why that is right here.
        until: The first day on which it is no longer accepted; None for good.

    Raises:
        InvalidValueError: If the code or the reason is missing.
    """

    code: str
    of: str | None = None
    reason: str
    until: date | None = attrs.field(default=None, converter=to_optional_day)

    def __attrs_post_init__(self) -> None:
        check_text("code", self.code)
        check_optional_text("of", self.of)
        check_text("reason", self.reason)
        if self.until is not None:
            check_day("until", self.until)


def requirement_problems(
    requirement: Requirement,
    schemes: Sequence[Scheme],
    vocabulary: Vocabulary,
    broken: frozenset[str],
    *,
    is_staffed: bool,
    access: AccessRules | None = None,
) -> Iterator[RuleProblem]:
    """What is wrong with a requirement before anything is proved: unknown schemes, facts and tiers.

    Args:
        requirement: The requirement.
        schemes: Of the policy.
        vocabulary: All facts of the policy.
        broken: Declared names that could not be read.
        is_staffed: Whether the policy declares its staffing.
        access: Of the policy, or None.
    """
    kind, of = requirement.kind, requirement.of or ""
    ids = [scheme.id for scheme in schemes]
    named = of if kind in {"total", "never_demotes"} else requirement.scheme
    if named is not None and named not in ids and f"tier.{named}" not in broken:
        yield _unknown((kind if named == of else "scheme",), "scheme", named, ids)
    if kind == "monotone" and of not in broken:
        if of not in vocabulary:
            yield _unknown((kind,), "fact", of, list(vocabulary))
        elif vocabulary[of].polarity == "neither":
            yield RuleProblem((kind,), f"{of} says neither more nor less is better", 'declare its polarity, as in "more"')
    bound = requirement.bound
    if bound is not None and requirement.scheme is None:
        having = [scheme.id for scheme in schemes if bound.tier in scheme.tier_ids]
        if not having and not any(name.startswith("tier.") for name in broken):
            yield _unknown((kind,), "tier", bound.tier, [tier for scheme in schemes for tier in scheme.tier_ids])
        elif len(having) > 1:
            yield RuleProblem((kind,), f"{bound.tier} is a tier of {' and '.join(having)}", f'add scheme = "{having[0]}"')
    elif bound is not None:
        scheme = next((scheme for scheme in schemes if scheme.id == requirement.scheme), None)
        if scheme is not None and bound.tier not in scheme.tier_ids:
            yield _unknown((kind,), "tier", bound.tier, scheme.tier_ids)
    classes = [] if access is None else [one.id for one in access.classes]
    if kind == "closed" and of not in classes and "access" not in broken:
        yield _unknown((kind,), "class of fields", of, classes)
    if kind == "feasible" and not is_staffed:
        yield RuleProblem((kind,), "must go with the staffing it shall fit", "declare [staffing]")


def _unknown(path: tuple[str | int, ...], what: str, word: str, known: Sequence[str]) -> RuleProblem:
    near = nearest(word, known)
    return RuleProblem(path, f"unknown {what} {word!r}", f"did you mean {near!r}?" if near else None)
