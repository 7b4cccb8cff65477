"""How somebody stands to a client: read off the book's owners, heads and absences."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from relcare.access._who import Delegation, Principal, Standing
from relcare.access._words import Relation
from relcare.model import Book, Staff
from relcare.model._responsible import stand_ins

__all__ = ["acts_for", "approver_standing", "standing_of", "team_of_client", "teams_of"]


def teams_of(staff: Iterable[Staff]) -> Mapping[str, str]:
    """The team of every member of staff who is in one, named by its head: heads are of their own team.

    Args:
        staff: Of a book.
    """
    head_by_id = {member.id: member.head_id for member in staff}
    heads = frozenset(head_by_id.values())
    found = {one: head or (one if one in heads else None) for one, head in head_by_id.items()}
    return {one: team for one, team in found.items() if team is not None}


def team_of_client(book: Book, client_id: str, *, as_of: date) -> str | None:
    """The team that keeps a client on a day: that of its account manager; None in the pool, and where the manager has none."""
    owner_id = book.owner_on(client_id, as_of)
    return None if owner_id is None else teams_of(book.staff).get(owner_id)


def standing_of(
    book: Book, principal: Principal, client_id: str | None, *, as_of: date, delegations: Iterable[Delegation] = ()
) -> Standing | None:
    """How somebody stands to a client on a day; None when there is no such client.

    - `account manager`: the client is theirs on that day, by its owner spells (`Book.owner_on`). Who had it before has no more
      of a relation than anybody else.
    - `deputy`: the account manager is away, and they stand in, the last of those who do.
    - `head`: they lead the account manager; while the head is away, whoever stands in for the head has this too.
    - `secretary`: they have the role `secretary` and are of the client's team; of a client in the pool, of any.
    - `keeper`: they have the role `keeper`, for all clients.
    - `colleague`: none of these, but of the client's team; for a client in the pool, of the staff.
    - `outsider`: nothing else.

    Args:
        book: Clients, staff, owner spells and absences.
        principal: Who.
        client_id: The client; None for the pool as a whole.
        as_of: The civil day in the book's zone.
        delegations: Those in force add the giver's relations to the receiver's; what somebody received is not handed on.

    Source: ACC-1.
    """
    if client_id is not None and client_id not in book.client_by_id:
        return None
    owner_id = None if client_id is None else book.owner_on(client_id, as_of)
    found = _personal(book, principal.id, owner_id, as_of)
    found |= {relation for _, relation in _delegated(book, principal.id, owner_id, as_of, delegations)}
    teams = teams_of(book.staff)
    own_team = principal.team or teams.get(principal.id)
    is_near = owner_id is None or (own_team is not None and own_team == teams.get(owner_id))
    if "secretary" in principal.roles and is_near:
        found.add("secretary")
    if "keeper" in principal.roles:
        found.add("keeper")
    is_staff = any(member.id == principal.id for member in book.staff)
    if not found:
        found.add("colleague" if is_near and (is_staff or principal.team is not None) else "outsider")
    return Standing(relations=found, is_pool=owner_id is None)


def approver_standing(
    book: Book,
    principal: Principal,
    client_id: str | None,
    requester_id: str,
    *,
    as_of: date,
    delegations: Iterable[Delegation] = (),
) -> Standing | None:
    """How somebody stands to a request that they are to decide about; None when there is no such client.

    To a client with an account manager as `standing_of` says. To one in the pool, and to a request that names no client, it is
    the head of who asks that counts as its head.

    Args:
        book: As for `standing_of`.
        principal: Who is to decide.
        client_id: What the request is about; None for the pool as a whole.
        requester_id: Who asks.
        as_of: The civil day in the book's zone.
        delegations: As for `standing_of`.

    Source: ACC-2.
    """
    found = standing_of(book, principal, client_id, as_of=as_of, delegations=delegations)
    if found is None or not found.is_pool:
        return found
    relations: set[Relation] = {relation for relation in found.relations if relation not in {"colleague", "outsider"}}
    leads = "head" in _personal(book, principal.id, requester_id, as_of)
    lent = any(relation == "head" for _, relation in _delegated(book, principal.id, requester_id, as_of, delegations))
    if leads or lent:
        relations.add("head")
    return Standing(relations=relations or found.relations, is_pool=True)


def acts_for(
    book: Book, principal_id: str, owner_id: str | None, *, as_of: date, delegations: Iterable[Delegation] = ()
) -> frozenset[str]:
    """All on whose behalf somebody stands to a client as they do; empty where it is by themselves alone.

    Whoever stands in for somebody who is away acts for them, and for all who passed it on; whoever was lent a relation that they
    have not by themselves acts for the giver, and for all for whom the giver stands in.

    Args:
        book: As for `standing_of`.
        principal_id: Who acts.
        owner_id: The account manager of the client, or, for the pool, who asks; None: nobody's, and nobody acts for anybody.
        as_of: The civil day in the book's zone.
        delegations: As for `standing_of`.

    Source: ACC-2.
    """
    found = set(_stood_in_for(book, principal_id, owner_id, as_of))
    own = _own(book, principal_id, owner_id)
    for giver_id, relation in _delegated(book, principal_id, owner_id, as_of, delegations):
        if relation not in own:
            found |= {giver_id, *_stood_in_for(book, giver_id, owner_id, as_of)}
    return frozenset(found - {principal_id})


def _personal(book: Book, person_id: str, owner_id: str | None, day: date) -> set[Relation]:
    """What follows from owners, heads and absences alone."""
    found = _own(book, person_id, owner_id)
    if owner_id is None:
        return found
    if "account manager" not in found and _passed_to(book, person_id, owner_id, day):
        found.add("deputy")
    if any(_passed_to(book, person_id, head_id, day) for head_id in _heads_of(book, owner_id)):
        found.add("head")
    return found


def _own(book: Book, person_id: str, owner_id: str | None) -> set[Relation]:
    """What somebody is to an account manager's clients whoever is away, and for nobody else."""
    found: set[Relation] = set()
    if owner_id is not None and owner_id == person_id:
        found.add("account manager")
    if owner_id is not None and person_id in _heads_of(book, owner_id):
        found.add("head")
    return found


def _heads_of(book: Book, owner_id: str) -> tuple[str, ...]:
    return tuple(member.head_id for member in book.staff if member.id == owner_id and member.head_id is not None)


def _stood_in_for(book: Book, person_id: str, owner_id: str | None, day: date) -> tuple[str, ...]:
    """For whom of an account manager and their head somebody stands in, and who passed it on to them."""
    absent = () if owner_id is None else (owner_id, *_heads_of(book, owner_id))
    return tuple(one for absent_id in absent for one in _passed_to(book, person_id, absent_id, day))


def _passed_to(book: Book, person_id: str, absent_id: str, day: date) -> tuple[str, ...]:
    """By whom the work of somebody who is away came to a person, beginning with them; empty when it did not."""
    passed = stand_ins(absent_id, book.absences_by_staff, day)
    return (absent_id, *passed[:-1]) if passed is not None and passed[-1:] == (person_id,) else ()


def _delegated(
    book: Book, person_id: str, owner_id: str | None, day: date, delegations: Iterable[Delegation]
) -> Iterator[tuple[str, Relation]]:
    """The relations that were lent to somebody, each with who lent it."""
    for one in delegations:
        if one.receiver_id == person_id and one.covers(day):
            personal = _personal(book, one.giver_id, owner_id, day)
            for relation in one.relations:
                if relation in personal:
                    yield one.giver_id, relation
