"""Who belongs to which segment, what its members share, whom to invite: `segments`."""

from typing import TYPE_CHECKING

import attrs
import click

from relcare.cli._options import DayWord, as_of_option, book_argument, json_option, policy_option
from relcare.cli._output import show, show_json
from relcare.errors import InvalidValueError, nearest

if TYPE_CHECKING:
    from relcare.decisions import BookResult, Policy
    from relcare.model import Book
    from relcare.segments import Theme

__all__ = ["segments_command"]


@attrs.frozen(kw_only=True)
class _Asked:
    """One segment of a decided book, as it was asked about."""

    book: "Book"
    rules: "Policy"
    result: "BookResult"
    segment_id: str
    cell: str | None
    as_json: bool

    @property
    def name(self) -> str:
        return self.segment_id if self.cell is None else f"{self.segment_id}, {self.cell}"


@click.command("segments")
@book_argument
@policy_option
@as_of_option
@click.option("--segment", "segment_id", metavar="ID", help="One segment, with its members and why.")
@click.option("--cell", metavar="NAME", help="One cell of a segment by dimensions: 'equity / bold / long'.")
@click.option("--common", is_flag=True, help="What the members of the segment share beyond what the book shares.")
@click.option("--traits", metavar="FACT,...", help="With --common: the facts to look at; by default all that can be shared.")
@click.option("--at-least", type=click.IntRange(1), metavar="N", help="With --common: how many must share it; 3 by default.")
@click.option("--theme", metavar="FACT=VALUE", help="Whom of the segment to invite on this theme, and whom besides.")
@json_option
def segments_command(
    *,
    book: str,
    policy: str,
    as_of: DayWord,
    segment_id: str | None,
    cell: str | None,
    common: bool,
    traits: str | None,
    at_least: int | None,
    theme: str | None,
    as_json: bool,
) -> None:
    """Who belongs to which segment; of one segment, what its members have in common, or whom to invite on a theme."""
    if segment_id is None and (common or theme is not None or cell is not None):
        raise click.UsageError("--cell, --common and --theme are about one segment: give --segment.")
    if common and theme is not None:
        raise click.UsageError("give --common or --theme, not both.")
    if not common and (traits is not None or at_least is not None):
        raise click.UsageError("--traits and --at-least go with --common.")
    if cell is not None and not common and theme is None:
        raise click.UsageError("--cell goes with --common or --theme.")
    from relcare.cli._loading import decide

    loaded, rules, result = decide(book, policy, as_of)
    if segment_id is None:
        _show_all(result, as_json=as_json)
        return
    asked = _Asked(book=loaded, rules=rules, result=result, segment_id=segment_id, cell=cell, as_json=as_json)
    if common:
        _show_common(asked, traits, 3 if at_least is None else at_least)
    elif theme is not None:
        _show_guests(asked, theme)
    else:
        _show_one(asked)


def _show_all(result: "BookResult", *, as_json: bool) -> None:
    from relcare.cli._segments_shape import segments_shape

    if as_json:
        show_json(segments_shape(result.as_of, result.segments.values()))
        return
    from relcare.report import segments_listing

    show(segments_listing(result.segments.values()))


def _show_one(asked: _Asked) -> None:
    from relcare.cli._segments_shape import segments_shape
    from relcare.errors import UnknownRecordError, nearest

    found = asked.result.segments.get(asked.segment_id)
    if found is None:
        near = nearest(asked.segment_id, asked.result.segments)
        raise UnknownRecordError("segment", asked.segment_id, f"did you mean {near!r}?" if near else None)
    if asked.as_json:
        show_json(segments_shape(asked.result.as_of, [found], with_reasons=True))
        return
    from relcare.report import names_of, segment_listings

    show(*segment_listings(found, names_of(asked.book)))


def _show_common(asked: _Asked, traits: str | None, at_least: int) -> None:
    from relcare.cli._segments_shape import common_shape
    from relcare.decisions import segment_themes

    wanted = None if traits is None else [part.strip() for part in traits.split(",") if part.strip()]
    shared = segment_themes(asked.rules, asked.result, asked.segment_id, traits=wanted, cell=asked.cell, at_least=at_least)
    if asked.as_json:
        show_json(common_shape(asked.result.as_of, asked.segment_id, asked.cell, shared))
        return
    from relcare.report import common_listing, count_of

    show(common_listing(f"{asked.name}: {count_of(len(shared.client_ids), 'member')}, and what they share", shared))


def _check_theme(asked: _Asked, theme: "Theme") -> None:
    """Refuse a value that nobody has and that is close to one that somebody has: nobody would be invited, in silence."""
    held: set[str] = set()
    for client_id in asked.result.client_ids:
        value = asked.result.facts(client_id).get(theme.fact)
        held.update(value if isinstance(value, frozenset) else [value] if isinstance(value, str) else [])
    near = None if theme.value in held else nearest(theme.value, held)
    if near is not None:
        rule = f"must be a value of {theme.fact} that somebody has"
        raise InvalidValueError("--theme", theme.value, rule, f"did you mean {near!r}?")


def _show_guests(asked: _Asked, word: str) -> None:
    from relcare.cli._segments_shape import invitations_shape
    from relcare.decisions import segment_guests
    from relcare.segments import Theme

    theme = Theme.parse(word)
    _check_theme(asked, theme)
    found = segment_guests(asked.rules, asked.result, asked.segment_id, theme, cell=asked.cell)
    if asked.as_json:
        show_json(invitations_shape(asked.result.as_of, asked.segment_id, asked.cell, found))
        return
    from relcare.report import invitation_listings, names_of

    show(*invitation_listings(f"{asked.name}, {theme}", found, names_of(asked.book)))
