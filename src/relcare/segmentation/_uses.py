"""Which facts a scheme asks for."""

from collections.abc import Iterator

from relcare.policy import facts_of
from relcare.segmentation._scheme import QuotaScheme, Scheme

__all__ = ["facts_used"]


def facts_used(scheme: Scheme) -> tuple[str, ...]:
    """Every fact that a scheme asks for, each once: of its score or criteria, then of its scope, then of who stays."""
    return tuple(dict.fromkeys(_named(scheme)))


def _named(scheme: Scheme) -> Iterator[str]:
    if isinstance(scheme, QuotaScheme):
        yield from scheme.facts
    else:
        for tier in scheme.tiers:
            yield from facts_of(tier.when)
    if scheme.scope is not None:
        yield from facts_of(scheme.scope)
    if not isinstance(scheme, QuotaScheme):
        for tier in scheme.tiers:
            yield from () if tier.stays is None else facts_of(tier.stays)
