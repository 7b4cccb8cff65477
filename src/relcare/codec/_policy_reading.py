"""A policy document: everything in it is read, everything wrong is reported, and only then a policy exists."""

from collections.abc import Callable, Iterator
from os import PathLike, fspath
from pathlib import Path
from typing import Final, Literal, TypeVar

import attrs

from relcare._fields import check_id, check_identifier, check_text
from relcare.access import AccessRules, RetentionRules
from relcare.codec._access_reading import read_access
from relcare.codec._document_reader import DocumentReader, Known
from relcare.codec._example_reading import read_example
from relcare.codec._grade_reading import read_grade
from relcare.codec._neglect_reading import read_holding, read_ladder, read_pool
from relcare.codec._permission_reading import read_permission
from relcare.codec._places import Places
from relcare.codec._policy_document import PolicyDocument
from relcare.codec._requirement_reading import read_acceptance, read_requirement, read_staffing
from relcare.codec._retention_reading import read_retention
from relcare.codec._rule_reading import read_fact, read_rule, read_scheme, read_trigger
from relcare.codec._segment_reading import read_segment
from relcare.codec._strategy_reading import read_strategy
from relcare.codec._tables import Table
from relcare.codec._text import float_problems, parse_json, parse_toml, read_text
from relcare.codec._vip_reading import read_programme
from relcare.custody import ClaimRules
from relcare.decisions import Policy, PolicyParts, Staffing, find_problems
from relcare.decisions._problems import rule_ids_of, words_of
from relcare.errors import InvalidValueError, PolicyDocumentError
from relcare.grades import Grade
from relcare.model import NO_CURRENCY
from relcare.model._money import check_currency
from relcare.permission import PermissionRules
from relcare.policy import Fact, RuleProblem
from relcare.segmentation import Scheme
from relcare.segments import Segment

__all__ = ["POLICY_FORMAT", "load_policy", "load_policy_document", "loads_policy", "loads_policy_document"]

POLICY_FORMAT: Final = 1
"""The format of policy documents that this release writes; older ones are read too (STO-4)."""

T = TypeVar("T")


def load_policy(path: str | PathLike[str]) -> Policy:
    """The policy in a file: TOML, or JSON when the name ends in `.json`.

    Args:
        path: UTF-8, at most 1 MiB.

    Raises:
        PolicyDocumentError: With every mistake at once, each with file, line and column.
    """
    return load_policy_document(path).policy


def load_policy_document(path: str | PathLike[str]) -> PolicyDocument:
    """The policy in a file, with the place of every rule: TOML, or JSON when the name ends in `.json`.

    Args:
        path: UTF-8, at most 1 MiB.

    Raises:
        PolicyDocumentError: With every mistake at once, each with file, line and column.
    """
    name = fspath(path)
    text = read_text(Path(name), error=PolicyDocumentError)
    return loads_policy_document(text, file=name, syntax="json" if name.endswith(".json") else "toml")


def loads_policy(text: str, *, file: str = "<policy>", syntax: Literal["toml", "json"] = "toml") -> Policy:
    """The policy in a text.

    Args:
        text: The document.
        file: What the messages call it.
        syntax: `toml` or `json`.

    Raises:
        PolicyDocumentError: With every mistake at once, each with file, line and column.
    """
    return loads_policy_document(text, file=file, syntax=syntax).policy


def loads_policy_document(text: str, *, file: str = "<policy>", syntax: Literal["toml", "json"] = "toml") -> PolicyDocument:
    """The policy in a text, with the place of every rule.

    Args:
        text: The document.
        file: What the messages call it.
        syntax: `toml` or `json`.

    Raises:
        PolicyDocumentError: With every mistake at once, each with file, line and column.
    """
    parse = parse_json if syntax == "json" else parse_toml
    data, places = parse(text, file, error=PolicyDocumentError)
    return PolicyDocument(policy=_PolicyReader(data, places, file).read(), file=file, places=places)


