"""Rules of retention in documents: read, written, and asked for what they leave open (ACC-5)."""

from datetime import UTC, date, datetime
from typing import Final

import pytest

import relcare as rc
from relcare.access import DigestKey, EraseClock, KeepClock, RetentionRules, retention_law
from relcare.codec import dumps_policy
from relcare.desk import Desk
from relcare.errors import InvalidValueError, PolicyDocumentError, PolicyError, UnknownRecordError
from relcare.model import Book, Client
from relcare.soundness import prove
from relcare.storage import MemoryStore, load_book
from relcare.testing import FixedClock

HEAD: Final = 'format = 1\n[policy]\nid = "p"\nversion = "1"\neffective_from = 2026-01-01\n'
ERASE: Final = '[[retention.erase]]\nkinds = ["purchase"]\npurpose = "care"\nafter = "3 years"\n'
KEEP: Final = '[[retention.keep]]\nkinds = ["purchase"]\nground = "a law"\nlasts = "2 years"\n'
NOON: Final = datetime(2026, 3, 31, 3, tzinfo=UTC)


def found(*parts: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(finding.code, finding.places) for finding in prove(rc.loads_policy(HEAD + "".join(parts))).refuted]


class TestPlantedDefects:
    def test_a_purpose_whose_records_are_kept_without_an_end(self) -> None:
        purposes = '[[access_purpose]]\nid = "visit"\n[[access_purpose]]\nid = "care"\n'
        assert ("retention.open", ("access_purpose[0]", "retention")) in found(purposes, ERASE)
        mended = ERASE + ERASE.replace('"care"', '"visit"')
        assert "retention.open" not in [code for code, _ in found(purposes, mended)]

    @pytest.mark.parametrize(("actions", "is_open"), [('"erase"', False), ('"erase", "know"', True)])
    def test_what_files_are_erased_for_keeps_none(self, actions: str, *, is_open: bool) -> None:
        rule = f'[[access]]\nid = "r"\nroles = ["keeper"]\nactions = [{actions}]\npurposes = ["erasure"]\n'
        purposes = '[[access_purpose]]\nid = "erasure"\n[[access_purpose]]\nid = "care"\n'
        codes = [code for code, _ in found(purposes, rule, ERASE)]
        assert ("retention.open" in codes) == is_open

    def test_a_keep_without_a_ground(self) -> None:
        broken = KEEP.replace('ground = "a law"\n', "")
        assert found(broken) == [("retention.no_ground", ("retention.keep[0]",))]
        assert found(KEEP) == []

    @pytest.mark.parametrize(
        ("keep", "expected"),
        [
            (KEEP, []),
            (KEEP.replace("2 years", "3 years"), []),
            (KEEP.replace("2 years", "4 years"), ["retention.restricted"]),
            (KEEP.replace('lasts = "2 years"\n', ""), ["retention.restricted"]),
            (KEEP.replace("2 years", "4 years") + 'from = "end"\n', []),
            (KEEP.replace("2 years", "4 years") + 'topics = ["goods"]\n', ["retention.restricted"]),
            (KEEP.replace("2 years", "4 years").replace('"purchase"', '"consent"'), []),
        ],
        ids=["shorter", "as long", "longer", "without end", "by another clock", "of some", "of others"],
    )
    def test_a_keep_longer_than_its_erase(self, keep: str, expected: list[str]) -> None:
        assert [code for code, _ in found(keep, ERASE)] == expected

    def test_a_keep_longer_than_its_erase_and_without_a_ground(self) -> None:
        broken = KEEP.replace("2 years", "4 years").replace('ground = "a law"\n', "")
        places = ("retention.keep[0]", "retention.erase[0]")
        assert ("retention.contradiction", places) in found(broken, ERASE)

    def test_a_law_that_has_records_kept_longer(self) -> None:
        places = ("retention.laws[0]", "retention.erase[0]")
        assert set(found('[retention]\nlaws = ["kr"]\n', ERASE)) == {("retention.restricted", places)}

    def test_of_several_purposes_the_longest_counts(self) -> None:
        longer = ERASE.replace("3 years", "5 years").replace('"care"', '"warranty"')
        assert found(KEEP.replace("2 years", "4 years"), ERASE, longer) == []


