"""From the tier that a scheme wants for a client to the one it moves to, given where it is and since when (SEG-8 to SEG-10)."""

from collections.abc import Sequence
from datetime import date

import attrs

from relcare.model import Pin, Reason
from relcare.segmentation._result import SchemeResult
from relcare.segmentation._run import pin_reason
from relcare.segmentation._scheme import QuotaScheme, Scheme
from relcare.segmentation._shares import share_text
from relcare.segmentation._steadiness import Steadiness

__all__ = ["Settlement", "settle"]


@attrs.frozen(kw_only=True)
class Settlement:
    """Where one client ends up at a review.

    Attributes:
        client_id: Who.
        scheme_id: The scheme.
        before: The tier in force; None for a newcomer, and where the scheme no longer has that tier.
        proposed: By the facts alone; None when held or out of scope.
        wanted: Once the client stays as far as hysteresis lets it; what later reviews are confirmed by.
        tier: Where it goes, or stays; None when there is no tier for it.
        reasons: Why that is not simply what was proposed; empty when it is.
    """

    client_id: str
    scheme_id: str
    before: str | None
    proposed: str | None
    wanted: str | None
    tier: str | None
    reasons: tuple[Reason, ...] = ()

    @property
    def is_move(self) -> bool:
        """Whether the client changes its tier, the first one included."""
        return self.tier != self.before


def settle(
    scheme: Scheme,
    result: SchemeResult,
    client_id: str,
    *,
    tier_in_force: str | None,
    since: date | None,
    earlier: Sequence[str | None] = (),
    pin: Pin | None = None,
    as_of: date,
) -> Settlement:
    """The tier that a client moves to at a review, with what kept it from the one that was proposed.

    Who is held keeps its tier. Who has none gets what is proposed at once. Then, in this order: hysteresis lets it stay; a
    minimum stay keeps it; reviews that do not yet confirm keep it, and those that do let it go as far as all of them agree; it
    moves by one step. A pin comes last: a floor lifts it, an exact one decides.

    Args:
        scheme: The scheme.
        result: What it decided on the day of the review, with the tiers then in force.
        client_id: Who.
        tier_in_force: The client's tier; one that the scheme does not have counts as none.
        since: The first day of the spell in force; None where that is not known, which fulfils every minimum stay.
        earlier: What was `wanted` at the reviews before this one and after that day, the latest first; None where it was held.
        pin: The one that holds the client in the scheme on the day.
        as_of: The day of the review.

    Source: SEG-8, SEG-9, SEG-10.
    """
    before = tier_in_force if tier_in_force in scheme.tier_ids else None
    proposed, wanted = result.tiers.get(client_id), result.wanted.get(client_id)
    tier, reasons = _moved(scheme, before, proposed, wanted, since=since, earlier=earlier, as_of=as_of)
    if client_id in result.out_of_scope:
        tier, reasons = None, []
    elif pin is not None and pin.tier in scheme.tier_ids:
        tier, reasons = _pinned(scheme, pin, tier, reasons)
    return Settlement(
        client_id=client_id,
        scheme_id=scheme.id,
        before=before,
        proposed=proposed,
        wanted=wanted,
        tier=tier,
        reasons=tuple(reasons),
    )


def _pinned(scheme: Scheme, pin: Pin, tier: str | None, reasons: list[Reason]) -> tuple[str, list[Reason]]:
    ids = scheme.tier_ids
    if pin.kind == "floor" and tier is not None and ids.index(tier) <= ids.index(pin.tier):
        return tier, reasons
    return pin.tier, [pin_reason(pin)]


def _moved(
    scheme: Scheme,
    before: str | None,
    proposed: str | None,
    wanted: str | None,
    *,
    since: date | None,
    earlier: Sequence[str | None],
    as_of: date,
) -> tuple[str | None, list[Reason]]:
    """Where the client goes, pins apart."""
    if wanted is None:
        values = {"scheme": scheme.id, "tier": before}
        return before, [] if before is None else [Reason("segmentation.held_stays", {}, values)]
    if before is None:
        return wanted, []
    ids = scheme.tier_ids
    reasons: list[Reason] = []
    if wanted != proposed:
        share = scheme.steady.hysteresis if isinstance(scheme, QuotaScheme) and scheme.steady else None
        more = None if share is None else share_text(share)
        reasons.append(
            Reason("segmentation.hysteresis", {}, {"scheme": scheme.id, "tier": wanted, "proposed": proposed, "more": more})
        )
    here, there = ids.index(before), ids.index(wanted)
    steady = scheme.steady
    if there == here or steady is None or (steady.holds_back == "falls" and there < here):
        return wanted, reasons
    place, brakes = _braked(scheme, steady, here, there, since=since, earlier=earlier, as_of=as_of)
    return ids[place], [*reasons, *brakes]


def _braked(
    scheme: Scheme,
    steady: Steadiness,
    here: int,
    there: int,
    *,
    since: date | None,
    earlier: Sequence[str | None],
    as_of: date,
) -> tuple[int, list[Reason]]:
    """How far a move gets, with what stops it."""
    ids = scheme.tier_ids
    shared = {"scheme": scheme.id, "tier": ids[here], "proposed": ids[there]}
    if steady.minimum_stay is not None and since is not None:
        ends_on = date.fromordinal(steady.minimum_stay.after(since.toordinal()))
        if as_of < ends_on:
            stay = str(steady.minimum_stay)
            return here, [Reason("segmentation.minimum_stay", {}, {**shared, "since": since, "stay": stay, "until": ends_on})]
    reasons: list[Reason] = []
    agreed = _agreed([there, *(None if tier not in ids else ids.index(tier) for tier in earlier)], here, steady.confirm)
    if len(agreed) < steady.confirm:
        return here, [Reason("segmentation.unconfirmed", {}, {**shared, "count": len(agreed), "needed": steady.confirm})]
    nearest = max(agreed) if there < here else min(agreed)
    if nearest != there:
        reasons.append(Reason("segmentation.confirmed_part", {}, {**shared, "to": ids[nearest], "needed": steady.confirm}))
    step = here + (1 if nearest > here else -1)
    if steady.one_step and step != nearest:
        reasons.append(Reason("segmentation.one_step", {}, {**shared, "to": ids[step]}))
        return step, reasons
    return nearest, reasons


def _agreed(places: Sequence[int | None], here: int, needed: int) -> list[int]:
    """The first places, as many as are needed, as long as they lie on the side of the first one."""
    rises = places[0] is not None and places[0] < here
    found: list[int] = []
    for place in places[:needed]:
        if place is None or place == here or (place < here) is not rises:
            break
        found.append(place)
    return found