class _PolicyReader:
    def __init__(self, data: dict[str, object], places: Places, file: str) -> None:
        self.reader = DocumentReader(file, places)
        self.reader.problems.extend(float_problems(data, places, file))
        self.root = Table(self.reader, data, ())
        self.broken: set[str] = set()

    def read(self) -> Policy:
        self._format()
        head = self.root.table("policy", required=True)
        fields = {} if head is None else _head(head)
        currency = fields.get("currency")
        code = currency if isinstance(currency, str) else None
        # Amounts are not complained about as well when the policy's currency is there and wrong.
        own_code = NO_CURRENCY if code is None and (head is None or "currency" in head.data) else code
        facts = self._facts()
        grades: list[tuple[int, Grade]] = self._several("grade", read_grade, "grade", "id")
        schemes: list[tuple[int, Scheme]] = self._several("segmentation", read_scheme, "tier", "id")
        rules = self._several("cadence", read_rule, "cadence", "id")
        triggers = self._several("trigger", read_trigger, "cadence", "id")
        ladders = self._several("neglect", read_ladder, "", "")
        limits = self._several("holding", read_holding, "", "")
        pool = self._pool()
        strategies = self._several("relationship", read_strategy, "strategy", "type")
        programmes = self._several("vip", read_programme, "vip", "id")
        segments: list[tuple[int, Segment]] = self._several("segment", read_segment, "segment", "id")
        examples = self._several("examples", lambda table: read_example(table, own_code), "", "")
        staffing = self._staffing()
        permission = self._permission()
        access = self._access()
        retention = self._retention()
        requirements = self._several("require", read_requirement, "", "")
        acceptances = self._several("accept", read_acceptance, "", "")
        self.root.close()
        calendar = fields.get("calendar")
        parts = PolicyParts(
            currency=code,
            calendar=calendar if isinstance(calendar, str) else None,
            facts=facts,
            grades=grades,
            segmentation=schemes,
            cadence=rules,
            triggers=triggers,
            neglect=ladders,
            holding=limits,
            pool=pool,
            relationships=strategies,
            vip=programmes,
            segments=segments,
            examples=examples,
            staffing=staffing,
            permission=permission,
            access=access,
            require=requirements,
            broken=frozenset(self.broken),
        )
        for problem in (*find_problems(parts), *self._strays(parts)):
            self.reader.report(problem.path, problem.message, problem.hint, offset=problem.offset)
        # Where something is wrong, the head is judged by itself, so that its own mistakes do not wait for the rest.
        is_whole = not self.reader.problems
        rest: dict[str, object] = {
            "facts": facts,
            "grades": [grade for _, grade in grades],
            "segmentation": [scheme for _, scheme in schemes],
            "cadence": [rule for _, rule in rules],
            "triggers": [trigger for _, trigger in triggers],
            "permission": permission,
            "access": access,
            "retention": retention,
            "neglect": [ladder for _, ladder in ladders],
            "holding": [limit for _, limit in limits],
            "pool": pool,
            "relationships": [strategy for _, strategy in strategies],
            "vip": [programme for _, programme in programmes],
            "segments": [segment for _, segment in segments],
            "examples": [example for _, example in examples],
            "staffing": staffing,
            "require": [requirement for _, requirement in requirements],
            "accept": [acceptance for _, acceptance in acceptances],
        }
        # The calendar is looked at with the parts.
        own = fields if is_whole else {**fields, "calendar": None}
        policy = None if head is None else head.build(Policy, {**own, **(rest if is_whole else {})})
        if policy is None or self.reader.problems:
            raise PolicyDocumentError(dict.fromkeys(self.reader.problems))
        return policy

    def _strays(self, parts: PolicyParts) -> Iterator[RuleProblem]:
        """Wrong names in rules that could not be built for another reason: what they name is looked at all the same."""
        built = {
            *(("facts", fact.id) for fact in parts.facts),
            *(("grade", index) for index, _ in parts.grades),
            *(("segmentation", index) for index, _ in parts.segmentation),
            *(("cadence", index) for index, _ in parts.cadence),
            *(("trigger", index) for index, _ in parts.triggers),
            *(("neglect", index) for index, _ in parts.neglect),
            *(("holding", index) for index, _ in parts.holding),
            *(("relationship", index) for index, _ in parts.relationships),
            *([("pool", "protect")] if parts.pool is not None else []),
            *(("vip", index) for index, _ in parts.vip),
            *(("segment", index) for index, _ in parts.segments),
            *(("examples", index) for index, _ in parts.examples),
            *([("staffing", "mix")] if parts.staffing is not None else []),
        }
        asked = [(path, question) for path, question in self.reader.questions if path[:2] not in built]
        if not asked:
            return
        words = words_of(parts)
        for path, question in asked:
            if path[0] == "field_class" and parts.access is not None:
                continue
            above = sum(index < path[1] for index, _ in parts.segmentation) if isinstance(path[1], int) else 0
            for problem in question(Known(words.of(str(path[0]), above), rule_ids_of(parts))):
                yield attrs.evolve(problem, path=(*path, *problem.path))

    def _format(self) -> None:
        number = self.root.whole("format")
        if "format" not in self.root.data:
            self.root.report("format", "must say which format this is", "write format = 1 as the first line")
        elif number is not None and number != POLICY_FORMAT:
            self.root.report("format", f"is {number}: this release reads format {POLICY_FORMAT}", "use a newer release")

    def _facts(self) -> list[Fact]:
        found: list[Fact] = []
        tables = self.root.table("facts")
        for fact_id in list(tables.data) if tables is not None else ():
            table = tables.table(fact_id) if tables is not None else None
            fact = None
            if table is not None:
                try:
                    check_identifier("id", fact_id)
                except InvalidValueError as error:
                    table.is_broken = True
                    self.reader.report(table.path, f"{fact_id!r} {error.rule}", error.hint, at_key=True)
                fact = read_fact(table, fact_id)
            if fact is None:
                self.broken.add(fact_id)
            else:
                found.append(fact)
        return found

    def _staffing(self) -> Staffing | None:
        table = self.root.table("staffing")
        found = None if table is None else read_staffing(table)
        if found is None and "staffing" in self.root.data:
            self.broken.add("staffing")
        return found

    def _permission(self) -> PermissionRules | None:
        table = self.root.table("permission")
        return None if table is None else read_permission(table)

    def _access(self) -> AccessRules | None:
        found = read_access(self.root)
        if found is None and "field_class" in self.root.data:
            self.broken.add("access")
        return found

    def _retention(self) -> RetentionRules | None:
        table = self.root.table("retention")
        return None if table is None else read_retention(table)

    def _pool(self) -> ClaimRules | None:
        table = self.root.table("pool")
        return None if table is None else read_pool(table)

    def _several(self, key: str, read: Callable[[Table], T | None], room: str, name: str) -> list[tuple[int, T]]:
        found: list[tuple[int, T]] = []
        for table in self.root.tables(key):
            value = read(table)
            index = table.path[-1]
            if value is not None and isinstance(index, int):
                found.append((index, value))
            elif isinstance(table.data.get(name), str):
                self.broken.add(f"{room}.{table.data[name]}")
        return found


def _head(table: Table) -> dict[str, object]:
    fields: dict[str, object] = {
        "id": table.text("id", required=True, check=check_id),
        "version": table.text("version", required=True, check=check_id),
        "effective_from": table.day("effective_from", required=True),
        "effective_until": table.day("effective_until"),
    }
    fields.update({key: table.text(key, check=check_text) for key in ("title", "calendar", "source")})
    fields["currency"] = table.text("currency", check=check_currency)
    fields["working_hours"] = table.texts("working_hours")
    table.close()
    return fields
