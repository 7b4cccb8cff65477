"""Who had a client when, as stretches of time without a gap: what owner spells and the client's own entry come to."""

from collections.abc import Iterable, Sequence

import attrs

from relcare.model import Client, OwnerSpell

__all__ = ["Ownership", "Stretch"]


@attrs.frozen
class Stretch:
    """An unbroken time with one owner.

    Attributes:
        owner_id: The account manager; None in the pool.
        start: The first day, an ordinal; None when nothing says since when.
        end: The first day on which it no longer is, an ordinal; None while open.
    """

    owner_id: str | None
    start: int | None
    end: int | None

    def covers(self, day: int) -> bool:
        """Whether it holds on a day."""
        return (self.start is None or self.start <= day) and (self.end is None or day < self.end)


@attrs.frozen
class Ownership:
    """Everybody who had a client, in order of time; together the stretches cover every day once.

    Attributes:
        stretches: In order of time.
    """

    stretches: Sequence[Stretch]

    @classmethod
    def of(cls, client: Client, spells: Iterable[OwnerSpell]) -> "Ownership":
        """What the records say, as `Book.owner_on` reads them: days without a spell are the client's own `owner_id`'s.

        Spells of one owner that touch are one stretch. The days before the first spell are a stretch of their own, whoever the
        client's entry names: it says who has the client now, and not who had it then.
        """
        found: list[Stretch] = []
        at: int | None = None
        for spell in sorted(spells, key=lambda one: one.start_on):
            start = spell.start_on.toordinal()
            if at is None or at < start:
                _add(found, Stretch(client.owner_id, at, start))
            _add(found, Stretch(spell.owner_id, start, None if spell.end_on is None else spell.end_on.toordinal()))
            at = found[-1].end
            if at is None:
                return cls(tuple(found))
        _add(found, Stretch(client.owner_id, at, None))
        return cls(tuple(found))

    def on(self, day: int) -> Stretch:
        """Who has it on a day, and since when."""
        return next(stretch for stretch in self.stretches if stretch.covers(day))

    def lost(self, staff_id: str, day: int) -> int | None:
        """The first day without the client for whom it was taken from, looked at on a day; None for who never lost it by then."""
        ends = [one.end for one in self.stretches if one.owner_id == staff_id and one.end is not None and one.end <= day]
        return ends[-1] if ends else None

    def claimed_on(self, staff_id: str, day: int) -> bool:
        """Whether a member of staff took it out of the pool on a day."""
        for before, after in zip(self.stretches, self.stretches[1:], strict=False):
            if after.start == day and after.owner_id == staff_id:
                return before.owner_id is None
        return False


def _add(found: list[Stretch], stretch: Stretch) -> None:
    """Add a stretch; one that follows on a known one with the same owner makes it longer."""
    if found and found[-1].start is not None and found[-1].owner_id == stretch.owner_id:
        found[-1] = attrs.evolve(found[-1], end=stretch.end)
    else:
        found.append(stretch)
