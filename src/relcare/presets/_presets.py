"""Finding the packaged documents."""

from importlib.resources import files

from relcare.codec import PolicyDocument, loads_policy_document
from relcare.decisions import Policy
from relcare.errors import UnknownRecordError, nearest

__all__ = ["part_names", "part_text", "preset", "preset_document", "preset_names", "preset_text"]


def preset_names() -> tuple[str, ...]:
    """The names of the presets, in order."""
    packaged = (entry.name for entry in files("relcare.presets").iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in packaged if name.endswith(".toml")))


def preset_text(name: str) -> str:
    """The document of a preset, to be read or copied and changed.

    Raises:
        UnknownRecordError: If there is no such preset; it names the nearest.
    """
    if name not in preset_names():
        near = nearest(name, preset_names())
        raise UnknownRecordError("preset", name, f"did you mean {near!r}?" if near else f"there are {', '.join(preset_names())}")
    return files("relcare.presets").joinpath(f"{name}.toml").read_text(encoding="utf-8")


def preset(name: str) -> Policy:
    """The policy of a preset.

    Raises:
        UnknownRecordError: If there is no such preset; it names the nearest.

    Examples:
        >>> preset("consulting").check().is_ok
        True
    """
    return preset_document(name).policy


def preset_document(name: str) -> PolicyDocument:
    """The policy of a preset, with the place of every rule in its text.

    Raises:
        UnknownRecordError: If there is no such preset; it names the nearest.
    """
    return loads_policy_document(preset_text(name), file=f"preset:{name}")


def part_names() -> tuple[str, ...]:
    """The names of the parts, in order: sections that stand at the end of any policy document."""
    packaged = (entry.name for entry in (files("relcare.presets") / "parts").iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in packaged if name.endswith(".toml")))


def part_text(name: str) -> str:
    """The sections of a part, to be put at the end of a document in TOML.

    Raises:
        UnknownRecordError: If there is no such part; it names the nearest.

    Examples:
        >>> both = loads_policy_document(preset_text("consulting") + part_text("client-files"))
        >>> len(both.policy.access.classes)
        4
    """
    if name not in part_names():
        near = nearest(name, part_names())
        raise UnknownRecordError("part", name, f"did you mean {near!r}?" if near else f"there are {', '.join(part_names())}")
    return (files("relcare.presets") / "parts" / f"{name}.toml").read_text(encoding="utf-8")
