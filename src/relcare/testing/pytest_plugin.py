"""The plugin of pytest: `pytest --relcare policy.toml` tests a policy document, without a line of Python.

It is loaded into every run of pytest where relcare is installed, so it imports nothing of relcare until a policy is asked for.
`-p no:relcare` leaves it out.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

__all__ = ["pytest_addoption", "pytest_configure"]


def pytest_addoption(parser: "pytest.Parser") -> None:
    """Adds `--relcare`, `--relcare-as-of` and the setting `relcare_policies`."""
    group = parser.getgroup("relcare", "tests of policy documents")
    group.addoption(
        "--relcare",
        action="append",
        metavar="POLICY",
        help="test a policy document: that it can be read, each worked example, each question of soundness; may be repeated",
    )
    group.addoption(
        "--relcare-as-of",
        metavar="DAY",
        help="the day, such as 2026-03-31, on which accepted findings are looked at; today by default",
    )
    parser.addini(
        "relcare_policies", "policy documents to test: paths and globs relative to rootdir", type="linelist", default=[]
    )


def pytest_configure(config: "pytest.Config") -> None:
    """Has policies collected where some are asked for, and does nothing elsewhere."""
    if config.getoption("--relcare") or config.getini("relcare_policies"):
        from relcare.testing._policy_collection import collect_policies

        collect_policies(config)
