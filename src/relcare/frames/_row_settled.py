"""Where a review on the day would leave the client of a row, with what kept it from simply being moved (SEG-8 to SEG-10)."""

from collections.abc import Iterator, Mapping
from datetime import date

import attrs

from relcare.frames._cells import Row, text_in
from relcare.frames._row_schemes import by_a_pin, check_there, of_another
from relcare.model import Pin, Reason, TierSpell
from relcare.policy import Core, Vocabulary
from relcare.segmentation import QuotaScheme, Scheme, Steadiness
from relcare.segmentation._run import pin_reason
from relcare.segmentation._shares import share_text

__all__ = ["SettledRow", "settled_in"]


@attrs.frozen(kw_only=True)
class SettledRow:
    """Where a review on the day would leave one client, of whom no earlier review is known.

    Attributes:
        client_id: Who.
        scheme_id: The scheme.
        proposed: By the facts alone; None when held or out of scope.
        wanted: Once the client stays as far as hysteresis and `stays` let it.
        tier: Where it goes, or stays; None when there is no tier for it.
        reasons: Why that is not simply what was proposed, with the codes and values of `relcare.segmentation.Settlement`; empty
            when it is.
    """

    client_id: str
    scheme_id: str
    proposed: str | None
    wanted: str | None
    tier: str | None
    reasons: tuple[Reason, ...] = ()


def settled_in(
    row: Row, scheme: Scheme, facts: Mapping[str, Core], tiers: Vocabulary, *, pin: Pin | None, spell: TierSpell | None
) -> SettledRow:
    """What a row says of a review.

    Args:
        row: By column.
        scheme: One that keeps clients in their tiers.
        facts: Of the row, as they are compared.
        tiers: What its tier means, where that is a fact.
        pin: That holds the client on the day; None where that is not known.
        spell: The tier in force, likewise.

    Raises:
        InvalidValueError: If a column is not there, or the scheme never gives such a reason.
    """
    fact = f"tier.{scheme.id}"
    check_there(row, [fact])
    proposed, wanted, tier = (text_in(row, f"scheme.{scheme.id}.{what}") for what in ("tier", "wanted", "settled"))
    # Who is kept has a tier in force, and then that is what the fact says.
    before = tiers[fact].decode(facts.get(fact))
    told = _Told(
        scheme=scheme,
        before=None if before is None else str(before),
        proposed=proposed,
        wanted=wanted,
        tier=tier,
        pin=pin,
        since=None if spell is None else spell.start_on,
    )
    codes = text_in(row, f"scheme.{scheme.id}.settled_codes") or ""
    return SettledRow(
        client_id=text_in(row, "client_id") or "",
        scheme_id=scheme.id,
        proposed=proposed,
        wanted=wanted,
        tier=tier,
        reasons=tuple(told.reasons(codes)),
    )


@attrs.frozen(kw_only=True)
class _Told:
    """What the reasons of one review are made of."""

    scheme: Scheme
    before: str | None
    proposed: str | None
    wanted: str | None
    tier: str | None
    pin: Pin | None
    since: date | None

    def reasons(self, codes: str) -> Iterator[Reason]:
        for code in codes.split():
            reason = self._reason(code)
            if reason is None:
                raise of_another(f"scheme.{self.scheme.id}.settled_codes", codes)
            yield reason

    def _reason(self, code: str) -> Reason | None:
        """A reason with what is known of it; None where the scheme never gives it."""
        scheme, steady = self.scheme, self.scheme.steady or Steadiness()
        match code:
            case "segmentation.held_stays":
                return Reason("segmentation.held_stays", {}, {"scheme": scheme.id, "tier": self.before})
            case "segmentation.hysteresis":
                more = share_text(steady.hysteresis) if isinstance(scheme, QuotaScheme) and scheme.steady else None
                values = {"scheme": scheme.id, "tier": self.wanted, "proposed": self.proposed, "more": more}
                return Reason("segmentation.hysteresis", {}, values)
            case "segmentation.pinned":
                return by_a_pin(scheme.id) if self.pin is None else pin_reason(self.pin)
            case _:
                return self._brake(code, steady)

    def _brake(self, code: str, steady: Steadiness) -> Reason | None:
        """Likewise, of what lets a client go no further."""
        shared = {"scheme": self.scheme.id, "tier": self.before, "proposed": self.wanted}
        match code:
            case "segmentation.minimum_stay" if steady.minimum_stay is not None:
                since = self.since
                until = None if since is None else date.fromordinal(steady.minimum_stay.after(since.toordinal()))
                stay = str(steady.minimum_stay)
                return Reason("segmentation.minimum_stay", {}, {**shared, "since": since, "stay": stay, "until": until})
            case "segmentation.unconfirmed" if steady.confirm > 1:
                return Reason("segmentation.unconfirmed", {}, {**shared, "count": 1, "needed": steady.confirm})
            case "segmentation.one_step" if steady.one_step:
                return Reason("segmentation.one_step", {}, {**shared, "to": self.tier})
            case _:
                return None
