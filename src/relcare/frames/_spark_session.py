"""What is taken from Spark, and the session that a book is read in."""

import re
from importlib import import_module
from typing import Any, Final

from relcare.errors import MissingExtraError

__all__ = ["as_it_stands", "spark_module", "spark_session"]

_SMALL: Final = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    "spark.sql.shuffle.partitions": "4",
}


def spark_module(name: str) -> Any:  # noqa: ANN401 - a module that is imported only where it is used
    """A module of Spark, or one that it needs.

    Args:
        name: As in `import`.

    Raises:
        MissingExtraError: If it is not installed.
    """
    try:
        return import_module(name)
    except ImportError as error:
        raise MissingExtraError("deciding on Spark", "spark") from error


def spark_session() -> Any:  # noqa: ANN401 - as above
    """The active session; where there is none, a small one on this machine, with two threads and without its pages.

    Raises:
        MissingExtraError: If Spark is not installed.
    """
    session = spark_module("pyspark.sql").SparkSession
    there = session.getActiveSession()
    if there is not None:
        return there
    builder = session.builder.master("local[2]").appName("relcare")
    for name, value in _SMALL.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def as_it_stands(path: str) -> str:
    """A path that Spark does not take for a pattern."""
    return re.sub(r"([*?\[\]{}\\])", r"\\\1", path)
