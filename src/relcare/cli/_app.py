"""The group of commands, and what becomes of their errors."""

import click

from relcare.cli._audit import audit_group
from relcare.cli._commands_attainment import attainment_command
from relcare.cli._commands_capacity import capacity_command
from relcare.cli._commands_check import check_command, preset_command
from relcare.cli._commands_client import explain_command, log_command
from relcare.cli._commands_decide import decide_command
from relcare.cli._commands_demo import demo_command
from relcare.cli._commands_diff import diff_command
from relcare.cli._commands_export import export_command
from relcare.cli._commands_import import import_command
from relcare.cli._commands_neglect import neglect_command
from relcare.cli._commands_permission import may_contact_command
from relcare.cli._commands_plan import plan_command
from relcare.cli._commands_portfolio import portfolio_command, referrals_command
from relcare.cli._commands_review_past import review_group
from relcare.cli._commands_segments import segments_command
from relcare.cli._commands_show import board_command, due_command
from relcare.cli._commands_store import backup_command, health_command, restore_command
from relcare.cli._commands_vip import vip_group
from relcare.cli._erase import erase_command
from relcare.errors import DocumentError, InvalidValueError, RelcareError

__all__ = ["app"]


class _App(click.Group):
    """Turns the errors that relcare raises on purpose into one message and exit status 2."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command that was named."""
        try:
            return super().invoke(ctx)
        except DocumentError as error:
            lines = [str(problem) for problem in error.problems]
        except RelcareError as error:
            lines = [f"relcare: {error.told if isinstance(error, InvalidValueError) else error}"]
        from relcare.report import plain

        for line in lines:
            click.echo(plain(line), err=True)
        raise click.exceptions.Exit(2)


@click.group(cls=_App, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="relcare", message="relcare %(version)s")
def app() -> None:
    """Whom to care for, how often and by whom: a policy's decisions about a book of clients, each with its reasons.

    BOOK is a folder of CSV files with book.toml or of Parquet files with book.parquet, or a book made by `relcare import`: a
    SQLite file, or the URL of a store such as postgresql://host/firm. POLICY is the path of a policy document, or
    preset:NAME. Exit status: 0 fine, 1 findings, 2 wrong use or bad input.
    """


for _command in (
    attainment_command,
    audit_group,
    backup_command,
    board_command,
    capacity_command,
    check_command,
    decide_command,
    demo_command,
    diff_command,
    due_command,
    erase_command,
    explain_command,
    export_command,
    health_command,
    import_command,
    log_command,
    may_contact_command,
    neglect_command,
    plan_command,
    portfolio_command,
    preset_command,
    referrals_command,
    restore_command,
    review_group,
    segments_command,
    vip_group,
):
    app.add_command(_command)
