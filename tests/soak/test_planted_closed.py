"""Holes in the guard, planted one at a time: the row that is there for each sees it."""

from collections.abc import Callable
from typing import Any

import attrs
import pytest
from tests.soak.closed import (
    check_attacker,
    check_binding,
    check_classes,
    check_entries,
    check_lists,
    check_matrix,
    check_missing,
    check_paths,
)
from tests.soak.promise import Length, Outcome

from relcare.access import GrantState, RuleDecider
from relcare.desk._house import House
from relcare.desk._query import Query
from relcare.desk._sitting import Sitting
from relcare.desk._visit_base import BaseVisit
from relcare.desk._visit_queries import QueriesVisit
from relcare.desk._visit_records import RecordsVisit
from relcare.storage import BookWriter


class Few(Length):
    """A soak of a second."""

    def of(self, short: int, full: int) -> int:
        return min(short, 100 if full == 1_000 else 25)


FEW = Few("short", 7)


def is_seen(check: Callable[[Length], Outcome]) -> bool:
    return bool(check(FEW).failures)


def test_a_write_before_the_decision(monkeypatch: pytest.MonkeyPatch) -> None:
    decided: Any = RecordsVisit.record

    def record(self: RecordsVisit, event: Any) -> Any:
        with self._house.store.write() as unit:
            if BookWriter(unit).find_client(event.client_id) is not None:
                BookWriter(unit).add_event(event)
        return decided(self, event)

    monkeypatch.setattr(RecordsVisit, "record", record)
    assert is_seen(check_matrix)


@pytest.mark.parametrize("part", ["query", "purpose", "medium", "count", "action"])
def test_a_grant_that_is_not_bound_to_one_thing(monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    bound = GrantState.differs_in

    def differs_in(self: GrantState, *asked: Any) -> tuple[str, ...]:
        return tuple(name for name in bound(self, *asked) if name != part)

    monkeypatch.setattr(GrantState, "differs_in", differs_in)
    assert is_seen(check_binding)


@pytest.mark.parametrize("part", ["requester", "time"])
def test_two_things_are_held_twice(monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    """Only one's own grants are looked at, and one that is over cannot be used: a hole in one of the two opens nothing."""
    bound = GrantState.differs_in
    monkeypatch.setattr(
        GrantState, "differs_in", lambda self, *asked: tuple(name for name in bound(self, *asked) if name != part)
    )
    assert not is_seen(check_binding)


def test_a_sort_key_that_is_not_decided_about(monkeypatch: pytest.MonkeyPatch) -> None:
    whole: Any = QueriesVisit._query
    monkeypatch.setattr(QueriesVisit, "_query", lambda self, *asked: attrs.evolve(whole(self, *asked), others=()))
    assert is_seen(check_attacker)


def test_a_search_that_looks_at_more_than_it_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    whole: Any = QueriesVisit._query

    def query(self: QueriesVisit, action: Any, meant: Query, fields: tuple[str, ...], *more: Any) -> Any:
        asked = whole(self, action, meant, fields, *more)
        return attrs.evolve(asked, request=attrs.evolve(asked.request, fields=("client.name",)))

    seen: Any = Sitting.decide_each

    def decide_each(self: Sitting, book: Any, request: Any, client_id: str) -> Any:
        found = seen(self, book, request, client_id)
        return attrs.evolve(found, fields=(*found.fields, "attribute.pin")) if found.is_allowed else found

    monkeypatch.setattr(QueriesVisit, "_query", query)
    monkeypatch.setattr(Sitting, "decide_each", decide_each)
    assert is_seen(check_attacker)


def test_a_hidden_client_that_is_denied(monkeypatch: pytest.MonkeyPatch) -> None:
    decided: Any = Sitting.decide

    def decide(self: Sitting, request: Any, standing: Any) -> Any:
        found = decided(self, request, standing)
        return attrs.evolve(found, answer="denied") if standing is not None and found.answer == "unknown" else found

    monkeypatch.setattr(Sitting, "decide", decide)
    assert is_seen(check_missing)


def test_a_missing_client_that_is_answered_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: Any = Sitting.around

    def around(self: Sitting, client_id: str, proposed: Any = None) -> Any:
        return None if self.reader.find_client(client_id) is None else read(self, client_id, proposed)

    monkeypatch.setattr(Sitting, "around", around)
    assert is_seen(check_missing)


def test_a_list_that_decides_once_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Sitting, "decide_each", lambda self, _, request, __: self.decide_query(request))
    assert is_seen(check_lists)


def test_an_account_that_was_closed_and_still_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    decided: Any = RuleDecider.decide

    def decide(self: RuleDecider, principal: Any, *asked: Any, **more: Any) -> Any:
        return decided(self, principal and attrs.evolve(principal, is_active=True), *asked, **more)

    monkeypatch.setattr(RuleDecider, "decide", decide)
    assert is_seen(check_paths)


def test_a_field_of_no_class_that_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    decided: Any = Sitting.decide

    def decide(self: Sitting, request: Any, standing: Any) -> Any:
        found = decided(self, request, standing)
        return attrs.evolve(found, fields=request.fields) if found.is_allowed else found

    monkeypatch.setattr(Sitting, "decide", decide)
    assert is_seen(check_classes)


@pytest.mark.parametrize("check", [check_entries, check_paths], ids=["B8", "B1"])
def test_an_access_without_its_entry(monkeypatch: pytest.MonkeyPatch, check: Callable[[Length], Outcome]) -> None:
    monkeypatch.setattr(House, "note", lambda *_, **__: None)
    assert is_seen(check)


def test_an_answer_before_its_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    def kept(self: BaseVisit, seen: Any) -> bool:
        try:
            with self._house.store.write() as unit:
                self._house.note(unit, self._caller, seen.decision, at=self._house.now())
        except Exception:  # noqa: BLE001 - the hole is that whatever fails is passed over
            return True
        return True

    monkeypatch.setattr(BaseVisit, "_kept", kept)
    assert is_seen(check_entries)
