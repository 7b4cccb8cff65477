"""STO-5: a store that is broken does not pass; each defect names the test of the contract that finds it."""

import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias
from xml.etree import ElementTree as ET

import pytest

from relcare.testing import StoreContract

ROOT = Path(__file__).parents[2]
PLANTED = Path(__file__).parent / "planted_stores.py"

Outcomes: TypeAlias = Mapping[tuple[str, str], str]
"""By test class and test: `passed`, `failed` or `skipped`; a parametrised test failed when one of its cases did."""

FOUND_BY = {
    "PutIgnoresTheExpectedVersion": "test_a_stale_put_is_a_conflict_and_changes_nothing",
    "WritersDoNotTakeTurns": "test_of_two_units_that_overlap_none_is_lost",
    "VersionsBeginAnewAfterDeletion": "test_a_version_is_never_given_twice_even_after_deletion",
    "OnlyTheLastDeletionIsRemembered": "test_the_version_of_every_deleted_record_is_remembered",
    "RollbackKeepsTheRecords": "test_an_exception_undoes_everything_and_goes_on_unchanged",
    "RollbackKeepsTheLog": "test_an_entry_that_was_rolled_back_never_was",
    "CommitForgetsDeletions": "test_a_deleted_record_is_nowhere",
    "ViewsMoveOn": "test_a_view_stands_still_while_others_commit",
    "WritersAreSeenBeforeTheyCommit": "test_nobody_sees_a_unit_before_it_commits",
    "ScanIgnoresCaseInItsOrder": "test_a_scan_is_in_the_order_of_code_points",
    "ScanIsInTheOrderOfUtf16": "test_a_scan_is_in_the_order_of_code_points",
    "ScanIsInTheOrderOfWriting": "test_a_scan_is_in_the_order_of_code_points",
    "IdsIgnoreCase": "test_ids_that_look_alike_are_different_records",
    "IdsLoseTrailingBlanks": "test_ids_that_look_alike_are_different_records",
    "IdsAreNormalised": "test_ids_that_look_alike_are_different_records",
    "KeysIgnoreCase": "test_a_key_is_compared_exactly",
    "KeysOfTheFirstVersionStay": "test_keys_follow_the_latest_version",
    "ScansEndWithTheFirstPage": "test_a_scan_gives_every_record_once_however_many",
    "TheCursorSkipsAnEvent": "test_a_cursor_gives_only_what_is_behind_it",
    "TheCursorSeesAnEventTwice": "test_a_cursor_gives_only_what_is_behind_it",
    "TheLogIsInTheOrderOfIds": "test_positions_start_above_zero_and_grow",
    "ARepeatedEventIsAppendedAgain": "test_appending_an_event_again_adds_nothing",
    "ARepeatedKeyDoubles": "test_the_same_key_works_once",
    "IdempotencyKeysIgnoreCase": "test_keys_are_compared_exactly_and_no_key_never_repeats",
    "FailedWorkUsesUpItsKey": "test_work_that_failed_did_not_use_up_its_key",
    "DigestsAreForgotten": "test_a_key_used_for_other_work_is_refused",
}

# Those that the state machine comes upon as well, without being told what to look for: one of each sort.
FOUND_BY_THE_MACHINE = ("PutIgnoresTheExpectedVersion", "RollbackKeepsTheLog", "TheCursorSkipsAnEvent", "ARepeatedKeyDoubles")


def outcomes_of(folder: Path, tests: list[str]) -> Outcomes:
    """What became of these tests of the planted stores, which a process of its own runs."""
    report = folder / "report.xml"
    options = ["-q", "--tb=no", "-p", "no:cacheprovider", "-o", "addopts=", f"--junitxml={report}"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *(f"{PLANTED}::{test}" for test in tests)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    outcomes: dict[tuple[str, str], str] = {}
    for case in ET.parse(report).iter("testcase"):  # noqa: S314 - written by the line above
        place = (str(case.get("classname")).rpartition(".")[2], str(case.get("name")).partition("[")[0])
        outcome = next(
            (word for tag, word in (("failure", "failed"), ("skipped", "skipped")) if case.find(tag) is not None), "passed"
        )
        if outcomes.get(place) != "failed":
            outcomes[place] = outcome
    return outcomes


@pytest.fixture(scope="module")
def contract(tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    finders = sorted({f"TestSound::{finder}" for finder in FOUND_BY.values()})
    return outcomes_of(
        tmp_path_factory.mktemp("contract"), [f"Test{name}::{finder}" for name, finder in FOUND_BY.items()] + finders
    )


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    names = ("Sound", *FOUND_BY_THE_MACHINE)
    return outcomes_of(tmp_path_factory.mktemp("machine"), [f"Test{name}Machine" for name in names])


class TestPlantedStores:
    def test_every_defect_is_listed_with_what_finds_it(self) -> None:
        planted = re.findall(r"^@planted(?:_store)?\nclass (\w+)\(", PLANTED.read_text("utf-8"), re.MULTILINE)
        assert planted == list(FOUND_BY)

    @pytest.mark.parametrize("name", FOUND_BY)
    def test_the_contract_finds_the_defect(self, name: str, contract: Outcomes) -> None:
        assert contract[f"Test{name}", FOUND_BY[name]] == "failed"

    @pytest.mark.parametrize("finder", sorted(set(FOUND_BY.values())))
    def test_the_same_test_passes_for_the_store_without_a_defect(self, finder: str, contract: Outcomes) -> None:
        assert contract["TestSound", finder] == "passed"

    @pytest.mark.parametrize("name", FOUND_BY_THE_MACHINE)
    def test_the_state_machine_finds_the_defect(self, name: str, machine: Outcomes) -> None:
        assert machine[f"Test{name}Machine", "runTest"] == "failed"

    def test_the_state_machine_passes_the_store_without_a_defect(self, machine: Outcomes) -> None:
        assert machine["TestSoundMachine", "runTest"] == "passed"


FLAGS = {
    "is_persistent": "keeps nothing after it is closed",
    "is_thread_safe": "serves one thread only",
    "is_concurrent": "lets nobody read while a unit writes",
}


class TestFlags:
    @pytest.mark.parametrize("flag", FLAGS)
    def test_a_flag_that_is_off_skips_what_needs_it_with_a_reason(self, flag: str) -> None:
        off = type("Off", (StoreContract,), dict.fromkeys(FLAGS, True) | {flag: False})()
        on = type("On", (StoreContract,), dict.fromkeys(FLAGS, True))()
        needs = [("need_persistence", "is_persistent"), ("need_threads", "is_thread_safe"), ("need_concurrency", "is_concurrent")]
        for need, its_flag in needs:
            getattr(on, need)()
            if its_flag == flag:
                with pytest.raises(pytest.skip.Exception, match=FLAGS[flag]):
                    getattr(off, need)()
