"""One sentence for one code with its facts and values (CRI-3)."""

from collections.abc import Iterable, Mapping

from relcare.model import Reason
from relcare.wording._catalogue import Catalogue
from relcare.wording._languages import catalogue
from relcare.wording._shown import MAX_RAW, inert, quoted, shown
from relcare.wording._template import Field, fields_of, parse_template, render

__all__ = ["because", "explain_reason", "reasons_in_words", "sentence"]


def explain_reason(reason: Reason, language: str | Catalogue = "en") -> str:
    """What a reason says, as one sentence without a full stop; its facts stand in it with their values, missing ones as missing.

    A code that the catalogue does not know, or a reason without a value that its sentence needs, is shown as it is:
    `code (name=value, ...)`.

    Args:
        reason: Any.
        language: `en`, or a catalogue of your own.

    Raises:
        InvalidValueError: If there is no catalogue for the language.

    Examples:
        >>> from datetime import date
        >>> rolled = {"from": date(2026, 5, 1), "to": date(2026, 5, 6), "roll": "following", "calendar": "CN"}
        >>> explain_reason(Reason("cadence.rolled", {}, rolled))
        'moved from 2026-05-01 to 2026-05-06, the following business day of calendar CN'
        >>> explain_reason(Reason("house.own", {"tier.abc": None}, {"rule": "call-A"}))
        'house.own (rule=call-A, tier.abc=missing)'

    Source: CRI-3.
    """
    return sentence(reason.code, reason.facts, reason.values, catalogue(language))


def reasons_in_words(reasons: Iterable[Reason], language: str | Catalogue = "en") -> tuple[str, ...]:
    """Each reason as `explain_reason` puts it, in the order given.

    Raises:
        InvalidValueError: If there is no catalogue for the language.
    """
    words = catalogue(language)
    return tuple(sentence(reason.code, reason.facts, reason.values, words) for reason in reasons)


def sentence(code: str, facts: Mapping[str, object], values: Mapping[str, object], words: Catalogue) -> str:
    """The words for a code; the code with its values where there are none."""
    template = words.templates.get(code)
    if template is None:
        return _bare(code, facts, values, words)
    parts = parse_template(template)
    text = render(parts, lambda field: _field(field, facts, values, words))
    if text is None:
        return _bare(code, facts, values, words)
    if facts and "facts" not in fields_of(parts):
        return phrase("phrase.with_facts", words, sentence=text, facts=_facts(facts, words))
    return text


def because(decision: str, reasons: Iterable[str], words: Catalogue) -> str:
    """A decision with its reasons in one line; a reason that several rules share is told once."""
    told = words.templates["joint.clauses"].join(dict.fromkeys(reasons))
    return phrase("phrase.because", words, decision=decision, reasons=told) if told else decision


def phrase(key: str, words: Catalogue, **texts: str) -> str:
    """A phrase with texts that are ready."""
    return render(parse_template(words.templates[key]), lambda field: texts[field.name]) or ""


def _field(field: Field, facts: Mapping[str, object], values: Mapping[str, object], words: Catalogue) -> str | None:
    if field.name == "facts":
        return _facts(facts, words) or None
    value = values.get(field.name)
    if isinstance(value, str):
        word = words.templates.get(f"{field.name}={value}")
        if word is not None:
            return word
    if _is_absent(value):
        return None
    if field.style == "raw":
        return inert(value, MAX_RAW) if isinstance(value, str) else shown(value, words)
    if field.style:
        one, _, other = field.style.partition("/")
        count = shown(value, words)
        return f"{count} {one if count == '1' else other}"
    return shown(value, words)


def _is_absent(value: object) -> bool:
    return value is None or (isinstance(value, (str, tuple, frozenset)) and not value)


def _facts(facts: Mapping[str, object], words: Catalogue) -> str:
    told = (
        phrase("phrase.missing", words, name=quoted(name))
        if value is None
        else phrase("phrase.fact", words, name=quoted(name), value=shown(value, words))
        for name, value in facts.items()
    )
    return words.templates["joint.items"].join(told)


def _bare(code: str, facts: Mapping[str, object], values: Mapping[str, object], words: Catalogue) -> str:
    told = [f"{quoted(name)}={shown(value, words)}" for name, value in values.items()]
    told.extend(f"{quoted(name)}={'missing' if value is None else shown(value, words)}" for name, value in facts.items())
    return f"{quoted(code)} ({', '.join(told)})" if told else quoted(code)
