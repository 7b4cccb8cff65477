"""Tables with reasons: the same lines that a terminal library would break, without asking it about each."""

import io
from typing import Any

import pytest
from rich.console import Console
from rich.containers import Lines
from rich.text import Text

from relcare.report import Column, Listing, Row

TEXTS = (
    "",
    "one",
    "revenue is 1,200.00 and best_month 20,000.00, so that the path 'one month' holds since 2026-01-02; and so on",
    "a " + "word" * 30 + " longer than a line",
    "金泰 and 김철수 with Ødegård, told at such length that it does not stand in one line of sixty cells or of eighty",
    "ends with a blank ",
    " begins with one",
    "x" * 36 + " " + "y" * 36,
    "x" * 35 + " " + "y" * 36,
)


def printed(listing: Listing, width: int) -> list[str]:
    out = io.StringIO()
    Console(file=out, width=width, markup=False, emoji=False, highlight=False).print(listing)
    return out.getvalue().splitlines()


@pytest.mark.parametrize("width", [20, 40, 60, 76, 80, 100])
@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_reasons_are_broken_as_a_terminal_library_breaks_them(text: str, width: int) -> None:
    lines = printed(Listing(title="t", columns=(Column("Client"),), rows=(Row(("c",), text),)), width)
    wanted = [line.plain.rstrip() for line in Text(text).wrap(Console(width=width), width - 4)]
    assert lines[3:] == [f"    {line}" for line in wanted if text]


def test_cells_are_cut_and_filled_up_by_their_width_on_a_screen() -> None:
    columns = (Column("Name", 6), Column("No", 4, "right"), Column("Who"))
    rows = (Row(("金泰物流", "12345", "x" * 20)), Row(("ab", "7", "[red]y")))
    assert printed(Listing(title="t", columns=columns, rows=rows), 30)[1:] == [
        "  Name      No  Who",
        "  金泰 …  123…  xxxxxxxxxxxxx…",
        "  ab         7  [red]y",
    ]


def test_a_long_list_of_plain_reasons_is_broken_without_the_terminal_library(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    wrap = Text.wrap

    def counted(self: Text, *args: Any, **kwargs: Any) -> Lines:
        asked.append(self.plain)
        return wrap(self, *args, **kwargs)

    monkeypatch.setattr(Text, "wrap", counted)
    listing = Listing(
        title="t", columns=(Column("Client"),), rows=[Row((f"c-{n}",), "because of" + " this" * 30) for n in range(50)]
    )
    assert len(printed(listing, 60)) == 2 + 50 * 4
    assert asked == ["t"]


def test_the_title_is_bold_and_reasons_are_dim_on_a_terminal() -> None:
    out = io.StringIO()
    terminal = Console(file=out, width=40, force_terminal=True, color_system="standard", markup=False)
    terminal.print(Listing(title="t", columns=(Column("Client"),), rows=(Row(("c",), "why"),), note="n"))
    assert out.getvalue().splitlines() == [
        "\x1b[1mt\x1b[0m",
        "\x1b[2m  Client\x1b[0m",
        "  c",
        "    \x1b[2mwhy\x1b[0m",
        "  \x1b[3mn\x1b[0m",
    ]
