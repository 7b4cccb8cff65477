"""The policy: all rules of a document joined in one value."""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cached_property
from typing import Final

import attrs

from relcare._fields import (
    check_day,
    check_id,
    check_optional_text,
    check_tuple_of,
    to_day,
    to_optional_day,
    to_tuple,
    zone_of,
)
from relcare.cadence import CadenceRule
from relcare.calendars import Calendar
from relcare.decisions._check import CheckReport, check_examples
from relcare.decisions._engine import Engine
from relcare.decisions._examples import Example
from relcare.decisions._problems import PolicyParts, find_problems
from relcare.decisions._results import BookResult, ClientResult, FactsResult
from relcare.errors import InvalidValueError, PolicyDocumentError, Problem, UnknownRecordError, nearest
from relcare.facts import history_of
from relcare.model import Book, Client, ContactPerson, Purchase, Staff, Touchpoint
from relcare.model._money import check_currency
from relcare.policy import Fact
from relcare.relationships import Strategy
from relcare.segmentation import QuotaScheme, Scheme, ThresholdScheme
from relcare.vip import Programme, Qualifier, VipDecision

__all__ = ["Policy", "ProgrammeView", "path_text"]


def path_text(path: tuple[str | int, ...]) -> str:
    """A path as messages write it: `cadence[2].every`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _to_facts(values: Iterable[Fact]) -> tuple[Fact, ...]:
    return to_tuple(values)


def _to_schemes(values: Iterable[Scheme]) -> tuple[Scheme, ...]:
    return to_tuple(values)


def _to_rules(values: Iterable[CadenceRule]) -> tuple[CadenceRule, ...]:
    return to_tuple(values)


def _to_strategies(values: Iterable[Strategy]) -> tuple[Strategy, ...]:
    return to_tuple(values)


def _to_programmes(values: Iterable[Programme]) -> tuple[Programme, ...]:
    return to_tuple(values)


def _to_examples(values: Iterable[Example]) -> tuple[Example, ...]:
    return to_tuple(values)


_ROOMS: Final[tuple[tuple[str, type], ...]] = (
    ("facts", Fact),
    ("cadence", CadenceRule),
    ("relationships", Strategy),
    ("vip_programmes", Programme),
    ("examples", Example),
)


@attrs.frozen(eq=False)
class ProgrammeView:
    """One VIP programme of a policy, to be asked about facts one already has."""

    _policy: "Policy" = attrs.field(alias="policy")
    _qualifier: Qualifier = attrs.field(alias="qualifier")

    def decide(self, facts: Mapping[str, object], *, as_of: date) -> VipDecision:
        """Whether somebody with these facts qualifies.

        Args:
            facts: By name: decimal text, Decimal or int for numbers, text for levels and categories. Those left out are missing.
            as_of: A day on which the policy is in force.

        Raises:
            InvalidValueError: If a fact is not known to the policy, or a number is off its grain.
            PolicyError: If the policy is not in force on that day.
        """
        result = self._policy.decide_facts(facts, as_of=as_of)
        return next(decision for decision in result.vip if decision.programme_id == self._qualifier.programme.id)


@attrs.frozen(kw_only=True)
class Policy:
    """Rules as data: facts, segmentation, cadence, relationship strategies, VIP programmes, and examples that hold.

    Attributes:
        id: The policy.
        version: Its version; a decision that changes for the same input needs a new one.
        effective_from: The first day on which it is in force.
        effective_until: The first day on which it no longer is; None while open. Half-open (TIM-4).
        title: For people.
        currency: Of all its money; None when it has none.
        calendar: The business calendar, such as `CN` or `US-CA`; None counts Monday to Friday (TIM-6).
        source: Where the firm says so.
        facts: Declared (FCT-1).
        segmentation: Schemes; each may use the tiers of those above it.
        cadence: Rules.
        relationships: Strategies; the four built-in types are known without being declared.
        vip_programmes: Programmes; given as `vip`.
        examples: Worked examples, see `check`.

    Raises:
        PolicyDocumentError: With every mistake at once, each with its path.
    """

    id: str
    version: str
    effective_from: date = attrs.field(converter=to_day)
    effective_until: date | None = attrs.field(default=None, converter=to_optional_day)
    title: str | None = None
    currency: str | None = None
    calendar: str | None = None
    source: str | None = None
    facts: tuple[Fact, ...] = attrs.field(default=(), converter=_to_facts)
    segmentation: tuple[Scheme, ...] = attrs.field(default=(), converter=_to_schemes)
    cadence: tuple[CadenceRule, ...] = attrs.field(default=(), converter=_to_rules)
    relationships: tuple[Strategy, ...] = attrs.field(default=(), converter=_to_strategies)
    vip_programmes: tuple[Programme, ...] = attrs.field(default=(), converter=_to_programmes, alias="vip")
    examples: tuple[Example, ...] = attrs.field(default=(), converter=_to_examples)

    def __attrs_post_init__(self) -> None:
        check_id("id", self.id)
        check_id("version", self.version)
        check_day("effective_from", self.effective_from)
        if self.effective_until is not None:
            check_day("effective_until", self.effective_until)
            if self.effective_until <= self.effective_from:
                raise InvalidValueError(
                    "effective_until", self.effective_until, f"must be after effective_from, {self.effective_from}"
                )
        for name in ("title", "source", "calendar"):
            check_optional_text(name, getattr(self, name))
        if self.currency is not None:
            check_currency("currency", self.currency)
        check_tuple_of("segmentation", self.segmentation, object)
        for index, scheme in enumerate(self.segmentation):
            if not isinstance(scheme, (QuotaScheme, ThresholdScheme)):  # pyright: ignore[reportUnnecessaryIsInstance]
                raise InvalidValueError(f"segmentation[{index}]", scheme, "must be a QuotaScheme or a ThresholdScheme")
        for name, kind in _ROOMS:
            check_tuple_of(name.removesuffix("_programmes"), getattr(self, name), kind)
        problems = list(find_problems(self._parts()))
        if problems:
            raise PolicyDocumentError(
                Problem(file="<policy>", path=path_text(problem.path), message=problem.message, hint=problem.hint)
                for problem in problems
            )

    def _parts(self) -> PolicyParts:
        return PolicyParts(
            currency=self.currency,
            calendar=self.calendar,
            facts=self.facts,
            segmentation=tuple(enumerate(self.segmentation)),
            cadence=tuple(enumerate(self.cadence)),
            relationships=tuple(enumerate(self.relationships)),
            vip=tuple(enumerate(self.vip_programmes)),
            examples=tuple(enumerate(self.examples)),
        )

    @cached_property
    def _engine(self) -> Engine:
        return Engine(self)

    def decide(self, book: Book, *, as_of: date, calendar: Calendar | None = None) -> BookResult:
        """Everything the policy says about a book at the end of a day.

        Args:
            book: Clients with their history.
            as_of: A civil day in the book's zone; its events count. An aware instant stands for its day in that zone (TIM-1).
            calendar: Business days; by default the policy's own (TIM-6).

        Raises:
            PolicyError: If the policy is not in force on that day.
            InvalidValueError: If a fact is off its grain, an amount in another currency, a relationship type unknown.
            MissingExtraError: When obligations are asked for, if the policy names a calendar and the extra is not installed.

        Source: TIM-1, SEG-1, CAD-1 to CAD-13, VIP-2.
        """
        return self._engine.decide(book, as_of, calendar)

    def decide_client(
        self,
        client: Client,
        *,
        touchpoints: Iterable[Touchpoint],
        purchases: Iterable[Purchase],
        as_of: date,
        people: Iterable[ContactPerson] = (),
        staff: Iterable[Staff] = (),
        tiers: Mapping[str, str] | None = None,
        zone: str | None = None,
        calendar: Calendar | None = None,
    ) -> ClientResult:
        """Everything the policy says about one client by itself, as in a web request.

        Args:
            client: The client.
            touchpoints: Its touchpoints, voided ones included.
            purchases: Its purchases, returns and credits.
            as_of: A civil day; its events count.
            people: At the client.
            staff: Of the firm, for roles.
            tiers: The tiers in force, by scheme; without one a threshold tier is worked out and a quota tier is missing.
            zone: In which instants become days; the book's zone (TIM-2); UTC by default.
            calendar: Business days; by default the policy's own (TIM-6).

        Raises:
            PolicyError: If the policy is not in force on that day.
            InvalidValueError: If an event is of another client, or as for `decide`.
        """
        zone_name = zone or "UTC"
        # A book of one client checks what belongs together: ids, voids, returns.
        book = Book(clients=[client], people=people, touchpoints=touchpoints, purchases=purchases, staff=staff, zone=zone_name)
        day = self._engine.day(as_of, zone_name)
        history = history_of(
            client,
            people=book.people,
            touchpoints=book.touchpoints_by_client.get(client.id, ()),
            purchases=book.purchases,
            staff={member.id: member for member in book.staff},
            zone=zone_of(zone_name),
        )
        return self._engine.decide_client(history, tiers or {}, book.staff, day, calendar)

    def decide_facts(self, facts: Mapping[str, object], *, as_of: date) -> FactsResult:
        """What follows from facts one already has: threshold tiers and qualifications.

        Args:
            facts: By name, derived ones allowed; those left out are missing.
            as_of: A day on which the policy is in force.

        Raises:
            InvalidValueError: If a fact is not known to the policy, or a number is off its grain.
            PolicyError: If the policy is not in force on that day.
        """
        return self._engine.decide_facts(facts, self._engine.day(as_of, "UTC"))

    def vip(self, programme_id: str) -> ProgrammeView:
        """One VIP programme, to be asked about facts one already has.

        Raises:
            UnknownRecordError: If there is no such programme.
        """
        for qualifier in self._engine.qualifiers:
            if qualifier.programme.id == programme_id:
                return ProgrammeView(policy=self, qualifier=qualifier)
        near = nearest(programme_id, [programme.id for programme in self.vip_programmes])
        raise UnknownRecordError("programme", programme_id, f"did you mean {near!r}?" if near else None)

    def check(self, *, calendar: Calendar | None = None) -> CheckReport:
        """Whether the policy's own worked examples hold.

        Args:
            calendar: Business days; by default the policy's own (TIM-6).
        """
        return check_examples(self, calendar)
