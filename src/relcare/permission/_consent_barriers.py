"""What clients said, as barriers: refusals, which hold whatever the rules are, and consents where a rule asks (CAD-11)."""

from collections.abc import Callable, Iterable
from datetime import date

import attrs

from relcare._time import Every
from relcare.model import Consent, Reason
from relcare.permission._case import Case
from relcare.permission._consent_rule import ConsentRule
from relcare.permission._permission_rules import ActiveRule

__all__ = ["OptIn", "Refused", "has_night_consent"]


def _first_open(day: int, edges: Iterable[int], is_open: Callable[[int], bool]) -> int | None:
    """The first day on which something holds that only changes at the edges."""
    return next((at for at in (day, *sorted(edge for edge in set(edges) if edge > day)) if is_open(at)), None)


def _edges(consents: Iterable[Consent]) -> list[int]:
    return [day.toordinal() for consent in consents for day in (consent.start_on, consent.end_on) if day is not None]


def _is_in_force(consent: Consent, day: int) -> bool:
    return consent.start_on.toordinal() <= day and (consent.end_on is None or day < consent.end_on.toordinal())


@attrs.frozen(eq=False)
class Refused:
    """A refusal in force, which no later word of the client takes back.

    A later consent takes a refusal back where it concerns the question and is no vaguer: a consent for every channel does not
    take back a refusal of the telephone. Of a refusal and a consent of one day the refusal holds.

    Attributes:
        case: The question.
        is_global: Whether a refusal of one channel or purpose refuses them all.
    """

    case: Case
    is_global: bool

    def opens_on(self, day: int) -> int | None:
        """See `DayBarrier`."""
        return _first_open(day, _edges(self.case.consents), lambda at: self._in_the_way(at) is None)

    def _in_the_way(self, day: int) -> Consent | None:
        given = [c for c in self.case.consents if c.kind == "given" and self.case.concerns(c) and _is_in_force(c, day)]
        for refusal in self.case.consents:
            if refusal.kind != "refused" or not _is_in_force(refusal, day) or not self._is_about_us(refusal):
                continue
            if not any(consent.start_on > refusal.start_on and self._is_as_exact(consent, refusal) for consent in given):
                return refusal
        return None

    def _is_about_us(self, refusal: Consent) -> bool:
        if self.is_global:
            return refusal.person_id in {None, self.case.person_id}
        return self.case.concerns(refusal)

    def _is_as_exact(self, consent: Consent, refusal: Consent) -> bool:
        if not self.case.concerns(refusal):  # it refused something else: any consent to this is exact enough
            return True
        return all(
            getattr(refusal, name) is None or getattr(consent, name) is not None for name in ("channel", "purpose", "person_id")
        )

    def reason(self, day: int) -> Reason:
        """See `DayBarrier`."""
        refusal = self._in_the_way(day)
        return Reason(
            "permission.refused",
            {},
            {
                "consent": None if refusal is None else refusal.id,
                "since": None if refusal is None else refusal.start_on,
                "until": None if refusal is None else refusal.end_on,
                "channel": None if refusal is None else refusal.channel,
                "purpose": None if refusal is None else refusal.purpose,
                "person": None if refusal is None else refusal.person_id,
                "source": None if refusal is None else refusal.source,
            },
        )


@attrs.frozen(eq=False)
class OptIn:
    """No consent where a rule asks for one.

    Attributes:
        case: The question.
        active: The rule, with where it is from.
        rule: The same rule.
    """

    case: Case
    active: ActiveRule
    rule: ConsentRule

    def _candidates(self) -> list[Consent]:
        """Consents that would do, whatever their dates."""
        return [
            consent
            for consent in self.case.consents
            if consent.kind == "given"
            and self.case.concerns(consent)
            and not (self.rule.is_specific and (consent.channel is None or consent.purpose is None))
        ]

    def _lapses_on(self, consent: Consent) -> int | None:
        """The first day on which it is too old."""
        return None if self.rule.reconfirm is None else self.rule.reconfirm.after(consent.start_on.toordinal())

    def _holds(self, consent: Consent, day: int) -> bool:
        if not _is_in_force(consent, day):
            return False
        lapses = self._lapses_on(consent)
        return lapses is None or day < lapses or self.case.rules.on_silence == "keep"

    def _is_soft(self, day: int) -> bool:
        deal, soft = self.case.last_deal_on, self.rule.soft_opt_in
        if deal is None or soft == "no" or day < deal.toordinal():
            return False
        return not isinstance(soft, Every) or day < soft.after(deal.toordinal())

    def _is_open(self, day: int) -> bool:
        return self._is_soft(day) or any(self._holds(consent, day) for consent in self._candidates())

    def opens_on(self, day: int) -> int | None:
        """See `DayBarrier`."""
        deal = self.case.last_deal_on
        edges = [*_edges(self._candidates()), *(() if deal is None else (deal.toordinal(),))]
        return _first_open(day, edges, self._is_open)

    def reason(self, day: int) -> Reason:
        """Which consent is missing, or the last one there was and why it is none any more."""
        path, law = self.active.path, None if self.active.row is None else self.active.row.id
        past = [consent for consent in self._candidates() if consent.start_on.toordinal() <= day]
        last = max(past, key=lambda consent: consent.start_on, default=None)
        if last is None:
            return Reason(
                "permission.consent_missing",
                {},
                {"channel": self.case.channel, "purpose": self.case.purpose, "rule": path, "law": law},
            )
        if last.end_on is not None and last.end_on.toordinal() <= day:
            return Reason(
                "permission.consent_expired",
                {},
                {"consent": last.id, "since": last.start_on, "ended_on": last.end_on, "rule": path, "law": law},
            )
        lapsed = date.fromordinal(self._lapses_on(last) or day)
        return Reason(
            "permission.consent_lapsed",
            {},
            {
                "consent": last.id,
                "since": last.start_on,
                "lapsed_on": lapsed,
                "reconfirm": str(self.rule.reconfirm),
                "rule": path,
                "law": law,
            },
        )

    def ground(self, day: int) -> Reason | None:
        """What a contact on an open day rests on: the latest consent that holds, or the last deal."""
        path, law = self.active.path, None if self.active.row is None else self.active.row.id
        holding = [consent for consent in self._candidates() if self._holds(consent, day)]
        if holding:
            used = max(holding, key=lambda consent: consent.start_on)
            lapses = self._lapses_on(used)
            is_late = lapses is not None and day >= lapses
            return Reason(
                "permission.consent_given",
                {},
                {
                    "consent": used.id,
                    "since": used.start_on,
                    "source": used.source,
                    "unconfirmed_since": date.fromordinal(lapses) if is_late and lapses is not None else None,
                    "rule": path,
                    "law": law,
                },
            )
        if self._is_soft(day):
            return Reason(
                "permission.soft_opt_in",
                {},
                {"deal_on": self.case.last_deal_on, "limit": str(self.rule.soft_opt_in), "rule": path, "law": law},
            )
        return None


def has_night_consent(case: Case, day: int) -> bool:
    """Whether a consent that names the night is in force on a day."""
    return any(c.night and case.concerns(c) and _is_in_force(c, day) for c in case.consents if c.kind == "given")
