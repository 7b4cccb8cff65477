"""The laws of VIP programmes."""

from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from typing import Final

from relcare.calendars import Calendar
from relcare.decisions import Policy
from relcare.model import Answer, Book, FactValue
from relcare.policy import And, Compare, Criterion, Or, OutOfBounds, Vocabulary, facts_of
from relcare.testing.laws._law import Claim, Law, facts_text
from relcare.testing.laws._varied import ascending, words_of
from relcare.vip import Programme, VipDecision

__all__ = ["VIP_LAWS", "a_path_that_holds_decides", "vip_is_monotone", "vip_thresholds_are_inclusive"]

_DECIDES: Final = Claim("VIP-4", "a path that holds decides, whatever else is unknown")
_INCLUSIVE: Final = Claim("VIP-4", "thresholds are inclusive")
_MONOTONE: Final = Claim("VIP-1", "where every path asks for enough of something, more of it never disqualifies")
_RANKS: Final[Mapping[Answer, int]] = {"no": 0, "unknown": 1, "yes": 2}


def a_path_that_holds_decides(policy: Policy, book: Book, *, as_of: date, calendar: Calendar | None = None) -> None:
    """A client qualifies as soon as one path holds, also when nothing but the facts of that path is known.

    Where none holds the answer is `unknown` if a path is open, and `no` if none is.

    Raises:
        LawBrokenError: With the first counterexample.

    Source: VIP-2, VIP-4.
    """
    result = policy.decide(book, as_of=as_of, calendar=calendar)
    for programme in policy.vip_programmes:
        for client in book.clients:
            decision = result.vip(programme.id, client.id)
            answers: list[Answer] = [path.answer for path in decision.paths]
            told = f"client {client.id!r} in programme {programme.id!r}: {decision.qualification}, with the paths {answers}"
            _DECIDES.require(decision.qualification == max(answers, key=_certainty), told)
            for path, answer in zip(programme.paths, answers, strict=True):
                if answer == "yes":
                    known = {name: result.facts(client.id)[name] for name in facts_of(path.when)}
                    alone = _decided(policy, programme, known, result.as_of)
                    _DECIDES.require(
                        alone.is_eligible, f"{told}; by the path {path.id!r} alone, {facts_text(known)}, it does not"
                    )


def _certainty(answer: Answer) -> int:
    return _RANKS[answer]


def _decided(policy: Policy, programme: Programme, facts: Mapping[str, FactValue], as_of: date) -> VipDecision:
    return policy.vip(programme.id).decide(facts, as_of=as_of)


def vip_thresholds_are_inclusive(policy: Policy, book: Book, *, as_of: date, calendar: Calendar | None = None) -> None:
    """Who stands exactly on every threshold of a path qualifies by it; who is one grain, rank or day below one of them does not.

    Asked of the paths that ask for nothing but being great enough (`>=`, joined by `and`), whoever is in the book.

    Raises:
        LawBrokenError: With the first counterexample.

    Source: VIP-4.
    """
    on = policy.decide(book, as_of=as_of, calendar=calendar).as_of
    words = words_of(policy)
    for programme in policy.vip_programmes:
        for path in programme.paths:
            floors = _floors(path.when, words)
            if not floors:
                continue
            exactly = {name: words[name].decode(core) for name, core in floors.items()}
            told = f"path {path.id!r} of programme {programme.id!r}"
            answer = _answer(_decided(policy, programme, exactly, on), path.id)
            _INCLUSIVE.require(answer == "yes", f"{told}: on the threshold, {facts_text(exactly)}, it is {answer}")
            for name, core in floors.items():
                below = {**exactly, name: words[name].decode(core - 1)}
                answer = _answer(_decided(policy, programme, below, on), path.id)
                _INCLUSIVE.require(answer != "yes", f"{told}: below the threshold, {facts_text(below)}, it is {answer}")


def _answer(decision: VipDecision, path_id: str) -> Answer:
    return next(path.answer for path in decision.paths if path.id == path_id)


def _floors(criterion: Criterion, words: Vocabulary) -> Mapping[str, int]:
    """The least value of each fact with which a criterion holds; none where it asks for anything else, or for what cannot be."""
    parts = criterion.parts if isinstance(criterion, And) else (criterion,)
    found: dict[str, int] = {}
    for part in parts:
        core = _floor(part, words)
        if core is None or not isinstance(part, Compare):
            return {}
        found[part.fact] = max(core, found.get(part.fact, core))
    return found


def _floor(part: Criterion, words: Vocabulary) -> int | None:
    if not isinstance(part, Compare) or part.operator != ">=" or not words[part.fact].is_ordered:
        return None
    kind, core = words[part.fact], words.constants(part)[0]
    # The lowest level has nothing below it, and what is out of bounds is taken for missing.
    if not isinstance(core, int) or (kind.kind == "level" and core == 0):
        return None
    return None if isinstance(kind.encode(part.fact, kind.decode(core)), OutOfBounds) else core


def vip_is_monotone(policy: Policy, book: Book, *, as_of: date, calendar: Calendar | None = None) -> None:
    """Where all paths only ask for enough of something, more of any fact never turns a yes into a no.

    Raises:
        LawBrokenError: With the first counterexample.

    Source: VIP-1.
    """
    result = policy.decide(book, as_of=as_of, calendar=calendar)
    words = words_of(policy)
    for programme in policy.vip_programmes:
        criteria = [path.when for path in programme.paths]
        if not all(_asks_for_more(criterion) for criterion in criteria):
            continue
        used = dict.fromkeys(name for criterion in criteria for name in facts_of(criterion))
        for client in book.clients:
            facts = {name: result.facts(client.id)[name] for name in used}
            for fact in used:
                ladder = [{**facts, fact: value} for value in ascending(fact, criteria, words)]
                for less, more in pairwise(ladder):
                    one, two = _decided(policy, programme, less, result.as_of), _decided(policy, programme, more, result.as_of)
                    told = f"{facts_text(less)} is {one.qualification}, with {fact} = {more[fact]} it is {two.qualification}"
                    is_kept = _certainty(one.qualification) <= _certainty(two.qualification)
                    _MONOTONE.require(is_kept, f"programme {programme.id!r}: {told}")


def _asks_for_more(criterion: Criterion) -> bool:
    if isinstance(criterion, (And, Or)):
        return all(_asks_for_more(part) for part in criterion.parts)
    return isinstance(criterion, Compare) and criterion.operator in {">", ">="}


VIP_LAWS: Final[tuple[Law, ...]] = (a_path_that_holds_decides, vip_thresholds_are_inclusive, vip_is_monotone)
"""Every law of VIP programmes."""
