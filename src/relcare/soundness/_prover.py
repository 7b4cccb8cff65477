"""What every question needs: a space, a budget, and the honesty to say "undecided"."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import attrs

from relcare._fields import ReadOnlyMap
from relcare.cells import Box, BudgetSpentError, Cover, Region, Space
from relcare.errors import PolicyError
from relcare.model import FactValue, ReasonValue
from relcare.policy import Core, Criterion, Vocabulary, evaluate
from relcare.soundness._findings import Finding, Witness

__all__ = ["Answer", "Prover", "RuleSet"]

Answer = Callable[["RuleSet"], Iterator[Finding]]


@attrs.frozen(eq=False)
class RuleSet:
    """Criteria of one scheme or programme, in order, made into regions of one space.

    Attributes:
        subject: Its path.
        paths: The path of each criterion.
        names: What each criterion leads to: a tier, a path's id.
        criteria: The criteria.
        space: Their cells.
        regions: Where each holds and fails.
        cover: Coverings within the budget.
    """

    subject: str
    paths: tuple[str, ...]
    names: tuple[str, ...]
    criteria: tuple[Criterion, ...]
    space: Space
    regions: tuple[Region, ...]
    cover: Cover

    def witness(self, box: Box, outcome: Callable[[Mapping[str, Core]], str]) -> Witness:
        """A client in a box, with what the real evaluator makes of it."""
        return self.witness_of(self.space.row(box), outcome)

    def witness_of(self, row: Mapping[str, Core], outcome: Callable[[Mapping[str, Core]], str]) -> Witness:
        """A client by its facts, with what the real evaluator makes of it."""
        facts: dict[str, FactValue] = {name: self.space.vocabulary[name].decode(value) for name, value in row.items()}
        return Witness(ReadOnlyMap(facts), outcome(row))

    def answers(self, row: Mapping[str, Core]) -> list[bool | None]:
        """What the plain evaluator says of every criterion."""
        return [evaluate(criterion, row, self.space.vocabulary) for criterion in self.criteria]


class Prover:
    """Asks questions within a budget.

    Args:
        budget: Steps for each rule set.
        opaque: Facts that are computed from others (`ratio`, `difference`): what depends on them cannot be proved on cells.
    """

    def __init__(self, budget: int, opaque: frozenset[str] = frozenset()) -> None:
        self.budget = budget
        self.opaque = opaque

    def ask(
        self,
        subject: str,
        named: Sequence[tuple[str, str, Criterion]],
        vocabulary: Vocabulary,
        questions: Mapping[str, Answer],
    ) -> Iterator[Finding]:
        """Each question about a set of criteria: its refutations, else that it is proved, else that it is undecided.

        Args:
            subject: The path of the set.
            named: Path, name and criterion of each, in order.
            vocabulary: What the facts mean.
            questions: By name.
        """
        cover = Cover(self.budget)
        criteria = tuple(criterion for _, _, criterion in named)
        try:
            space = Space.of(criteria, vocabulary)
            regions = tuple(space.region(criterion) for criterion in criteria)
        except (BudgetSpentError, PolicyError) as given_up:
            yield from (_undecided(question, subject, given_up, cover) for question in questions)
            return
        paths, names = tuple(path for path, _, _ in named), tuple(name for _, name, _ in named)
        rules = RuleSet(subject, paths, names, criteria, space, regions, cover)
        strange = sorted(self.opaque.intersection(space.places))
        for question, answer in questions.items():
            try:
                found = list(answer(rules))
            except BudgetSpentError as given_up:
                yield _undecided(question, subject, given_up, cover)
                continue
            if found and strange:
                # The cells of an opaque fact may not go together with those it is made of: a proof holds, a witness may not.
                why = f"only {', '.join(strange)} decides it, which is computed from other facts"
                yield Finding(
                    question=question, subject=subject, outcome="undecided", code=question, values=_why(why), spent=cover.spent
                )
            elif found:
                yield from found
            else:
                yield Finding(question=question, subject=subject, outcome="proved", code=question, spent=cover.spent)


def _why(text: str) -> Mapping[str, ReasonValue]:
    return ReadOnlyMap[str, ReasonValue]({"why": text})


def _undecided(question: str, subject: str, given_up: Exception, cover: Cover) -> Finding:
    spent = given_up.spent if isinstance(given_up, BudgetSpentError) else cover.spent
    values = _why(str(given_up)) if isinstance(given_up, PolicyError) else ReadOnlyMap[str, ReasonValue]()
    return Finding(question=question, subject=subject, outcome="undecided", code=question, values=values, spent=spent)
