"""Policy documents, and every way in which one goes wrong: by a slip of the hand, by a broken file, by a wrong program."""

import json
import tomllib
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from functools import cache
from random import Random
from typing import Any, Final, Literal, TypeAlias

import attrs

from relcare.codec._toml_writing import toml_text
from relcare.presets import part_text, preset_names, preset_text
from relcare.testing import NASTY_NUMBERS, NASTY_TEXTS

Tree: TypeAlias = dict[str, Any]
Path: TypeAlias = tuple[str | int, ...]
Syntax: TypeAlias = Literal["toml", "json"]
SYNTAXES: Final[tuple[Syntax, ...]] = ("toml", "json")

# What no preset has: grades, a matrix, lists of the best, memberships and their benefits, segments of both kinds.
EVERYTHING: Final = """
format = 1
[policy]
id = "everything"
version = "1"
effective_from = 2026-01-01
currency = "CNY"
calendar = "CN"
[facts.revenue]
polarity = "more"
type = "money"
measure = { sum = "purchases.amount", window = "1 year", where = "category == 'steel'", per = "calendar month", when_empty = "0" }
[facts.strength]
type = "level"
values = ["small", "medium", "large"]
[facts.signed_on]
type = "date"
measure = { latest = "purchases", when_empty = 2020-01-01 }
[facts.calls]
type = "integer"
measure = { count = "touchpoints", window = "90 days" }
[facts.per_call]
type = "number"
grain = "0.01"
round = "half up"
ratio = ["revenue", "calls"]
[[grade]]
id = "money"
fact = "revenue"
parts = 5
better = "more"
scope = "client.stage == 'open'"
[[segmentation]]
id = "size"
kind = "matrix"
tiers = ["A", { id = "B", stays = "strength >= 'medium'" }, "C"]
cells = [["A", "B"], ["B", "C"]]
scope = "revenue >= 0"
[segmentation.rows]
fact = "strength"
values = ["small", ["medium", "large"]]
[segmentation.columns]
fact = "revenue"
bands = ["0", "10000"]
[[segmentation]]
id = "share"
kind = "quota"
score = [
    { fact = "grade.money", weight = "10" },
    { fact = "strength", points = { small = "1", medium = "2", large = "3" } },
    { fact = "calls", bands = [{ from = "1", points = "1" }, { from = "5", points = "2" }], missing = "0" },
]
tiers = [{ id = "A", share = "1/3" }, { id = "B", share = "2/3" }]
review = "quarterly"
group_by = "client.region"
[segmentation.steady]
hysteresis = "2%"
minimum_stay = "3 months"
[[cadence]]
id = "call"
channel = "call"
every = "2 weeks"
when = "tier.size >= 'B' and 'lounge' in vip.club.benefits"
minutes = 30
counts = "outcome == 'met'"
priority = 3
grace = "3 days"
[[cadence]]
id = "card"
channel = "letter"
every = "1 year"
mode = "grid"
anchor = "signed_on"
[[trigger]]
id = "thank"
event = "amount >= 10000"
on = "purchases"
channel = "call"
within = "3 days"
when = "segment.builders"
[[neglect]]
id = "ladder"
when = "client.stage == 'open'"
rungs = [{ after = "30 days", action = "warn" }, { after = "90 days", action = "release" }]
protect = [{ id = "signed", until = "signed_on" }]
[[holding]]
id = "most"
most = 100
exempt = "tier.size == 'C'"
[pool]
per_day = 3
lock_out = "30 days"
[[relationship]]
type = "partner"
appeal = "growth together"
advice = ["listen"]
intervals = { call = "2 weeks" }
indicators = [{ id = "busy", healthy = "calls >= 2" }]
situations = [{ id = "idle", when = "calls < 1", action = "call", since = "signed_on", within = "5 days", tracked_by = ["call"] }]
[[vip]]
id = "club"
approval = "head"
paths = [{ id = "best", when = "vip.club.top.ten" }, { id = "named", when = "vip.club.nominated" }]
top = [{ id = "ten", most = 10, by = "revenue", among = "strength == 'large'", review = "yearly" }]
benefits = [{ id = "lounge", text = "the lounge", levels = ["gold"] }]
membership = { length = "1 year", keeping = "lapse", levels = ["gold", "silver"], notice = "30 days" }
[[segment]]
id = "builders"
when = "vip.club == 'yes' or vip.club.membership == 'member'"
[[segment]]
id = "coverage"
by = ["client.region", "strength"]
scope = "revenue >= 0"
[permission]
service = ["service"]
media = { call = "phone" }
caps = [{ limit = 2, per = "week", channels = ["call"] }]
hours = [{ allowed = ["Mon-Fri 09:00-18:00"], calendar = "KR" }]
[[field_class]]
id = "basic"
fields = ["client.name", "tier.size", "vip.club"]
[[access_purpose]]
id = "visit"
lasts = "7 days"
[[access]]
id = "look-up"
roles = ["clerk"]
relations = ["colleague"]
actions = ["get", "search"]
classes = ["basic"]
purposes = ["visit"]
approval = true
most = 20
[[identity]]
fields = ["client.name", "person.phone"]
[[examples]]
given = { revenue = "20000", strength = "large" }
expect = { "tier.size" = "B" }
[[examples]]
as_of = 2026-03-31
client = { id = "kim", region = "north", attributes = { strength = "small" } }
tiers = { size = "C" }
touchpoints = [{ occurred_at = 2026-03-20, channel = "call", outcome = "met" }]
purchases = [{ purchased_on = 2026-03-01, amount = "500", category = "steel" }]
expect = { "fact.calls" = 1 }
[staffing]
clients = 200
roles = [{ role = "account manager", staff = "2", minutes_per_day = 300 }]
mix = { strength = { small = "50%", medium = "30%", large = "20%" } }
[[require]]
total = "size"
[[require]]
monotone = "revenue"
scheme = "size"
[[accept]]
code = "gap"
reason = "seen"
"""
_EXAMPLES: Final = 2  # of each preset: they are many, and alike


