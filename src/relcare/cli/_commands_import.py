"""`relcare import`: from a folder to a book that can be written to."""

import click

from relcare.cli._options import json_option
from relcare.cli._output import show_json

__all__ = ["import_command"]


@click.command("import")
@click.argument("folder", type=click.Path(exists=True, file_okay=False))
@click.argument("book", type=click.Path())
@json_option
def import_command(folder: str, book: str, *, as_json: bool) -> None:
    """Make a stored book at BOOK, a path or the URL of a store, of the CSV files in FOLDER. BOOK must not exist yet."""
    from relcare.cli._loading import refuse_existing, reviews_in, store_book

    refuse_existing(book)
    from relcare.cli._shapes import notice_shape
    from relcare.report import count_of
    from relcare.storage import without_password
    from relcare.wording import explain

    loaded, reviews = reviews_in(folder)
    store_book(loaded, book, reviews)
    counts = {
        "clients": len(loaded.clients),
        "people": len(loaded.people),
        "touchpoints": len(loaded.touchpoints),
        "purchases": len(loaded.purchases),
        "staff": len(loaded.staff),
        "tier_spells": len(loaded.tier_spells),
        "consents": len(loaded.consents),
        "absences": len(loaded.absences),
        "owner_spells": len(loaded.owner_spells),
        "appointments": len(loaded.appointments),
        "pins": len(loaded.pins),
        "membership_events": len(loaded.membership_events),
        "reviews": len(reviews),
    }
    notices = loaded.notices()
    book = without_password(book)
    if as_json:
        show_json({"book": book, "counts": dict(counts), "notices": [notice_shape(notice) for notice in notices]})
        return
    told = ", ".join(f"{count:,} {name}" for name, count in counts.items()).replace("_", " ")
    click.echo(f"{book}: {told}")
    for notice in notices:
        click.echo(f"  {explain(notice)}")
    if notices:
        click.echo(f"{count_of(len(notices), 'notice')}: allowed, and worth a look")
