import os
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import distribution
from pathlib import Path

import pytest

# The runs inside a test forget what they import; whatever they need must have been imported before.
import relcare.testing._policy_collection  # noqa: F401 - see above
from relcare.presets import preset_names, preset_text

pytest_plugins = ["pytester"]

DOCUMENT = """\
format = 1
[policy]
id = "house"
version = "1"
effective_from = 2026-01-01
[facts.revenue]
type = "money"
min = "0"
polarity = "more"
may_be_missing = false
[[segmentation]]
id = "size"
kind = "threshold"
tiers = [ { id = "A", when = "revenue >= 10_000" }, { id = "B", when = "revenue < 10_000" } ]
[[examples]]
given = { revenue = "10000" }
expect = { "tier.size" = "A" }
[[examples]]
given = { revenue = "9999.98" }
expect = { "tier.size" = "B" }
"""
GAP = DOCUMENT.replace("revenue < 10_000", "revenue < 9_999.99")
NOT_A_POLICY = DOCUMENT.replace("[facts.revenue]", "[facts.income]").replace('polarity = "more"', 'polarity = "most"')
ACCEPTED = """\
[[accept]]
code = "total.gap"
of = "size"
reason = "one cent is nobody"
until = 2026-07-01
"""
OPAQUE = """\
format = 1
[policy]
id = "house"
version = "1"
effective_from = 2026-01-01
[facts.margin]
type = "money"
[facts.revenue]
type = "money"
[facts.rate]
type = "number"
grain = "0.01"
round = "half up"
ratio = ["margin", "revenue"]
[[segmentation]]
id = "profit"
kind = "threshold"
tiers = [ { id = "A", when = "rate >= 0.20" } ]
"""
WHEN = ("--relcare-as-of", "2026-03-31")


def write(pytester: pytest.Pytester, text: str = DOCUMENT, name: str = "policy.toml") -> Path:
    path = pytester.path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def run(pytester: pytest.Pytester, *args: str) -> pytest.RunResult:
    """A run in this process, so that it is measured."""
    return pytester.runpytest_inprocess("-p", "no:cacheprovider", *WHEN, *args)


def ids(result: pytest.RunResult) -> list[str]:
    return [line for line in result.outlines if "::" in line]


class TestAFolderWithOneDocumentAndNoPython:
    @staticmethod
    def run(folder: Path, text: str, *args: str) -> subprocess.CompletedProcess[str]:
        (folder / "policy.toml").write_text(text, encoding="utf-8")
        command: Sequence[str] = (sys.executable, "-m", "pytest", "--relcare", "policy.toml", *args)
        plain = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, encoding="utf-8", env=plain)

    def test_a_sound_policy_passes(self, tmp_path: Path) -> None:
        found = self.run(tmp_path, DOCUMENT)
        assert found.returncode == 0, found.stdout
        assert "9 passed" in found.stdout

    def test_a_gap_of_one_cent_fails_with_its_line_and_its_witness(self, tmp_path: Path) -> None:
        found = self.run(tmp_path, GAP, "-n", "2")
        assert found.returncode == 1
        assert "1 failed" in found.stdout
        assert "policy.toml:14: error: total.gap" in found.stdout
        assert "revenue = 9999.99 is held" in found.stdout
        assert "FAILED policy.toml::total[segmentation[0]]" in found.stdout


