"""A disk as a power cut may leave it: what was synced is there, of what came later anything may be.

The model is fed with the journal of `faultfs.c`. It gives a program less than most disks do: a name is only durable once its
folder was synced, and of writes that were not synced any sector may have arrived, in any order.
"""

import shutil
from collections.abc import Iterable, Mapping
from copy import deepcopy
from enum import IntEnum
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Final, TypeAlias

import attrs

SECTOR: Final = 512
SHARED_MEMORY: Final = "-shm"  # mapped, never read after a crash
MADE: Final = 1
EMPTIED: Final = 2

State: TypeAlias = Mapping[str, bytes | None]
"""By path; None for a folder."""


class Kind(IntEnum):
    """What a call was; the numbers are those of `faultfs.c`."""

    OPEN = 0
    READ = 1
    WRITE = 2
    TRUNCATE = 3
    SYNC = 4
    UNLINK = 5
    RENAME = 6
    MKDIR = 7
    RMDIR = 8
    FAILED_SYNC = 9
    MARK = 10


@attrs.frozen(kw_only=True)
class Op:
    """One entry of the journal.

    Attributes:
        kind: What it was.
        descriptor: Of the file; of the folder that a name is relative to.
        name: A path, or the text of a mark.
        how: Of an open: whether it made the file, or emptied it.
        call: The number of the call.
        offset: Where was written; the new size; of an open, the folder that its name is relative to.
        data: What was written; the new name of a renaming.
    """

    kind: Kind
    descriptor: int
    name: str
    how: int
    call: int
    offset: int
    data: bytes


@attrs.frozen
class _Change:
    """Bytes at an offset; without bytes the size that a file was cut or stretched to."""

    offset: int
    data: bytes | None

    def onto(self, content: bytearray) -> None:
        if self.data is None:
            del content[self.offset :]
            content.extend(bytes(self.offset - len(content)))
        else:
            content.extend(bytes(max(0, self.offset - len(content))))
            content[self.offset : self.offset + len(self.data)] = self.data

    def sectors(self) -> Iterable["_Change"]:
        """What may arrive apart from the rest."""
        if self.data is None:
            return [self]
        borders = [0, *range(SECTOR - self.offset % SECTOR, len(self.data), SECTOR), len(self.data)]
        return [_Change(self.offset + start, self.data[start:stop]) for start, stop in pairwise(borders)]


@attrs.define(eq=False)
class _File:
    durable: bytearray
    now: bytearray
    pending: list[_Change] = attrs.field(factory=list)

    def change(self, change: _Change) -> None:
        change.onto(self.now)
        self.pending.append(change)

    def sync(self) -> None:
        for change in self.pending:
            change.onto(self.durable)
        self.pending.clear()

    def mixed(self, random: Random, share: float) -> bytes:
        content = bytearray(self.durable)
        for change in self.pending:
            for part in change.sectors():
                if random.random() < share:
                    part.onto(content)
        return bytes(content)


Names: TypeAlias = dict[str, _File | None]


@attrs.frozen(eq=False)
class _Naming:
    """A change of names: one appears, one goes, or (renamed) both at once."""

    gone: str | None
    appears: str | None
    node: _File | None

    @property
    def folder(self) -> str:
        return str(Path(self.gone or self.appears or "").parent)

    def onto(self, names: Names) -> None:
        if self.gone is not None:
            if self.gone not in names:
                return  # of a renaming whose old name never arrived
            del names[self.gone]
        if self.appears is not None:
            names[self.appears] = self.node


