"""What objects decide and what columns decide of one book, laid side by side and compared."""

import os
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date
from functools import partial
from hashlib import blake2b
from typing import Any, Final, cast

import attrs
import pytest
from tests.property.frames_policies import OF_STEPS

from relcare.decisions import BookResult, Policy, vocabularies_of_policy
from relcare.errors import BookDocumentError, InvalidValueError, Problem, RelcareError, UnsupportedPolicyError
from relcare.model import Book, Obligation
from relcare.policy import FactType
from relcare.segmentation import QuotaScheme, Scheme, scorer_of, settle

duckdb = pytest.importorskip("duckdb")
pytest.importorskip("polars")
frames = pytest.importorskip("relcare.frames")

LONG: Final = "RELCARE_IDENTITY" in os.environ
CASES: Final = int(os.environ.get("RELCARE_IDENTITY", "5"))
ENGINES: Final = ("polars", "DuckDB")
PARTS: Final = ("grades", "segmentation", "vip", "segments", "cadence")
TOO_MUCH: Final = ("exact", "dated changes", "several kinds", "is of type")
OF_TEXT: Final = ("has a | in it", "is a longer name of a column than")
OWED: Final = (
    *("rule_id", "rule_ids", "person_id", "channel", "owner_id", "staff_id", "attributed_to", "state", "never_contacted"),
    *("last_contact_on", "interval", "earliest_on", "due_on", "latest_on", "overdue_days"),
)
COMPARED: Counter[str] = Counter()
Rows = dict[str, dict[str, object]]


def by_objects(policy: Policy, book: Book, as_of: date) -> Rows:
    result = policy.decide(book, as_of=as_of)
    found: Rows = {}
    for client_id in result.client_ids:
        row: dict[str, object] = {k: v for k, v in result.facts(client_id).items() if not k.endswith(OF_STEPS)}
        for grade in policy.grades:
            placed = result.grade(grade.id, client_id)
            is_tied = any(reason.code == "grade.tie" for reason in placed.reasons)
            about = {"code": placed.reasons[0].code, "last": placed.last, "is_tied": is_tied}
            row |= {f"grade.{grade.id}.{what}": value for what, value in about.items()}
        for segment in policy.segments:
            member = result.segment(segment.id, client_id)
            row |= {f"segment.{segment.id}.answer": member.answer, f"segment.{segment.id}.code": member.reasons[0].code}
            row[f"cells.{segment.id}"] = sorted(" / ".join(cell) for cell in member.cells)
        for scheme in policy.segmentation:
            tier = result.tier(scheme.id, client_id)
            said: dict[str, object] = {
                "tier": tier.tier,
                "code": tier.reasons[0].code,
                "is_in_scope": tier.is_in_scope,
                "is_held": tier.is_held,
                "group": tier.group if tier.is_in_scope else None,
                "score": tier.score,
                "border": tier.border,
                "is_tied": any(reason.code == "segmentation.tie" for reason in tier.reasons),
            }
            if scheme.steady is not None or any(getattr(tier, "stays", None) is not None for tier in scheme.tiers):
                said = {**said, **settled_by_objects(scheme, result, book, client_id)}
            row |= {f"scheme.{scheme.id}.{what}": value for what, value in said.items()}
        for programme in policy.vip_programmes:
            vip = result.vip(programme.id, client_id)
            decided = {
                "qualification": vip.qualification,
                "path": next((path.id for path in vip.paths if path.answer == "yes"), None),
                "code": vip.reasons[0].code,
                "first_eligible_on": vip.first_eligible_on,
            }
            row |= {f"programme.{programme.id}.{what}": value for what, value in decided.items()}
        strange = [n.values["fact"] for n in result.notes.get(client_id, ()) if n.code == "fact.out_of_bounds"]
        row["notes"] = " ".join(map(str, strange)) or None
        found[client_id] = row
    rolling = {rule.id for rule in policy.cadence if rule.mode == "rolling"}
    owed: dict[str, list[Any]] = {client_id: [] for client_id in found}
    for one in result.obligations:
        occurrence: str | None = one.key.rpartition("/")[2]
        if one.rule_id in rolling:
            occurrence = "first" if one.never_contacted else None
        owed[one.client_id].append([name_of(one, name) for name in OWED] + [occurrence])
    return with_owed(found, owed, [(one.client_id, one.rule_id) for one in result.undecided])


