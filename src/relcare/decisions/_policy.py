"""The policy: all rules of a document joined in one value."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import cached_property

import attrs

from relcare.calendars import Calendar
from relcare.decisions._check import CheckReport, check_examples
from relcare.decisions._engine import Borders, Engine
from relcare.decisions._permitting import permission_to_contact
from relcare.decisions._policy_fields import PolicyFields
from relcare.decisions._programme_view import ProgrammeView
from relcare.decisions._results import BookResult, ClientResult, FactsResult
from relcare.decisions._stream import decide_stream
from relcare.model import (
    Absence,
    Book,
    Client,
    Consent,
    ContactPerson,
    MembershipEvent,
    OwnerSpell,
    Pin,
    Purchase,
    Staff,
    TierSpell,
    Touchpoint,
    as_known,
)
from relcare.permission import PermissionDecision
from relcare.vip import MembershipState

__all__ = ["Policy"]


@attrs.frozen(kw_only=True)
class Policy(PolicyFields):
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
        grades: Where each client stands among the others in a fact; every other part may use them (SEG-5).
        segmentation: Schemes; each may use the tiers of those above it.
        cadence: Rules.
        triggers: Events that oblige.
        working_hours: When the firm works on a business day, in the zone of the book; 09:00-18:00 by default.
        permission: When, how and how often clients may be contacted; None for no rules but their own refusals.
        neglect: Ladders; of those that apply to a client the first is its own. See `relcare.decisions.neglect`.
        holding: How many clients one account manager may hold, see `relcare.decisions.holding`.
        pool: Who may claim a client that nobody has, see `relcare.decisions.may_claim`.
        relationships: Strategies; the four built-in types are known without being declared.
        vip_programmes: Programmes; given as `vip`.
        segments: Unordered, several at once; what belongs to one by a criterion is the fact `segment.<id>` (SEG-7).
        access: Who may see and do what with clients' files, see `relcare.access`; None where the policy does not say.
        retention: How long their records are kept, see `relcare.access.decide_retention`; None where the policy does not say.
        examples: Worked examples, see `check`.
        staffing: The book the policy is meant for, and the people who keep it; what `feasible` is proved against.
        require: What must be proved about the policy, see `relcare.soundness.prove`.
        accept: Findings about the policy that the firm lives with.

    Raises:
        PolicyDocumentError: With every mistake at once, each with its path.
    """

    @cached_property
    def _engine(self) -> Engine:
        return Engine(self)

    def decide(self, book: Book, *, as_of: date, calendar: Calendar | None = None, known_on: date | None = None) -> BookResult:
        """Everything the policy says about a book at the end of a day.

        Args:
            book: Clients with their history.
            as_of: A civil day in the book's zone; its events count. An aware instant stands for its day in that zone (TIM-1).
            calendar: Business days; by default the policy's own (TIM-6).
            known_on: Decide with what was known then, see `relcare.model.as_known`; by default with all that is known (TIM-7).

        Raises:
            PolicyError: If the policy is not in force on that day.
            InvalidValueError: If a fact is off its grain, an amount in another currency, a relationship type unknown.
            MissingExtraError: When obligations are asked for, if the policy names a calendar and the extra is not installed.

        Source: TIM-1, SEG-1, CAD-1 to CAD-13, VIP-2.
        """
        if known_on is not None and isinstance(book, Book):  # pyright: ignore[reportUnnecessaryIsInstance]
            book = as_known(book, known_on)
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
        grades: Mapping[str, int | None] | None = None,
        tier_spells: Iterable[TierSpell] = (),
        pins: Iterable[Pin] = (),
        owner_spells: Iterable[OwnerSpell] = (),
        absences: Iterable[Absence] = (),
        consents: Iterable[Consent] = (),
        membership_events: Iterable[MembershipEvent] = (),
        zone: str | None = None,
        calendar: Calendar | None = None,
        known_on: date | None = None,
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
            grades: Where the client stood among the others when a book was last decided, by grade; one that is not named is
                missing, for it needs the others.
            tier_spells: The client's tiers so far: those in force on the day count where `tiers` names none, and the latest
                change re-dates what is owed (CAD-6).
            pins: Who is held in a tier by somebody's word (SEG-10).
            owner_spells: Who kept the client when; the one in force on the day counts before `owner_id`.
            absences: Of the staff: who is away has a deputy, or is not late (CAD-14).
            consents: Consents and refusals, for what may be done today (CAD-11).
            membership_events: The client's steps in VIP programmes, in the order in which they were taken (VIP-2).
            zone: In which instants become days; the book's zone (TIM-2); UTC by default.
            calendar: Business days; by default the policy's own (TIM-6).
            known_on: Decide with what was known then; by default with all that is known (TIM-7).

        Raises:
            PolicyError: If the policy is not in force on that day.
            InvalidValueError: If an event is of another client, or as for `decide`.
        """
        # A book of one client checks what belongs together: ids, voids, returns.
        book = Book(
            clients=[client],
            people=people,
            touchpoints=touchpoints,
            purchases=purchases,
            staff=staff,
            tier_spells=tier_spells,
            pins=pins,
            owner_spells=owner_spells,
            absences=absences,
            consents=consents,
            membership_events=membership_events,
            zone=zone or "UTC",
        )
        book = book if known_on is None else as_known(book, known_on)
        return self._engine.decide_client(book, tiers or {}, grades or {}, as_of, calendar)

    def decide_stream(
        self,
        parts: Iterable[Book] | Callable[[], Iterable[Book]],
        *,
        as_of: date,
        borders: Borders | None = None,
        grades: Mapping[str, Mapping[str, int]] | None = None,
        calendar: Calendar | None = None,
        known_on: date | None = None,
    ) -> Iterator[ClientResult]:
        """What the policy says about one client after the other, for books that nobody wants to hold as a whole.

        All that `decide` says of a client, bar its rank in a quota, made when it is asked for. What rests on the others (quotas,
        grades, lists of the best) is found first, in passes over the parts: one, another for each comparison that rests on one
        before, another where a border parts equals by id. Held are one part, how many have each score, and ids at such borders.
        With borders or grades handed in there is one pass, and what is not among them is missing: tiers of quotas, grades, lists.

        Args:
            parts: Books of one client each, or what gives them anew each time, as `BookReader.parts`; a stream if one pass does.
            as_of: A civil day in the zone of each part; its events count. An aware instant stands for its day there (TIM-1).
            borders: Of quotas, by scheme: what `SchemeResult.borders` says of a book decided by this policy, that day or before.
            grades: By grade and client id: what `GradeResult.grades` says of such a book.
            calendar: Business days; by default the policy's own (TIM-6).
            known_on: Decide with what was known then; by default with all that is known (TIM-7).

        Returns:
            A stream with a result for each part, in their order.

        Raises:
            PolicyError: On the way, if the policy is not in force that day.
            InvalidValueError: At once, if it takes several passes and the parts are a stream. On the way, if a part is no book of
                one client, there are more or fewer in a later pass, or as for `decide_client`.

        Source: TIM-1, SEG-1 to SEG-5, SEG-10, VIP-1.
        """
        return decide_stream(
            self._engine, parts, as_of=as_of, borders=borders, grades=grades, calendar=calendar, known_on=known_on
        )

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
        return ProgrammeView(policy=self, qualifier=self._engine.programmes.named(programme_id))

    def take_step(self, part: Book, event: MembershipEvent) -> MembershipState:
        """Where a client stands with a programme once a step has been taken; the book stays as it is.

        Args:
            part: A book of the one client, with the steps so far; see `relcare.storage.load_client_part`.
            event: The step; not yet in the book.

        Raises:
            IllegalStepError: If it may not follow those before it, or not be taken by whoever takes it.
            UnknownRecordError: If the policy has no such programme.
            PolicyError: If the policy is not in force on its day.

        Source: VIP-2.
        """
        return self._engine.take_step(part, event)

    def may_contact(
        self,
        client: Client,
        *,
        channel: str,
        purpose: str | None,
        at: datetime,
        touchpoints: Iterable[Touchpoint] = (),
        consents: Iterable[Consent] = (),
        zone: str = "UTC",
        calendar: Calendar | None = None,
        person_id: str | None = None,
        last_deal_on: date | None = None,
    ) -> PermissionDecision:
        """Whether a client may be contacted at an instant, why, and if not, from when on.

        Asked when a contact is planned, and again at the moment of sending: it looks at nothing but its arguments.

        Args:
            client: The client.
            channel: By which channel.
            purpose: For what; None, and what the policy does not declare as service, is advertising.
            at: An aware instant.
            touchpoints: Of the client, voided ones included; later ones than `at` are not looked at.
            consents: Of the client: consents and refusals.
            zone: Of the book (TIM-2); where the client is when nothing else says so, see `relcare.permission.possible_zones`.
            calendar: Business days, for public holidays; by default the policy's own (TIM-6).
            person_id: With whom; None for the client at large.
            last_deal_on: The day of the client's last deal, for soft opt-in.

        Raises:
            PolicyError: If the policy is not in force on that day.
            InvalidValueError: If an argument is not what it must be, or an event is of another client.
            MissingExtraError: If public holidays matter and the extra `calendar` is not installed.

        Source: CAD-10, CAD-11.
        """
        self._engine.day(at, zone)
        return permission_to_contact(
            self.permission,
            client,
            channel=channel,
            purpose=purpose,
            at=at,
            touchpoints=touchpoints,
            consents=consents,
            zone=zone,
            calendar=calendar,
            own_calendar=lambda: self._engine.duties.own_calendar,
            person_id=person_id,
            last_deal_on=last_deal_on,
        )

    def check(self, *, calendar: Calendar | None = None) -> CheckReport:
        """Whether the policy's own worked examples hold.

        Args:
            calendar: Business days; by default the policy's own (TIM-6).
        """
        return check_examples(self, calendar)
