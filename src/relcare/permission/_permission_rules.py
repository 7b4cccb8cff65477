"""All rules about permission in one value: the `[permission]` of a document."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Final, Literal

import attrs

from relcare._fields import ReadOnlyMap, check_choice, check_text, check_tuple_of, check_zone, to_map, to_texts, to_tuple
from relcare.errors import InvalidValueError
from relcare.model import Client
from relcare.permission._consent_rule import ConsentRule
from relcare.permission._fatigue import Cap, Gap, Rotation, Stop
from relcare.permission._hours import Hours
from relcare.permission._law import LawRow, Rule
from relcare.permission._laws import LAWS, near_law, with_included
from relcare.permission._scope import BUILT_IN_MEDIA, MEDIA, Medium, PurposeClass

__all__ = ["ON_SILENCE", "ActiveRule", "PermissionRules", "possible_zones"]

ON_SILENCE: Final = ("suspend", "keep")
_TEXTS: Final = ("law", "zones", "service", "requested", "uncounted", "not_contact")


def _to_media(values: Mapping[str, Medium]) -> Mapping[str, Medium]:
    return to_map(values)


def _to_caps(values: Iterable[Cap]) -> tuple[Cap, ...]:
    return to_tuple(values)


def _to_gaps(values: Iterable[Gap]) -> tuple[Gap, ...]:
    return to_tuple(values)


def _to_hours(values: Iterable[Hours]) -> tuple[Hours, ...]:
    return to_tuple(values)


def _to_rotations(values: Iterable[Rotation]) -> tuple[Rotation, ...]:
    return to_tuple(values)


def _to_stops(values: Iterable[Stop]) -> tuple[Stop, ...]:
    return to_tuple(values)


def _to_consent(values: Iterable[ConsentRule]) -> tuple[ConsentRule, ...]:
    return to_tuple(values)


_ROOMS: Final[tuple[tuple[str, type], ...]] = (
    ("caps", Cap),
    ("gaps", Gap),
    ("hours", Hours),
    ("rotations", Rotation),
    ("stops", Stop),
    ("consent", ConsentRule),
)


@attrs.frozen
class ActiveRule:
    """A rule with where it comes from.

    Attributes:
        rule: The rule.
        path: Of a rule of the policy's own: `caps[0]`; of a law the id of its row.
        row: Of the law that it follows from; None for the policy's own.
    """

    rule: Rule
    path: str
    row: LawRow | None = None

    def is_about(self, channel: str, medium: Medium | None) -> bool:
        """Whether a channel is meant: by its name, or for a law by its medium; one of no known medium is meant by every law."""
        if self.row is not None:
            return not self.row.media or medium is None or medium in self.row.media
        channels = getattr(self.rule, "channels", ())
        return not channels or channel in channels


@attrs.frozen(kw_only=True)
class PermissionRules:
    """When, how and how often a client may be contacted: the strictest of all rules wins.

    Attributes:
        law: Legal presets by name, see `LAWS`. Their rules are about advertising only.
        zones: Where clients may be whose zone is not known; none for the zones of the laws, or else the book's.
        service: Purposes that are no advertising: contract, delivery, fault. What is not listed is advertising.
        requested: Purposes that a client asked for. Such contacts need no consent and pass caps, gaps, rotations, stops and
            hours; a refusal in force still holds. They count like any other.
        uncounted: Purposes that do not count for caps, gaps and rotations; their contacts are held to them all the same.
        not_contact: Channels that are no contact at all, such as notes.
        on_silence: What becomes of a consent not confirmed anew in time: `suspend` (default) it, or `keep` it and say so.
        media: The medium of channels, beside those of `BUILT_IN_MEDIA`.
        caps: See `Cap`.
        gaps: See `Gap`.
        hours: See `Hours`.
        rotations: See `Rotation`.
        stops: See `Stop`.
        consent: See `ConsentRule`.

    Raises:
        InvalidValueError: Naming the field that is wrong.

    Source: CAD-10, CAD-11.
    """

    law: tuple[str, ...] = attrs.field(default=(), converter=to_texts)
    zones: tuple[str, ...] = attrs.field(default=(), converter=to_texts)
    service: tuple[str, ...] = attrs.field(default=("service",), converter=to_texts)
    requested: tuple[str, ...] = attrs.field(default=("callback",), converter=to_texts)
    uncounted: tuple[str, ...] = attrs.field(default=(), converter=to_texts)
    not_contact: tuple[str, ...] = attrs.field(default=("note",), converter=to_texts)
    on_silence: Literal["suspend", "keep"] = "suspend"
    media: Mapping[str, Medium] = attrs.field(factory=ReadOnlyMap[str, Medium], converter=_to_media)
    caps: tuple[Cap, ...] = attrs.field(default=(), converter=_to_caps)
    gaps: tuple[Gap, ...] = attrs.field(default=(), converter=_to_gaps)
    hours: tuple[Hours, ...] = attrs.field(default=(), converter=_to_hours)
    rotations: tuple[Rotation, ...] = attrs.field(default=(), converter=_to_rotations)
    stops: tuple[Stop, ...] = attrs.field(default=(), converter=_to_stops)
    consent: tuple[ConsentRule, ...] = attrs.field(default=(), converter=_to_consent)

    def __attrs_post_init__(self) -> None:
        for name in _TEXTS:
            values: tuple[str, ...] = getattr(self, name)
            check_tuple_of(name, values, str)
            for index, value in enumerate(values):
                check_text(f"{name}[{index}]", value)
                if value in values[:index]:
                    raise InvalidValueError(f"{name}[{index}]", value, "must come once")
        for index, name in enumerate(self.law):
            if name not in LAWS:
                raise InvalidValueError(f"law[{index}]", name, "must be a legal preset", near_law(name))
        for index, zone in enumerate(self.zones):
            check_zone(f"zones[{index}]", zone)
        check_choice("on_silence", self.on_silence, ON_SILENCE)
        if not isinstance(self.media, ReadOnlyMap):
            raise InvalidValueError("media", self.media, "must be a mapping of channels to media")
        for channel, medium in self.media.items():
            check_text("media", channel)
            check_choice(f"media.{channel}", medium, MEDIA)
        for name, kind in _ROOMS:
            check_tuple_of(name, getattr(self, name), kind)

    @cached_property
    def active(self) -> tuple[ActiveRule, ...]:
        """Every rule that there is: the policy's own in the order of the document, then those of its laws."""
        own = [ActiveRule(rule, f"{name}[{index}]") for name, _ in _ROOMS for index, rule in enumerate(getattr(self, name))]
        lawful = [
            ActiveRule(rule, row.id, row) for preset in with_included(self.law) for row in preset.rows for rule in row.rules
        ]
        return (*own, *lawful)

    @property
    def sees_holidays(self) -> bool:
        """Whether public holidays of the policy's own calendar make a difference."""
        return any(hours.sees_holidays and hours.calendar is None for hours in self.hours)

    def medium_of(self, channel: str) -> Medium | None:
        """The medium of a channel; None when it is not known, and then every law has its say."""
        return self._known_media.get(channel)

    @cached_property
    def _known_media(self) -> dict[str, Medium]:
        return {**BUILT_IN_MEDIA, **self.media}

    def class_of(self, purpose: str | None) -> PurposeClass:
        """What a purpose is for the law; what nobody declared, and none at all, is advertising (CAD-11)."""
        return "service" if purpose is not None and purpose in self._services else "advertising"

    def rules_for(self, channel: str, purpose: str | None) -> tuple[ActiveRule, ...]:
        """The rules that are about a channel and a purpose."""
        medium, purpose_class = self.medium_of(channel), self.class_of(purpose)
        found = self._found.get((channel, purpose_class))
        if found is None:
            found = tuple(
                active
                for active in self.active
                if active.is_about(channel, medium)
                and (purpose_class == "advertising" or getattr(active.rule, "purposes", "every") == "every")
            )
            self._found[channel, purpose_class] = found
        return found

    @cached_property
    def _found(self) -> dict[tuple[str, PurposeClass], tuple[ActiveRule, ...]]:
        """What was asked for before: entries are only ever added, each equal to what anybody else would add."""
        return {}

    @cached_property
    def _services(self) -> frozenset[str]:
        return frozenset((*self.service, *self.requested))


def possible_zones(rules: PermissionRules, client: Client, book_zone: str) -> tuple[str, ...]:
    """Where a client may be: its own zone, else those that the rules name, else those of their laws, else the book's.

    With several, a contact is allowed only when it is allowed in every one of them.

    Args:
        rules: The rules.
        client: The client.
        book_zone: Of the book.

    Source: CAD-11, TIM-2.
    """
    if client.zone is not None:
        return (client.zone,)
    if rules.zones:
        return rules.zones
    lawful = dict.fromkeys(zone for name in rules.law for zone in LAWS[name].zones)
    return tuple(lawful) or (book_zone,)
