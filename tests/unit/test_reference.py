import ast
import re
from pathlib import Path

import pytest

import relcare.errors

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"
HEADING = re.compile(r"^### ([A-Z]{3}-\d+) .+\n\n(.+)", re.MULTILINE)
RULES = HEADING.findall((REFERENCE / "rules.md").read_text(encoding="utf-8"))
IN_FORCE = [rule_id for rule_id, text in RULES if not text.startswith("*Later.*")]
# The command has a page of its own, and the sample book is not for import.
NOT_IN_THE_API = {"cli", "demo"}


def public_packages() -> list[str]:
    return sorted(
        path.parent.name
        for path in (ROOT / "src" / "relcare").glob("*/__init__.py")
        if not path.parent.name.startswith("_") and path.parent.name not in NOT_IN_THE_API
    )


@pytest.fixture(scope="module")
def tests_on_rules() -> str:
    folders = (ROOT / "tests" / "property", ROOT / "tests" / "contract", ROOT / "src" / "relcare" / "testing")
    return "\n".join(path.read_text(encoding="utf-8") for folder in folders for path in sorted(folder.rglob("*.py")))


def test_every_rule_stands_once_and_its_area_counts_from_one() -> None:
    by_area: dict[str, list[int]] = {}
    for rule_id, _ in RULES:
        area, number = rule_id.split("-")
        by_area.setdefault(area, []).append(int(number))
    assert set(by_area) == {"TIM", "FCT", "CRI", "SEG", "CAD", "PLN", "REL", "VIP", "ACC", "STO"}
    for numbers in by_area.values():
        assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("rule_id", IN_FORCE)
def test_every_rule_in_force_is_named_by_a_test_that_proves_it(rule_id: str, tests_on_rules: str) -> None:
    assert re.search(rf"\b{rule_id}\b", tests_on_rules)


@pytest.mark.parametrize("package", public_packages())
def test_every_public_package_stands_in_the_api_reference(package: str) -> None:
    assert f".. automodule:: relcare.{package}\n" in (REFERENCE / "api.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("package", public_packages())
def test_every_public_package_lists_its_names_once(package: str) -> None:
    tree = ast.parse((ROOT / "src" / "relcare" / package / "__init__.py").read_text(encoding="utf-8"))
    listed = [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign) and "__all__" in ast.dump(node) and node.value is not None
    ]
    assert len(listed) == 1, "one __all__"
    names = ast.literal_eval(listed[0])
    assert len(names) == len(set(names)) > 0


@pytest.mark.parametrize("name", sorted(relcare.errors.__all__))
def test_every_error_stands_in_the_reference(name: str) -> None:
    value = getattr(relcare.errors, name)
    if isinstance(value, type) and issubclass(value, Exception):
        assert f"`{name}`" in (REFERENCE / "errors.md").read_text(encoding="utf-8") or name in {"RelcareError", "DocumentError"}
