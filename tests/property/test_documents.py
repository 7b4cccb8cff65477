"""Policy documents: written and read back, and read after being damaged in one place."""

import json
import random
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from relcare.calendars import Weekdays
from relcare.codec import dumps_policy, loads_policy, parse_toml, policy_document
from relcare.decisions import Policy
from relcare.errors import PolicyDocumentError
from relcare.policy import Every, Span, Window, parse_criterion
from relcare.presets import preset, preset_text
from relcare.testing import policies

TEXT = preset_text("consulting")
AGENT = preset_text("agent")
PRESET = preset("consulting")


class TestRoundTrip:
    """CRI-1: it becomes a closed union of frozen values and prints back canonically.
    Every policy can be built in Python and equals its document.
    """  # noqa: D205

    @settings(max_examples=25)
    @given(policies())
    def test_a_policy_is_read_back_as_it_was_written(self, policy: Policy) -> None:
        text = dumps_policy(policy)
        again = loads_policy(text)
        assert again == policy
        assert hash(again) == hash(policy)
        assert dumps_policy(again) == text
        assert policy_document(again) == policy_document(policy)
        for one, other in zip(policy.examples, again.examples, strict=True):
            for touch, same in zip(one.touchpoints, other.touchpoints, strict=True):
                # Equal instants may lie in different zones.
                assert (type(touch.occurred_at), str(getattr(touch.occurred_at, "tzinfo", None))) == (
                    type(same.occurred_at),
                    str(getattr(same.occurred_at, "tzinfo", None)),
                )

    @settings(max_examples=10)
    @given(policies())
    def test_the_same_document_as_json_says_the_same(self, policy: Policy) -> None:
        other = loads_policy(json.dumps(policy_document(policy), default=str, ensure_ascii=False), syntax="json")
        # JSON has no dates: where a document may hold anything, a date comes back as text.
        assert attrs.evolve(other, examples=()) == attrs.evolve(policy, examples=())
        calendar = Weekdays()
        assert other.check(calendar=calendar) == policy.check(calendar=calendar)

    @settings(max_examples=10)
    @given(policies())
    def test_the_examples_of_a_policy_read_back_fail_alike(self, policy: Policy) -> None:
        calendar = Weekdays()
        assert loads_policy(dumps_policy(policy)).check(calendar=calendar) == policy.check(calendar=calendar)


def attempt(text: str, **how: Any) -> Policy | None:
    """The policy; None when it was refused, and then every problem has a place in the text."""
    refused: PolicyDocumentError | None = None
    try:
        return loads_policy(text, file="house.toml", **how)
    except PolicyDocumentError as error:
        refused = error
    lines = text.split("\n")
    assert refused.problems
    assert len(set(refused.problems)) == len(refused.problems)
    for problem in refused.problems:
        assert problem.file == "house.toml"
        assert problem.line is not None
        assert problem.column is not None
        assert 1 <= problem.line <= len(lines)
        assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1
        assert problem.message
    return None


# What may be written although it is so anyway, or left out although it is written back.
AT_DEFAULT: Mapping[str, Any] = {
    "ties": "by id",
    "missing": "hold",
    "hit": "highest",
    "mode": "rolling",
    "roll": "following",
    "leap_day": "28 February",
    "role": "account manager",
    "window": "lifetime",
    "returns": "gross",
    "polarity": "neither",
    "zone": "UTC",
    "minutes": 0,
    "priority": 0,
    "may_be_missing": False,
    "direction": "outgoing",
    "grace": "0 days",
    "lead": "0 days",
    "times": 1,
    "days_per_week": 5,
}
FILLED_IN = {"take", "id", "name", "client_id", "currency"}