def settled_by_objects(scheme: Scheme, result: BookResult, book: Book, client_id: str) -> dict[str, object]:
    """Where a client would end up at a review on the day, of whom no earlier review is known."""
    mine = [one for one in book.tier_spells_by_client.get(client_id, ()) if one.scheme_id == scheme.id]
    spell = next((one for one in mine if one.covers(result.as_of)), None)
    pins = [one for one in book.pins if one.client_id == client_id and one.scheme_id == scheme.id and one.covers(result.as_of)]
    settled = settle(
        scheme,
        result.schemes[scheme.id],
        client_id,
        tier_in_force=None if spell is None else spell.tier,
        since=None if spell is None else spell.start_on,
        pin=pins[0] if pins else None,
        as_of=result.as_of,
    )
    codes = " ".join(reason.code for reason in settled.reasons) or None
    return {"wanted": settled.wanted, "settled": settled.tier, "settled_codes": codes}


def name_of(one: Obligation, name: str) -> object:
    value = getattr(one, name)
    return list(value) if isinstance(value, tuple) else value


def with_owed(rows: Rows, owed: Mapping[str, list[Any]], undecided: Iterable[tuple[str, str]]) -> Rows:
    """The rows with what is owed and what nobody can say, in an order that is the same however they were found."""
    unknown: dict[str, list[str]] = {}
    for client_id, rule_id in undecided:
        unknown.setdefault(client_id, []).append(rule_id)
    for client_id, row in rows.items():
        row |= {"owed": sorted(owed.get(client_id, []), key=repr), "undecided": sorted(unknown.get(client_id, []))}
    return rows


def by_columns(policy: Policy, given_frames: Any, as_of: date) -> Rows:
    return as_rows(policy, frames.decide(policy, given_frames, as_of=as_of, only=PARTS))


def as_rows(policy: Policy, decided: Any) -> Rows:
    types = vocabularies_of_policy(policy)
    found: Rows = {}
    for row in rows_of(decided.clients):
        client_id = str(row.pop("client_id"))
        said = {name: readable(types.full[name], value) if name in types.full else value for name, value in row.items()}
        for grade in policy.grades:
            said[f"{grade.name}.last"] = readable(types.full[grade.fact], said[f"{grade.name}.last"])
        said |= {f"cells.{segment.id}": [] for segment in policy.segments}
        for place, scheme in enumerate(policy.segmentation):
            name = f"scheme.{scheme.id}."
            said[f"{name}is_tied"] = said[f"{name}is_tied"] is True
            if not said[f"{name}is_in_scope"]:
                said[f"{name}group"] = None
            if isinstance(scheme, QuotaScheme):
                scorer = scorer_of(scheme, types.schemes[place])
                for what in ("score", "border"):
                    value: Any = said[name + what]
                    said[name + what] = None if value is None else scorer.in_words(value)
        found[client_id] = said
    for row in rows_of(decided.cells) if decided.cells is not None else ():
        cast("list[object]", found[str(row["client_id"])][f"cells.{row['segment_id']}"]).append(row["cell"])
    for said in found.values():
        said |= {name: sorted(cast("list[str]", value)) for name, value in said.items() if name.startswith("cells.")}
    if decided.obligations is None:
        return with_owed(found, {}, ())
    owed: dict[str, list[Any]] = {client_id: [] for client_id in found}
    for row in rows_of(decided.obligations):
        occurrence: Any = row["occurrence"]
        if row["person_id"] is not None or occurrence is not None:
            occurrence = occurrence.replace("%", "%25").replace("/", "%2F")
        owed[str(row["client_id"])].append([row[name] for name in OWED] + [occurrence])
    return with_owed(found, owed, [(str(r["client_id"]), str(r["rule_id"])) for r in rows_of(decided.undecided)])


