"""`relcare check` and `relcare preset`."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from relcare.cli._options import TODAY, BookParam, DayParam, DayWord, PolicyParam, json_option
from relcare.cli._output import show_json

if TYPE_CHECKING:
    from relcare.cli._checking import Checked
    from relcare.soundness import Finding

__all__ = ["check_command", "preset_command"]


@click.command("check")
@click.argument("policies", metavar="POLICY...", nargs=-1, required=True, type=PolicyParam())
@click.option("--book", type=BookParam(), help="Look for equals that are treated unequally in this book, too.")
@click.option("--as-of", type=DayParam(), default=TODAY, help="The day for accepted findings and --book; today by default.")
@click.option("--budget", type=click.IntRange(min=1), help="Steps of the search for each scheme, rule or programme.")
@click.option("--all", "show_all", is_flag=True, help="Print what is proved and accepted, too.")
@json_option
@click.pass_context
def check_command(
    ctx: click.Context,
    policies: tuple[str, ...],
    book: str | None,
    as_of: DayWord,
    budget: int | None,
    *,
    show_all: bool,
    as_json: bool,
) -> None:
    """Is a policy well formed, do its worked examples hold, and do its rules hold together?

    Each question about the rules is proved, refuted with a client who shows it, or undecided. Several documents are also checked
    against each other: no two versions of a policy may be in force on the same day.

    Exit status: 0 when all is well; 1 when an example does not hold or a finding is open; 2 when a document cannot be read; every
    mistake in it is printed, one a line, as file:line:column: path: what is wrong.
    """
    from relcare.cli._check_shapes import check_shape
    from relcare.cli._checking import check_policies

    checked, versions = check_policies(policies, book, as_of, budget)
    if as_json:
        show_json(check_shape(checked, versions))
    else:
        _tell(checked, versions, show_all=show_all)
    if any(one.problems for one in checked):
        ctx.exit(2)
    ctx.exit(0 if all(one.is_ok for one in checked) and not any(finding.is_open for finding in versions) else 1)


def _tell(checked: "list[Checked]", versions: "tuple[Finding, ...]", *, show_all: bool) -> None:
    from relcare.report import count_of, plain

    for one in checked:
        for problem in one.problems:
            click.echo(plain(str(problem)), err=True)
        if one.document is None or one.examples is None or one.proof is None:
            continue
        place_of = one.document.place_of
        for failure in one.examples.failures:
            click.echo(plain(f"{place_of(f'examples[{failure.index}]')}: {failure}"))
        for finding in one.proof.findings:
            if show_all or (finding.outcome != "proved" and finding.accepted is None):
                click.echo(plain(finding.text(place_of)))
        wrong = len({failure.index for failure in one.examples.failures})
        counts = {
            "proved": sum(finding.outcome == "proved" for finding in one.proof.findings),
            "refuted": len(one.proof.refuted) - len(one.proof.accepted),
            "accepted": len(one.proof.accepted),
            "undecided": len(one.proof.undecided),
        }
        told = ", ".join(f"{count} {name}" for name, count in counts.items() if count or name == "proved")
        click.echo(
            plain(
                f"{one.word}: well formed; {count_of(one.examples.count, 'worked example')}, {wrong or 'none'} of them wrong; "
                f"{count_of(len(one.proof.findings), 'answer')}: {told}"
            )
        )
    names = [one.word for one in checked if one.document is not None]
    for finding in versions:
        if show_all or finding.is_open:
            click.echo(plain(finding.text(_document_name(names))))


def _document_name(names: list[str]) -> Callable[[str], str]:
    return lambda place: names[int(place[len("documents[") : -1])] if place.startswith("documents[") else place


@click.command("preset")
@click.argument("name", required=False)
@json_option
def preset_command(name: str | None, *, as_json: bool) -> None:
    """Print the document of a preset, to be read or copied and changed; without NAME, list the presets."""
    from relcare.presets import preset, preset_names, preset_text

    if name is None:
        titles = {known: preset(known).title or "" for known in preset_names()}
        if as_json:
            show_json({"presets": [{"name": known, "title": title} for known, title in titles.items()]})
        else:
            for known, title in titles.items():
                click.echo(f"{known}  {title}".rstrip())
    elif as_json:
        show_json({"name": name, "text": preset_text(name)})
    else:
        click.echo(preset_text(name), nl=False)
