"""The two ways through the guard: to look, and to do. Both write one audit entry, or nothing is told and nothing is done."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Final, Generic, TypeVar

import attrs

from relcare._fields import ReadOnlyMap
from relcare.access import AccessDecision, AccessRequest, Action, GrantEvent, Standing, grant_state
from relcare.desk._caller import Caller
from relcare.desk._house import House
from relcare.desk._sitting import Sitting
from relcare.errors import ConflictError, IllegalStepError, StorageError
from relcare.model import Book, Reason
from relcare.storage import ErasureReport, ReadUnit, UnitOfWork
from relcare.storage._erasing import ErasingUnit
from relcare.storage._erasure import erasable, scrubbed

__all__ = ["BaseVisit", "Deed", "Seen"]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
R = TypeVar("R")
U = TypeVar("U", bound=ReadUnit)
_TRIES: Final = 5


@attrs.frozen(kw_only=True)
class Seen(Generic[T_co]):
    """What somebody looked at, before anybody is told.

    Attributes:
        decision: As it is written down.
        value: What is told, where the decision allows it.
        query: What was searched for.
        count: How many records are told of.
        shown: The ids of the clients whose files are told, each once, where they were not asked for by id.
        uses: How many of them were read under each grant.
        error: What to raise in place of what the decision says.
    """

    decision: AccessDecision
    value: T_co | None = None
    error: Exception | None = None
    query: str | None = None
    count: int = 1
    shown: tuple[str, ...] = ()
    uses: Mapping[str, int] = attrs.field(factory=ReadOnlyMap[str, int])


@attrs.frozen(kw_only=True)
class Deed(Generic[T_co]):
    """What somebody wants done, decided and not done yet.

    Attributes:
        decision: As it is written down.
        do: Does it in the unit of work, and says what came of it; None where it may not be done.
        error: What to raise in place of what the decision says.
        count: How many records.
        values: Of a change, the new values by field as text; kept as digests.
        query: What was asked for.
    """

    decision: AccessDecision
    do: Callable[[UnitOfWork], T_co] | None = None
    error: Exception | None = None
    count: int = 1
    values: Mapping[str, str] = attrs.field(factory=ReadOnlyMap[str, str], repr=False)
    query: str | None = None


@attrs.frozen(eq=False)
class BaseVisit:
    """See `Visit`."""

    _house: House = attrs.field(alias="house", repr=False)
    _caller: Caller = attrs.field(alias="caller")

    def may(
        self, action: Action, client_id: str | None = None, *, fields: tuple[str, ...] = (), query: str | None = None
    ) -> AccessDecision:
        """Whether something may be done, and with which fields: for what an application shows or leaves out.

        To be told is to know, so this is written down too. Steps of grants and changes ask for more than this answer: that they
        follow those before them, and come from somebody else.

        Args:
            action: See `relcare.access.ACTIONS`.
            client_id: With which client; None for a query as a whole.
            fields: That would be shown or used.
            query: What would be searched for.
        """
        request = self._caller.request(action, client_id=client_id, fields=tuple(fields), query=query)

        def look(sitting: Sitting) -> Seen[AccessDecision]:
            decision = sitting.decide_query(request) if request.client_id is None else self._about(sitting, request)[0]
            return Seen(decision=decision, value=decision.told, query=request.query, count=0)

        return self._look(look, is_asking=True)

    def _look(self, look: Callable[[Sitting], Seen[T]], *, is_asking: bool = False) -> T:
        """Tells what was seen, once it is written down that it was.

        What is told and why are of one view of the store. Grants are used up in the unit of work that holds the entry: one that
        was revoked or used up in the meantime is found there, and it is decided anew.

        Args:
            look: Looks and decides.
            is_asking: Whether a refusal is an answer too.

        Raises:
            UnknownRecordError: If there is no such client, or it is not the caller's to know.
            AccessDenied: If they may not.
            StorageError: If the entry cannot be written.
        """
        tries = 1
        while not self._kept(seen := self._sit(self._house.store.read, lambda sitting, _: look(sitting))):
            if tries == _TRIES:
                self._note_failure(seen.decision, seen.query)
                raise ConflictError("grant", next(iter(seen.uses), ""), 1, 2)
            tries += 1
        if seen.error is not None:
            raise seen.error
        if not is_asking:
            seen.decision.required()
        if seen.value is None:  # pragma: no cover - whoever looks gives a value with an allowed decision
            raise AssertionError(seen.decision.action)
        return seen.value

    def _kept(self, seen: Seen[T]) -> bool:
        with self._house.store.write() as unit:
            sitting = Sitting(self._house, self._caller, unit)
            taken: list[tuple[GrantEvent, bool]] = []
            for grant_id, count in seen.uses.items():
                step = self._used(sitting, grant_id, count)
                if step is None:
                    return False
                taken.append(step)
            for number, (event, is_open) in enumerate(taken):
                sitting.steps.append(attrs.evolve(event, id=sitting.new_id("step", number)), is_open=is_open)
            self._house.note(
                unit,
                self._caller,
                seen.decision,
                at=sitting.now,
                query=seen.query,
                count=seen.count,
                shown=seen.shown,
            )
        return True

    def _used(self, sitting: Sitting, grant_id: str, count: int) -> tuple[GrantEvent, bool] | None:
        """The step by which a grant is used, and whether it can be again; None where it can no longer be at all."""
        steps = sitting.steps.grant(grant_id)
        if not steps or sitting.person is None:
            return None
        signed = attrs.evolve(steps[0].signed, roles=sitting.person.roles, at=sitting.now)
        event = GrantEvent(id="used", grant_id=grant_id, step="used", signed=signed, count=count)
        try:
            state = grant_state(self._house.rules, (*steps, event), at=sitting.now)
        except IllegalStepError:
            return None
        return event, state.status == "live"

    def _do(self, plan: Callable[[Sitting], Deed[T]]) -> T:
        """Does what was decided, in the unit of work that holds the entry about it.

        It is decided before anything is done: a refusal leaves nothing behind but its entry, and so does what fails.

        Args:
            plan: Decides, and says how it is to be done.

        Raises:
            UnknownRecordError: If there is no such client, or it is not the caller's to know.
            AccessDenied: If they may not.
            StorageError: If the entry cannot be written.
        """
        made: list[T] = []

        def work(sitting: Sitting, unit: UnitOfWork) -> Deed[T]:
            deed = plan(sitting)
            self._house.note(
                unit,
                self._caller,
                deed.decision,
                at=sitting.now,
                query=deed.query,
                count=deed.count,
                values=deed.values,
            )
            if deed.decision.is_allowed and deed.do is not None and deed.error is None:
                made.append(deed.do(unit))
            return deed

        deed = self._sit(self._house.store.write, work)
        if deed.error is not None:
            raise deed.error
        deed.decision.required()
        (done,) = made
        return done

    def _sit(self, opened: Callable[[], AbstractContextManager[U]], work: Callable[[Sitting, U], R]) -> R:
        """What comes of work in a unit of the store. Where it fails after something was asked, that is written down by itself.

        Raises:
            StorageError: If the entry cannot be written; then nobody is told how it failed.
        """
        sittings: list[Sitting] = []
        try:
            with opened() as unit:
                sittings.append(Sitting(self._house, self._caller, unit))
                return work(sittings[0], unit)
        except Exception as error:
            request = sittings[0].asked if sittings else None
            if request is not None and not _is_of_the_store(error):
                self._note_failure(sittings[0].answered or _unanswered(request), request.query)
            raise

    def _note_failure(self, decision: AccessDecision, query: str | None) -> None:
        """Writes down, in a unit of its own, that what was asked has failed."""
        failed = attrs.evolve(decision, logged=(*decision.logged, Reason("access.failed")))
        with self._house.store.write() as unit:
            self._house.note(unit, self._caller, failed, at=self._house.now(), query=query, count=0)

    def _erase(
        self, request: AccessRequest, ground: str, erase: Callable[[ErasingUnit, str, datetime], ErasureReport]
    ) -> ErasureReport:
        """Erases what was decided, in the unit of work that holds the entry about it; otherwise as `_do`.

        The entry comes last, lest it goes with those about the client.

        Args:
            request: Of one client.
            ground: Why, as the entry tells it.
            erase: Does it, given by whom and when.
        """
        store = erasable(self._house.store)
        made: list[ErasureReport] = []

        def work(sitting: Sitting, unit: ErasingUnit) -> AccessDecision:
            decision = self._about(sitting, request)[0]
            if decision.is_allowed and sitting.person is not None:
                made.append(erase(unit, sitting.person.id, sitting.now))
            count = sum(one.erasure.record_count + one.erasure.entry_count for one in made)
            self._house.note(unit, attrs.evolve(self._caller, reason=ground), decision, at=sitting.now, count=count)
            return decision

        self._sit(store.erasing, work).required()
        (done,) = made
        return attrs.evolve(done, left=scrubbed(self._house.store))

    def _about(self, sitting: Sitting, request: AccessRequest) -> tuple[AccessDecision, Book | None, Standing | None]:
        """The decision about a request of one client, with what it was read off."""
        client_id = request.client_id or ""
        book = sitting.around(client_id)
        standing = sitting.standing(book, client_id)
        return sitting.decide(request, standing), book, standing

    def _all_fields(self) -> tuple[str, ...]:
        """Every field that is in a class; what is in none is hidden from everybody anyway."""
        return tuple(sorted(self._house.rules.class_by_field))


def _unanswered(request: AccessRequest) -> AccessDecision:
    """What is written down of a request that the decider did not answer: nothing was opened."""
    return AccessDecision(
        answer="denied",
        action=request.action,
        client_id=request.client_id,
        hidden=request.fields,
        purpose=request.purpose,
        medium=request.medium,
    )


def _is_of_the_store(error: Exception) -> bool:
    """Whether the store itself failed: then no entry can be kept either, or it cannot say whether the one about it was."""
    return isinstance(error, StorageError) and not isinstance(error, ConflictError)
