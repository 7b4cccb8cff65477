"""Retention law as parameters, each with its source. Not legal advice: a firm has them checked by its lawyer."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final, Literal, TypeAlias

import attrs

from relcare._fields import ReadOnlyMap, check_choice, check_day, check_text, check_tuple_of, to_tuple
from relcare.access._retention_rules import EraseClock, KeepClock, RetentionKind
from relcare.errors import InvalidValueError, UnknownRecordError, nearest

__all__ = ["RETENTION_LAWS", "RetentionConfidence", "RetentionLaw", "RetentionRow", "near_retention_law", "retention_law"]

RetentionConfidence: TypeAlias = Literal["primary", "secondary", "common knowledge"]

_CONFIDENCES: Final[tuple[RetentionConfidence, ...]] = ("primary", "secondary", "common knowledge")
_LOOKED_UP: Final = date(2026, 11, 21)
_MOST_DAYS: Final = 366


def _to_rows(values: "Iterable[RetentionRow]") -> "tuple[RetentionRow, ...]":
    return to_tuple(values)


@attrs.frozen(kw_only=True)
class RetentionRow:
    """One parameter of a law about keeping and erasing.

    Attributes:
        id: Stable, such as `kr.ecom.retain.payment`; reasons cite it.
        says: What the law asks, in one sentence.
        source: The text that says so.
        confidence: `primary` when the text itself was seen, quoted by a source; `secondary` for a summary; `common knowledge`.
        as_of: The day on which it was looked up.
        clock: What follows for records; None for duties that no clock decides.
        answer_days: Within how many days a request is answered; None where the row does not say.

    Raises:
        InvalidValueError: Naming the field that is wrong.
    """

    id: str
    says: str
    source: str
    confidence: RetentionConfidence
    as_of: date = _LOOKED_UP
    clock: KeepClock | EraseClock | None = None
    answer_days: int | None = None

    def __attrs_post_init__(self) -> None:
        for name in ("id", "says", "source"):
            check_text(name, getattr(self, name))
        check_choice("confidence", self.confidence, _CONFIDENCES)
        check_day("as_of", self.as_of)
        if not isinstance(self.clock, (KeepClock, EraseClock, type(None))):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidValueError("clock", self.clock, "must be a KeepClock, an EraseClock or None")
        if self.answer_days is not None and (type(self.answer_days) is not int or not 1 <= self.answer_days <= _MOST_DAYS):
            raise InvalidValueError("answer_days", self.answer_days, f"must be a whole number from 1 to {_MOST_DAYS}")


@attrs.frozen
class RetentionLaw:
    """The parameters of one law about keeping and erasing. Not legal advice.

    Attributes:
        id: As a policy names it: `kr`, `fr`.
        title: For people.
        rows: Each with its source.

    Raises:
        InvalidValueError: Naming the field that is wrong.
    """

    id: str
    title: str
    rows: tuple[RetentionRow, ...] = attrs.field(converter=_to_rows)

    def __attrs_post_init__(self) -> None:
        check_text("id", self.id)
        check_text("title", self.title)
        check_tuple_of("rows", self.rows, RetentionRow)


def _kept(
    row_id: str,
    says: str,
    source: str,
    kinds: Iterable[RetentionKind],
    lasts: str,
    *topics: str,
    confidence: RetentionConfidence = "primary",
) -> RetentionRow:
    clock = KeepClock(kinds=tuple(kinds), topics=topics, ground=f"{row_id}: {says}", source=source, lasts=lasts)
    return RetentionRow(id=row_id, says=says, source=source, confidence=confidence, clock=clock)


_ECOM: Final = "E-commerce Decree article 6"
_CNIL: Final = "summaries of CNIL's reference on the management of clients and prospects"

KOREA: Final = RetentionLaw(
    "kr",
    "South Korea",
    (
        _kept(
            "kr.ecom.retain.ads",
            "records of advertisements are kept for 6 months",
            _ECOM,
            ["touchpoint"],
            "6 months",
            "advertising",
        ),
        _kept(
            "kr.ecom.retain.contract",
            "records of contracts and of withdrawals from them are kept for 5 years",
            _ECOM,
            ["purchase", "membership_event"],
            "5 years",
        ),
        _kept("kr.ecom.retain.payment", "records of payments are kept for 5 years", _ECOM, ["purchase"], "5 years"),
        _kept(
            "kr.ecom.retain.complaint",
            "records of complaints are kept for 3 years",
            _ECOM,
            ["touchpoint"],
            "3 years",
            "complaint",
        ),
        _kept(
            "kr.pipa.log",
            "logs of access are kept for 1 year; 2 years from 50,000 persons or with sensitive data",
            "Safety Standard article 8, text of 2019 to 2023",
            ["audit"],
            "1 year",
        ),
        RetentionRow(
            id="kr.pipa.erase",
            says="access, correction, erasure and stopping are answered within 10 days; what is erased cannot be recovered",
            source="PIPA 36(3), Decree 41, 43, 44",
            confidence="primary",
            answer_days=10,
        ),
        RetentionRow(
            id="kr.pipa.destroy",
            says="data no longer needed are destroyed without delay, in practice in 5 days; what other laws have kept lies apart",
            source="summaries of PIPA",
            confidence="secondary",
        ),
    ),
)

CHINA: Final = RetentionLaw(
    "cn",
    "China",
    (
        _kept("cn.pipl.record", "records of processing are kept for at least 3 years", "PIPL 56", ["audit"], "3 years"),
        RetentionRow(
            id="cn.pipl.delete",
            says="data are deleted when the purpose ends, time runs out or consent is withdrawn; otherwise only stored",
            source="PIPL 47",
            confidence="primary",
        ),
    ),
)

EUROPEAN_UNION: Final = RetentionLaw(
    "eu",
    "European Union",
    (
        RetentionRow(
            id="eu.gdpr.erase",
            says="data are erased without undue delay when no longer needed or consent is withdrawn, unless a law has them kept",
            source="GDPR 17(1)(c), 17(3), 12(3)",
            confidence="common knowledge",
            answer_days=30,
        ),
    ),
)

FRANCE: Final = RetentionLaw(
    "fr",
    "France",
    (
        RetentionRow(
            id="fr.cnil.prospects",
            says="data of prospects are erased 3 years after the last contact that came from them; opening a mail is none",
            source=_CNIL,
            confidence="secondary",
            clock=EraseClock(
                kinds=("client", "person", "touchpoint"),
                purpose="prospecting",
                after="3 years",
                counted_from="last contact",
                source=_CNIL,
            ),
        ),
        RetentionRow(
            id="fr.cnil.clients",
            says="data of clients serve prospecting for 3 years after the end of the relationship",
            source=_CNIL,
            confidence="secondary",
            clock=EraseClock(
                kinds=("client", "person", "touchpoint", "purchase"),
                purpose="client care",
                after="3 years",
                counted_from="end",
                source=_CNIL,
            ),
        ),
        *EUROPEAN_UNION.rows,
    ),
)

RETENTION_LAWS: Final[Mapping[str, RetentionLaw]] = ReadOnlyMap({one.id: one for one in (KOREA, CHINA, EUROPEAN_UNION, FRANCE)})
"""Every preset of retention by its name."""


def retention_law(name: str) -> RetentionLaw:
    """The preset of retention with a name.

    Raises:
        UnknownRecordError: If there is none; it names the nearest.

    Examples:
        >>> [row.id for row in retention_law("cn").rows]
        ['cn.pipl.record', 'cn.pipl.delete']
    """
    found = RETENTION_LAWS.get(name)
    if found is None:
        raise UnknownRecordError("retention law", name, near_retention_law(name))
    return found


def near_retention_law(name: str) -> str:
    """The hint for a name that no preset has."""
    near = nearest(name, RETENTION_LAWS)
    return f"did you mean {near!r}?" if near else f"there are {', '.join(RETENTION_LAWS)}"
