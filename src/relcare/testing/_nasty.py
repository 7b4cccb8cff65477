"""Inputs that have broken software of this kind before: mixed into the strategies, and given to every constructor as they are.

Plain random text finds none of them: a planted wildcard bug survived thousands of random runs and fell to a pool like this.
"""

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

__all__ = [
    "NASTY_DAYS",
    "NASTY_IDENTIFIERS",
    "NASTY_IDS",
    "NASTY_INSTANTS",
    "NASTY_NAMES",
    "NASTY_NUMBERS",
    "NASTY_TEXTS",
    "NASTY_TIMES",
    "NASTY_ZONES",
]

_NFD_KIM: Final = "\u1100\u1175\u11b7"  # the same name as U+AE40, in three code points
_FAMILY: Final = "\U0001f468\u200d\U0001f469\u200d\U0001f467"

NASTY_IDS: Final[tuple[str, ...]] = (
    "a",
    "A",
    "10",
    "9",
    "한글",
    "中文",
    "\uae40",
    _NFD_KIM,
    "\U0001f600",
    "\U00020bb7",
    "\uff21",
    "\u0440\u0430ypal",  # the first two letters are Cyrillic
    "ß",
    "SS",
    "O'Brien",
    'say "x"',
    "50%",
    "a_b",
    "a%b",
    "\\",
    "None",
    "null",
    "NaN",
    "=1+1",
    "../x",
    "CON",
    "x; DROP TABLE clients",
    "__class__",
    "-",
    "i" * 200,
)
"""Ids that are allowed and easily confused: order by code point, letter case, normal forms, wildcards, quotes (STO-6)."""

NASTY_IDENTIFIERS: Final[tuple[str, ...]] = (
    "x",
    "X",
    "_",
    "x1",
    "score",
    "등급",
    "级别",
    "naïve",
    "match",
    "__class__",
    "name_" * 8,
)
"""Names that are allowed in a criterion and easily mishandled."""

NASTY_NAMES: Final[tuple[str, ...]] = (
    *NASTY_IDS,
    "김철수",
    "王小明",
    "Ａ社",
    _FAMILY,
    "Jean\u0301",
    "İstanbul",
    "שלום 123 abc",
    "a  b",
    " padded ",
    "<b>&amp;</b>",
    "@SUM(A1)",
    "\uff1d1",
    "n" * 200,
)
"""Names that are allowed: they may hold blanks and joiners, and look like formulas or markup."""

NASTY_TEXTS: Final[tuple[str, ...]] = (
    "",
    " ",
    "\u3164",
    "\u200b",
    "\u202eabc",
    "A\u2066B",
    "\ud800",
    "a\0b",
    "\ufeffname",
    "\u0085",
    "\u2028",
    "a" + "\u0301\u0316" * 50_000,
    "\ufdfa" * 10_000,
    "t" * 1_000_000,
    "a" * 10_000 + "!",
    *NASTY_NAMES,
    "%",
    "_",
    '"',
    "=cmd|'/c calc'!A1",
    "+1",
    "-1",
    "\t=1",
    "\r=1",
    "\0=1",
    "Hi\r\nATTENDEE:mailto:x",
    "a\rb",
    '"><script>',
    "'; DROP TABLE clients; --",
    "_secret",
    "../../etc/passwd",
    "a\x0bb",
    "(a+)+$",
    "珙鬼츠",
    "now",
    "12:30",
    "2026",
    "1_000",
    " 7\n",
    "١٢",
)
"""Any text that may come in, allowed or not: invisible, reversed, half a surrogate, huge, normalisation bombs, injection."""

NASTY_NUMBERS: Final[tuple[object, ...]] = (
    float("nan"),
    float("inf"),
    float("-inf"),
    -0.0,
    7.9,
    0.1 + 0.2,
    True,
    False,
    2**63,
    -(2**63) - 1,
    10**28,
    10**5_000,
    Decimal("NaN"),
    Decimal("sNaN"),
    Decimal("Infinity"),
    Decimal("-0"),
    Decimal("1e1000000"),
    Decimal("1e-1000000"),
    Decimal("9999999999999999999999999999E+18"),
    Decimal("0.0000000000001"),
    complex(1, 1),
    "NaN",
    "inf",
    "1e400",
    "-0",
    "\uff11\uff12",
    "١٢",
    "²",
    "1_000",
    " 7\n",
    "+1",
    ".5",
    "5.",
    "0x10",
    "1,000",
    "9" * 5_000,
    "1234567890123456789012345678.123456789012",
)
"""What is no exact number of a sensible size, or looks like one; whole numbers of up to 28 digits are allowed as amounts."""

NASTY_DAYS: Final[tuple[date, ...]] = (
    date(1900, 1, 1),
    date(2000, 2, 29),
    date(2011, 12, 30),  # a day that Apia never had
    date(2018, 11, 4),  # began at 01:00 in São Paulo
    date(2023, 12, 31),
    date(2024, 1, 31),
    date(2024, 2, 29),
    date(2024, 12, 31),
    date(2025, 1, 1),
    date(2025, 2, 28),
    date(2025, 3, 31),
    date(2025, 12, 31),
    date(2026, 1, 31),
    date(2026, 3, 8),  # 23 hours long in New York
    date(2026, 11, 1),  # 25 hours long in New York
    date(2028, 2, 29),
    date(2199, 12, 31),
)
"""Days that are allowed and on which arithmetic goes wrong: leap days, ends of months and years, clock changes, the limits."""

NASTY_TIMES: Final[tuple[time, ...]] = (
    time(0),
    time(0, 30),
    time(1, 30),
    time(2, 30),
    time(12),
    time(21),
    time(23, 59, 59, 999_999),
)
"""Wall times in and beside the gaps and folds of clock changes, and at the ends of a day."""

NASTY_INSTANTS: Final[tuple[object, ...]] = (
    datetime(2026, 1, 1),  # noqa: DTZ001 - naive on purpose
    datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=9))),
    datetime(9999, 12, 31, 23, 59, tzinfo=timezone(timedelta(hours=-9))),
    datetime(1899, 12, 31, tzinfo=UTC),
    datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=23, minutes=59))),
    datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=8, minutes=27, seconds=52))),
    date(1, 1, 1),
    date(9999, 12, 31),
    date(2200, 1, 1),
    time(12, 30),
    "2026-01-01",
    "now",
    "12:30",
    "2026",
    "2026-W53-7",
    "2026-01-01/P1M",
    "P999999999Y",
    "2026-01-01T24:00",
    "2026-01-01T23:59:60Z",
    1_767_225_600,
    10**12,
    float("nan"),
    True,
)
"""What is no day and no aware instant between 1900 and 2199."""

NASTY_ZONES: Final[tuple[object, ...]] = (
    "",
    "../../etc/passwd",
    "America",
    "asia/seoul",
    "Asia/Seoul ",
    "Asia/Seoul\0",
    "/usr/share/zoneinfo/UTC",
    "localtime",
    "Factory",
    "right/UTC",
    "posix/Asia/Seoul",
    "+09:00",
    "+24:00",
    "Asia/\ud800",
    "z" * 100_000,
    None,
    9,
    10**9,
    True,
    ZoneInfo("Asia/Seoul"),
    timezone(timedelta(hours=9)),
)
"""What is no IANA zone name, though an operating system may accept some of it."""
