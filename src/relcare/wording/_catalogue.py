"""The words of one language as a value."""

from collections.abc import Mapping
from typing import Final

import attrs

from relcare._fields import ReadOnlyMap
from relcare.errors import InvalidValueError
from relcare.wording._template import fields_of, parse_template

__all__ = ["PHRASES", "Catalogue"]

PHRASES: Final[Mapping[str, frozenset[str]]] = ReadOnlyMap(
    {
        "phrase.fact": frozenset({"name", "value"}),
        "phrase.missing": frozenset({"name"}),
        "phrase.amount": frozenset({"name", "value"}),
        "phrase.with_facts": frozenset({"sentence", "facts"}),
        "phrase.because": frozenset({"decision", "reasons"}),
        "phrase.yes": frozenset[str](),
        "phrase.no": frozenset[str](),
        "phrase.none": frozenset[str](),
        "joint.items": frozenset[str](),
        "joint.last": frozenset[str](),
        "joint.members": frozenset[str](),
        "joint.clauses": frozenset[str](),
    }
)
"""What every catalogue must hold, with the fields of each: how facts are told and how parts are joined."""


def _to_templates(value: Mapping[str, str]) -> Mapping[str, str]:
    if not isinstance(value, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidValueError("templates", value, "must be a mapping of codes and templates")
    return ReadOnlyMap(value)


@attrs.frozen(kw_only=True)
class Catalogue:
    """The words of one language.

    Keys are codes of reasons (`cadence.rolled`), heads of decisions (`obligation.overdue`), phrases (`phrase.missing`,
    `joint.items`) and words for single values (`since=client_since`: the value `client_since` of a field `since`).

    A template is one line of text with fields in braces and parts in square brackets, which are left out when a field in them has
    no value. A field is `{name}`, quoted where it needs it; `{name:raw}`, as it is; `{name:day/days}`, a count with its noun, the
    first for 1. `{facts}` are the facts of the reason; where a template has no place for them, they follow in parentheses. Braces
    and brackets have no other use.

    Attributes:
        language: A language code such as `en`.
        templates: By key.

    Raises:
        InvalidValueError: Naming the key, if a template cannot be read, or a phrase is left out or has not its own fields.

    Source: CRI-3.
    """

    language: str
    templates: Mapping[str, str] = attrs.field(converter=_to_templates, repr=False)

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.language, str) or not self.language:  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidValueError("language", self.language, "must be a language code", "write 'en'")
        for key, template in self.templates.items():
            if not isinstance(key, str) or not isinstance(template, str):  # pyright: ignore[reportUnnecessaryIsInstance]
                raise InvalidValueError(f"templates[{key!r}]", template, "must be text")
            try:
                fields = set(fields_of(parse_template(template)))
            except InvalidValueError as error:
                raise InvalidValueError(f"templates[{key!r}]", template, error.rule, error.hint) from None
            if fields != PHRASES.get(key, fields) or ("=" in key and fields):
                known = ", ".join(sorted(PHRASES.get(key, ()))) or "no fields"
                raise InvalidValueError(f"templates[{key!r}]", template, f"must have exactly its own fields: {known}")
        absent = sorted(set(PHRASES) - set(self.templates))
        if absent:
            raise InvalidValueError("templates", absent[0], "must not be left out", "extend a catalogue that has it")

    def extended(self, templates: Mapping[str, str], *, language: str | None = None) -> "Catalogue":
        """This catalogue with more templates, or others for keys that it has.

        Args:
            templates: By key.
            language: The language of the new catalogue; the same when not given.

        Raises:
            InvalidValueError: As for the catalogue itself.
        """
        return Catalogue(language=language or self.language, templates={**self.templates, **_to_templates(templates)})
