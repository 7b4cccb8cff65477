"""What is exported, read by programs that were written by others: khal, and a CalDAV server (Radicale) over HTTP.

They come with the dependency group `caldav`; where they are absent these tests are skipped.
"""

import json
import os
import re
import socket
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import date, datetime
from http.client import HTTPConnection
from importlib.util import find_spec
from pathlib import Path
from zoneinfo import ZoneInfo

import attrs
import pytest

from relcare.formats import read_icalendar, write_icalendar
from relcare.model import Appointment, Book, Client, Staff

BIN = Path(sys.executable).parent
SEOUL = ZoneInfo("Asia/Seoul")
STAMP = datetime(2026, 3, 31, 9, tzinfo=SEOUL)
BOOK = Book(
    clients=[Client(id="c-1", name="김철수"), Client(id="c-2", name="王小明, 李; 上海\\分公司 " + "长" * 40)],
    staff=[Staff(id="lee", name="이수진")],
    zone="Asia/Seoul",
)
VISIT = Appointment(
    id="a-1",
    client_id="c-1",
    staff_id="lee",
    on=date(2026, 4, 2),
    starts_at=datetime(2026, 4, 2, 14, 30, tzinfo=SEOUL),
    minutes=60,
    channel="visit",
    state="confirmed",
    place="서울 마포대로 8",
)
CALL = Appointment(id="a-2", client_id="c-2", staff_id="lee", on=date(2026, 4, 3), minutes=15, channel="call")

needs_khal = pytest.mark.skipif(find_spec("khal") is None, reason="khal is not installed: pip install --group caldav")
needs_radicale = pytest.mark.skipif(find_spec("radicale") is None, reason="radicale is not installed: pip install --group caldav")


def export(*appointments: Appointment, previous: str | None = None) -> str:
    return write_icalendar(appointments, BOOK, stamp=STAMP, previous=previous)


# ------------------------------------------------------------------------------------------------------------------------- khal

Khal = Callable[..., str]


@pytest.fixture
def khal(tmp_path: Path) -> Khal:
    """The command on a collection of its own, with its cache beside it."""
    config = tmp_path / "khal.conf"
    config.write_text(
        f"[calendars]\n[[relcare]]\npath = {tmp_path / 'events'}\n"
        "[locale]\nlocal_timezone = Asia/Seoul\ndefault_timezone = Asia/Seoul\n"
        "timeformat = %H:%M\ndateformat = %Y-%m-%d\nlongdateformat = %Y-%m-%d\n"
        "datetimeformat = %Y-%m-%d %H:%M\nlongdatetimeformat = %Y-%m-%d %H:%M\n"
        f"[sqlite]\npath = {tmp_path / 'khal.db'}\n",
        encoding="utf-8",
    )
    (tmp_path / "events").mkdir()
    home = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "COLUMNS": "200"}

    def run(*words: str) -> str:
        command = (str(BIN / "khal"), "--no-color", "-c", str(config), *words)
        return subprocess.run(command, env=home, capture_output=True, text=True, check=True, encoding="utf-8").stdout

    return run


def listed(khal: Khal) -> list[dict[str, str]]:
    """Every event in April 2026 as khal understands it."""
    fields = ("title", "start", "end", "location", "description", "categories", "status")
    words = [word for field in fields for word in ("--json", field)]
    return [event for line in khal("list", *words, "2026-04-01", "30d").splitlines() for event in json.loads(line)]


