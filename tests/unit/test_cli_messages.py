"""What the command says to people who do not know Python: the nearest right name, days as they are written."""

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from relcare.cli._app import app
from relcare.errors import InvalidValueError, StorageError
from relcare.storage import restore

POLICY = """\
format = 1
[policy]
id = "house"
version = "1"
effective_from = 2026-01-01
[facts.hobbies]
type = "set"
[[segment]]
id = "all"
when = "not missing(hobbies)"
[[vip]]
id = "club"
paths = [{ id = "any", when = "'golf' in hobbies" }]
membership = { length = "1 year" }
"""
FILES = {
    "book.toml": 'format = 1\nzone = "Asia/Seoul"\n',
    "clients.csv": "client_id,name,hobbies,referred_by,brought_by\nc-1,Kim,golf,,\nc-2,Lee,golf|chess,c-1,\nc-3,Wu,chess,,c-1\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "book"
    found.mkdir()
    for name, text in FILES.items():
        (found / name).write_text(text, encoding="utf-8")
    (tmp_path / "house.toml").write_text(POLICY, encoding="utf-8")
    return found


@pytest.fixture
def book(folder: Path) -> Path:
    path = folder.parent / "book.db"
    assert CliRunner().invoke(app, ["import", str(folder), str(path)]).exit_code == 0
    return path


def said(*args: object, status: int = 2) -> str:
    result = CliRunner().invoke(app, [str(arg) for arg in args])
    assert result.exit_code == status, result.output
    assert "Traceback" not in result.output
    return result.output


def test_a_contact_of_tomorrow_is_not_logged(book: Path) -> None:
    told = said("log", book, "--client", "c-1", "--channel", "call", "--on", "2199-01-01")
    assert told.startswith("relcare: --on is 2199-01-01: must not be in the future; hint: log it when it has happened")


@pytest.mark.parametrize("command", [("log", "--channel", "call"), ("vip", "apply", "--by", "lee")])
def test_a_client_that_is_not_in_the_book_is_told_with_the_nearest_that_is(book: Path, command: tuple[str, ...]) -> None:
    words = [word for word in command if not word.startswith("-") and word in {"log", "vip", "apply"}]
    policy = ["--policy", book.parent / "house.toml"] if "vip" in words else []
    rest = command[len(words) :]
    told = said(*words, book, *policy, "--client", "c-11", "--on", "2026-03-01", *rest)
    assert told == "relcare: unknown client 'c-11'; hint: did you mean 'c-1'?\n"


def test_an_attribute_that_nobody_has_is_told_with_the_nearest(folder: Path) -> None:
    words = ("referrals", folder, "--client", "c-1", "--as-of", "2026-03-31", "--attribute")
    assert (
        said(*words, "brought_bi")
        .rstrip()
        .endswith("must be an attribute that some client has; hint: did you mean 'brought_by'?")
    )
    assert "Wu" in said(*words, "brought_by", status=0)


def test_a_theme_close_to_one_that_somebody_has_is_no_theme_of_nobody(folder: Path) -> None:
    words = ("segments", folder, "--policy", folder.parent / "house.toml", "--as-of", "2026-03-31", "--segment", "all", "--theme")
    told = said(*words, "hobbies=gofl").rstrip()
    assert told == "relcare: --theme is 'gofl': must be a value of hobbies that somebody has; hint: did you mean 'golf'?"
    assert "Kim" in said(*words, "hobbies=golf", status=0)


def test_one_member_is_one_member(folder: Path) -> None:
    words = (
        "segments",
        folder,
        "--policy",
        folder.parent / "house.toml",
        "--as-of",
        "2026-03-31",
        "--segment",
        "all",
        "--common",
    )
    assert "shared by 1 member or more" in said(*words, "--at-least", "1", status=0)


def test_a_broken_backup_is_called_by_its_own_name(tmp_path: Path) -> None:
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"no database at all, but long enough to look like one" * 40)
    with pytest.raises(StorageError) as caught:
        restore(broken, str(tmp_path / "new.db"))
    assert str(broken) in str(caught.value)
    assert "copy.db" not in str(caught.value)


def test_days_are_shown_as_they_are_written() -> None:
    assert str(InvalidValueError("on", date(2026, 3, 20), "must be earlier")) == "on is 2026-03-20: must be earlier"


@pytest.mark.parametrize("nothing", [None, (), [], {}, frozenset[str]()])
def test_nothing_is_told_as_nothing(nothing: object) -> None:
    error = InvalidValueError("roles", nothing, "must name a role", "write one")
    assert error.told == "roles must name a role; hint: write one"
    assert InvalidValueError("roles", 7, "must name a role").told == "roles is 7: must name a role"