class Disk:
    """Everything below a folder.

    Args:
        state: What is there and durable.
        forgets: Whether a sync that failed loses what it should have written, though a later one succeeds; as Linux does.
    """

    def __init__(self, state: State, *, forgets: bool = False) -> None:
        self._forgets = forgets
        self._now: Names = {
            path: None if content is None else _File(bytearray(content), bytearray(content)) for path, content in state.items()
        }
        self._durable: Names = dict(self._now)
        self._pending: list[_Naming] = []
        self._folders = {path for path, content in state.items() if content is None}
        self._open: dict[int, _File | str] = {}

    def apply(self, op: Op) -> None:
        """Does what the program did."""
        if op.kind is Kind.OPEN:
            self._apply_open(op)
        elif op.kind is Kind.RENAME:
            self._rename(op.name, op.data.decode())
        elif op.kind in {Kind.UNLINK, Kind.RMDIR}:
            self._name(_Naming(self._path(op.descriptor, op.name), None, None))
        elif op.kind is Kind.MKDIR:
            path = self._path(op.descriptor, op.name)
            self._folders.add(path)
            self._name(_Naming(None, path, None))
        elif op.kind is Kind.SYNC:
            self._sync(self._open[op.descriptor])
        elif op.kind in {Kind.WRITE, Kind.TRUNCATE, Kind.FAILED_SYNC}:
            self._apply_to_file(op)

    def tear(self, op: Op) -> None:
        """Does the first half of a write."""
        self.apply(attrs.evolve(op, data=op.data[: len(op.data) // 2]))

    def copy(self) -> "Disk":
        """Another disk that holds the same."""
        return deepcopy(self)

    def written(self) -> State:
        """What every program sees, and what is there after a program was killed."""
        return _without_shared_memory({path: None if node is None else bytes(node.now) for path, node in self._now.items()})

    def synced(self) -> State:
        """What is left if nothing arrived but what was waited for."""
        names = self._reachable(self._durable)
        return _without_shared_memory({path: None if node is None else bytes(node.durable) for path, node in names.items()})

    def mixed(self, random: Random) -> State:
        """What is left if of the rest something arrived."""
        share = random.choice((0.1, 0.5, 0.9))
        names = dict(self._durable)
        for naming in self._pending:
            if random.random() < share:
                naming.onto(names)
        names = self._reachable(names)
        return _without_shared_memory({path: None if node is None else node.mixed(random, share) for path, node in names.items()})

    def _apply_open(self, op: Op) -> None:
        path = self._path(op.offset, op.name)
        if op.how & MADE:
            self._name(_Naming(None, path, _File(bytearray(), bytearray())))
        node = self._now.get(path)
        self._open[op.descriptor] = path if node is None else node
        if op.how & EMPTIED and isinstance(node, _File):
            node.change(_Change(0, None))

    def _apply_to_file(self, op: Op) -> None:
        node = self._open[op.descriptor]
        if not isinstance(node, _File):
            return
        if op.kind is Kind.FAILED_SYNC:
            if self._forgets:
                node.pending.clear()
        else:
            node.change(_Change(op.offset, op.data if op.kind is Kind.WRITE else None))

    def _sync(self, node: _File | str) -> None:
        if isinstance(node, _File):
            node.sync()
            return
        kept = [naming for naming in self._pending if naming.folder != node]
        for naming in self._pending:
            if naming.folder == node:
                naming.onto(self._durable)
        self._pending = kept

    def _rename(self, before: str, after: str) -> None:
        self._name(_Naming(before, after, self._now[before]))

    def _name(self, naming: _Naming) -> None:
        naming.onto(self._now)
        self._pending.append(naming)

    def _path(self, folder: int, name: str) -> str:
        place = "" if name.startswith("/") else self._open[folder]
        return str(Path(place if isinstance(place, str) else "") / name)

    def _reachable(self, names: Names) -> Names:
        """Without what lies in a folder whose own name is not there."""
        lost = self._folders - names.keys()
        return {path: node for path, node in names.items() if not lost & {str(one) for one in Path(path).parents}}


def _without_shared_memory(state: State) -> State:
    return {path: content for path, content in state.items() if not path.endswith(SHARED_MEMORY)}


def read_state(folder: Path) -> State:
    """What is in a folder now."""
    return _without_shared_memory({str(path): None if path.is_dir() else path.read_bytes() for path in sorted(folder.rglob("*"))})


def write_state(folder: Path, state: State) -> None:
    """Makes a folder hold what is below it in a state, and nothing else."""
    folder.mkdir(exist_ok=True)
    for left in folder.iterdir():
        if left.is_dir():
            shutil.rmtree(left)
        else:
            left.unlink()
    for path, content in sorted(state.items()):
        if folder not in Path(path).parents:
            continue
        if content is None:
            Path(path).mkdir()
        else:
            Path(path).write_bytes(content)
