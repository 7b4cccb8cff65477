"""What the policy demands of itself, answered from the questions that were asked; and what its firm has accepted."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction

import attrs

from relcare._fields import ReadOnlyMap
from relcare.decisions import Acceptance, BookResult, Policy, Requirement
from relcare.errors import nearest
from relcare.model import ReasonValue
from relcare.segmentation import QuotaScheme, Scheme, share_text
from relcare.soundness._access import closed_witness
from relcare.soundness._ask import plain_refutation
from relcare.soundness._findings import CODES, Finding, Outcome
from relcare.soundness._population import share_in
from relcare.soundness._reach import computed_from, read_in, subjects_of, through

__all__ = ["accepted", "prove_requirements"]

_QUESTIONS: Mapping[str, tuple[str, ...]] = ReadOnlyMap(
    {
        "total": ("total", "conflicts"),
        "monotone": ("monotone",),
        "never_demotes": ("never demotes",),
        "feasible": ("feasible",),
    }
)


def prove_requirements(policy: Policy, findings: Sequence[Finding], result: BookResult | None) -> Iterator[Finding]:
    """Every requirement of the policy, proved, refuted with the same witness, or undecided, which is not good enough.

    Args:
        policy: The policy.
        findings: The answers to all questions about it.
        result: What it decided about a book, for shares that are not declared; None without one.
    """
    for index, requirement in enumerate(policy.require):
        subject = f"require[{index}]"
        if requirement.kind == "share":
            yield _share(policy, requirement, subject, result)
        elif requirement.kind == "closed":
            yield _closed(policy, requirement, subject)
        else:
            yield _derived(policy, requirement, subject, findings)


def _derived(policy: Policy, requirement: Requirement, subject: str, findings: Sequence[Finding]) -> Finding:
    about = subjects_of(policy, requirement)
    asked = [f for f in findings if f.question in _QUESTIONS[requirement.kind] and f.subject in about]
    if requirement.kind == "monotone":
        reached = through(policy, requirement.of or "")
        asked = [f for f in asked if f.outcome != "refuted" or f.values.get("fact") in reached]
    refuted = next((f for f in asked if f.outcome == "refuted"), None)
    undecided = next((f for f in asked if f.outcome == "undecided"), None)
    question, values = f"require {requirement.kind}", {"require": str(requirement)}
    if refuted is not None:
        return Finding(
            question=question,
            subject=subject,
            outcome="refuted",
            code=f"require.{requirement.kind}",
            places=(subject, *refuted.places),
            witnesses=refuted.witnesses,
            values=ReadOnlyMap[str, ReasonValue]({**values, **refuted.values}),
            hint=refuted.hint,
            spent=refuted.spent,
            is_required=True,
        )
    computed: list[str] = []
    if requirement.kind == "monotone":
        computed = sorted(computed_from(policy, requirement.of or "") & read_in(policy, about))
    outcome: Outcome = "proved" if undecided is None and not computed else "undecided"
    why = {} if undecided is None or "why" not in undecided.values else {"why": undecided.values["why"]}
    if computed:
        why = {"why": f"{', '.join(computed)} is computed from {requirement.of}, and may rise or fall with it"}
    return Finding(
        question=question,
        subject=subject,
        outcome=outcome,
        code=question,
        values=ReadOnlyMap[str, ReasonValue]({**values, **why}),
        spent=0 if undecided is None else undecided.spent,
        is_required=True,
    )


def _closed(policy: Policy, requirement: Requirement, subject: str) -> Finding:
    question, values = "require closed", ReadOnlyMap[str, ReasonValue]({"require": str(requirement)})
    found = closed_witness(policy, requirement)
    if found is None:
        return Finding(question=question, subject=subject, outcome="proved", code=question, values=values, is_required=True)
    return Finding(
        question=question,
        subject=subject,
        outcome="refuted",
        code="require.closed",
        places=(subject, found[0]),
        witnesses=(found[1],),
        values=values,
        hint="take the class out of the rule, or name others in it",
        is_required=True,
    )


def _share(policy: Policy, requirement: Requirement, subject: str, result: BookResult | None) -> Finding:
    bound = requirement.bound
    if bound is None:  # pragma: no cover - only called for shares
        raise AssertionError(requirement)
    index, scheme = next(
        (index, scheme)
        for index, scheme in enumerate(policy.segmentation)
        if (scheme.id == requirement.scheme if requirement.scheme is not None else bound.tier in scheme.tier_ids)
    )
    share, source = _known_share(policy, scheme, bound.tier, result)
    question = "require share"
    if share is None:
        values: Mapping[str, ReasonValue] = ReadOnlyMap({"require": str(requirement), "why": source})
        return Finding(question=question, subject=subject, outcome="undecided", code=question, values=values, is_required=True)
    if bound.allows(share):
        values = ReadOnlyMap({"require": str(requirement)})
        return Finding(question=question, subject=subject, outcome="proved", code=question, values=values, is_required=True)
    finding = plain_refutation(
        question,
        subject,
        "require.share",
        (subject, f"segmentation[{index}]"),
        None,
        require=str(requirement),
        share=_percent(share),
    )
    return attrs.evolve(finding, is_required=True, values=ReadOnlyMap({**finding.values, "from": source}))


def _percent(share: Fraction) -> str:
    return share_text(Fraction(round(share * 10_000), 10_000))


def _known_share(policy: Policy, scheme: Scheme, tier: str, result: BookResult | None) -> tuple[Fraction | None, str]:
    """The share of a tier with where it is known from; None with what is lacking."""
    if result is not None:
        return share_in(result, scheme.id, tier), "the book"
    if isinstance(scheme, QuotaScheme):
        if scheme.group_by is not None:
            return None, "each group is cut by itself, so the share depends on the book"
        if scheme.ties == "by id":
            return next(t.share for t in scheme.tiers if t.id == tier), "the declared shares"
        return None, f"ties go {scheme.ties}, so the share depends on the book"
    mix = policy.staffing.mix.get(f"tier.{scheme.id}") if policy.staffing is not None else None
    if mix is not None:
        return mix.get(tier, Fraction()), "the declared mix"
    return None, "the share of a threshold tier depends on the book: give one, or declare the mix"


def accepted(policy: Policy, findings: Iterable[Finding], as_of: date | None) -> Iterator[Finding]:
    """The findings with what the firm accepts marked, and a finding for each acceptance that is out of date or of no use.

    Args:
        policy: The policy.
        findings: All of them; a requirement is never accepted away.
        as_of: The day on which acceptances are looked at; None looks at none of their dates.
    """
    used: set[int] = set()
    for finding in findings:
        reason = None
        if finding.outcome == "refuted" and not finding.is_required:
            for index, acceptance in enumerate(policy.accept):
                if acceptance.code == finding.code and (acceptance.of is None or acceptance.of in _named(policy, finding)):
                    used.add(index)
                    if not _is_over(acceptance, as_of):
                        reason = acceptance.reason
        yield finding if reason is None else attrs.evolve(finding, accepted=reason)
    for index, acceptance in enumerate(policy.accept):
        of: dict[str, ReasonValue] = {} if acceptance.of is None else {"of": acceptance.of}
        if index not in used:
            near = None if acceptance.code in CODES else nearest(acceptance.code, CODES)
            hint = f"did you mean {near!r}?" if near else "leave it out"
            yield plain_refutation(
                "accept", f"accept[{index}]", "accept.idle", (f"accept[{index}]",), hint, finding=acceptance.code, **of
            )
        elif _is_over(acceptance, as_of):
            yield plain_refutation(
                "accept",
                f"accept[{index}]",
                "accept.expired",
                (f"accept[{index}]",),
                "mend what was found, or accept it for longer",
                finding=acceptance.code,
                **of,
                until=acceptance.until,
            )


def _is_over(acceptance: Acceptance, as_of: date | None) -> bool:
    return acceptance.until is not None and as_of is not None and as_of >= acceptance.until


def _named(policy: Policy, finding: Finding) -> frozenset[str]:
    """What a finding is about: the ids of the rules at its places, and the names among its values."""
    rooms: Mapping[str, Sequence[str]] = {
        "grade": [grade.id for grade in policy.grades],
        "segmentation": [scheme.id for scheme in policy.segmentation],
        "cadence": [rule.id for rule in policy.cadence],
        "vip": [programme.id for programme in policy.vip_programmes],
        "relationship": [strategy.type for strategy in policy.relationships],
        "access": [] if policy.access is None else [rule.id for rule in policy.access.rules],
    }
    found: set[str] = set()
    for place in (finding.subject, *finding.places):
        room, bracket, rest = place.partition("[")
        if bracket and room in rooms:
            found.add(rooms[room][int(rest.partition("]")[0])])
    for value in finding.values.values():
        found.update(value if isinstance(value, tuple) else [str(value)])
    return frozenset(found)