def differences(written: Any, read: Any, path: str = "") -> Iterator[str]:
    """Where a document, as a TOML parser sees it, and what was made of it say different things."""
    if isinstance(written, dict) and isinstance(read, dict):
        for key in written.keys() | read.keys():
            if key not in read:
                if key not in AT_DEFAULT or not alike(written[key], AT_DEFAULT[key]):
                    yield f"{path}.{key}: {written[key]!r} was passed over"
            elif key not in written:
                if key not in FILLED_IN:
                    yield f"{path}.{key}: {read[key]!r} was invented"
            else:
                yield from differences(written[key], read[key], f"{path}.{key}")
    elif isinstance(written, list) and isinstance(read, list):
        if len(written) != len(read):
            yield f"{path}: {len(written)} parts became {len(read)}"
        pairs = [written, read] if all(isinstance(part, dict) for part in written) else [sorted(written), sorted(read)]
        for at, (one, other) in enumerate(zip(*pairs, strict=False)):
            yield from differences(one, other, f"{path}[{at}]")
    elif not alike(written, read):
        yield f"{path}: {written!r} became {read!r}"


def alike(written: Any, read: Any) -> bool:
    """The same value in another writing: a number, a length of time, a share, a criterion, a date."""
    if str(written) == str(read):
        return type(written) is not bool or type(read) is bool
    if type(written) is bool or type(read) is bool:
        return False
    forms: tuple[Callable[[str], Any], ...] = (Decimal, Every.parse, Span.parse, Window.parse, _share, parse_criterion)
    for form in forms:
        try:
            one, other = form(str(written)), form(str(read))
        except (ArithmeticError, ValueError):
            continue
        if one == other and not isinstance(one, tuple):
            return True
    return False


def _share(text: str) -> Decimal:
    if not text.endswith("%"):
        raise ValueError(text)
    return Decimal(text.removesuffix("%").strip())


KEYS = sorted({match[1] for match in re.finditer(r"^([a-z_]+) =", TEXT, re.MULTILINE)})
VALUES = sorted({match[1] for match in re.finditer(r'= ("[^"\n]*"|\d[\d-]*|true)$', TEXT, re.MULTILINE)})


