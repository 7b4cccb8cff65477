"""Everything relcare raises.

A "no" is a value with reasons and never an exception: errors are for input that cannot be understood, for stores that fail and
for callers who ask for what does not exist. Every class survives pickling with its attributes.
"""

from collections.abc import Iterable
from datetime import date

import attrs

__all__ = [
    "AccessDenied",
    "BookDocumentError",
    "ConflictError",
    "DocumentError",
    "IllegalStepError",
    "InvalidValueError",
    "MissingExtraError",
    "OutcomeUnknownError",
    "PolicyDocumentError",
    "PolicyError",
    "Problem",
    "RelcareError",
    "StorageError",
    "UnknownRecordError",
    "UnsupportedPolicyError",
    "nearest",
]


class RelcareError(Exception):
    """The base of every error that relcare raises on purpose."""


def nearest(word: str, choices: Iterable[str]) -> str | None:
    """Which of the choices was most likely meant; None when none is close.

    Args:
        word: What was written.
        choices: The names that exist, in any order; ties go to the lowest by code point.
    """
    import difflib  # only a mistake needs it

    known = sorted(choices)
    matches = difflib.get_close_matches(word[:80], known, n=1, cutoff=0.6)
    if not matches:
        # Whoever wrote SIZE for size meant it.
        cases = {choice.casefold(): choice for choice in reversed(known)}
        matches = [cases[found] for found in difflib.get_close_matches(word[:80].casefold(), sorted(cases), n=1, cutoff=0.6)]
    return matches[0] if matches else None


def _shown(value: object) -> str:
    """The value as `repr` gives it, and a day or an instant as people write it; cut at 60 characters: never a whole file."""
    try:
        text = value.isoformat() if isinstance(value, date) else repr(value)
    except Exception:  # noqa: BLE001 - a value that cannot even be shown must not hide the error about it
        return f"<{type(value).__name__}>"
    return text if len(text) <= 60 else f"{text[:57]}..."


class InvalidValueError(RelcareError, ValueError):
    """A value was refused at the edge.

    Attributes:
        name: The field or parameter, as the caller knows it (`amount`, `client.zone`).
        value: What was given, as shown in the message (never more than 60 characters).
        rule: The rule that it breaks.
        hint: The way out, or None.
    """

    def __init__(self, name: str, value: object, rule: str, hint: str | None = None) -> None:
        # The shown text is kept instead of the value: the error stays picklable and small whatever was given.
        shown = value.text if isinstance(value, _Shown) else _shown(value)
        super().__init__(name, _Shown(shown), rule, hint)
        self.name = name
        self.value = shown
        self.rule = rule
        self.hint = hint

    def __str__(self) -> str:
        tail = f"; hint: {self.hint}" if self.hint else ""
        return f"{self.name} is {self.value}: {self.rule}{tail}"

    @property
    def is_absent(self) -> bool:
        """Whether nothing was given: None, or an empty collection."""
        return self.value in {"None", "()", "[]", "{}", "frozenset()"}

    @property
    def told(self) -> str:
        """The message as people read it who do not know Python: `roles must name a role`, where nothing was given."""
        return str(self).replace(f" is {self.value}:", "", 1) if self.is_absent else str(self)

    def renamed(self, name: str) -> "InvalidValueError":
        """The same error under the name that the caller knows the value by (`client 'c-1': fact 'revenue'`)."""
        return InvalidValueError(name, self.args[1], self.rule, self.hint)


class IllegalStepError(InvalidValueError):
    """A step of a membership, grant or change was refused: it may not follow those before it, or not by whoever took it.

    Its `name` is the place in the log (`events[3].step`), its `value` what stands there.

    Source: VIP-2, ACC-2.
    """

    def renamed(self, name: str) -> "IllegalStepError":
        """The same error under the name that the caller knows the value by."""
        return IllegalStepError(name, self.args[1], self.rule, self.hint)


@attrs.frozen
class _Shown:
    text: str