class TestWhatIsCollected:
    def test_the_document_each_example_and_each_question_is_a_test(self, pytester: pytest.Pytester) -> None:
        write(pytester)
        found = ids(run(pytester, "--relcare", "policy.toml", "--collect-only", "-q"))
        assert found[:3] == ["policy.toml::document", "policy.toml::examples[0]", "policy.toml::examples[1]"]
        assert {"policy.toml::total[segmentation[0]]", "policy.toml::monotone[segmentation[0]]"} <= set(found)

    def test_several_findings_of_one_question_about_one_subject_are_one_test(self, pytester: pytest.Pytester) -> None:
        never = GAP.replace("revenue >= 10_000", "revenue < 0").replace("revenue < 9_999.99", "revenue < -5")
        write(pytester, never)
        result = run(pytester, "--relcare", "policy.toml", "policy.toml::can hold[segmentation[0]]")
        result.assert_outcomes(failed=1)
        assert result.stdout.str().count("dead.never") >= 2

    def test_one_test_can_be_chosen_by_its_name(self, pytester: pytest.Pytester) -> None:
        write(pytester)
        assert ids(run(pytester, "--relcare", "policy.toml", "policy.toml::examples[1]", "--collect-only", "-q")) == [
            "policy.toml::examples[1]"
        ]
        run(pytester, "--relcare", "policy.toml", "policy.toml::total").assert_outcomes(passed=1)

    def test_several_documents_are_tested_each_once(self, pytester: pytest.Pytester) -> None:
        write(pytester)
        write(pytester, DOCUMENT.replace('"house"', '"other"'), name="other/policy.toml")
        args = ["--relcare", "policy.toml", "--relcare", "other/policy.toml", "--relcare", "./policy.toml"]
        run(pytester, *args).assert_outcomes(passed=18)

    def test_versions_of_one_policy_are_asked_about_each_other_once(self, pytester: pytest.Pytester) -> None:
        until = "effective_from = 2026-01-01\neffective_until = 2026-07-01"
        write(pytester, DOCUMENT.replace("effective_from = 2026-01-01", until), name="first.toml")
        second = DOCUMENT.replace('version = "1"', 'version = "2"').replace("2026-01-01", "2026-07-01")
        write(pytester, second, name="second.toml")
        both = ["--relcare", "second.toml", "--relcare", "first.toml"]
        assert [one for one in ids(run(pytester, *both, "--collect-only", "-q")) if "versions" in one] == [
            "first.toml::versions[house]"
        ]
        run(pytester, *both).assert_outcomes(passed=19)

    @pytest.mark.parametrize(
        ("day", "code"), [("2026-06-30", "versions.overlap"), ("2026-07-02", "versions.gap")], ids=["overlap", "gap"]
    )
    def test_versions_that_do_not_go_together_fail_with_both_places(self, pytester: pytest.Pytester, day: str, code: str) -> None:
        until = "effective_from = 2026-01-01\neffective_until = 2026-07-01"
        write(pytester, DOCUMENT.replace("effective_from = 2026-01-01", until), name="first.toml")
        write(pytester, DOCUMENT.replace('version = "1"', 'version = "2"').replace("2026-01-01", day), name="second.toml")
        write(pytester, NOT_A_POLICY, name="third.toml")
        result = run(pytester, "--relcare", "first.toml", "--relcare", "second.toml", "--relcare", "third.toml")
        result.assert_outcomes(passed=18, failed=2)  # what cannot be read fails by itself
        assert "FAILED first.toml::versions[house]" in result.stdout.str()
        assert all(part in result.stdout.str() for part in (code, "first.toml:5", "second.toml:5"))

    def test_tests_in_python_are_collected_too(self, pytester: pytest.Pytester) -> None:
        write(pytester)
        pytester.makepyfile("def test_here(): pass")
        run(pytester, "--relcare", "policy.toml").assert_outcomes(passed=10)

    @pytest.mark.parametrize("name", preset_names())
    def test_every_preset_passes(self, pytester: pytest.Pytester, name: str) -> None:
        write(pytester, preset_text(name))
        assert run(pytester, "--relcare", "policy.toml").ret == 0

    def test_documents_in_json_are_read_as_such(self, pytester: pytest.Pytester) -> None:
        write(pytester, '{"format": 1, "policy": {"id": "p", "version": "1", "effective_from": "2026-01-01"}}', "policy.json")
        run(pytester, "--relcare", "policy.json", "policy.json::document").assert_outcomes(passed=1)


class TestTheSetting:
    def test_globs_are_relative_to_rootdir_and_documents_lie_where_they_like(self, pytester: pytest.Pytester) -> None:
        pytester.makeini("[pytest]\ntestpaths = tests\nrelcare_policies =\n    house.toml\n    rules/**/*.toml")
        for name in ("house.toml", "rules/a.toml", "rules/deep/b.toml", "not-asked-for.toml"):
            write(pytester, name=name)
        (pytester.path / "tests").mkdir()
        found = ids(run(pytester, "--collect-only", "-q"))
        files = list(dict.fromkeys(line.partition("::")[0] for line in found))
        assert files == ["house.toml", "rules/a.toml", "rules/deep/b.toml"]

    def test_a_run_about_certain_files_leaves_them_out(self, pytester: pytest.Pytester) -> None:
        pytester.makeini("[pytest]\nrelcare_policies = policy.toml")
        write(pytester)
        module = pytester.makepyfile("def test_here(): pass")
        run(pytester, module.name).assert_outcomes(passed=1)
        run(pytester, ".").assert_outcomes(passed=10)

    def test_a_pattern_that_matches_nothing_is_an_error(self, pytester: pytest.Pytester) -> None:
        pytester.makeini("[pytest]\nrelcare_policies = rules/*.toml")
        result = run(pytester)
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        result.stderr.fnmatch_lines(["*relcare_policies: 'rules/?.toml' matches no file in *"])


