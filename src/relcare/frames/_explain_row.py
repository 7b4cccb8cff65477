"""One collected row in words."""

from datetime import date

import attrs

from relcare.decisions import Policy
from relcare.frames._cells import Row
from relcare.frames._row_reader import RowReader
from relcare.wording import Catalogue, Explainable, explain

__all__ = ["explain_row"]


def explain_row(
    policy: Policy, row: Row, *, as_of: date, client: Row | None = None, language: str | Catalogue = "en"
) -> tuple[str, ...]:
    """Why, in a line for each decision of a row that was decided over columns: as `relcare.wording.explain` tells of objects.

    What the row does not hold is left out: see `RowReader`, which also takes borders and pins and gives values instead of words.

    Args:
        policy: The policy by which it was decided.
        row: Of `DecidedFrames.clients`, `obligations` or `undecided`, by column, as an engine or a tool gives it.
        as_of: The day of the decision.
        client: Of an obligation or an undecided rule: the row of the client, for the facts that stand there.
        language: `en`, or a catalogue of your own.

    Returns:
        Of a client's row, a line for each grade, scheme, programme and segment, in this order; else one line. Where a scheme
        keeps clients in their tiers, its line ends with what would hold this one back at a review on the day (SEG-9).

    Raises:
        InvalidValueError: If the row lacks what the words rest on, or holds what this policy cannot have decided; or if there is
            no catalogue for the language. Which policy decided a row, and when, it does not say.
        UnknownRecordError: If the policy has no such rule.

    Source: CRI-3.
    """
    reader = RowReader(policy, as_of=as_of)
    if "due_on" in row:
        return (explain(reader.obligation(row, client=client), language=language),)
    if "rule_id" in row:
        return (explain(reader.undecided(row, {} if client is None else client), language=language),)
    found = reader.client(row)
    stays = {one.scheme_id: one.reasons for one in found.settled}
    assignments = [attrs.evolve(one, reasons=(*one.reasons, *stays.get(one.scheme_id, ()))) for one in found.assignments]
    decisions: tuple[Explainable, ...] = (*found.grades, *assignments, *found.vip, *found.segments)
    return tuple(explain(one, language=language) for one in decisions)
