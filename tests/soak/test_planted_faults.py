"""What a power cut or a failing disk brings to light must be seen by the rows A2 and A3; a sound store must stay unblamed."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.soak.fault_disk import Disk, Kind, Op, read_state, write_state
from tests.soak.fault_plants import PLANTS, SOUND
from tests.soak.faults import build, environment

COMPILER = shutil.which("cc") or shutil.which("gcc")


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What was seen, by plant; all in one process, for a new one needs half a second."""
    if COMPILER is None or not sys.platform.startswith("linux"):
        pytest.skip("the fault shim needs Linux and a C compiler")
    folder = tmp_path_factory.mktemp("faults")
    done = subprocess.run(
        [sys.executable, "-m", "tests.soak.fault_plants"],
        cwd=Path(__file__).parents[2],
        env=environment(build(COMPILER, folder), folder / "root"),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, list[str]] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("plant", PLANTS)
def test_what_was_planted_is_seen(seen: dict[str, list[str]], plant: str) -> None:
    assert seen[plant]


@pytest.mark.parametrize("look", SOUND)
def test_a_sound_store_is_not_blamed(seen: dict[str, list[str]], look: str) -> None:
    assert seen[look] == []


def op(kind: Kind, *, descriptor: int = 3, name: str = "", how: int = 0, offset: int = 0, data: bytes = b"") -> Op:
    return Op(kind=kind, descriptor=descriptor, name=name, how=how, call=1, offset=offset, data=data)


class TestTheModelOfTheDisk:
    def test_what_was_not_synced_is_gone(self) -> None:
        disk = Disk({"/b/a": b"old"})
        disk.apply(op(Kind.OPEN, name="/b/a"))
        disk.apply(op(Kind.WRITE, data=b"new!"))
        assert disk.written() == {"/b/a": b"new!"}
        assert disk.synced() == {"/b/a": b"old"}
        disk.apply(op(Kind.SYNC))
        assert disk.synced() == {"/b/a": b"new!"}

    def test_a_new_name_is_gone_until_its_folder_is_synced(self) -> None:
        disk = Disk({})
        disk.apply(op(Kind.OPEN, name="/b/a", how=1))
        disk.apply(op(Kind.WRITE, data=b"new"))
        disk.apply(op(Kind.SYNC))
        assert disk.synced() == {}
        disk.apply(op(Kind.OPEN, name="/b", descriptor=4))
        disk.apply(op(Kind.SYNC, descriptor=4))
        assert disk.synced() == {"/b/a": b"new"}

    def test_a_file_in_a_folder_that_is_lost_is_lost(self) -> None:
        disk = Disk({})
        disk.apply(op(Kind.MKDIR, name="/b/c", descriptor=-100))
        disk.apply(op(Kind.OPEN, name="/b/c/a", how=1))
        disk.apply(op(Kind.OPEN, name="/b/c", descriptor=4))
        disk.apply(op(Kind.SYNC, descriptor=4))
        assert disk.synced() == {}
        disk.apply(op(Kind.OPEN, name="/b", descriptor=5))
        disk.apply(op(Kind.SYNC, descriptor=5))
        assert disk.synced() == {"/b/c": None, "/b/c/a": b""}

    def test_what_was_taken_away_or_renamed_comes_back(self) -> None:
        disk = Disk({"/b/a": b"1", "/b/c": b"2"})
        disk.apply(op(Kind.UNLINK, name="/b/a", descriptor=-100))
        disk.apply(op(Kind.RENAME, name="/b/c", data=b"/b/d"))
        assert disk.written() == {"/b/d": b"2"}
        assert disk.synced() == {"/b/a": b"1", "/b/c": b"2"}

    def test_a_sync_that_failed_loses_what_the_next_one_does_not_bring_back(self) -> None:
        disk = Disk({"/b/a": b"old"}, forgets=True)
        disk.apply(op(Kind.OPEN, name="/b/a"))
        disk.apply(op(Kind.WRITE, data=b"new"))
        disk.apply(op(Kind.FAILED_SYNC))
        disk.apply(op(Kind.WRITE, offset=3, data=b"!"))
        disk.apply(op(Kind.SYNC))
        assert disk.written() == {"/b/a": b"new!"}
        assert disk.synced() == {"/b/a": b"old!"}

    def test_a_write_may_arrive_by_halves_and_files_may_shrink(self) -> None:
        disk = Disk({"/b/a": b"12345678"})
        disk.apply(op(Kind.OPEN, name="/b/a"))
        disk.tear(op(Kind.WRITE, data=b"abcd"))
        disk.apply(op(Kind.TRUNCATE, offset=4))
        assert disk.written() == {"/b/a": b"ab34"}

    def test_a_folder_is_read_as_it_was_written(self, tmp_path: Path) -> None:
        state = {f"{tmp_path}/a": b"1", f"{tmp_path}/f": None, f"{tmp_path}/f/b": b"2"}
        write_state(tmp_path, {f"{tmp_path}/left": b"over"})
        write_state(tmp_path, {**state, "/elsewhere": b"3"})
        assert read_state(tmp_path) == state
