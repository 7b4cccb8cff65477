"""Who keeps which client: neglect, holdings and claims of a policy over a book (CAD-15)."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from relcare.custody import (
    Custody,
    CustodyCase,
    Holders,
    Holding,
    Neglect,
    Ownership,
    claim_verdict,
    custody_of,
    holdings_of,
    neglect_order,
)
from relcare.decisions._results import BookResult
from relcare.decisions._vocabularies import vocabularies_of_policy
from relcare.errors import InvalidValueError
from relcare.facts import histories_of
from relcare.model import Absence, Book, Verdict, as_known
from relcare.model._responsible import stand_ins
from relcare.policy import Core, OutOfBounds, Vocabulary

if TYPE_CHECKING:
    from relcare.decisions._policy import Policy

__all__ = ["holding", "may_claim", "neglect"]


def neglect(policy: "Policy", book: Book, *, as_of: date, known_on: date | None = None) -> tuple[Neglect, ...]:
    """Where every client stands on its neglect ladder: what is to be done, what is held back, what comes next.

    A client in the pool stands on no ladder, and neither does one to whom none applies. Missing facts leave a client undecided,
    and it is never released for want of knowledge. A release is a proposal: the book stays as it is, and so does its history.

    Args:
        policy: The rules.
        book: Clients with their history and owners.
        as_of: A civil day in the book's zone; its events count (TIM-1).
        known_on: Ask with what was known then; by default with all that is known (TIM-7).

    Returns:
        The severest first, also of what is held back, then the longest on its rung, then what comes next soonest, then by id.

    Raises:
        PolicyError: If the policy is not in force on that day.
        InvalidValueError: As for `Policy.decide`.

    Source: CAD-15.
    """
    known = book if known_on is None or not isinstance(book, Book) else as_known(book, known_on)  # pyright: ignore[reportUnnecessaryIsInstance]
    custody, result = _ready(policy), policy.decide(known, as_of=as_of)
    if not policy.neglect:
        return ()
    heads = {member.id: member.head_id for member in known.staff}
    day = result.as_of.toordinal()
    found = (custody.neglect(case, day, heads) for case in _cases(custody, known, result).values())
    return tuple(sorted((one for one in found if one is not None), key=neglect_order))


def holding(policy: "Policy", book: Book, *, as_of: date) -> tuple[Holding, ...]:
    """How many clients every account manager holds, against each limit that binds them.

    Args:
        policy: The rules.
        book: Clients with their history and owners.
        as_of: A civil day in the book's zone.

    Returns:
        By limit in the order of the policy, then by owner; those who hold no client at all are left out.

    Raises:
        PolicyError: If the policy is not in force on that day.
        InvalidValueError: As for `Policy.decide`.

    Source: CAD-15.
    """
    return tuple(holdings_of(_holders(policy, book, as_of)))


def may_claim(policy: "Policy", book: Book, client_id: str, staff_id: str, *, as_of: date) -> Verdict:
    """Whether a member of staff may take a client out of the pool on a day: yes, no, or unknown for want of facts.

    Every hindrance is among the reasons: somebody has it, it is protected, it is too new in the pool; who wants it lost it not
    long ago, claimed enough on the day, or holds enough.

    Args:
        policy: The rules.
        book: Clients with their history and owners.
        client_id: The client.
        staff_id: Who wants it; need not be among the staff.
        as_of: A civil day in the book's zone: the day of the claim.

    Raises:
        PolicyError: If the policy is not in force on that day.
        UnknownRecordError: If there is no such client.
        InvalidValueError: As for `Policy.decide`.

    Source: CAD-15.
    """
    holders = _holders(policy, book, as_of)
    return claim_verdict(holders, book.get_client(client_id).id, staff_id)


def _ready(policy: "Policy") -> Custody:
    words = vocabularies_of_policy(policy)
    return custody_of(
        policy.neglect,
        policy.holding,
        policy.pool,
        words.full,
        in_force_from=policy.effective_from,
        policy_id=policy.id,
        policy_version=policy.version,
    )


def _holders(policy: "Policy", book: Book, as_of: date) -> Holders:
    custody, result = _ready(policy), policy.decide(book, as_of=as_of)
    roles = {member.id: member.role for member in book.staff}
    return Holders(custody=custody, cases=_cases(custody, book, result), roles=roles, as_of=result.as_of.toordinal())


def _cases(custody: Custody, book: Book, result: BookResult) -> dict[str, CustodyCase]:
    """Every client of the book, in its order."""
    found: dict[str, CustodyCase] = {}
    outside = {f"tier.{scheme_id}": scheme.out_of_scope for scheme_id, scheme in result.schemes.items()}
    for history in histories_of(book):
        client = history.client
        ownership = Ownership.of(client, book.owner_spells_by_client.get(client.id, ()))
        found[client.id] = CustodyCase(
            history=history,
            row=_row(custody, result.facts(client.id)) if custody.layout else {},
            vocabulary=custody.vocabulary,
            ownership=ownership,
            never=frozenset(name for name, clients in outside.items() if client.id in clients),
            away=_away(book, ownership.on(result.as_of.toordinal()).owner_id, result.as_of),
        )
    return found


def _row(custody: Custody, facts: Mapping[str, object]) -> dict[str, Core]:
    """The facts that the rules ask for, as they are compared."""
    return {name: _core(custody.vocabulary, name, facts.get(name)) for name in custody.layout}


def _core(vocabulary: Vocabulary, name: str, value: object) -> Core:
    core = vocabulary[name].encode(name, value)
    if isinstance(core, OutOfBounds):  # pragma: no cover - what was decided is within its bounds
        raise InvalidValueError(name, value, "must be what the policy decided")
    return core


def _away(book: Book, owner_id: str | None, day: date) -> Absence | None:
    """The owner's absence on a day, when nobody stands in."""
    if owner_id is None or stand_ins(owner_id, book.absences_by_staff, day) is not None:
        return None
    return next(one for one in book.absences_by_staff[owner_id] if one.covers(day))
