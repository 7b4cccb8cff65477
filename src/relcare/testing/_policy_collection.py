"""Which policy documents a run of pytest tests, and as of which day."""

from collections.abc import Iterator
from datetime import date
from glob import glob
from os.path import abspath
from pathlib import Path

import attrs
import pytest

from relcare._time import day_from_text
from relcare.desk import SystemClock
from relcare.testing._policy_items import PolicyFile
from relcare.testing._policy_versions import Documents

__all__ = ["PolicyCollection", "collect_policies"]


@attrs.frozen
class PolicyCollection:
    """Collects the policies among the files that pytest comes upon.

    Attributes:
        documents: The policies.
        as_of: The day on which accepted findings are looked at.
    """

    documents: Documents
    as_of: date

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        """A collector for a policy; none for any other file."""
        if file_path not in self.documents.paths:
            return None
        return PolicyFile.of(parent, path=file_path, as_of=self.as_of, documents=self.documents)


def collect_policies(config: pytest.Config) -> None:
    """Adds the policies that are asked for to what the run collects.

    Those on the command line are always tested; those of the setting where the run is not about certain files and folders, or
    where they lie in these.

    Raises:
        pytest.UsageError: If there is no such file, or the day is none.
    """
    here = config.invocation_params.dir
    asked = [_absolute(here / word) for word in config.getoption("--relcare") or ()]
    for path in asked:
        if not path.is_file():
            raise pytest.UsageError(f"--relcare: there is no file {path}")
    declared = list(_declared(config))
    is_about_all = config.args_source is not pytest.Config.ArgsSource.ARGS
    chosen = {_absolute(here / word.partition("::")[0]) for word in config.args}
    for path in dict.fromkeys([*asked, *(declared if is_about_all else ())]):
        if path not in chosen:
            config.args.append(str(path))
    documents = Documents({*asked, *declared}, here)
    config.pluginmanager.register(PolicyCollection(documents, _as_of(config)), "relcare-policies")


def _declared(config: pytest.Config) -> Iterator[Path]:
    """The policies of the setting, in the order of its patterns."""
    for pattern in config.getini("relcare_policies"):
        found = sorted(glob(pattern, root_dir=config.rootpath, recursive=True))  # noqa: PTH207 - Path.glob takes no absolute ones
        if not found:
            raise pytest.UsageError(f"relcare_policies: {pattern!r} matches no file in {config.rootpath}")
        yield from (_absolute(config.rootpath / name) for name in found)


def _absolute(path: Path) -> Path:
    """As pytest names files: without `..`, and with symbolic links as they are."""
    return Path(abspath(path))  # noqa: PTH100 - resolve() would follow them


def _as_of(config: pytest.Config) -> date:
    word = config.getoption("--relcare-as-of")
    day = SystemClock().now().date() if word is None else day_from_text(word)
    if day is None:
        raise pytest.UsageError(f"--relcare-as-of: {word!r} is no day such as 2026-03-31")
    # The processes of a distributed run get the options of the first one: all of them look at the same day.
    config.option.relcare_as_of = day.isoformat()
    return day
