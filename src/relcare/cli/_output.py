"""What commands write: tables for people, JSON for programs."""

import json
import sys
from collections.abc import Callable, Mapping
from json.encoder import encode_basestring, encode_basestring_ascii
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from relcare.cli._shapes import Json

__all__ = ["console", "indented", "show", "show_json"]

_WIDEST: Final = 100


def console(*, is_error: bool = False) -> "Console":
    """A terminal that takes every text as it is: no markup, no emoji codes, no colours of its own choice.

    80 columns where nobody watches, and never more than 100: lines longer than that are hard to read.
    """
    from rich.console import Console

    found = Console(stderr=is_error, markup=False, emoji=False, highlight=False)
    found.width = min(found.width, _WIDEST)
    return found


def show(*renderables: "RenderableType") -> None:
    """Print tables with a blank line between them."""
    out = console()
    for index, renderable in enumerate(renderables):
        if index:
            out.print()
        out.print(renderable)


def show_json(shape: "Mapping[str, Json]") -> None:
    """Print one JSON object, indented, with names in their own script where the stream can carry them."""
    encoding = (getattr(sys.stdout, "encoding", None) or "utf-8").lower().replace("-", "")
    click.echo(indented(shape, encode_basestring if encoding == "utf8" else encode_basestring_ascii))


def indented(value: "Json | Mapping[str, Json]", quoted: Callable[[str], str], margin: str = "\n") -> str:
    """A value as `json.dumps(value, indent=2)` writes it, in a third of the time: a large book is many megabytes.

    Args:
        value: What is written.
        quoted: How a text is quoted.
        margin: The line break and indentation of the line that it stands on.
    """
    if isinstance(value, str):
        return quoted(value)
    within = f"{margin}  "
    if isinstance(value, Mapping):
        items = [
            f"{quoted(key)}: {quoted(item) if type(item) is str else indented(item, quoted, within)}"
            for key, item in value.items()
        ]
        return f"{{{within}{f',{within}'.join(items)}{margin}}}" if items else "{}"
    if isinstance(value, list):
        items = [indented(item, quoted, within) for item in value]
        return f"[{within}{f',{within}'.join(items)}{margin}]" if items else "[]"
    return json.dumps(value)