WRONG: Final = (
    ('laws = ["kx"]\n', "is 'kx': must be a preset of retention"),
    ('laws = ["kr", "kr"]\n', "must come once"),
    ('[[retention.keep]]\nkinds = ["purchse"]\n', "hint: did you mean 'purchase'?"),
    ("[[retention.keep]]\nkinds = []\n", "must name at least one kind of record"),
    ('[[retention.keep]]\nkinds = ["audit", "audit"]\n', "must come once"),
    ('[[retention.keep]]\nkinds = ["audit"]\nfrom = "birth"\n', "must be one of 'event', 'last contact', 'end'"),
    ('[[retention.keep]]\nkinds = ["audit"]\nlasts = "long"\n', "must be a whole number and a unit"),
    ('[[retention.erase]]\nkinds = ["audit"]\nafter = "1 year"\n', "purpose is missing"),
    ('[[retention.erase]]\nkinds = ["audit"]\npurpose = "care"\n', "after is missing"),
    (
        '[[retention.erase]]\nkinds = ["audit"]\npurpose = "care"\nafter = "1 year"\non_request = false\n',
        "must say why the purpose does not end on request",
    ),
    ("until = 2030-01-01\n", "unknown key 'until'"),
)


class TestDocuments:
    @pytest.mark.parametrize("case", range(len(WRONG)))
    def test_what_is_wrong_is_told_with_its_place(self, case: int) -> None:
        text, message = WRONG[case]
        with pytest.raises(PolicyDocumentError) as error:
            rc.loads_policy(f"{HEAD}[retention]\n{text}")
        (problem,) = error.value.problems
        assert message in str(problem)
        assert problem.path.startswith("retention")
        assert problem.line is not None
        assert problem.line > 5

    def test_it_is_written_as_it_is_read(self) -> None:
        policy = rc.loads_policy(
            HEAD + '[retention]\nlaws = ["fr"]\n' + KEEP + 'topics = ["a"]\nfrom = "end"\nsource = "x"\n' + ERASE
        )
        assert rc.loads_policy(dumps_policy(policy)) == policy
        assert policy.retention == RetentionRules(
            laws=["fr"],
            keep=[KeepClock(kinds=["purchase"], ground="a law", lasts="2 years", topics=["a"], counted_from="end", source="x")],
            erase=[EraseClock(kinds=["purchase"], purpose="care", after="3 years")],
        )

    def test_rules_that_say_nothing_are_none(self) -> None:
        assert rc.loads_policy(HEAD + "[retention]\n").retention is None

    def test_an_unknown_law_names_the_nearest(self) -> None:
        with pytest.raises(UnknownRecordError, match="there are kr, cn, eu, fr"):
            retention_law("xx")

    def test_a_row_says_within_how_many_days_a_request_is_answered(self) -> None:
        assert {row.id: row.answer_days for row in retention_law("kr").rows if row.answer_days} == {"kr.pipa.erase": 10}

    def test_a_purpose_is_named_only_when_consent_is_withdrawn(self) -> None:
        from relcare.access import RetentionRecord, decide_retention

        record = RetentionRecord(kind="client", event_on=NOON.date())
        with pytest.raises(InvalidValueError, match="means nothing unless consent is withdrawn"):
            decide_retention(RetentionRules(), record, on=NOON.date(), purpose="care")


class TestDesk:
    def desk(self, *parts: str) -> Desk:
        store = MemoryStore.create(Book(clients=[Client(id="c-1", name="Kim")], zone="Asia/Seoul"))
        return Desk(store=store, policy=rc.loads_policy(HEAD + "".join(parts)), clock=FixedClock(NOON))

    def test_a_client_goes_by_the_clock_of_the_desk(self) -> None:
        desk = self.desk()
        report = desk.erase("c-1", by="lee", ground="asked", key=DigestKey(b"k" * 32))
        assert (report.erasure.at, load_book(desk.store).clients) == (NOON, ())

    def test_the_rules_of_the_policy_hold(self) -> None:
        contract = ERASE.replace("purchase", "client") + 'on_request = false\nground = "a contract"\nfrom = "end"\n'
        report = self.desk(contract).erase("c-1", by="lee", ground="asked", key=DigestKey(b"k" * 32))
        assert [decision.outcome for _, decision in report.decisions] == ["refuse"]

    def test_time_is_applied_by_the_policy_alone(self) -> None:
        with pytest.raises(PolicyError, match="says nothing about retention"):
            self.desk().apply_retention(by="lee", key=DigestKey(b"k" * 32))
        ended = {"c-1": date(2020, 1, 1)}
        desk = self.desk(ERASE.replace("purchase", "client") + 'from = "end"\n')
        assert desk.apply_retention(by="lee", key=DigestKey(b"k" * 32)) == ()
        (report,) = desk.apply_retention(by="lee", key=DigestKey(b"k" * 32), ended_on=ended)
        assert report.erasure.record_count == 1