@needs_khal
class TestKhal:
    def import_of(self, khal: Khal, folder: Path, text: str) -> None:
        file = folder / "export.ics"
        file.write_text(text, encoding="utf-8", newline="")
        khal("import", "--batch", "-a", "relcare", str(file))

    def test_it_lists_names_times_and_places_as_they_are(self, khal: Khal, tmp_path: Path) -> None:
        self.import_of(khal, tmp_path, export(VISIT, CALL))
        visit, call = listed(khal)
        assert (visit["title"], visit["location"]) == ("visit: 김철수 (이수진)", "서울 마포대로 8")
        assert (visit["start"], visit["end"]) == ("2026-04-02 14:30", "2026-04-02 15:30")
        assert (visit["status"].strip(), visit["categories"]) == ("CONFIRMED", "visit")
        assert call["title"] == f"call: {BOOK.clients[1].name} (이수진)"
        assert (call["start"], call["status"].strip()) == ("2026-04-03", "TENTATIVE")

    def test_an_export_made_anew_moves_and_cancels_what_it_has_and_doubles_nothing(self, khal: Khal, tmp_path: Path) -> None:
        first = export(VISIT, CALL)
        self.import_of(khal, tmp_path, first)
        moved = attrs.evolve(VISIT, on=date(2026, 4, 9), starts_at=datetime(2026, 4, 9, 10, tzinfo=SEOUL))
        self.import_of(khal, tmp_path, export(moved, previous=first))
        assert [(event["start"], event["status"].strip()) for event in listed(khal)] == [
            ("2026-04-03", "CANCELLED"),
            ("2026-04-09 10:00", "CONFIRMED"),
        ]


# ----------------------------------------------------------------------------------------------------------------------- CalDAV


class CalDav:
    """As much of a client as a calendar program is: collections, events, and the query of a stretch of time (RFC 4791)."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=20)
        self._headers = {"Authorization": f"Basic {b64encode(b'lee:x').decode()}"}

    def ask(self, method: str, path: str, body: str = "", **headers: str) -> tuple[int, str]:
        sent = {**self._headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        self._connection.request(method, path, body.encode(), sent)
        answer = self._connection.getresponse()
        return answer.status, answer.read().decode()

    def put(self, uid: str, text: str) -> int:
        return self.ask("PUT", f"/lee/desk/{uid}.ics", text, Content_Type="text/calendar; charset=utf-8")[0]

    def between(self, start: str, end: str) -> str:
        query = (
            '<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><C:calendar-data/></D:prop>'
            '<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">'
            f'<C:time-range start="{start}" end="{end}"/></C:comp-filter></C:comp-filter></C:filter></C:calendar-query>'
        )
        status, text = self.ask("REPORT", "/lee/desk/", query, Depth="1", Content_Type="application/xml")
        assert status == 207
        return text


@pytest.fixture
def server(tmp_path: Path) -> Iterator[CalDav]:
    """Radicale on a free port of this machine, with one empty calendar."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ("--server-hosts", f"127.0.0.1:{port}", "--auth-type", "none", "--rights-type", "owner_only")
    storage = ("--storage-filesystem-folder", str(tmp_path / "collections"))
    command = (sys.executable, "-m", "radicale", "--config", "", *options, *storage)
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, encoding="utf-8") as process:
        try:
            assert process.stderr is not None
            told = [next(line for line in process.stderr if re.search("ready|ERROR|CRITICAL", line))]
            assert "ready" in told[0], told
            client = CalDav(port)
            assert client.ask("MKCALENDAR", "/lee/desk/")[0] == 201
            yield client
        finally:
            process.terminate()


@needs_radicale
class TestCalDavServer:
    def test_an_event_goes_through_the_server_and_comes_back_equal(self, server: CalDav) -> None:
        for one in (VISIT, CALL):
            text = export(one)
            (event,) = read_icalendar(text)
            assert server.put(event.uid, text) == 201
            status, stored = server.ask("GET", f"/lee/desk/{event.uid}.ics")
            assert status == 200
            assert read_icalendar(stored) == (event,)

    def test_a_later_version_takes_the_place_of_the_one_before(self, server: CalDav) -> None:
        first = export(VISIT)
        (event,) = read_icalendar(first)
        server.put(event.uid, first)
        moved = attrs.evolve(VISIT, on=date(2026, 5, 7), starts_at=datetime(2026, 5, 7, 10, tzinfo=SEOUL))
        assert server.put(event.uid, export(moved, previous=first)) in {201, 204}
        assert "BEGIN:VEVENT" not in server.between("20260401T000000Z", "20260430T000000Z")
        found = server.between("20260507T000000Z", "20260508T000000Z")
        assert found.count("BEGIN:VEVENT") == 1
        assert "visit: 김철수 (이수진)" in found
        server.put(event.uid, export(previous=first))
        (cancelled,) = read_icalendar(server.ask("GET", f"/lee/desk/{event.uid}.ics")[1])
        assert (cancelled.status, cancelled.sequence) == ("CANCELLED", 1)
