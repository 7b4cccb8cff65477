"""The segments of a policy, made ready to be asked about clients (SEG-7)."""

from collections.abc import Callable, Iterable, Mapping, Sequence

import attrs

from relcare.model import Reason
from relcare.policy import Core, Vocabulary, compile_criteria, facts_of, may_hold
from relcare.segments import CriterionSegment, Segment, SegmentMembership, SegmentResult, divide

__all__ = ["Segmenter"]


class Segmenter:
    """Who belongs to which segment.

    Args:
        segments: Of a policy.
        vocabulary: All that they may ask for.
    """

    def __init__(self, segments: Iterable[Segment], vocabulary: Vocabulary) -> None:
        self.segments = tuple(segments)
        self.vocabulary = vocabulary
        self._named = {f"segment.{one.id}": one for one in self.segments if isinstance(one, CriterionSegment)}
        criteria = [segment.when for segment in self._named.values()]
        self._layout = tuple(dict.fromkeys(name for criterion in criteria for name in facts_of(criterion)))
        self._answers = compile_criteria(criteria, vocabulary, self._layout)

    def facts(self, row: Mapping[str, Core]) -> dict[str, bool | None]:
        """The flag of every segment by a criterion; None where missing facts leave it open (FCT-5)."""
        return dict(zip(self._named, self._answers([row.get(name) for name in self._layout]), strict=True))

    def inapplicable(self, row: Mapping[str, Core], never: frozenset[str]) -> set[str]:
        """The flags that will never be known, because only facts that never will be could settle them.

        Args:
            row: Of one client, with its flags.
            never: The facts that will never be known of it.
        """
        found = {name: segment for name, segment in self._named.items() if never and row[name] is None}
        return {name for name, segment in found.items() if not may_hold(segment.when, row, self.vocabulary, never)}

    def divided(
        self,
        rows: Mapping[str, Mapping[str, Core]],
        inapplicable: Mapping[str, frozenset[str]],
        notes: Mapping[str, Sequence[Reason]],
    ) -> dict[str, SegmentResult]:
        """Every segment over these clients, by id.

        Args:
            rows: The facts by client id.
            inapplicable: What will never be known of each.
            notes: What was noticed while reading the facts of each.
        """
        found: dict[str, SegmentResult] = {}
        for segment in self.segments:
            result = divide(segment, rows, vocabulary=self.vocabulary, inapplicable=inapplicable)
            found[segment.id] = result.explained_by(_noted(result.membership, notes)) if any(notes.values()) else result
        return found


def _noted(
    explain: Callable[[str], SegmentMembership], notes: Mapping[str, Sequence[Reason]]
) -> Callable[[str], SegmentMembership]:
    """Explanations with what was noticed about the missing facts."""

    def with_notes(client_id: str) -> SegmentMembership:
        found = explain(client_id)
        about = [note for note in notes[client_id] if note.values.get("fact") in found.missing]
        return attrs.evolve(found, reasons=(*found.reasons, *about)) if about else found

    return with_notes
