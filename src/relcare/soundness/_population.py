"""What a real book shows that no proof about single clients can: equals that are treated unequally, and the shares of tiers."""

from collections.abc import Iterator
from fractions import Fraction

import attrs

from relcare._fields import ReadOnlyMap
from relcare.decisions import BookResult, Policy
from relcare.model import FactValue
from relcare.segmentation import QuotaScheme
from relcare.soundness._ask import or_proved, plain_refutation
from relcare.soundness._findings import Finding, Witness

__all__ = ["prove_equals", "share_in"]


def prove_equals(policy: Policy, result: BookResult) -> Iterator[Finding]:
    """No two clients of the book with the same score are in different tiers; the witness is a real pair (SEG-3)."""
    for index, scheme in enumerate(policy.segmentation):
        if not isinstance(scheme, QuotaScheme):
            continue
        subject = f"segmentation[{index}]"
        found: list[Finding] = []
        for tie in result.schemes[scheme.id].ties:
            tiers = dict(zip(tie.client_ids, tie.tiers, strict=True))
            if len(set(tie.tiers)) < 2:
                continue
            first = tie.client_ids[0]
            second = next(client_id for client_id in tie.client_ids if tiers[client_id] != tiers[first])
            finding = plain_refutation(
                "equals",
                subject,
                "ties.unequal",
                (subject,),
                'write ties = "together upward", or accept that the id decides',
                clients=(first, second),
                score=tie.score,
                equals=len(tie.client_ids),
            )
            witnesses = tuple(_client(scheme, result, client_id, tiers[client_id]) for client_id in (first, second))
            found.append(attrs.evolve(finding, witnesses=witnesses))
        yield from or_proved("equals", subject, found)


def _client(scheme: QuotaScheme, result: BookResult, client_id: str, tier: str) -> Witness:
    facts = result.facts(client_id)
    shown: dict[str, FactValue] = {name: facts[name] for name in scheme.facts}
    return Witness(ReadOnlyMap(shown), tier)


def share_in(result: BookResult, scheme_id: str, tier: str) -> Fraction | None:
    """The share of a tier among the clients of a book who have one; None when nobody has."""
    tiers = result.schemes[scheme_id].tiers
    return Fraction(sum(1 for found in tiers.values() if found == tier), len(tiers)) if tiers else None