WAYS = ("drop line", "double line", "swap lines", "misspell", "value", "key", "drop character", "insert", "cut")
MARKS = ("0", "-", '"', "'", "]", "}", ".", ",", "=", "x", "\n", "#", "김", "\\", "1e5")
LINES = ("[policy]", "format = 1", "[[vip]]", "id = 'a'", "paths = []", "[facts]", "x = {}")


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A preset with one place changed: a line lost, doubled or moved, a word misspelt, a value exchanged, a character lost."""
    text = draw(st.sampled_from([TEXT, AGENT]))
    rng = random.Random(draw(st.integers(0, 2**32)))
    way = draw(st.sampled_from(WAYS))
    lines = text.split("\n")
    at = rng.choice([n for n, line in enumerate(lines) if line and not line.startswith("#")])
    if way == "drop line":
        del lines[at]
    elif way == "double line":
        lines.insert(at, lines[at])
    elif way == "swap lines":
        other = rng.randrange(len(lines))
        lines[at], lines[other] = lines[other], lines[at]
    elif way == "misspell":
        words = list(re.finditer(r"[a-z_]{3,}", lines[at]))
        if words:
            word = rng.choice(words)
            lines[at] = lines[at][: word.start()] + word[0][1:] + word[0][0] + lines[at][word.end() :]
    elif way in {"value", "key"} and "=" in lines[at]:
        key, _, value = lines[at].partition(" = ")
        lines[at] = f"{key} = {rng.choice(VALUES)}" if way == "value" else f"{rng.choice(KEYS)} = {value}"
    text = "\n".join(lines)
    place = rng.randrange(len(text))
    if way == "drop character":
        return text[:place] + text[place + 1 :]
    if way == "insert":
        return text[:place] + rng.choice(MARKS) + text[place:]
    return text[:place] if way == "cut" else text


class TestDamagedDocuments:
    """CRI-1: Errors name file, line, column and the nearest right name.
    FCT-4: TOML floats are refused. Strict: unknown keys are refused, all problems at once.
    """  # noqa: D205

    @pytest.mark.parametrize("text", [TEXT, AGENT], ids=["consulting", "agent"])
    def test_a_preset_means_what_it_says(self, text: str) -> None:
        assert not list(differences(parse_toml(text, "x")[0], policy_document(loads_policy(text))))

    @settings(max_examples=60)
    @given(damaged())
    @example(TEXT.replace('calendar = "CN"', 'calendar = "China"').replace('version = "1"', 'version = ""'))
    def test_a_damaged_document_is_refused_with_places_or_means_what_it_says(self, text: str) -> None:
        policy = attempt(text)
        if policy is None:
            return
        assert loads_policy(dumps_policy(policy)) == policy
        assert not list(differences(parse_toml(text, "house.toml")[0], policy_document(policy)))

    @settings(max_examples=100)
    @given(st.text(max_size=80) | st.lists(st.sampled_from(LINES)).map("\n".join))
    def test_any_text_is_refused_with_places_or_read(self, text: str) -> None:
        if "\r" not in text:
            attempt(text)

    @settings(max_examples=50)
    @given(st.data())
    def test_a_value_of_another_kind_anywhere_is_refused_or_read_never_a_crash(self, data: st.DataObject) -> None:
        document = json.loads(json.dumps(policy_document(PRESET), default=str))
        path = data.draw(st.sampled_from(PATHS))
        odd = data.draw(st.sampled_from(ODD))
        inner: Any = document
        for part in path[:-1]:
            inner = inner[part]
        inner[path[-1]] = odd
        policy = attempt(json.dumps(document), syntax="json")
        assert policy is None or loads_policy(dumps_policy(policy)) == policy


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, part in inner for found in [(*path, key), *_paths(part, (*path, key))]]


ODD: tuple[Any, ...] = (
    *(None, True, 0, -1, 7, 2**63, "", " ", "x", "0.5", "2026-02-30"),
    *([], [1], [[]], {}, {"x": 1}, 0.5),
)
PATHS = _paths(json.loads(json.dumps(policy_document(PRESET), default=str)))


class TestEveryKeyMatters:
    """FCT-1, CRI-1: a document is strict: nothing in it is silently ignored."""

    @pytest.mark.parametrize("name", ["consulting", "agent"])
    def test_every_key_of_a_preset_misspelt_is_told_at_its_place(self, name: str) -> None:
        text = preset_text(name)
        data, places = parse_toml(text, "x")
        free = {"points", "attributes", "given", "expect", "intervals", "tiers", "facts"}
        checked = 0
        keys = [path for path in places if isinstance(path[-1], str) and len(path) > 1]
        for path in keys[:: max(1, len(keys) // 60)]:
            parent = path[-2] if isinstance(path[-2], str) else path[-3] if len(path) > 2 else ""
            inner: Any = data
            for part in path[:-1]:
                inner = inner[part]
            if "mix" in path[:-1]:  # facts and their values: told as such
                continue
            if parent in free and not (parent == "tiers" and "share" in inner):
                continue
            place = places[path]
            lines = text.split("\n")
            line = lines[place.line - 1]
            assert line[place.column - 1 :].startswith(str(path[-1])), path
            lines[place.line - 1] = line[: place.column - 1] + "zz" + line[place.column - 1 :]
            with pytest.raises(PolicyDocumentError) as caught:
                loads_policy("\n".join(lines))
            told = [(problem.line, problem.column, problem.message) for problem in caught.value.problems]
            assert (place.line, place.column, f"unknown key 'zz{path[-1]}'") in told, path
            checked += 1
        assert checked > 20


@settings(max_examples=20)
@given(policies(with_examples=False), st.dates(date(2025, 1, 1), date(2030, 1, 1)))
def test_a_policy_read_back_decides_alike(policy: Policy, as_of: date) -> None:
    facts: dict[str, object] = {"client.stage": "open", "client.relationship_types": {"partner"}}
    assert loads_policy(dumps_policy(policy)).decide_facts(facts, as_of=as_of) == policy.decide_facts(facts, as_of=as_of)
