"""One unit of a store as one caller may see it: who they are to whom, what was granted to them, and every decision about it."""

from datetime import date, datetime
from functools import cached_property

import attrs

from relcare.access import (
    WHOLE,
    AccessDecision,
    AccessRequest,
    Delegation,
    GrantState,
    Principal,
    RuleDecider,
    Signature,
    Standing,
    acts_for,
    approver_standing,
    delegation_of,
    grant_state,
    standing_of,
)
from relcare.desk._caller import Caller
from relcare.desk._clock import day_of
from relcare.desk._house import House
from relcare.errors import IllegalStepError, InvalidValueError
from relcare.model import Book, Client, Reason
from relcare.storage import AccessSteps, BookReader, ReadUnit

__all__ = ["Sitting"]


@attrs.define(eq=False)
class Sitting:
    """A unit, a caller, and what follows from the two; good as long as the unit is open. It changes nothing.

    Attributes:
        house: The desk.
        caller: Who asks.
        unit: A unit of its store.
        asked: The first request that was put to the decider: what the call is about. None before it.
        answered: What the decider said to it; None as long as it has not.
    """

    house: House
    caller: Caller
    unit: ReadUnit
    asked: AccessRequest | None = attrs.field(default=None, init=False)
    answered: AccessDecision | None = attrs.field(default=None, init=False)
    _known: dict[tuple[AccessRequest, Standing], AccessDecision] = attrs.field(
        factory=dict[tuple[AccessRequest, Standing], AccessDecision], init=False
    )
    _standings: dict[str | None, Standing | None] = attrs.field(factory=dict[str | None, Standing | None], init=False)

    @cached_property
    def now(self) -> datetime:
        """The instant of the unit: one for all that is done in it."""
        return self.house.now()

    @cached_property
    def reader(self) -> BookReader:
        """The book in the unit."""
        return BookReader(self.unit)

    @cached_property
    def steps(self) -> AccessSteps:
        """The grants, changes and delegations in the unit."""
        return AccessSteps(self.unit)

    @cached_property
    def firm(self) -> Book:
        """Staff and absences, without any client."""
        return self.reader.firm()

    @cached_property
    def today(self) -> date:
        """The civil day of the unit, in the zone of the book: of relations, whatever day is asked about."""
        return day_of(self.now, self.firm.zone, self.house.clock)

    def day(self, as_of: date | None) -> date:
        """The civil day that is asked about."""
        return self.today if as_of is None else day_of(as_of, self.firm.zone, self.house.clock)

    @cached_property
    def person(self) -> Principal | None:
        """Who asks."""
        return self.caller.principal

    @cached_property
    def delegations(self) -> tuple[Delegation, ...]:
        """What was delegated to the caller and not taken back."""
        if self.person is None:
            return ()
        found = (delegation_of(steps, at=self.now) for steps in self.steps.open_delegations(self.person.id))
        return tuple(one for one in found if one is not None and one.covers(self.today))

    @cached_property
    def grants(self) -> tuple[GrantState, ...]:
        """Where the caller's grants stand; one that the rules of today would not give opens nothing."""
        if self.person is None:
            return ()
        found: list[GrantState] = []
        for steps in self.steps.open_grants(self.person.id, at=self.now):
            try:
                found.append(grant_state(self.house.rules, steps, at=self.now))
            except IllegalStepError:
                continue
        return tuple(found)

    def around(self, client_id: str, proposed: Client | None = None) -> Book | None:
        """What relations to a client are read off: itself, its owners, the staff; None when there is no such client.

        Args:
            client_id: The client.
            proposed: What it would be, where there is none yet.
        """
        # The same is read whether there is one or not: how long it takes tells nothing.
        found, firm, spells = self.reader.find_client(client_id), self.firm, self.reader.owners_of(client_id).value.spells
        client = proposed if found is None else found.value
        return None if client is None else attrs.evolve(firm, clients=(client,), owner_spells=spells)

    def standing(self, book: Book | None, client_id: str | None) -> Standing | None:
        """How the caller stands to a client, or to the pool as a whole; None where there is no such client or no caller."""
        delegations = self.delegations  # read whether there is a client or not, as all that is read before a decision
        if book is None or self.person is None:
            return None
        return standing_of(book, self.person, client_id, as_of=self.today, delegations=delegations)

    def judging(self, book: Book | None, client_id: str | None, asker_id: str) -> Standing | None:
        """How the caller stands to what somebody asks of a client, or of none, to decide about it."""
        if book is None or self.person is None:
            return None
        return approver_standing(book, self.person, client_id, asker_id, as_of=self.today, delegations=self.delegations)

    def signature(self, standing: Standing, owner_id: str | None) -> Signature:
        """The caller's name under a step, now, and of all for whom they act.

        Args:
            standing: How they stand to what it is about.
            owner_id: The account manager of the client; of the pool, who asks.
        """
        person = self._somebody()
        for_ids = acts_for(self.firm, person.id, owner_id, as_of=self.today, delegations=self.delegations)
        return Signature(by=person.id, roles=person.roles, standing=standing, for_ids=for_ids, at=self.now)

    def decide(self, request: AccessRequest, standing: Standing | None) -> AccessDecision:
        """Whether the caller may do something with one client."""
        self.asked = self.asked or request
        found = self.house.decider.decide(self.person, request, standing, at=self.now, grants=self.grants)
        if standing is None and found.is_allowed:
            # A host's answer about a client that is not there: it is told like any other.
            told = Reason("access.unknown_record", {}, {"client": request.client_id})
            logged = (Reason("access.no_client"),)
            found = attrs.evolve(found, answer="unknown", fields=(), hidden=(), grant_ids=(), reasons=(told,), logged=logged)
        return self._answered(found, request)

    def decide_query(self, request: AccessRequest, standing: Standing | None = None) -> AccessDecision:
        """Whether the caller may put a query at all."""
        self.asked = self.asked or request
        found = self.house.decider.decide_query(self.person, request, at=self.now, grants=self.grants, standing=standing)
        return self._answered(found, request)

    def decide_each(self, book: Book, request: AccessRequest, client_id: str) -> AccessDecision:
        """The answer about one client of a query.

        Rules look at nothing of a client but how somebody stands to it, and that follows from its account manager: so what they
        say is worked out once for each standing, unless a grant is about one client alone.
        """
        owner_id = book.owner_on(client_id, self.today)
        if owner_id not in self._standings:
            self._standings[owner_id] = self.standing(book, client_id)
        standing = self._standings[owner_id]
        one_by_one = not isinstance(self.house.decider, RuleDecider) or any(one.request.client_id for one in self.grants)
        if standing is None or one_by_one:
            return self.decide(attrs.evolve(request, client_id=client_id), standing)
        key = (request, standing)
        if key not in self._known:
            self._known[key] = self.decide(attrs.evolve(request, client_id=client_id), standing)
        return self._known[key]

    def new_id(self, kind: str, number: int = 0) -> str:
        """An id for something that the caller makes in this unit; see `House.new_id`."""
        return self.house.new_id(self.unit, kind, number)

    @property
    def is_somebody(self) -> bool:
        """Whether the caller is known and may act at all."""
        return self.person is not None and self.person.is_active

    def _answered(self, found: AccessDecision, request: AccessRequest) -> AccessDecision:
        fitting = _fitting(found, request)
        self.answered = self.answered or fitting
        return fitting

    def _somebody(self) -> Principal:
        if self.person is None:  # pragma: no cover - nobody is let as far as here
            raise AssertionError(self.caller)
        return self.person


def _fitting(found: AccessDecision, request: AccessRequest) -> AccessDecision:
    """The answer itself, where it is one to what was asked: a decider of a host's may be wrong, and then nobody gets anything.

    Raises:
        InvalidValueError: If it is about something else, or opens more than was asked for.
    """
    is_same = (found.action, found.client_id, found.purpose, found.medium) == (
        request.action,
        request.client_id,
        request.purpose,
        request.medium,
    )
    is_within = set(found.fields) <= set(request.fields) and (found.is_allowed or not found.fields)
    is_whole = not found.is_allowed or request.action not in WHOLE or set(found.fields) == set(request.fields)
    if not (is_same and is_within and is_whole):
        raise InvalidValueError("decider", found.action, "must answer what was asked, and open no other field")
    return found
