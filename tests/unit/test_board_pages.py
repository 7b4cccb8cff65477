"""What is owed as tables: 80 columns, names of every script in line, reasons below."""

from datetime import UTC, date, datetime
from io import StringIO

import pytest
from rich.cells import cell_len
from rich.console import Console

from relcare.cadence import CadenceRule, Trigger
from relcare.decisions import Policy
from relcare.model import Book, Client, Consent, Staff, Touchpoint
from relcare.planning import board
from relcare.policy import criterion
from relcare.report import board_pages, names_of

DAY = date(2026, 3, 31)
POLICY = Policy(
    id="house",
    version="1",
    effective_from=date(2026, 1, 1),
    cadence=[CadenceRule(id="call", channel="call", every="2 weeks")],
    triggers=[Trigger(id="answer", event=criterion("direction == 'incoming'"), channel="message", within="8 hours")],
)
BOOK = Book(
    clients=[
        Client(id="c-1", name="김철수 무역 주식회사 서울 지점 영업부", owner_id="lee"),
        Client(id="c-2", name="王小明进出口贸易有限责任公司上海分公司第二营业部", owner_id="wu"),
        Client(id="c-3", name="Ahn", owner_id="lee"),
    ],
    touchpoints=[
        Touchpoint(
            id="t-1",
            client_id="c-1",
            occurred_at=datetime(2026, 3, 31, 1, tzinfo=UTC),
            channel="message",
            direction="incoming",
            note="[red]where is it?[/red]",
        )
    ],
    consents=[
        Consent(id="n-2", client_id="c-2", kind="refused", channel="call", start_on=date(2026, 3, 1), end_on=date(2026, 4, 2)),
        Consent(id="n-3", client_id="c-3", kind="refused", start_on=date(2026, 3, 2), source="[link]letter"),
    ],
    staff=[Staff(id="lee", name="이수진"), Staff(id="wu", name="吴磊")],
    zone="Asia/Seoul",
)


def pages(limit: int | None = None) -> dict[str, list[str]]:
    """Each page as its lines, by the first word of its title."""
    result = POLICY.decide(BOOK, as_of=DAY)
    out = Console(file=StringIO(), width=80, markup=False, emoji=False, highlight=False, color_system=None)
    found: dict[str, list[str]] = {}
    for page in board_pages(board(result.obligations, result.undecided, as_of=DAY), names_of(BOOK), limit=limit, zone=BOOK.zone):
        with out.capture() as captured:
            out.print(page)
        lines = captured.get().splitlines()
        found[lines[0].partition(":")[0]] = lines
    return found


def columns_of(line: str, starts: list[int]) -> list[str]:
    """The cells of a line, cut where the columns start, in cells of the terminal."""
    cells, place = [""] * len(starts), 0
    for char in line:
        column = max((n for n, start in enumerate(starts) if start <= place), default=0)
        cells[column] += char
        place += cell_len(char)
    return [cell.strip() for cell in cells]


def test_the_answers_that_clients_wait_for_stand_on_a_page_of_their_own() -> None:
    lines = pages()["Reply owed"]
    assert lines[0] == "Reply owed: 1 answer that clients wait for"
    starts = [cell_len(lines[1][: lines[1].index(title)]) for title in ("By", "Client", "Contact", "Who")]
    assert columns_of(lines[2], starts) == ["2026-03-31 18:00", "c-1 김철수 무역 주식회사 서울 …", "message answer", "lee"]
    assert lines[3] == "    it answers message t-1 on 2026-03-31, within 8 hours"


def test_what_may_not_be_done_today_tells_from_when_on_it_may_and_why() -> None:
    lines = pages()["Deferred"]
    assert lines[0] == "Deferred: 2 contacts that may not be made today"
    starts = [cell_len(lines[1][: lines[1].index(title)]) for title in ("Allowed", "Client", "Contact", "Who")]
    rows = [columns_of(line, starts) for line in lines[2:] if not line.startswith("    ")]
    assert rows == [
        ["2026-04-02 00:00", "c-2 王小明进出口贸易有限责任公…", "call", "wu"],
        ["–", "c-3 Ahn", "call", "lee"],
    ]
    why = "".join(line.strip() for line in lines if line.startswith("    "))
    assert "contact by call is refused since 2026-03-01 until before 2026-04-02" in why
    assert "source '[link]letter'" in why, "what a book says is never markup"
    assert "last call" not in why, "why it is due stands on the other pages"


def test_no_line_is_wider_than_the_terminal() -> None:
    assert max(cell_len(line) for lines in pages().values() for line in lines) <= 80


@pytest.mark.parametrize(("limit", "last"), [(0, "  … and 2 more"), (1, "  … and 1 more")])
def test_a_page_that_is_cut_says_so(limit: int, last: str) -> None:
    assert pages(limit)["Deferred"][-1] == last


def test_pages_that_would_be_empty_are_left_out() -> None:
    result = Policy(id="house", version="1", effective_from=date(2026, 1, 1)).decide(BOOK, as_of=DAY)
    titles = [page.title.partition(":")[0] for page in board_pages(board(result.obligations, as_of=DAY), names_of(BOOK))]
    assert "Reply owed" not in titles
    assert "Deferred" not in titles
