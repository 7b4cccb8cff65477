"""`relcare diff`."""

import click

from relcare.cli._engines import ENGINES, engine_options, frames_in, only_option, told_while_waiting
from relcare.cli._options import BookParam, DayParam, DayWord, PolicyParam, json_option
from relcare.cli._output import show, show_json

__all__ = ["diff_command"]


@click.command("diff")
@click.argument("old", type=PolicyParam())
@click.argument("new", type=PolicyParam())
@click.option("--book", type=BookParam(), help="Also say who in this book moves, and what that does to the workload.")
@click.option("--as-of", type=DayParam(), help="The day on which the book is decided; both policies are in force. Or 'today'.")
@click.option("--engine", type=click.Choice(ENGINES), help="Compare the book over columns: counts instead of clients.")
@only_option
@engine_options
@click.option("--budget", type=click.IntRange(min=1), help="Steps of the search for each scheme, rule or programme.")
@json_option
@click.pass_context
def diff_command(
    ctx: click.Context,
    old: str,
    new: str,
    *,
    book: str | None,
    as_of: DayWord | None,
    engine: str | None,
    only: tuple[str, ...],
    memory_limit: str | None,
    temp_directory: str | None,
    budget: int | None,
    as_json: bool,
) -> None:
    """For whom does policy NEW decide otherwise than policy OLD, which way, and who pays?

    The answer is about every client there could be; with --book also about those there are. Exit status: 0 when both decide every
    client alike, 1 when they do not or when that could not be found out, 2 when a document or the book cannot be read.
    """
    if book is not None and as_of is None:
        raise click.UsageError("--book needs --as-of: the day on which both policies decide it.")
    if book is None and as_of is not None:
        raise click.UsageError("--as-of goes with --book: without one nothing depends on the day.")
    if engine is not None and book is None:
        raise click.UsageError("--engine goes with --book: without one there are no columns.")
    if engine is None and (only or memory_limit is not None or temp_directory is not None):
        raise click.UsageError("--only, --memory-limit and --temp-directory go with --engine.")
    from relcare.cells import DEFAULT_BUDGET
    from relcare.cli._loading import open_book, policy_from, resolve_day
    from relcare.soundness import compare, compare_on

    before, after = policy_from(old), policy_from(new)
    found = compare(before, after, budget=DEFAULT_BUDGET if budget is None else budget)
    loaded = moved = counted = None
    if book is not None and as_of is not None and engine is not None:
        from relcare.cli._diff_columns import counts_of
        from relcare.cli._refusals import told_as_options
        from relcare.frames import compare as compare_frames

        frames = frames_in(book, engine, memory_limit=memory_limit, temp_directory=temp_directory)
        day, both = resolve_day(as_of, frames.zone), (before, after)
        refused = told_as_options(both, as_of=day, zone=frames.zone, only=only, instead="the same command without --engine")
        with refused, told_while_waiting(as_json=as_json) as told:
            differ = compare_frames(before, after, frames, as_of=day, only=only or None, progress=told)
            told("counts")
            counted = counts_of(differ)
    elif book is not None and as_of is not None:
        loaded = open_book(book)
        moved = compare_on(before, after, loaded, as_of=resolve_day(as_of, loaded.zone))
    if as_json:
        from relcare.cli._diff_shapes import diff_shape

        show_json(diff_shape(found, moved, counted))
    else:
        from relcare.cli._diff_columns import counted_pages
        from relcare.cli._diff_pages import policy_pages, population_pages
        from relcare.report import names_of

        pages = list(policy_pages(found))
        if moved is not None and loaded is not None:
            pages.extend(population_pages(moved, names_of(loaded)))
        if counted is not None:
            pages.extend(counted_pages(counted))
        show(*pages)
    ctx.exit(0 if found.is_equal else 1)
