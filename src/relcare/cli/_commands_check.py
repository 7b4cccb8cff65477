"""`relcare check` and `relcare preset`."""

import click

from relcare.cli._options import json_option, policy_argument
from relcare.cli._output import show_json
from relcare.errors import DocumentError

__all__ = ["check_command", "preset_command"]


@click.command("check")
@policy_argument
@json_option
@click.pass_context
def check_command(ctx: click.Context, policy: str, *, as_json: bool) -> None:
    """Is a policy document well formed, and do its worked examples hold?

    Exit status: 0 when all is well, 1 when an example does not hold, 2 when the document cannot be read; every mistake in it is
    printed, one a line, as file:line:column: path: what is wrong.
    """
    from relcare.cli._loading import policy_from
    from relcare.cli._shapes import check_shape
    from relcare.report import count_of

    try:
        loaded = policy_from(policy)
    except DocumentError as error:
        if not as_json:
            raise
        show_json(check_shape(policy, error.problems, None))
        ctx.exit(2)
    report = loaded.check()
    if as_json:
        show_json(check_shape(policy, (), report))
    else:
        for failure in report.failures:
            click.echo(f"{policy}: {failure}")
        wrong = len({failure.index for failure in report.failures})
        click.echo(f"{policy}: well formed; {count_of(report.count, 'worked example')}, {wrong or 'none'} of them wrong")
    ctx.exit(0 if report.is_ok else 1)


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