class TestWhatFails:
    def test_a_document_that_cannot_be_read_fails_with_every_mistake_at_its_place(self, pytester: pytest.Pytester) -> None:
        write(pytester, NOT_A_POLICY)
        result = run(pytester, "--relcare", "policy.toml")
        result.assert_outcomes(failed=1)
        result.stdout.fnmatch_lines(
            [
                "*policy.toml:9:12: facts.income.polarity*",
                "*policy.toml:14:*unknown fact 'revenue'*",
                "FAILED policy.toml::document*",
            ]
        )

    def test_an_example_that_does_not_hold_fails_with_its_number_and_line(self, pytester: pytest.Pytester) -> None:
        write(pytester, DOCUMENT.replace('"9999.98"', '"10000.01"'))
        result = run(pytester, "--relcare", "policy.toml")
        result.assert_outcomes(passed=8, failed=1)
        result.stdout.fnmatch_lines(["policy.toml:18: examples?1?.expect: tier.size is A, not B"])

    def test_nothing_but_the_text_is_shown(self, pytester: pytest.Pytester) -> None:
        write(pytester, GAP)
        assert "_policy_items.py" not in run(pytester, "--relcare", "policy.toml").stdout.str()

    def test_a_required_proof_that_is_missing_fails(self, pytester: pytest.Pytester) -> None:
        write(pytester, GAP + '[[require]]\ntotal = "size"\n' + ACCEPTED)
        result = run(pytester, "--relcare", "policy.toml", "-rA")
        result.stdout.fnmatch_lines(
            ["policy.toml:*require.total*revenue = 9999.99 is held*", "FAILED *::require total?require?0??*"]
        )
        result.assert_outcomes(passed=8, failed=1, xfailed=1)

    @pytest.mark.parametrize(
        ("args", "message"),
        [
            (("--relcare", "nowhere.toml"), "*--relcare: there is no file *nowhere.toml"),
            (("--relcare", "policy.toml", "--relcare-as-of", "tomorrow"), "*--relcare-as-of: 'tomorrow' is no day*"),
        ],
        ids=["no file", "no day"],
    )
    def test_a_wrong_option_is_an_error(self, pytester: pytest.Pytester, args: tuple[str, ...], message: str) -> None:
        write(pytester)
        result = run(pytester, *args)
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        result.stderr.fnmatch_lines([message])


class TestWhatIsNeitherSoundNorUnsound:
    def test_an_accepted_finding_is_expected_to_fail_with_the_reason_of_the_firm(self, pytester: pytest.Pytester) -> None:
        write(pytester, GAP + ACCEPTED)
        result = run(pytester, "--relcare", "policy.toml", "-rx")
        result.assert_outcomes(passed=8, xfailed=1)
        result.stdout.fnmatch_lines(["XFAIL policy.toml::total?segmentation?0?? - accepted: one cent is nobody"])

    def test_an_acceptance_holds_until_its_day(self, pytester: pytest.Pytester) -> None:
        write(pytester, GAP + ACCEPTED)
        run(pytester, "--relcare", "policy.toml", "--relcare-as-of", "2026-06-30").assert_outcomes(passed=8, xfailed=1)
        result = run(pytester, "--relcare", "policy.toml", "--relcare-as-of", "2026-07-01")
        result.assert_outcomes(passed=8, failed=2)
        result.stdout.fnmatch_lines(["*total.gap*", "*accept.expired*"])

    def test_what_is_undecided_is_skipped_with_the_reason(self, pytester: pytest.Pytester) -> None:
        write(pytester, OPAQUE)
        result = run(pytester, "--relcare", "policy.toml", "-rs")
        assert result.parseoutcomes().get("skipped", 0) >= 1
        result.stdout.fnmatch_lines(["SKIPPED *policy.toml:1?: total: undecided, only rate decides it*"])


class TestTheHostIsNotDisturbed:
    def test_the_installed_package_has_the_entry_point(self) -> None:
        (point,) = distribution("relcare").entry_points.select(group="pytest11")
        assert (point.name, point.value) == ("relcare", "relcare.testing.pytest_plugin")

    def test_without_a_policy_nothing_heavy_is_imported(self) -> None:
        code = (
            "import sys; import relcare.testing.pytest_plugin as p\n"
            "heavy = {'hypothesis', 'pytest', 'attrs', 'pendulum', 'cattrs', 'relcare.errors', 'relcare.testing._values'}\n"
            "print(sorted(heavy & set(sys.modules)))"
        )
        found = subprocess.run((sys.executable, "-c", code), capture_output=True, text=True, check=True)
        assert found.stdout.strip() == "[]"

    def test_a_run_that_asks_for_nothing_registers_nothing(self, pytester: pytest.Pytester) -> None:
        write(pytester)
        pytester.makepyfile(
            """
            def test_here(pytestconfig):
                assert pytestconfig.pluginmanager.has_plugin("relcare")
                assert not pytestconfig.pluginmanager.has_plugin("relcare-policies")
            """
        )
        run(pytester).assert_outcomes(passed=1)

    def test_it_can_be_left_out(self, pytester: pytest.Pytester) -> None:
        pytester.makepyfile("def test_here(pytestconfig): assert not pytestconfig.pluginmanager.has_plugin('relcare')")
        pytester.runpytest_inprocess("-p", "no:relcare", "-p", "no:cacheprovider").assert_outcomes(passed=1)
        result = pytester.runpytest_inprocess("-p", "no:relcare", "--relcare", "policy.toml")
        assert result.ret == pytest.ExitCode.USAGE_ERROR
