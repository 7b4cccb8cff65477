"""Tests that need Spark and Java: one session for all of them, and none of them runs in `make test`; see `make spark`."""

import os
import shutil
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import Any, Final

import pytest

# What is decided here are small tables: planning and compiling is all that takes time, so there is as little of it as can be.
SMALL: Final = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    "spark.driver.memory": "2g",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xss8m",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.shuffle.partitions": "2",
}
INTERPRETED: Final = {"spark.sql.codegen.wholeStage": "false", "spark.sql.codegen.factoryMode": "NO_CODEGEN"}


def pytest_configure(config: pytest.Config) -> None:
    """Spark warns of versions of pandas, which nothing here asks of it."""
    for line in ("ignore:PySpark does not yet fully support pandas:FutureWarning", "ignore::ResourceWarning"):
        config.addinivalue_line("filterwarnings", line)


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    """One session, whose own zone is that of no book."""
    if find_spec("pyspark") is None or (shutil.which("java") is None and "JAVA_HOME" not in os.environ):
        pytest.skip("needs PySpark and Java")
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2]").appName("relcare-tests")
    for name, value in {**SMALL, **INTERPRETED, "spark.sql.session.timeZone": "America/New_York"}.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    yield session
    session.stop()


@pytest.fixture
def setting(spark: Any) -> Iterator[Callable[[str, str], None]]:
    """Sets something of the session for one test."""
    before: dict[str, str | None] = {}

    def changed(name: str, value: str) -> None:
        before.setdefault(name, spark.conf.get(name, None))
        spark.conf.set(name, value)

    yield changed
    for name, value in before.items():
        if value is None:
            spark.conf.unset(name)
        else:
            spark.conf.set(name, value)


@pytest.fixture
def compiled(setting: Callable[[str, str], None]) -> None:
    """As a session is when nobody changes it: what Spark makes of expressions runs compiled."""
    setting("spark.sql.codegen.wholeStage", "true")
    setting("spark.sql.codegen.factoryMode", "FALLBACK")
    setting("spark.sql.adaptive.enabled", "true")


@pytest.fixture
def in_spark(spark: Any) -> Callable[[Any], Any]:
    """Tables of polars as tables of Spark."""
    import attrs

    def turned(given: Any) -> Any:
        tables = {name: table for name, table in attrs.asdict(given, recurse=False).items() if hasattr(table, "to_arrow")}
        return attrs.evolve(given, **{name: spark.createDataFrame(table.to_arrow()) for name, table in tables.items()})

    return turned
