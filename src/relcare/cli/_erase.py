"""`relcare erase`, and what `relcare restore` takes to erase again."""

from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING

import click

from relcare.cli._audit import chain_option, key_from, text_of, write_new
from relcare.cli._options import PolicyParam, book_argument, json_option
from relcare.cli._output import show_json

if TYPE_CHECKING:
    from relcare.access import RetentionRules
    from relcare.cli._shapes import Json
    from relcare.storage import Erasure, ErasureReport, Store

__all__ = ["erase_command", "journal_from", "rules_from", "warn_of_erasures"]


@click.command("erase")
@book_argument
@click.argument("client")
@click.option("--key-file", type=click.Path(exists=True, dir_okay=False), required=True, help="The key of the firm's digests.")
@click.option("--by", required=True, metavar="ID", help="Who has it done.")
@click.option("--ground", required=True, metavar="TEXT", help="Why, in words that can be told.")
@click.option("--policy", type=PolicyParam(), help="By whose rules of retention; without, everything goes.")
@click.option("--audit", "erases_links", is_flag=True, help="The log of access forgets what it says about the client too.")
@click.option(
    "--journal", type=click.Path(dir_okay=False), help="Where the journal is left, a new file to keep beside the backups."
)
@chain_option
@json_option
def erase_command(
    book: str,
    client: str,
    *,
    key_file: str,
    by: str,
    ground: str,
    policy: str | None,
    journal: str | None,
    erases_links: bool,
    chain: str,
    as_json: bool,
) -> None:
    """Erase what the stored book BOOK knows about the client with the id CLIENT; there is no way back.

    Backups from before still know it: restore them with the journal.
    """
    from relcare.desk import SystemClock
    from relcare.errors import OutcomeUnknownError
    from relcare.storage import erase_client, open_store

    _refuse_journal(journal)
    rules = rules_from(policy)
    key = key_from(key_file)
    with closing(open_store(book)) as store:
        try:
            report = erase_client(
                store,
                client,
                key=key,
                at=SystemClock().now(),
                by=by,
                ground=ground,
                rules=rules,
                erases_links=erases_links,
                chain_id=chain,
            )
        except OutcomeUnknownError:
            # It may have happened, and then the journal is what the old backups need.
            _leave_journal(store, journal)
            raise
        _leave_journal(store, journal)
    if as_json:
        show_json(_shape(report))
        return
    for line in _lines(report):
        click.echo(line)


def _refuse_journal(journal: str | None) -> None:
    from relcare.cli._loading import refuse_existing
    from relcare.errors import InvalidValueError

    if journal is None:
        return
    try:
        refuse_existing(journal)
    except InvalidValueError as error:
        raise error.renamed("--journal") from None


def _leave_journal(store: "Store", journal: str | None) -> None:
    from relcare.storage import dump_journal, erasures_in

    if journal is not None:
        write_new(journal, f"{dump_journal(erasures_in(store))}\n")


def rules_from(policy: str | None) -> "RetentionRules | None":
    """The rules of retention of a policy; None where none is named, or it has none.

    Raises:
        InvalidValueError: If a policy is named that says nothing about retention: that everything goes must be said.
    """
    from relcare.cli._loading import policy_from
    from relcare.errors import InvalidValueError

    if policy is None:
        return None
    rules = policy_from(policy).retention
    if rules is None:
        raise InvalidValueError("--policy", policy, "says nothing about retention", "leave it out to erase everything")
    return rules


def journal_from(journal: str | None, newer: str | None) -> "tuple[Erasure, ...]":
    """What was erased since: as it was kept in a file, and as the newer book knows it."""
    from relcare.storage import erasures_in, load_journal, open_store

    found: list[Erasure] = [] if journal is None else list(load_journal(text_of(journal)))
    if newer is not None:
        with closing(open_store(newer)) as store:
            found += [one for one in erasures_in(store) if one not in found]
    return tuple(found)


def warn_of_erasures(backup: str) -> None:
    """Says on stderr that a restored book knows again who was erased, where the backups beside it show that."""
    from relcare.storage._erasure_backups import erased_since

    count = erased_since(backup)
    if count:
        times = "once" if count == 1 else f"{count} times"
        told = f"relcare: since this backup was taken data was erased {times}, and is back"
        click.echo(f"{told}; hint: restore again with --journal or --newer", err=True)


def _outcomes(report: "ErasureReport") -> Counter[tuple[str, str]]:
    return Counter((kind, decision.outcome) for kind, decision in report.decisions)


def _shape(report: "ErasureReport") -> "dict[str, Json]":
    erasure = report.erasure
    outcomes: list[Json] = [
        {"kind": kind, "outcome": outcome, "count": count} for (kind, outcome), count in sorted(_outcomes(report).items())
    ]
    return {
        "at": erasure.at.isoformat(),
        "client_digest": erasure.client_digest,
        "by": erasure.by,
        "ground": erasure.ground,
        "record_count": erasure.record_count,
        "entry_count": erasure.entry_count,
        "link_count": erasure.link_count,
        "restricted_count": erasure.restricted_count,
        "outcomes": outcomes,
        "left": report.left,
    }


def _lines(report: "ErasureReport") -> list[str]:
    from relcare.wording import explain

    erasure = report.erasure
    lines = [
        f"{erasure.record_count} records and {erasure.entry_count} entries of the log erased, {erasure.link_count} of the audit"
    ]
    told: dict[tuple[str, str], str] = {}
    for kind, decision in report.decisions:
        told.setdefault((kind, decision.outcome), explain(decision.reasons[0]))
    for (kind, outcome), count in sorted(_outcomes(report).items()):
        if outcome != "erase":
            lines.append(f"{outcome}: {count} of kind {kind}: {told[kind, outcome]}")
    if report.left is not None:
        lines.append(f"still left: {report.left}")
    return lines
