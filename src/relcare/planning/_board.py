"""Boards: what is late, what is due in a stretch of days, whom nobody has reached (PLN-7)."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from functools import cached_property
from typing import Final, Literal, TypeAlias, get_args

import attrs

from relcare._fields import ReadOnlyMap, check_choice, check_day, check_optional_text, check_tuple_of, to_map, to_tuple
from relcare._time import add_months
from relcare.errors import InvalidValueError
from relcare.model import Obligation, Obligations, Undecided

__all__ = ["Board", "BoardSection", "SectionId", "board"]

SectionId: TypeAlias = Literal[
    "today", "tomorrow", "this_week", "week", "month", "overdue", "never_contacted", "reply_owed", "deferred"
]
_IDS: Final[tuple[SectionId, ...]] = get_args(SectionId)
_Test: TypeAlias = Callable[[Obligation], bool]


def _to_undecided(values: Iterable[Undecided]) -> tuple[Undecided, ...]:
    return to_tuple(values)


def _to_obligations(values: Iterable[Obligation]) -> Obligations:
    return values if isinstance(values, Obligations) else Obligations(values)


def _to_owners(values: Mapping[str, str | None]) -> Mapping[str, str | None]:
    return to_map(values)


@attrs.frozen(kw_only=True)
class BoardSection:
    """One of the boards.

    Attributes:
        id: Which; see `Board`.
        from_on: The first day of its stretch, inclusive; what is late stands on it too. None where it has no stretch of days.
        until_on: The last day of its stretch, inclusive; None where it has none.
        obligations: In the order of CAD-5, each once.
    """

    id: SectionId
    from_on: date | None = None
    until_on: date | None = None
    obligations: Obligations

    def __len__(self) -> int:
        return len(self.obligations)


@attrs.frozen(kw_only=True)
class Board:
    """What is owed on a day, as boards. Each is a query over the same obligations, so one may stand on several of them.

    - `today`: what is overdue, in grace, or due on the day itself (CAD-5).
    - `tomorrow`: what is due on the next day, and nothing else.
    - `this_week`: due by the Sunday of the week, Monday to Sunday, that the day is in; what is late stands on it too.
    - `week`: due within seven days that begin with the day itself; what is late stands on it too.
    - `month`: due within one month that begins with the day itself: up to the day before the same day of the next month, clamped
      to the month's end; what is late stands on it too. On the first of a month that is the calendar month.
    - `overdue`: late beyond its grace, whenever it was due.
    - `never_contacted`: no contact that qualifies has ever happened, whenever it is due.
    - `reply_owed`: what came in waits for an answer: a trigger on an incoming touchpoint asks for it (CAD-8), whenever it is due.
    - `deferred`: may not be done on the day (CAD-11), whenever it is due; `next_allowed_at` says from when on it may.

    What is deferred stands on the boards of its due day too, late ones on today's: only then can it be seen coming. Rules that
    nobody can decide for a client (CRI-2) stand in `undecided`.

    Attributes:
        as_of: The civil day that everything is seen from.
        obligations: All of them, in the order of CAD-5.
        undecided: In the order given.
        owner_by_client: Whose the undecided ones are; clients left out are nobody's.

    Raises:
        InvalidValueError: If the day is no civil date, or an obligation was worked out for another day: its state would be wrong.

    Source: PLN-7.
    """

    as_of: date
    obligations: Obligations = attrs.field(converter=_to_obligations, repr=False)
    undecided: tuple[Undecided, ...] = attrs.field(default=(), converter=_to_undecided, repr=False)
    owner_by_client: Mapping[str, str | None] = attrs.field(
        factory=ReadOnlyMap[str, str | None], converter=_to_owners, repr=False
    )

    def __attrs_post_init__(self) -> None:
        check_day("as_of", self.as_of)
        check_tuple_of("undecided", self.undecided, Undecided)
        for index, obligation in enumerate(self.obligations):
            if obligation.as_of != self.as_of:
                raise InvalidValueError(
                    f"obligations[{index}].as_of",
                    obligation.as_of.isoformat(),
                    f"must be the day of the board, {self.as_of}",
                    "decide again for that day",
                )

    @cached_property
    def sections(self) -> tuple[BoardSection, ...]:
        """Every board, in the order of the class description."""
        return tuple(
            BoardSection(
                id=name,
                from_on=None if begins is None else date.fromordinal(begins),
                until_on=None if ends is None else date.fromordinal(ends),
                obligations=Obligations((o for o in self.obligations if test(o)), is_sorted=True),
            )
            for name, begins, ends, test in _queries(self.as_of)
        )

    def section(self, section_id: SectionId) -> BoardSection:
        """One board.

        Raises:
            InvalidValueError: If there is none of that name; it names the nearest.
        """
        check_choice("section_id", section_id, _IDS)
        return self.sections[_IDS.index(section_id)]

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """How many stand on each board, `undecided` last."""
        counted = [(str(section.id), len(section)) for section in self.sections]
        return ReadOnlyMap([*counted, ("undecided", len(self.undecided))])

    @cached_property
    def owner_ids(self) -> tuple[str | None, ...]:
        """Everybody who has something on a board, by code point; None, for nobody, last."""
        found = {o.owner_id for o in self.obligations} | {self.owner_by_client.get(u.client_id) for u in self.undecided}
        return tuple(sorted(found, key=lambda owner_id: (owner_id is None, owner_id or "")))

    def for_owner(self, owner_id: str | None) -> "Board":
        """The boards of one account manager; None for clients without one. Somebody unknown has empty boards.

        Raises:
            InvalidValueError: If it is neither text nor None.
        """
        check_optional_text("owner_id", owner_id)
        return attrs.evolve(
            self,
            obligations=self.obligations.for_owner(owner_id),
            undecided=tuple(u for u in self.undecided if self.owner_by_client.get(u.client_id) == owner_id),
        )


def _queries(as_of: date) -> Iterator[tuple[SectionId, int | None, int | None, _Test]]:
    """Each board with its first day, its last day and what stands on it."""
    day = as_of.toordinal()
    sunday = day + 6 - as_of.weekday()
    week, month = day + 6, add_months(day, 1) - 1
    # What is late was due before the day, so that "due by" takes it in.
    yield "today", day, day, _due_by(day)
    yield "tomorrow", day + 1, day + 1, lambda o: o.due_on.toordinal() == day + 1
    yield "this_week", day - as_of.weekday(), sunday, _due_by(sunday)
    yield "week", day, week, _due_by(week)
    yield "month", day, month, _due_by(month)
    yield "overdue", None, None, lambda o: o.state == "overdue"
    yield "never_contacted", None, None, lambda o: o.never_contacted
    yield "reply_owed", None, None, _answers_the_client
    yield "deferred", None, None, lambda o: o.state == "deferred"


def _answers_the_client(owed: Obligation) -> bool:
    return any(r.code == "cadence.triggered" and r.values["direction"] == "incoming" for r in owed.reasons)


def _due_by(day: int) -> _Test:
    return lambda o: o.due_on.toordinal() <= day


def board(
    obligations: Iterable[Obligation],
    undecided: Iterable[Undecided] = (),
    *,
    as_of: date,
    owner_by_client: Mapping[str, str | None] | None = None,
) -> Board:
    """What stands on the boards on a day.

    Nothing is worked out anew: the boards are queries over what a policy decided. What may be done already and is due later
    stands on the boards of its due day.

    Args:
        obligations: Worked out for that day, in any order, such as `result.obligations`.
        undecided: Such as `result.undecided`; order is kept.
        as_of: The civil day.
        owner_by_client: Whose the undecided ones are, by client id; only needed to ask for one owner's boards.

    Raises:
        InvalidValueError: If an obligation was worked out for another day.

    Source: PLN-7, CAD-5.

    Examples:
        >>> from relcare.cadence import CadenceRule
        >>> from relcare.decisions import Policy
        >>> from relcare.model import Book, Client
        >>> rule = CadenceRule(id="call", channel="call", every="2 weeks")
        >>> policy = Policy(id="house", version="1", effective_from=date(2026, 1, 1), cadence=[rule])
        >>> book = Book(clients=[Client(id="c-1", name="Kim", client_since_on=date(2026, 3, 20))])
        >>> result = policy.decide(book, as_of=date(2026, 3, 31))
        >>> seen = board(result.obligations, result.undecided, as_of=result.as_of)
        >>> [str(owed.due_on) for owed in seen.section("week").obligations]
        ['2026-04-03']
        >>> seen.counts["today"], seen.counts["never_contacted"]
        (0, 1)
    """
    return Board(as_of=as_of, obligations=obligations, undecided=undecided, owner_by_client=owner_by_client or {})
