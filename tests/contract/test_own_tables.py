"""Stores inside a host's own transaction, as the documentation shows them, keep the contract (STO-5)."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from relcare.storage import Store
from relcare.testing import StoreContract

sqlalchemy = pytest.importorskip("sqlalchemy", reason="the extra sql is not installed")

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


def example(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # SQLAlchemy looks annotations up there
    spec.loader.exec_module(module)
    return module


SESSIONS = example("session_store")


class TestSessionStore(StoreContract):
    # A session belongs to one thread; what it holds is kept when the host commits.
    is_thread_safe = False
    is_concurrent = False

    def make_store(self, folder: Path) -> Store:
        from sqlalchemy.orm import Session

        engine = sqlalchemy.create_engine(f"sqlite:///{folder / 'host.db'}", poolclass=sqlalchemy.StaticPool)
        # The driver's own transactions know no savepoints; SQLAlchemy's documentation says so.
        sqlalchemy.event.listen(engine, "connect", lambda connection, _: setattr(connection, "isolation_level", None))
        sqlalchemy.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
        SESSIONS.Base.metadata.create_all(engine)
        session = Session(engine)

        class Owner(SESSIONS.SessionStore):  # type: ignore[misc, name-defined]
            def release(self) -> None:
                session.close()
                engine.dispose()

        store: Store = Owner(session)
        return store


DJANGO = """
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import django
from django.conf import settings

settings.configure(
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "host.db"}},
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
)
django.setup()
for block in sys.argv[1:]:
    exec(compile(Path(block).read_text(encoding="utf-8"), block, "exec"))

from django.db import connection
from relcare.desk import Desk
from relcare.presets import preset
from relcare.storage import SqliteStore, load_book
from relcare.testing import FixedClock

with connection.schema_editor() as editor:
    editor.create_model(Customer)
    editor.create_model(Call)
kim, wang = (Customer.objects.create(name=name, manager="lee") for name in ("kim", "wang"))
store = SqliteStore.create("book.db", whole())
desk = Desk(store=store, policy=preset("consulting"), clock=FixedClock(datetime(2026, 4, 1, tzinfo=UTC)))
log_call(desk, kim, date(2026, 3, 30))
try:
    with transaction.atomic():
        log_call(desk, kim, date(2026, 3, 31))
        raise RuntimeError
except RuntimeError:
    pass
assert [str(one.occurred_at) for one in load_book(store).touchpoints] == ["2026-03-30"]
Call.objects.create(customer=wang, day=date(2026, 3, 29))  # as if the process had ended before it was recorded
for _ in range(2):
    catch_up(desk)
    assert [one.client_id for one in load_book(store).touchpoints] == ["c-1", "c-2"]
assert [one.id for one in part_of(2).touchpoints] == ["t-2"]
assert len(whole().touchpoints) == 2
store.close()
print("as written")
"""


def test_what_the_page_says_of_django_runs_as_written(tmp_path: Path) -> None:
    pytest.importorskip("django", reason="Django is not installed")
    page = (EXAMPLES.parent / "howto" / "use-your-own-tables.md").read_text(encoding="utf-8").partition("## With Django")[2]
    blocks = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert len(blocks) == 2
    for number, block in enumerate(blocks):
        (tmp_path / f"block_{number}.py").write_text(block, encoding="utf-8")
    words = [sys.executable, "-c", DJANGO, *(f"block_{number}.py" for number in range(len(blocks)))]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "as written", done.stderr
