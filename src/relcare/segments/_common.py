"""What the members of a segment share beyond what everybody shares, and how likely that is by chance alone (SEG-7)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from fractions import Fraction
from functools import cached_property
from math import comb
from typing import Final, TypeAlias

import attrs

from relcare._fields import check_text
from relcare.errors import InvalidValueError
from relcare.model import FactValue

__all__ = ["CommonTrait", "FactRows", "InCommon", "in_common", "values_of"]

FactRows: TypeAlias = Mapping[str, Mapping[str, FactValue]]
AT_LEAST: Final = 3


@attrs.frozen(kw_only=True)
class CommonTrait:
    """One value that some members of a segment share, against the whole book.

    Whoever the trait is missing of is in neither share.

    Attributes:
        fact: The trait.
        value: The value, or the member of a set; of a flag `true` or `false`.
        client_ids: The members who have it, in the order of the book.
        known: Of how many members the trait is known, at least 1.
        book_count: How many of the book have it, members included.
        book_known: Of how many of the book the trait is known, members included.
        looked_at: How many values, of all traits that were asked for, could have been found: it is among so many chances.
    """

    fact: str
    value: str
    client_ids: tuple[str, ...]
    known: int
    book_count: int
    book_known: int
    looked_at: int

    @property
    def count(self) -> int:
        """How many members have it."""
        return len(self.client_ids)

    @property
    def share(self) -> Fraction:
        """Of the members of whom the trait is known, those who have it."""
        return Fraction(self.count, self.known)

    @property
    def book_share(self) -> Fraction:
        """Of everybody of whom the trait is known, those who have it."""
        return Fraction(self.book_count, self.book_known)

    @property
    def lift(self) -> Fraction:
        """How many times as frequent it is among the members as in the book; 1 is as frequent."""
        return self.share / self.book_share

    @cached_property
    def chance(self) -> Fraction:
        """How likely so many of the members would have it, or more, had they been drawn from the book at random.

        The upper tail of the hypergeometric distribution, exact, among those of whom the trait is known. Worked out when first
        asked for: the time grows with the book, to seconds for a segment of 100,000 in a book of a million.
        """
        # Drawing the members and marking who has it is the same as drawing who has it and marking the members.
        drawn, marked = sorted((self.known, self.book_count))
        ways = sum(comb(marked, hits) * comb(self.book_known - marked, drawn - hits) for hits in range(self.count, drawn + 1))
        return Fraction(ways, comb(self.book_known, drawn))

    @property
    def chance_of_any(self) -> Fraction:
        """An upper bound on how likely any of the values looked at would be so rare by chance alone, at most 1.

        Who looks at a hundred hobbies finds one that is one in a hundred: a theme is rare even so.
        """
        return min(Fraction(1), self.chance * self.looked_at)


@attrs.frozen(kw_only=True)
class InCommon:
    """What the members of a segment have in common.

    Attributes:
        client_ids: The members.
        traits: The facts that were looked at.
        at_least: How many members make a theme.
        found: The values that at least so many members share, the highest lift first, then the most members, then fact and value
            by code point.
        missing: By trait, of how many members it is missing.
        book_missing: By trait, of how many of the book it is missing.
    """

    client_ids: tuple[str, ...]
    traits: tuple[str, ...]
    at_least: int
    found: tuple[CommonTrait, ...]
    missing: Mapping[str, int]
    book_missing: Mapping[str, int]


def values_of(fact: str, value: FactValue) -> tuple[str, ...] | None:
    """The values of a trait that one client has, as text; None where it is missing.

    Raises:
        InvalidValueError: If it is a number or a date: so exact a value is seldom shared.
    """
    if value is None:
        return None
    if isinstance(value, bool):
        return (str(value).lower(),)
    if isinstance(value, str):
        return (value,)
    if isinstance(value, frozenset):
        return tuple(value)
    raise InvalidValueError("traits", fact, "must be a set, a category, a level or a flag", "declare a level of its bands")


def in_common(members: Collection[str], book_rows: FactRows, traits: Iterable[str], *, at_least: int = AT_LEAST) -> InCommon:
    """What the members share beyond what the book shares: for each value of each trait its shares and its lift.

    Args:
        members: By id; all of them in the book. Nobody has anything in common with nobody: then nothing is found.
        book_rows: By client id, everybody's facts as people read them, members included; None and absent names are missing.
        traits: Sets, categories, levels and flags; each once.
        at_least: How many members must share a value, from 1: one person's hobby is not a theme.

    Raises:
        InvalidValueError: If a member is not in the book, a trait is a number or a date, or `at_least` is no whole number from 1.

    Examples:
        >>> book = {
        ...     "a": {"hobbies": frozenset({"golf", "tea"})},
        ...     "b": {"hobbies": frozenset({"golf"})},
        ...     "c": {"hobbies": frozenset({"tea"})},
        ...     "d": {"hobbies": None},
        ... }
        >>> shared = in_common(["a", "b", "d"], book, ["hobbies"], at_least=2)
        >>> [(one.value, one.count, one.lift, one.chance) for one in shared.found]
        [('golf', 2, Fraction(3, 2), Fraction(1, 3))]
        >>> shared.missing["hobbies"]
        1

    Source: SEG-7.
    """
    if type(at_least) is not int or at_least < 1:
        raise InvalidValueError("at_least", at_least, "must be a whole number from 1")
    wanted = set(members)
    strange = min((one for one in wanted if one not in book_rows), default=None)
    if strange is not None:
        raise InvalidValueError("members", strange, "must be in the book")
    names = tuple(traits)
    for name in names:
        check_text("traits", name)
    if len(set(names)) != len(names):
        raise InvalidValueError("traits", names, "must be different")
    counted = {name: _Counted(name, wanted, book_rows) for name in names}
    looked_at = sum(one.looked_at(at_least) for one in counted.values())
    found = [trait for one in counted.values() for trait in one.shared(at_least, looked_at)]
    return InCommon(
        client_ids=tuple(client_id for client_id in book_rows if client_id in wanted),
        traits=names,
        at_least=at_least,
        found=tuple(sorted(found, key=lambda one: (-one.lift, -one.count, one.fact, one.value))),
        missing={name: len(wanted) - one.known for name, one in counted.items()},
        book_missing={name: len(book_rows) - one.book_known for name, one in counted.items()},
    )


class _Counted:
    """Who has which value of one trait."""

    def __init__(self, fact: str, members: Collection[str], rows: FactRows) -> None:
        self.fact = fact
        self.known = self.book_known = 0
        self.members: defaultdict[str, list[str]] = defaultdict(list)
        self.book: defaultdict[str, int] = defaultdict(int)
        for client_id, row in rows.items():
            values = values_of(fact, row.get(fact))
            if values is None:
                continue
            is_member = client_id in members
            self.book_known += 1
            self.known += is_member
            for value in values:
                self.book[value] += 1
                if is_member:
                    self.members[value].append(client_id)

    def looked_at(self, at_least: int) -> int:
        """How many values enough of the book have to be found."""
        return sum(1 for count in self.book.values() if count >= at_least)

    def shared(self, at_least: int, looked_at: int) -> list[CommonTrait]:
        return [
            CommonTrait(
                fact=self.fact,
                value=value,
                client_ids=tuple(client_ids),
                known=self.known,
                book_count=self.book[value],
                book_known=self.book_known,
                looked_at=looked_at,
            )
            for value, client_ids in self.members.items()
            if len(client_ids) >= at_least
        ]
