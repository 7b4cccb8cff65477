"""`relcare backup`, `relcare restore` and `relcare health`."""

from contextlib import closing

import click

from relcare.cli._audit import chain_option
from relcare.cli._options import BookParam, PolicyParam, book_argument, json_option
from relcare.cli._output import show_json

__all__ = ["backup_command", "health_command", "restore_command"]


@click.command("backup")
@book_argument
@click.argument("folder", type=click.Path(file_okay=False))
@click.option("--keep", type=click.IntRange(min=1), default=8, show_default=True, help="How many backups stay in the folder.")
@json_option
def backup_command(book: str, folder: str, keep: int, *, as_json: bool) -> None:
    """Back up the stored book BOOK into FOLDER, while it is in use, and prove it by restoring it."""
    from relcare.desk import SystemClock
    from relcare.storage import BackupPolicy, back_up, open_store

    with closing(open_store(book)) as store:
        backup = back_up(store, folder, now=SystemClock().now(), policy=BackupPolicy(keep=keep))
    if as_json:
        show_json(
            {
                "path": backup.path,
                "taken_at": backup.taken_at.isoformat(),
                "digest": backup.digest,
                "file_digest": backup.file_digest,
                "byte_count": backup.byte_count,
            }
        )
        return
    click.echo(f"{backup.path}: {backup.byte_count:,} bytes, restored and verified (digest {backup.digest[:12]})")


@click.command("restore")
@click.argument("backup", type=click.Path(exists=True, dir_okay=False))
@click.argument("book", type=click.Path())
@click.option("--journal", type=click.Path(exists=True, dir_okay=False), help="The journal of what was erased since.")
@click.option("--newer", type=BookParam(), help="The book of today, whose journal knows what was erased since.")
@click.option("--key-file", type=click.Path(exists=True, dir_okay=False), help="The key of the firm's digests; with a journal.")
@click.option("--policy", type=PolicyParam(), help="Whose rules of retention held; where the law had records kept.")
@chain_option
@json_option
def restore_command(
    backup: str,
    book: str,
    *,
    journal: str | None,
    newer: str | None,
    key_file: str | None,
    policy: str | None,
    chain: str,
    as_json: bool,
) -> None:
    """Make a new stored book at BOOK, a path or the URL of a store, of what the file BACKUP holds.

    What was erased since the backup was taken is erased again, by a journal or by the book of today.
    """
    from relcare.cli._audit import key_from
    from relcare.cli._erase import journal_from, rules_from, warn_of_erasures
    from relcare.storage import restore, without_password

    key = None if key_file is None else key_from(key_file)
    restore(backup, book, journal=journal_from(journal, newer), key=key, rules=rules_from(policy), chain_id=chain).close()
    if journal is None and newer is None:
        warn_of_erasures(backup)
    shown = without_password(book)
    if as_json:
        show_json({"backup": backup, "book": shown})
        return
    click.echo(f"{shown}: restored and verified")


@click.command("health")
@book_argument
@click.option(
    "--max-age", type=click.IntRange(min=1), default=7, show_default=True, help="How many days old the last backup may be."
)
@click.option("--all", "reads_all", is_flag=True, help="Also read every row and compare it with its digest.")
@json_option
def health_command(book: str, max_age: int, *, reads_all: bool, as_json: bool) -> None:
    """Say whether the stored book BOOK is well, and whether its last verified backup is recent. Exit status 1 when not."""
    from relcare.desk import SystemClock
    from relcare.storage import BackupPolicy, check_health, open_store

    with closing(open_store(book)) as store:
        health = check_health(store, now=SystemClock().now(), policy=BackupPolicy(max_age_days=max_age), reads_all=reads_all)
    if as_json:
        checks = [{"code": check.code, "state": check.state, "text": check.text} for check in health.checks]
        show_json({"is_ok": health.is_ok, "checks": [dict(check) for check in checks]})
    else:
        for check in health.checks:
            click.echo(f"{check.state:6}  {check.code}: {check.text}")
    if not health.is_ok:
        raise click.exceptions.Exit(1)