class PolicyError(RelcareError):
    """A policy was asked for something that it cannot answer (a date outside its effective dates, an unknown scheme)."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}; hint: {self.hint}" if self.hint else self.message


@attrs.frozen(kw_only=True)
class Problem:
    """One thing that is wrong with a document, and where.

    Attributes:
        file: The file as the caller named it, or `<policy>` for text without a file.
        line: From 1; None where the format has no lines.
        column: From 1, in characters; None where unknown.
        path: Where in the document (`cadence[2].every`), empty for the document as a whole.
        message: What is wrong.
        hint: The nearest right name or the way out, or None.
    """

    file: str
    line: int | None = None
    column: int | None = None
    path: str = ""
    message: str
    hint: str | None = None

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)
        path = f" {self.path}:" if self.path else ""
        tail = f"; hint: {self.hint}" if self.hint else ""
        return f"{place}:{path} {self.message}{tail}"


class DocumentError(RelcareError):
    """A document (a policy, a folder of CSV files) is wrong in one or more places; all of them are here.

    Attributes:
        problems: Every problem found, in the order of file, line and column.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        ordered = tuple(sorted(problems, key=lambda p: (p.file, p.line or 0, p.column or 0, p.path)))
        super().__init__(ordered)
        self.problems = ordered

    def __str__(self) -> str:
        count = len(self.problems)
        head = "1 problem" if count == 1 else f"{count} problems"
        return "\n".join([head, *(str(problem) for problem in self.problems)])


class PolicyDocumentError(DocumentError):
    """A policy document is wrong; `problems` has every mistake with its place."""


class BookDocumentError(DocumentError):
    """A book (a folder of CSV files, an imported file) is wrong; `problems` has every row that is."""


class UnsupportedPolicyError(DocumentError):
    """A policy has parts that cannot be decided in the way that was asked for; `problems` names each with its place."""


class StorageError(RelcareError):
    """A store could not do what it was asked; nothing was changed unless the class says otherwise."""


class ConflictError(StorageError):
    """Somebody else wrote the record first: the version given is not the one stored (STO-2).

    Attributes:
        kind: The kind of record.
        record_id: Its id.
        expected: The version the caller had read; 0 for "does not exist yet".
        found: The version that is stored; 0 for "does not exist".
    """

    def __init__(self, kind: str, record_id: str, expected: int, found: int) -> None:
        super().__init__(kind, record_id, expected, found)
        self.kind = kind
        self.record_id = record_id
        self.expected = expected
        self.found = found

    def __str__(self) -> str:
        if self.expected == 0:
            return f"{self.kind} {self.record_id!r} exists already and says something else; hint: choose another id"
        return (
            f"{self.kind} {self.record_id!r} is at version {self.found}, not {self.expected}: "
            "it was changed in between; hint: read it again and repeat the change"
        )


class OutcomeUnknownError(StorageError):
    """A commit failed in such a way that nobody can say whether it reached the disk (STO-3).

    Open the store again and look, or repeat the unit of work under the same idempotency key: then nothing is done twice.
    """


class UnknownRecordError(RelcareError, LookupError):
    """There is no such record, or the caller may not know that there is one (ACC-6).

    Attributes:
        kind: What was looked for (`client`, `scheme`, ...).
        record_id: The id that is not there.
        hint: The nearest id, where telling it gives nothing away; or None.
    """

    def __init__(self, kind: str, record_id: str, hint: str | None = None) -> None:
        super().__init__(kind, record_id, hint)
        self.kind = kind
        self.record_id = record_id
        self.hint = hint

    def __str__(self) -> str:
        tail = f"; hint: {self.hint}" if self.hint else ""
        return f"unknown {self.kind} {self.record_id!r}{tail}"


class AccessDenied(RelcareError, PermissionError):  # noqa: N818 - the name is the field's word, fixed by the conventions
    """The caller may know that the record exists, but may not do this."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return self.message


class MissingExtraError(RelcareError, ImportError):
    """A part of relcare was used whose extra is not installed.

    Attributes:
        what: What needs it.
        extra: The extra to install.
    """

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(what, extra)
        self.what = what
        self.extra = extra

    def __str__(self) -> str:
        return f"{self.what} needs the extra {self.extra!r}; hint: pip install 'relcare[{self.extra}]'"
