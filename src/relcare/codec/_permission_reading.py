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


def _given(**values: object) -> dict[str, object]:
    """The keyword arguments that the document gives; the others keep their defaults."""
    return {name: value for name, value in values.items() if value is not None}


def read_permission(table: Table) -> PermissionRules | None:
    """The rules; None when something is wrong with them."""
    fields = _given(
        **{name: _checked(table, name, check_text) for name in ("service", "requested", "uncounted", "not_contact")},
        law=_checked(table, "law", _check_law),
        zones=_checked(table, "zones", check_zone),
        on_silence=table.choice("on_silence", ON_SILENCE),
        media=_media(table),
        caps=_several(table, "caps", _cap),
        gaps=_several(table, "gaps", _gap),
        hours=_several(table, "hours", _hours),
        rotations=_several(table, "rotations", _rotation),
        stops=_several(table, "stops", _stop),
        consent=_several(table, "consent", _consent),
    )
    table.close()
    return table.build(lambda: PermissionRules(**fields))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def _several(table: Table, key: str, read: Callable[[Table], T | None]) -> list[T] | None:
    if key not in table.data:
        return None
    found = [read(part) for part in table.tables(key)]
    table.is_broken = table.is_broken or None in found
    return [value for value in found if value is not None]


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
    return None if texts is None else found


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
    return {channel: medium for channel, medium in found.items() if medium is not None}


def _scope(table: Table) -> dict[str, object]:
    return {"channels": _checked(table, "channels", check_text), "purposes": table.choice("purposes", CLASSES)}


def _cap(table: Table) -> Cap | None:
    limit, per = table.whole("limit", required=True), table.parsed("per", CapPeriod.parse, required=True)
    fields = _given(limit=limit, per=per, **_scope(table))
    table.close()
    return table.build(lambda: Cap(**fields))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def _gap(table: Table) -> Gap | None:
    fields = _given(minimum=table.parsed("minimum", Lapse.parse, required=True), **_scope(table))
    table.close()
    return table.build(lambda: Gap(**fields))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def _hours(table: Table) -> Hours | None:
    fields = _given(
        allowed=_parsed(table, "allowed", HourWindow.parse),
        quiet=_parsed(table, "quiet", HourWindow.parse),
        holidays=table.choice("holidays", HOLIDAY_RULES),
        calendar=table.text("calendar"),
        night_consent=table.flag("night_consent"),
        **_scope(table),
    )
    table.close()
    return table.build(lambda: Hours(**fields))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def _rotation(table: Table) -> Rotation | None:
    fields = _given(
        most=table.whole("most", required=True),
        channels=_checked(table, "channels", check_text),
        within=table.parsed("within", Every.parse),
    )
    table.close()
    return table.build(lambda: Rotation(**fields))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def _stop(table: Table) -> Stop | None:
    fields = _given(
        after=table.whole("after"),
        outcomes=_checked(table, "outcomes", check_text),
        pause=table.parsed("pause", Every.parse),
        within=table.parsed("within", Every.parse),
        **_scope(table),
    )
    table.close()
    return table.build(lambda: Stop(**fields))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def _consent(table: Table) -> ConsentRule | None:
    fields = _given(
        mode=table.choice("mode", CONSENT_MODES, required=True),
        soft_opt_in=table.text("soft_opt_in"),
        reconfirm=table.parsed("reconfirm", Every.parse),
        is_specific=table.flag("is_specific"),
        is_global=table.flag("is_global"),
        **_scope(table),
    )
    table.close()
    return table.build(lambda: ConsentRule(**fields))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
