"""Reasons as one line of text, for formats whose cells hold nothing else."""

import json
from functools import cache
from typing import Any, NoReturn

from relcare._fields import to_tuple
from relcare.codec._record_hooks import record_converter
from relcare.errors import InvalidValueError
from relcare.model import Reason

__all__ = ["dump_reasons", "load_reasons"]


@cache
def _converter() -> Any:  # noqa: ANN401 - what cattrs makes
    return record_converter()


def dump_reasons(reasons: tuple[Reason, ...]) -> str:
    """Reasons as JSON, with the types of what they rest on; the same reasons always give the same text.

    Examples:
        >>> dump_reasons((Reason("segmentation.ranked", {"revenue": 12}, {"tier": "A"}),))
        '[{"code":"segmentation.ranked","facts":{"revenue":12},"values":{"tier":"A"}}]'
    """
    document = _converter().unstructure(reasons, tuple[Reason, ...])
    return json.dumps(document, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))


def load_reasons(text: str) -> tuple[Reason, ...]:
    """The reasons that a text means, as `dump_reasons` wrote it.

    Raises:
        InvalidValueError: If it is anything else.
    """
    try:
        document = json.loads(text, parse_float=_no_float, parse_constant=_no_float)
        return to_tuple(_converter().structure(document, tuple[Reason, ...]))
    except Exception as error:
        # Of a foreign text the converter may make anything, a bare Exception included.
        raise InvalidValueError("reasons", text, "must be reasons in JSON, as they were written") from error


def _no_float(_: str) -> NoReturn:
    message = "no number with a point or an exponent is ever written"
    raise ValueError(message)