def rows_of(native: Any) -> Iterator[dict[str, object]]:
    """The rows of a lazy polars frame, a DuckDB relation or a Spark DataFrame."""
    if hasattr(native, "sparkSession"):
        yield from (row.asDict() for row in native.collect())
    elif hasattr(native, "collect"):
        yield from native.collect().to_dicts()
    else:
        yield from (dict(zip(native.columns, row, strict=True)) for row in native.fetchall())


def readable(kind: FactType, value: Any) -> object:
    if value is None or kind.kind == "date":
        return value
    return frozenset(value) if kind.kind == "set" else kind.decode(value)


def in_duckdb(given_frames: Any) -> Any:
    connection = duckdb.connect(config={"threads": 1})
    tables = {name: table for name, table in attrs.asdict(given_frames, recurse=False).items() if hasattr(table, "to_arrow")}
    for name, table in tables.items():
        connection.from_arrow(table.to_arrow()).create(name)
    return attrs.evolve(given_frames, **{name: connection.table(name) for name in tables})


def outcome(decide: Callable[[], Rows]) -> Rows | RelcareError:
    """What was decided, or the refusal."""
    try:
        return decide()
    except (InvalidValueError, BookDocumentError, UnsupportedPolicyError) as error:
        return error


def assert_same(policy: Policy, book: Book, as_of: date, engines: Collection[str] = ENGINES) -> None:
    given_frames = frames.frames_of(book)
    wanted = outcome(lambda: by_objects(policy, book, as_of))
    for engine in engines:
        tables = in_duckdb(given_frames) if engine == "DuckDB" else given_frames
        assert_alike(engine, wanted, outcome(partial(by_columns, policy, tables, as_of)))


def assert_alike(engine: str, wanted: Rows | RelcareError, found: Rows | RelcareError) -> None:
    if isinstance(found, UnsupportedPolicyError):
        assert [str(one) for one in found.problems if not is_expected(engine, one)] == []
        COMPARED[f"policies that {engine} refuses"] += 1
        return
    if isinstance(found, RelcareError):
        # What objects refuse columns refuse too; besides, there is what columns cannot hold.
        assert isinstance(wanted, RelcareError) or any(word in str(found) for word in TOO_MUCH)
        COMPARED[f"books that {engine} refuses"] += 1
        return
    assert not isinstance(wanted, RelcareError), f"{engine} decides what objects refuse"
    assert found.keys() == wanted.keys()
    for client_id, row in wanted.items():
        assert differences(row, found[client_id]) == {}, (engine, client_id)
    assert digest(found) == digest(wanted)
    COMPARED[f"contacts owed with {engine}"] += sum(len(cast("list[object]", row["owed"])) for row in found.values())
    COMPARED[f"books with {engine}"] += 1
    COMPARED[f"clients with {engine}"] += len(found)


def is_expected(engine: str, problem: Problem) -> bool:
    """Whether an engine may refuse a policy for that: two names that are one to it, or what text in SQL cannot hold.

    All else that is drawn is decided, so that no engine agrees with objects by deciding nothing.
    """
    if engine == "polars":
        return False
    is_same = repr(problem.path).lower() in problem.message.lower()
    if is_same and problem.message.endswith("which does not tell upper from lower case"):
        return True
    return engine.startswith("SQL for ") and any(reason in problem.message for reason in OF_TEXT)


def digest(rows: Rows) -> str:
    """What is owed and what nobody can say, of all clients, in a few letters: equal to the last row, or not equal."""
    said = [(client_id, rows[client_id]["owed"], rows[client_id]["undecided"]) for client_id in sorted(rows)]
    return blake2b(repr(said).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def differences(wanted: Mapping[str, object], found: Mapping[str, object]) -> dict[str, tuple[object, object]]:
    lacking = {name: (value, None) for name, value in wanted.items() if name not in found and value is not None}
    return lacking | {name: (wanted.get(name), value) for name, value in found.items() if wanted.get(name) != value}
