"""The legal presets by name."""

from collections.abc import Iterable, Mapping
from typing import Final

from relcare._fields import ReadOnlyMap
from relcare.errors import UnknownRecordError, nearest
from relcare.permission._law import LegalPreset
from relcare.permission._law_america import STATES_OF_THE_US, UNITED_STATES
from relcare.permission._law_asia import CHINA, KOREA
from relcare.permission._law_europe import EUROPEAN_UNION, FRANCE, GERMANY, STRICT

__all__ = ["LAWS", "law", "near_law", "with_included"]

LAWS: Final[Mapping[str, LegalPreset]] = ReadOnlyMap(
    {preset.id: preset for preset in (KOREA, CHINA, UNITED_STATES, *STATES_OF_THE_US, EUROPEAN_UNION, FRANCE, GERMANY, STRICT)}
)
"""Every legal preset by its name. Parameters that a firm checks with its lawyer, not legal advice."""


def law(name: str) -> LegalPreset:
    """The legal preset with a name.

    Raises:
        UnknownRecordError: If there is none; it names the nearest.

    Examples:
        >>> [row.id for row in law("de").rows if row.is_enforced]
        ['de.tel.consent']
    """
    found = LAWS.get(name)
    if found is None:
        raise UnknownRecordError("law", name, near_law(name))
    return found


def near_law(name: str) -> str | None:
    """The hint for a name that no preset has."""
    if name.startswith("us-"):
        return "write 'us' for states that have no hours of their own here"
    near = nearest(name, LAWS)
    return f"did you mean {near!r}?" if near else f"there are {', '.join(LAWS)}"


def with_included(names: Iterable[str]) -> tuple[LegalPreset, ...]:
    """The presets with those that they include, each once."""
    found: dict[str, LegalPreset] = {}
    for name in names:
        preset = law(name)
        found[name] = preset
        found.update((other.id, other) for other in with_included(preset.includes))
    return tuple(found.values())
