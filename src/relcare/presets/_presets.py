"""Finding the packaged documents."""

from importlib.resources import files

from relcare.codec import PolicyDocument, loads_policy_document
from relcare.decisions import Policy
from relcare.errors import UnknownRecordError, nearest

__all__ = ["preset", "preset_document", "preset_names", "preset_text"]


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
