"""Faults of the file system, made by `faultfs.c`: the library is built, loaded into a process of its own, and spoken to there."""

import ctypes
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path
from typing import Final

from tests.soak.fault_disk import Kind, Op
from tests.soak.promise import Length, Outcome, Promise

HERE: Final = Path(__file__).parent
_ENTRY: Final = struct.Struct("<iiiiqqq")
CHANGES: Final = frozenset({Kind.OPEN, Kind.WRITE, Kind.TRUNCATE, Kind.SYNC, Kind.UNLINK, Kind.RENAME, Kind.MKDIR, Kind.RMDIR})
ALL: Final = CHANGES | {Kind.READ}


class Action(IntEnum):
    """What the numbered call meets; the numbers are those of `faultfs.c`."""

    COUNT = 0
    FAIL_ONCE = 1
    FAIL_ON = 2
    KILL_BEFORE = 3
    KILL_TORN = 4
    KILL_AFTER = 5


class Shim:
    """The library inside this process, which was started with it."""

    def __init__(self) -> None:
        library = ctypes.CDLL(None)
        self._arm = library.faultfs_arm
        self._arm.argtypes = (ctypes.c_int, ctypes.c_long, ctypes.c_int, ctypes.c_uint)
        self._disarm = library.faultfs_disarm
        self._disarm.restype = ctypes.c_long
        self._mark = library.faultfs_mark
        self._mark.argtypes = (ctypes.c_char_p,)
        self._journal = library.faultfs_journal
        self._journal.restype = ctypes.c_void_p
        self._journal.argtypes = (ctypes.POINTER(ctypes.c_size_t),)

    @contextmanager
    def armed(
        self, action: Action = Action.COUNT, at: int = 0, error: int = 0, counted: frozenset[Kind] = CHANGES
    ) -> Iterator[None]:
        """In the block calls are counted and recorded, and one of them meets its fate."""
        self._arm(action, at, error, sum(1 << kind for kind in counted))
        try:
            yield
        finally:
            self._disarm()

    def calls(self) -> int:
        """How many calls were counted while it was last armed."""
        return int(self._disarm())

    def mark(self, text: str) -> None:
        """Puts a note into the journal."""
        self._mark(text.encode())

    def journal(self) -> list[Op]:
        """What was done since it was last armed."""
        size = ctypes.c_size_t()
        start = self._journal(ctypes.byref(size))
        return list(_ops(ctypes.string_at(start, size.value) if size.value else b""))


def _ops(text: bytes) -> Iterator[Op]:
    place = 0
    while place < len(text):
        kind, descriptor, name_size, how, call, offset, count = _ENTRY.unpack_from(text, place)
        name_at = place + _ENTRY.size
        data_at = name_at + name_size
        place = data_at + count
        name = text[name_at:data_at].decode()
        data = text[data_at:place]
        yield Op(kind=Kind(kind), descriptor=descriptor, name=name, how=how, call=call, offset=offset, data=data)


def run_with_faults(row: str, length: Length) -> Outcome:
    """What came of a row, done by `fault_worker.py` in processes that have the library."""
    if not sys.platform.startswith("linux"):
        return Outcome(skipped="the fault shim needs Linux")
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        return Outcome(skipped="no C compiler for the fault shim")
    with tempfile.TemporaryDirectory(prefix="relcare-faults-") as folder:
        library = build(compiler, Path(folder))
        shards = length.of(1, 2)
        started = [_start(library, Path(folder).resolve() / f"root-{n}", row, length, f"{n}/{shards}") for n in range(shards)]
        try:
            return _joined([_result(one) for one in started])
        finally:
            for one in started:
                one.kill()
                one.wait()


def build(compiler: str, folder: Path) -> Path:
    """The library, built into a folder."""
    library = folder / "faultfs.so"
    words = [compiler, "-shared", "-fPIC", "-O1", "-o", str(library), str(HERE / "faultfs.c"), "-ldl"]
    subprocess.run(words, check=True, capture_output=True, timeout=120)
    return library


def environment(library: Path, root: Path) -> dict[str, str]:
    """What a process needs to have the library, which then looks at the files below a folder."""
    root.mkdir(exist_ok=True)
    return {**os.environ, "LD_PRELOAD": str(library), "FAULTFS_ROOT": f"{root}/", "PYTHONWARNINGS": "error"}


def _start(library: Path, root: Path, row: str, length: Length, shard: str) -> "subprocess.Popen[str]":
    words = [sys.executable, "-m", "tests.soak.fault_worker", row, length.name, str(length.seed), shard]
    return subprocess.Popen(
        words,
        cwd=HERE.parents[1],
        env=environment(library, root),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _result(process: "subprocess.Popen[str]") -> Outcome:
    shown, errors = process.communicate()
    if process.returncode != 0:
        return Outcome(runs=1, failures=(f"the worker ended with {process.returncode}: {errors[-4000:]}",))
    told = json.loads(shown.splitlines()[-1])
    return Outcome(runs=told["runs"], failures=tuple(told["failures"]), note=told["note"], skipped=told["skipped"])


def _joined(outcomes: Sequence[Outcome]) -> Outcome:
    failures = tuple(failure for one in outcomes for failure in one.failures)
    skipped = next((one.skipped for one in outcomes if one.skipped is not None), None)
    notes = "; ".join(sorted({one.note for one in outcomes if one.note}))
    return Outcome(runs=sum(one.runs for one in outcomes), failures=failures, note=notes, skipped=skipped)


PROMISES: Final = (
    Promise("A2", "An acknowledged write survives a power cut at any system call", lambda length: run_with_faults("A2", length)),
    Promise(
        "A3",
        "A failing or full disk is one typed error, and nothing acknowledged is lost",
        lambda length: run_with_faults("A3", length),
    ),
)