@cache
def trees() -> tuple[Tree, ...]:
    """The documents that are spoilt, as plain data; the first has something of everything."""
    extra = tomllib.loads(part_text("client-files"))
    found: list[Tree] = [tomllib.loads(EVERYTHING)]
    for name in preset_names():
        tree = tomllib.loads(preset_text(name))
        tree["examples"] = tree.get("examples", [])[:_EXAMPLES]
        # Each room of the part that the preset does not have: together they are one policy.
        found.append({**extra, **tree})
    return tuple(found)


def drawn_tree(random: Random) -> Tree:
    """One of the documents, its own to spoil."""
    everything, *others = trees()
    return deepcopy(everything if random.random() < 0.5 else random.choice(others))


def written(tree: Tree, syntax: Syntax) -> str:
    """A document as text; in JSON everything on a line of its own."""
    return json.dumps(tree, indent=1, ensure_ascii=False, default=str) if syntax == "json" else toml_text(tree)


def leaves(value: object, path: Path = ()) -> Iterator[tuple[Path, object]]:
    """Everything in a document that holds nothing further, with the way to it."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    if not parts:
        yield path, value
    for key, part in parts:
        yield from leaves(part, (*path, key))


def tables(value: object, path: Path = ()) -> Iterator[tuple[Path, Tree]]:
    """Every table of a document, with the way to it."""
    if isinstance(value, dict):
        yield path, value
    for key, part in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from tables(part, (*path, key))


def at(tree: Tree, path: Path) -> Any:
    """What stands at the end of a way."""
    found: Any = tree
    for part in path:
        found = found[part]
    return found


# ------------------------------------------------------------------------------------------------ mistakes that are told apart

_CRITERIA: Final = frozenset({"when", "scope", "where", "counts", "event", "healthy", "among", "stays", "exempt"})
# Tables whose keys are the firm's own, where a further one may be right, or is told at the table.
_OPEN: Final = frozenset({"attributes", "points"})
# Tables whose values may be of any kind.
_FREE: Final = frozenset({"expect", "attributes", "given"})
# What decides what else there may be: beside it, and beside a tier without a name, nothing else can be told.
_DECIDING: Final = frozenset({"kind", "format"})
_LENGTHS: Final = frozenset(
    {"every", "window", "length", "grace", "within", "after", "notice", "minimum_stay", "lasts", "lock_out"}
)
_FACTS: Final = frozenset({"fact", "by", "group_by", "since", "until", "anchor", "ratio", "difference"})
_CLASSES: Final = frozenset({"classes", "purposes"})


@attrs.frozen
class Plant:
    """One mistake: where it is told, and what puts it there."""

    path: Path
    spoil: Callable[[Tree], None]


def _set(path: Path, value: object) -> Plant:
    def spoil(tree: Tree) -> None:
        at(tree, path[:-1])[path[-1]] = value

    return Plant(path, spoil)


def _name_of(path: Path) -> str:
    return next(str(part) for part in reversed(path) if isinstance(part, str))


def _plants_at(path: Path, value: object) -> Iterator[Plant]:
    """The mistakes that can be made where a value stands; each is wrong whatever else the document says."""
    name = _name_of(path)
    if name in _DECIDING or path[0] == "format" or path[-2:-1] == ("tiers",):
        return
    yield _set(path, {"zzz": 1})
    if isinstance(value, int) and _FREE.isdisjoint(str(part) for part in path):
        yield _set(path, "seven")
    if not isinstance(value, str):
        return
    if name in _CRITERIA:
        yield _set(path, "zzz_unknown == 'x'")
        yield _set(path, "((")
    elif name in _LENGTHS and path[0] != "retention":
        yield _set(path, "two fortnights")
    elif name in _FACTS or (name in _CLASSES and path[0] == "access") or name in {"tracked_by", "cells"}:
        yield _set(path, "zzz_unknown")
    elif name == "fields" and path[0] == "field_class":
        yield _set(path, "tier.zzz_unknown")


def _plants_in(path: Path) -> Iterator[Plant]:
    if path and path[-1] not in _OPEN:
        yield _set((*path, f"zzz_key_{len(path)}_{str(path[-1])[:9]}" if path else "zzz_key"), 1)


def plants(tree: Tree) -> list[Plant]:
    """Every single mistake that can be planted in a document."""
    single = [plant for path, value in leaves(tree) for plant in _plants_at(path, value)]
    return single + [plant for path, _ in tables(tree) for plant in _plants_in(path)]


def several(random: Random, tree: Tree, most: int) -> list[Plant]:
    """Some mistakes, none within another, put into the document."""
    chosen: list[Plant] = []
    possible = plants(tree)
    for plant in random.sample(possible, min(len(possible), 4 * most)):
        if all(_are_apart(plant.path, other.path) for other in chosen) and len(chosen) < most:
            chosen.append(plant)
    for plant in chosen:
        plant.spoil(tree)
    return chosen


def _are_apart(one: Path, other: Path) -> bool:
    short = min(len(one), len(other))
    return one[:short] != other[:short]


# ------------------------------------------------------------------------------------------------------ mistakes of any kind


def _swap(random: Random, value: object) -> object:
    others: list[object] = ["", 0, -1, 2**63, True, [], {}, [value], {"zzz": value}, [[value]], "now", 10**19]
    return random.choice([*others, *(text for text in NASTY_TEXTS if len(text) < 300), *map(str, NASTY_NUMBERS[:8])])


def spoil_tree(random: Random, tree: Tree) -> None:
    """One mistake of any kind somewhere in the data: it may even be none."""
    path, value = random.choice(list(leaves(tree)))
    place = path[: random.randint(1, len(path))] if random.random() < 0.4 else path
    holder: Any = at(tree, place[:-1])
    key: Any = place[-1]
    kind = random.randrange(5)
    if kind == 0:
        holder[key] = _swap(random, value)
    elif kind == 1:
        del holder[key]
    elif kind == 2 and isinstance(holder, dict):
        holder[_misspelt(random, str(key))] = holder.pop(key)
    elif kind == 3 and isinstance(holder, list):
        holder.insert(random.randint(0, len(holder)), deepcopy(holder[key]))
    elif isinstance(holder[key], str):
        holder[key] = _misspelt(random, holder[key])
    else:
        holder[key] = _nested(random, holder[key])


def _nested(random: Random, value: object) -> object:
    for _ in range(random.choice((1, 2, 40))):
        value = [value] if random.random() < 0.5 else {"zzz": value}
    return value


def _misspelt(random: Random, word: str) -> str:
    place = random.randint(0, len(word))
    return random.choice(
        (
            word[:place] + random.choice("aA_ .=()'\"\\\t\u200b한") + word[place:],
            word[:place] + word[place + 1 :],
            word[:place] + word[place : place + 2][::-1] + word[place + 2 :],
            word.upper(),
            word * 2,
        )
    )


def spoil_bytes(random: Random, raw: bytes) -> bytes:
    """One mistake of any kind somewhere in the file."""
    place = random.randrange(len(raw))
    line_start = raw.rfind(b"\n", 0, place) + 1
    line_end = raw.find(b"\n", place) + 1 or len(raw)
    kinds: Sequence[Callable[[], bytes]] = (
        lambda: raw[:place],
        lambda: raw[:place] + bytes([raw[place] ^ 1 << random.randrange(8)]) + raw[place + 1 :],
        lambda: raw[:place] + random.randbytes(random.randint(1, 4)) + raw[place:],
        lambda: raw[:line_start] + raw[line_end:],
        lambda: raw[:line_end] + raw[line_start:line_end] + raw[line_end:],
        lambda: raw[:place] + raw[place + random.randint(1, 40) :],
        lambda: (
            raw[:place] + random.choice((b"[[", b"{", b'"', b"'", b'"""', b"#", b"=", b"\\", b"\r", b"\0", b"\t")) + raw[place:]
        ),
        lambda: raw[:place] + b"[" * random.choice((10, 100, 10_000)) + raw[place:],
        lambda: raw[:place] + b"9" * random.choice((19, 5_000)) + raw[place:],
        lambda: _recoded(random, raw),
    )
    return random.choice(kinds)()


def _recoded(random: Random, raw: bytes) -> bytes:
    encoding = random.choice(("utf-8-sig", "utf-16", "utf-32", "cp949", "gb18030", "latin-1"))
    return raw.decode("utf-8", errors="replace").replace("handbook", "한글 문서").encode(encoding, errors="replace")
