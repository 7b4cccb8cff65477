"""`relcare audit verify`, `relcare audit anchor` and `relcare audit show`."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from relcare.cli._options import DayParam, DayWord, book_argument, json_option
from relcare.cli._output import show_json

if TYPE_CHECKING:
    from datetime import date
    from zoneinfo import ZoneInfo

    from relcare.access import Anchor, ChainLink, DigestKey
    from relcare.cli._shapes import Json

__all__ = ["anchor_option", "audit_group", "chain_option", "key_from", "key_option"]


key_option = click.option(
    "--key-file", type=click.Path(exists=True, dir_okay=False), help="The key of the firm's digests; kept away from the book."
)
anchor_option = click.option(
    "--anchor", type=click.Path(exists=True, dir_okay=False), help="The last anchor; kept away from the book."
)
chain_option = click.option("--chain", default="audit", show_default=True, metavar="ID", help="Which chain.")


def key_from(path: str) -> "DigestKey":
    """The key in a file: all of its bytes, without a line break at the end.

    Raises:
        InvalidValueError: If it is shorter than 32 bytes.
    """
    from relcare.access import DigestKey

    return DigestKey(_bytes(path).rstrip(b"\r\n"))


@click.group("audit")
def audit_group() -> None:
    """The log of access of a stored book: who saw or changed whose file, when and why; and whether it is what was written."""


@audit_group.command("verify")
@book_argument
@anchor_option
@key_option
@chain_option
@json_option
def verify_command(book: str, anchor: str | None, key_file: str | None, chain: str, *, as_json: bool) -> None:
    """Say whether the log of the stored book BOOK is what was written: nothing changed, moved, put in or left out.

    Without an anchor a log that was cut at its end, or rewritten as a whole, looks whole. Exit status 1 when something is wrong.
    """
    from relcare.storage import AuditTrail, open_store

    sealed, key = _sealed(anchor, key_file)
    with closing(open_store(book)) as store, store.read() as view:
        report = AuditTrail(view, chain).verify(anchor=sealed, key=key)
    if as_json:
        faults: list[Json] = [{"kind": fault.kind, "place": fault.place} for fault in report.faults]
        erased: list[Json] = list(report.erased)
        show_json(
            {
                "is_intact": report.is_intact,
                "count": report.count,
                "anchored": report.anchored,
                "erased": erased,
                "faults": faults,
            }
        )
    else:
        click.echo(f"{report.count} entries, {report.anchored} of them anchored, {len(report.erased)} erased")
        for fault in report.faults:
            click.echo(f"{fault.kind}: at {fault.place}")
        if report.is_intact:
            click.echo("intact" if sealed else "intact as far as can be told without an anchor")
    if not report.is_intact:
        raise click.exceptions.Exit(1)


@audit_group.command("anchor")
@book_argument
@click.argument("file", type=click.Path(dir_okay=False))
@click.option(
    "--key-file", type=click.Path(exists=True, dir_okay=False), required=True, help="The key that seals it; kept elsewhere."
)
@click.option("--after", type=click.Path(exists=True, dir_okay=False), help="The anchor before: the log must still hold to it.")
@chain_option
@json_option
def anchor_command(book: str, file: str, key_file: str, after: str | None, chain: str, *, as_json: bool) -> None:
    """Seal where the log of the stored book BOOK ends, into FILE, which must not exist; keep it away from the book.

    The log is verified first, and nothing is sealed that is not whole: exit status 1 then.
    """
    from relcare.cli._loading import refuse_existing
    from relcare.desk import SystemClock
    from relcare.storage import AuditTrail, dump_anchor, open_store

    refuse_existing(file)
    sealed, key = _sealed(after, key_file)
    with closing(open_store(book)) as store, store.read() as view:
        trail = AuditTrail(view, chain)
        report = trail.verify(anchor=sealed, key=key if sealed else None)
        made = trail.anchor(key_from(key_file), SystemClock().now())
    if not report.is_intact:
        told = ", ".join(f"{fault.kind} at {fault.place}" for fault in report.faults)
        click.echo(f"relcare: the log is not what was written ({told}): nothing was sealed", err=True)
        raise click.exceptions.Exit(1)
    write_new(file, f"{dump_anchor(made)}\n")
    if as_json:
        show_json({"file": file, "count": made.count, "head": made.head, "at": made.at.isoformat()})
    else:
        click.echo(f"{file}: {made.count} entries sealed")


@audit_group.command("show")
@book_argument
@click.option("--actor", metavar="ID", help="Only what this person did.")
@click.option("--on", type=DayParam(), help="Only this day, in the book's zone. Or 'today'.")
@click.option("--client", metavar="ID", help="Only this client's file; takes --key-file.")
@key_option
@chain_option
@json_option
def show_command(
    book: str, *, actor: str | None, on: DayWord | None, client: str | None, key_file: str | None, chain: str, as_json: bool
) -> None:
    """List the log of the stored book BOOK: who, when, from where, whose file by its digest, what, what for and why."""
    from zoneinfo import ZoneInfo

    from relcare.cli._loading import resolve_day
    from relcare.errors import InvalidValueError
    from relcare.storage import AuditTrail, BookReader, open_store

    if client is not None and key_file is None:
        raise InvalidValueError("--client", client, "is found by its digest alone", "give --key-file")
    digest = None if client is None or key_file is None else key_from(key_file).digest("client", client)
    with closing(open_store(book)) as store, store.read() as view:
        zone = BookReader(view).settings().zone
        day = None if on is None else resolve_day(on, zone)
        trail = AuditTrail(view, chain)
        links = trail.links() if digest is None else trail.links_of(digest)
        kept = list(_kept(links, actor, day, ZoneInfo(zone)))
    if as_json:
        rows: list[Json] = [_row(link) for link in kept]
        show_json({"entries": rows})
        return
    from relcare.report import plain

    for link in kept:
        click.echo(plain(_line(link, ZoneInfo(zone))))


def _kept(links: "Iterator[ChainLink]", actor: str | None, day: "date | None", zone: "ZoneInfo") -> "Iterator[ChainLink]":
    from relcare.model import civil_day

    for link in links:
        entry = link.entry
        is_theirs = actor is None or (entry is not None and entry.actor_id == actor)
        is_then = day is None or (entry is not None and civil_day(entry.at, zone) == day)
        if is_theirs and is_then:
            yield link


def _row(link: "ChainLink") -> "Json":
    from relcare.storage._audit_texts import entry_shape

    entry: Json = None if link.entry is None else entry_shape(link.entry)  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    return {"place": link.place, "client_digest": link.client_digest, "entry": entry}


def _line(link: "ChainLink", zone: "ZoneInfo") -> str:
    entry = link.entry
    several = 0 if entry is None else len(entry.client_digests)
    whose = link.client_digest[:12] if link.client_digest is not None else f"{several} clients" if several else "-"
    if entry is None:
        return f"{link.place} erased {whose}"
    at = entry.at.astimezone(zone).isoformat(timespec="seconds")
    why = f" ({entry.reason})" if entry.reason else ""
    who, origin = entry.actor_id or "nobody known", entry.origin or "-"
    told = f"{entry.action} {entry.answer}, {whose}, {entry.count} for {entry.purpose} on {entry.medium}"
    return f"{link.place} {at} {who} from {origin}: {told}{why}"


def _sealed(anchor: str | None, key_file: str | None) -> "tuple[Anchor | None, DigestKey | None]":
    from relcare.errors import InvalidValueError
    from relcare.storage import load_anchor

    if anchor is None:
        return None, None
    if key_file is None:
        raise InvalidValueError("--anchor", anchor, "proves nothing without the key that sealed it", "give --key-file")
    return load_anchor(text_of(anchor)), key_from(key_file)


def text_of(path: str) -> str:
    """The text of a file.

    Raises:
        StorageError: It cannot be read as text.
    """
    from relcare.errors import StorageError

    try:
        return _bytes(path).decode()
    except UnicodeDecodeError as error:
        raise StorageError(f"{path!r} is no text") from error


def write_new(path: str, text: str) -> None:
    """Writes a new file that only its owner can read.

    Raises:
        StorageError: It is there already, or cannot be written.
    """
    import os

    from relcare.errors import StorageError

    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise StorageError(f"{path!r} cannot be written: {error.strerror}") from error


def _bytes(path: str) -> bytes:
    from relcare.errors import StorageError

    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise StorageError(f"{path!r} cannot be read: {error.strerror}") from error
