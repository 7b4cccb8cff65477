"""The `[permission]` of a document: its own rules and the laws it names, from their tables."""

from collections.abc import Callable
from typing import TypeVar

from relcare._fields import check_text, check_zone
from relcare._time import Every
from relcare.codec._tables import Table
from relcare.errors import InvalidValueError
from relcare.permission import (
    CLASSES,
    CONSENT_MODES,
    HOLIDAY_RULES,
    LAWS,
    MEDIA,
    ON_SILENCE,
    Cap,
    CapPeriod,
    ConsentRule,
    Gap,
    Hours,
    HourWindow,
    Lapse,
    PermissionRules,
    Rotation,
    Stop,
    near_law,
)

__all__ = ["read_permission"]

T = TypeVar("T")


def read_permission(table: Table) -> PermissionRules | None:
    """The rules; None when something is wrong with them."""
    fields: dict[str, object] = {
        **{name: _checked(table, name, check_text) for name in ("service", "requested", "uncounted", "not_contact")},
        "law": _checked(table, "law", _check_law),
        "zones": _checked(table, "zones", check_zone),
        "on_silence": table.choice("on_silence", ON_SILENCE),
        "media": _media(table),
        "caps": table.values("caps", _cap),
        "gaps": table.values("gaps", _gap),
        "hours": table.values("hours", _hours),
        "rotations": table.values("rotations", _rotation),
        "stops": table.values("stops", _stop),
        "consent": table.values("consent", _consent),
    }
    table.close()
    return table.build(PermissionRules, fields)


def _parsed(table: Table, key: str, parse: Callable[[str], T]) -> list[T] | None:
    """What each text of a list means; every wrong one is reported where it stands."""
    texts = table.texts(key)
    found: list[T] = []
    for index, text in enumerate(texts or ()):
        try:
            found.append(parse(text))
        except InvalidValueError as error:
            table.is_broken = True
            table.reader.report((*table.path, key, index), f"is {error.value}: {error.rule}", error.hint)
    return None if texts is None or len(found) < len(texts) else found


def _checked(table: Table, key: str, check: Callable[[str, str], None]) -> list[str] | None:
    def checked(text: str) -> str:
        check(key, text)
        return text

    return _parsed(table, key, checked)


def _check_law(name: str, value: str) -> None:
    if value not in LAWS:
        raise InvalidValueError(name, value, "must be a legal preset", near_law(value))


def _media(table: Table) -> dict[str, str] | None:
    media = table.table("media")
    if media is None:
        return None
    found = {channel: media.choice(channel, MEDIA) for channel in list(media.data)}
    table.is_broken = table.is_broken or media.is_broken
    right = {channel: medium for channel, medium in found.items() if medium is not None}
    return None if media.is_broken else right


def _scope(table: Table) -> dict[str, object]:
    return {"channels": _checked(table, "channels", check_text), "purposes": table.choice("purposes", CLASSES)}


def _cap(table: Table) -> Cap | None:
    limit, per = table.whole("limit", required=True), table.parsed("per", CapPeriod.parse, required=True)
    fields = {"limit": limit, "per": per, **_scope(table)}
    table.close()
    return table.build(Cap, fields)


def _gap(table: Table) -> Gap | None:
    fields = {"minimum": table.parsed("minimum", Lapse.parse, required=True), **_scope(table)}
    table.close()
    return table.build(Gap, fields)


def _hours(table: Table) -> Hours | None:
    fields: dict[str, object] = {
        "allowed": _parsed(table, "allowed", HourWindow.parse),
        "quiet": _parsed(table, "quiet", HourWindow.parse),
        "holidays": table.choice("holidays", HOLIDAY_RULES),
        "calendar": table.text("calendar"),
        "night_consent": table.flag("night_consent"),
        **_scope(table),
    }
    table.close()
    return table.build(Hours, fields)


def _rotation(table: Table) -> Rotation | None:
    fields: dict[str, object] = {
        "most": table.whole("most", required=True),
        "channels": _checked(table, "channels", check_text),
        "within": table.parsed("within", Every.parse),
    }
    table.close()
    return table.build(Rotation, fields)


def _stop(table: Table) -> Stop | None:
    fields: dict[str, object] = {
        "after": table.whole("after"),
        "outcomes": _checked(table, "outcomes", check_text),
        "pause": table.parsed("pause", Every.parse),
        "within": table.parsed("within", Every.parse),
        **_scope(table),
    }
    table.close()
    return table.build(Stop, fields)


def _consent(table: Table) -> ConsentRule | None:
    fields: dict[str, object] = {
        "mode": table.choice("mode", CONSENT_MODES, required=True),
        "soft_opt_in": table.text("soft_opt_in"),
        "reconfirm": table.parsed("reconfirm", Every.parse),
        "is_specific": table.flag("is_specific"),
        "is_global": table.flag("is_global"),
        **_scope(table),
    }
    table.close()
    return table.build(ConsentRule, fields)
