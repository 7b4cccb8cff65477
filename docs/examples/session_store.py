"""A store in the host's own SQLAlchemy session: what relcare keeps commits with the host's rows, or not at all."""

import json
from collections.abc import Sequence

from sqlalchemy import Text, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from relcare.storage import BaseStore, LogEntry, Record, StoredEntry, Transaction

# On PostgreSQL give every id `Text(collation="C")`: ids are compared by code point, whatever the language of the database.


class Base(DeclarativeBase):
    """The host's own; its migrations make these tables with the others."""


class CareRecord(Base):
    __tablename__ = "care_record"
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    version: Mapped[int]
    payload: Mapped[str | None] = mapped_column(Text)  # none of a deleted record, whose version must not be given again
    keys: Mapped[str] = mapped_column(Text, default="[]")


class CareKey(Base):
    __tablename__ = "care_key"
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)


class CareEntry(Base):
    __tablename__ = "care_entry"
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[str] = mapped_column(Text, unique=True)
    kind: Mapped[str] = mapped_column(Text)
    client_id: Mapped[str] = mapped_column(Text, index=True)
    payload: Mapped[str] = mapped_column(Text)
    by: Mapped[str | None] = mapped_column(Text)
    recorded_at: Mapped[str | None] = mapped_column(Text)


class CareWork(Base):
    __tablename__ = "care_work"
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    digest: Mapped[str] = mapped_column(Text)


class CareTurn(Base):
    """One row: whoever writes locks it until the host commits, so that positions are in the order of commits."""

    __tablename__ = "care_turn"
    id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(default=0)


class SessionStore(BaseStore):
    """Lives as long as the session does. A unit is a savepoint of it; the commit that lasts is the host's."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session

    def begin(self, *, writes: bool) -> Transaction:
        return SessionTransaction(self.session, writes=writes)


class SessionTransaction(Transaction):
    def __init__(self, session: Session, *, writes: bool) -> None:
        self.session, self.savepoint = session, session.begin_nested()
        if writes:
            turn = session.get(CareTurn, 1, with_for_update=True)
            if turn is None:
                turn = CareTurn(id=1, position=0)
                session.add(turn)
            self.turn = turn

    def find_record(self, kind: str, record_id: str) -> Record | None:
        row = self.session.get(CareRecord, (kind, record_id))
        return None if row is None else read(row)

    def find_last_version(self, kind: str, record_id: str) -> int:
        row = self.session.get(CareRecord, (kind, record_id))
        return 0 if row is None else row.version

    def store_record(self, record: Record) -> None:
        self.change(record, record.payload, set(record.keys))

    def remove_record(self, record: Record) -> None:
        self.change(record, None, set())

    def change(self, record: Record, payload: str | None, keys: set[tuple[str, str]]) -> None:
        before = self.find_record(record.kind, record.id)
        known = set() if before is None else set(before.keys)
        for name, value in known - keys:
            self.session.delete(self.session.get_one(CareKey, (record.kind, name, value, record.id)))
        self.session.add_all(CareKey(kind=record.kind, name=name, value=value, id=record.id) for name, value in keys - known)
        told = json.dumps(sorted(keys), ensure_ascii=False)
        self.session.merge(CareRecord(kind=record.kind, id=record.id, version=record.version, payload=payload, keys=told))
        self.session.flush()

    def page_of_records(self, kind: str, key: tuple[str, str] | None, after: str, limit: int) -> Sequence[Record]:
        asked = select(CareRecord).where(CareRecord.kind == kind, CareRecord.id > after, CareRecord.payload.is_not(None))
        if key is not None:
            named = select(CareKey.id).where(CareKey.kind == kind, CareKey.name == key[0], CareKey.value == key[1])
            asked = asked.where(CareRecord.id.in_(named))
        found = (read(row) for row in self.session.scalars(asked.order_by(CareRecord.id).limit(limit)))
        return [record for record in found if record is not None]

    def find_entry(self, entry_id: str) -> StoredEntry | None:
        row = self.session.scalar(select(CareEntry).where(CareEntry.id == entry_id))
        return None if row is None else read_entry(row)

    def append_entry(self, entry: LogEntry) -> int:
        self.turn.position += 1
        names = ("id", "kind", "client_id", "payload", "by", "recorded_at")
        self.session.add(CareEntry(position=self.turn.position, **{name: getattr(entry, name) for name in names}))
        self.session.flush()
        return self.turn.position

    def page_of_entries(self, client_id: str | None, after: int, limit: int) -> Sequence[StoredEntry]:
        asked = select(CareEntry).where(CareEntry.position > after).order_by(CareEntry.position).limit(limit)
        if client_id is not None:
            asked = asked.where(CareEntry.client_id == client_id)
        return [read_entry(row) for row in self.session.scalars(asked)]

    def find_work(self, idempotency_key: str) -> str | None:
        row = self.session.get(CareWork, idempotency_key)
        return None if row is None else row.digest

    def store_work(self, idempotency_key: str, body_digest: str) -> None:
        self.session.add(CareWork(key=idempotency_key, digest=body_digest))

    def commit(self) -> None:
        self.savepoint.commit()

    def rollback(self) -> None:
        self.savepoint.rollback()


def read(row: CareRecord) -> Record | None:
    if row.payload is None:
        return None
    keys = [(name, value) for name, value in json.loads(row.keys)]
    return Record(kind=row.kind, id=row.id, version=row.version, payload=row.payload, keys=keys)


def read_entry(row: CareEntry) -> StoredEntry:
    names = ("id", "kind", "client_id", "payload", "by", "recorded_at")
    return StoredEntry(row.position, LogEntry(**{name: getattr(row, name) for name in names}))
