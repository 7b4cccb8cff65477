"""Everything about one client."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from relcare.decisions import BookResult, ClientHealth
from relcare.grades import GradePlace
from relcare.model import Client, FactValue, TierSpell
from relcare.relationships import MergedStrategy
from relcare.report._boards import due_listing, undecided_listing
from relcare.report._decisions import tier_row
from relcare.report._listing import Column, Listing, Row
from relcare.report._names import Names
from relcare.report._portfolio import reading_words, situation_words
from relcare.report._text import MISSING, because, count_of, plain, shown
from relcare.segmentation import beside_in_force
from relcare.soundness import ClientJustification, Justification
from relcare.vip import VipDecision
from relcare.wording import explain, explain_justification, explain_lever

__all__ = ["client_pages"]


def client_pages(
    client: Client,
    result: BookResult,
    why: ClientJustification,
    health: ClientHealth,
    names: Names,
    *,
    in_force: Iterable[TierSpell] = (),
) -> Iterator[Listing]:
    """Who it is, its facts, grades, tiers, strategy, what is owed, what is undecided, VIP: each with its reasons.

    Below the tiers and each VIP decision stands what forces it and what would change it.

    Args:
        client: One of the clients of the result.
        result: What a policy decided about its book.
        why: Its decisions justified.
        health: What its relationships' indicators and situations say.
        names: Of clients and staff.
        in_force: The client's spells that cover the day: told where they are another tier than the one worked out.
    """
    yield _head(client, result)
    yield _facts(result.facts(client.id), because(result.notes.get(client.id, ())))
    if result.grades:
        yield _grades([result.grade(grade_id, client.id) for grade_id in result.grades])
    spells = {spell.scheme_id: spell for spell in in_force}
    found = [beside_in_force(result.tier(scheme_id, client.id), spells.get(scheme_id)) for scheme_id in result.schemes]
    yield Listing(
        title="Tiers",
        columns=(Column("Scheme", 14), Column("Tier", 6), Column("Rank", 5, "right"), Column("Score", 12, "right")),
        rows=(Row((one.scheme_id, *tier_row(one, names).cells[:3]), because(one.reasons)) for one in found),
        empty="the policy has no scheme",
    )
    for scheme_id, justification in why.tiers.items():
        yield _justified(f"Tier of {scheme_id}", justification)
    yield _strategy(result.strategy(client.id))
    if health.indicators or health.situations:
        yield _signs(health)
    owed = result.obligations.for_client(client.id)
    yield due_listing(f"Owed: {count_of(len(owed), 'contact')}", owed, names, is_brief=False)
    undecided = [one for one in result.undecided if one.client_id == client.id]
    if undecided:
        yield undecided_listing(undecided, names)
    for programme_id in result.programme_ids:
        yield _vip(result.vip(programme_id, client.id))
        yield _justified(f"VIP programme {programme_id}", why.programme(programme_id))


def _head(client: Client, result: BookResult) -> Listing:
    facts = {
        "types": ", ".join(sorted(client.relationship_types)),
        "stage": client.stage,
        "owner": client.owner_id,
        "region": client.region,
        "client since": None if client.client_since_on is None else client.client_since_on.isoformat(),
    }
    return Listing(
        title=f"{client.id} {client.name}",
        lead=f"{result.as_of}, policy {result.policy_id} version {result.policy_version}; "
        + "; ".join(f"{name}: {value or MISSING}" for name, value in facts.items()),
    )


def _facts(facts: Mapping[str, FactValue], notes: str) -> Listing:
    return Listing(
        title="Facts",
        columns=(Column("Fact", 34), Column("Value")),
        rows=(Row((name, shown(value))) for name, value in sorted(facts.items())),
        note=notes,
    )


def _grades(places: Sequence[GradePlace]) -> Listing:
    """Where the client stands among the others in single facts."""
    return Listing(
        title="Grades",
        columns=(Column("Grade", 20), Column("Stands", 10), Column("Rank", 6, "right"), Column("Value", 14, "right")),
        rows=(
            Row(
                (
                    place.grade_id,
                    MISSING if place.grade is None else f"{place.grade} of {place.parts}",
                    MISSING if place.rank is None else str(place.rank),
                    shown(place.value),
                ),
                because(place.reasons),
            )
            for place in places
        ),
    )


def _strategy(strategy: MergedStrategy) -> Listing:
    lines = [f"{kind}: appeal: {appeal}" for kind, appeal in zip(strategy.types, strategy.appeals, strict=True)]
    lines.extend(f"{kind}: {channel} every {every} at least" for channel, (every, kind) in strategy.intervals.items())
    lines.extend(f"{kind}: do: {text}" for kind, text in strategy.advice)
    for word, told in (("avoid", strategy.avoid), ("ask", strategy.questions), ("form", strategy.forms)):
        lines.extend(f"{kind}: {word}: {text}" for kind, text in told)
    return Listing(title="Relationship", lead="\n".join(map(plain, lines)), empty="" if lines else "no type is known")


def _signs(health: ClientHealth) -> Listing:
    """The situations that hold and what they started, then what each indicator says."""
    started = [Row(("", reading.situation.id), situation_words(reading)) for reading in health.started]
    readings = sorted(health.indicators, key=lambda reading: ("ailing", "unknown", "healthy").index(reading.health))
    told = [Row((reading.health, plain(reading.indicator.id)), reading_words(reading)) for reading in readings]
    return Listing(
        title=f"Signs: {count_of(len(started), 'situation')}, {count_of(len(health.ailing), 'indicator')} not met",
        columns=(Column("Health", 8), Column("Sign")),
        rows=[*started, *told],
        empty="no situation holds",
    )


def _vip(decision: VipDecision) -> Listing:
    paths = (
        Row((path.id, path.answer, MISSING if path.first_ever_on is None else path.first_ever_on.isoformat()))
        for path in decision.paths
    )
    return Listing(
        title=f"VIP programme {decision.programme_id}: {decision.qualification}",
        lead=plain(explain(decision)),
        columns=(Column("Path"), Column("Holds", 8), Column("First ever", 10)),
        rows=paths,
    )


def _justified(what: str, justification: Justification) -> Listing:
    """What forces a decision, and what each fact could do about it; facts with nothing to say are left out."""
    told = ((lever, "; ".join(explain_lever(lever))) for lever in justification.levers)
    return Listing(
        title=f"{what}: what forces it, and what would change it",
        lead="\n".join(map(plain, explain_justification(justification))),
        columns=(Column("Fact", 34), Column("Value")),
        rows=(Row((lever.fact, shown(lever.value)), plain(clauses)) for lever, clauses in told if clauses),
    )
