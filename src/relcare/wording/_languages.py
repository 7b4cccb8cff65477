"""Which languages there are."""

from collections.abc import Mapping
from typing import Final

from relcare._fields import ReadOnlyMap, check_choice
from relcare.wording._catalogue import Catalogue
from relcare.wording._english import ENGLISH

__all__ = ["CATALOGUES", "catalogue"]

CATALOGUES: Final[Mapping[str, Catalogue]] = ReadOnlyMap({ENGLISH.language: ENGLISH})
"""The catalogues that come with the library, by language."""


def catalogue(language: str | Catalogue) -> Catalogue:
    """The catalogue of a language; one that is given is handed back.

    Args:
        language: `en`, or a catalogue of your own.

    Raises:
        InvalidValueError: If there is none for the language; it names those that exist.
    """
    if isinstance(language, Catalogue):
        return language
    check_choice("language", language, CATALOGUES)
    return CATALOGUES[language]
