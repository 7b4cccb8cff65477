"""The European Union, France and Germany, and the house's own strict preset. Parameters, not legal advice."""

from datetime import date
from typing import Final

from relcare.permission._consent_rule import ConsentRule
from relcare.permission._fatigue import REFUSALS, Cap, Stop
from relcare.permission._hours import Hours
from relcare.permission._law import LawRow, LegalPreset

__all__ = ["EUROPEAN_UNION", "FRANCE", "GERMANY", "STRICT"]

_LOOKED_UP: Final = date(2026, 11, 21)
_OPT_OUT: Final = ("opt-out",)
_OFFICE: Final = ("Mon-Fri 10:00-13:00", "Mon-Fri 14:00-20:00")

EUROPEAN_UNION: Final = LegalPreset(
    id="eu",
    title="European Union",
    # One of each clock that the member states keep in Europe.
    zones=("Atlantic/Azores", "Europe/Lisbon", "Europe/Berlin", "Europe/Athens"),
    rows=(
        LawRow(
            id="eu.gdpr.objection",
            says="an objection to direct marketing is absolute and ends it, profiling included",
            source="GDPR 21(2), (3)",
            confidence="primary",
            as_of=_LOOKED_UP,
            rules=(Stop(after=1, outcomes=_OPT_OUT, purposes="advertising"),),
        ),
        LawRow(
            id="eu.gdpr.rights",
            says=(
                "consent is withdrawn as easily as given; requests are answered within 1 month, 2 more where needed; "
                "erasure unless a legal duty stands against it; a breach is reported within 72 hours"
            ),
            source="GDPR 7(3), 12(3), 17(1)(c), 17(3), 33",
            confidence="common knowledge",
            as_of=_LOOKED_UP,
        ),
        LawRow(
            id="eu.eprivacy",
            says=(
                "e-mail and messages need opt-in, except to own customers about own similar products when refusing was "
                "offered at collection and is offered in each message"
            ),
            source="Directive 2002/58 article 13(1), (2)",
            confidence="primary",
            as_of=_LOOKED_UP,
            media=("text", "email"),
            rules=(ConsentRule(mode="opt-in", purposes="advertising", soft_opt_in="without limit"),),
        ),
    ),
)

FRANCE: Final = LegalPreset(
    id="fr",
    title="France",
    zones=("Europe/Paris",),
    includes=("eu",),
    rows=(
        LawRow(
            id="fr.tel.hours",
            says=(
                "telephone solicitation on Monday to Friday only, not on public holidays, from 10:00 to 13:00 and from "
                "14:00 to 20:00 in the consumer's zone"
            ),
            source="Code de la consommation D. 223-9",
            confidence="primary",
            as_of=_LOOKED_UP,
            media=("phone",),
            rules=(Hours(allowed=_OFFICE, holidays="closed", calendar="FR", purposes="advertising"),),
        ),
        LawRow(
            id="fr.tel.cap",
            says="no more than 4 solicitations or attempts in 30 calendar days",
            source="Code de la consommation D. 223-9",
            confidence="primary",
            as_of=_LOOKED_UP,
            media=("phone",),
            rules=(Cap(limit=4, per="30 days", purposes="advertising"),),
        ),
        LawRow(
            id="fr.tel.refusal",
            says="after a refusal no solicitation for 60 calendar days",
            source="Code de la consommation D. 223-9",
            confidence="primary",
            as_of=_LOOKED_UP,
            media=("phone",),
            rules=(Stop(after=1, outcomes=REFUSALS, pause="60 days", purposes="advertising"),),
        ),
        LawRow(
            id="fr.tel.consent",
            says=(
                "telephone solicitation needs opt-in since 2026-08-11, the caller proving it; not for related goods while "
                "a contract runs"
            ),
            source="Code de la consommation L. 223-1 (loi 2025-594)",
            confidence="primary",
            as_of=_LOOKED_UP,
            valid_from=date(2026, 8, 11),
            media=("phone",),
            rules=(ConsentRule(mode="opt-in", purposes="advertising"),),
        ),
        LawRow(
            id="fr.tel.objection",
            says="an objection during the call ends it, and there is no other one ever",
            source="summaries of the law of 2025",
            confidence="secondary",
            as_of=_LOOKED_UP,
            media=("phone",),
            rules=(Stop(after=1, outcomes=_OPT_OUT, purposes="advertising"),),
        ),
        LawRow(
            id="fr.cnil.retain",
            says=(
                "data of prospects are kept 3 years from the last contact that came from the person, then asked about or "
                "deleted; those of clients 3 years after the end, archives 5 or 10 years"
            ),
            source="CNIL, as told by olympe.legal",
            confidence="secondary",
            as_of=_LOOKED_UP,
        ),
    ),
)

GERMANY: Final = LegalPreset(
    id="de",
    title="Germany",
    zones=("Europe/Berlin",),
    includes=("eu",),
    rows=(
        LawRow(
            id="de.tel.consent",
            says="advertising by telephone needs prior express consent",
            source="UWG 7a",
            confidence="primary",
            as_of=_LOOKED_UP,
            media=("phone",),
            rules=(ConsentRule(mode="opt-in", purposes="advertising"),),
        ),
        LawRow(
            id="de.tel.proof",
            says="proof of consent is kept 5 years from the day it was given and from every use",
            source="UWG 7a",
            confidence="primary",
            as_of=_LOOKED_UP,
        ),
        LawRow(
            id="de.tel.fine",
            says="a missing proof costs up to 50,000 euros, an unlawful call up to 300,000",
            source="UWG 20, as summarised",
            confidence="secondary",
            as_of=_LOOKED_UP,
        ),
    ),
)

STRICT: Final = LegalPreset(
    id="strict",
    title="The house's own strict rules",
    rows=(
        LawRow(
            id="strict.hours",
            says="from 10:00 to 13:00 and from 14:00 to 20:00 on Monday to Friday in the recipient's zone",
            source="a choice of this library, after the strictest of the others",
            confidence="primary",
            as_of=_LOOKED_UP,
            rules=(Hours(allowed=_OFFICE, purposes="advertising"),),
        ),
        LawRow(
            id="strict.consent",
            says=(
                "opt-in for each purpose and channel by name, confirmed anew every 24 calendar months; a refusal is one of all"
            ),
            source="a choice of this library, after the strictest of the others",
            confidence="primary",
            as_of=_LOOKED_UP,
            rules=(ConsentRule(mode="opt-in", purposes="advertising", reconfirm="2 years", is_specific=True, is_global=True),),
        ),
        LawRow(
            id="strict.cap",
            says="no more than 4 contacts in 30 days for advertising",
            source="a choice of this library, after the strictest of the others",
            confidence="primary",
            as_of=_LOOKED_UP,
            rules=(Cap(limit=4, per="30 days", purposes="advertising"),),
        ),
        LawRow(
            id="strict.stop",
            says="a refusal ends advertising at once, on every channel",
            source="a choice of this library, after the strictest of the others",
            confidence="primary",
            as_of=_LOOKED_UP,
            rules=(Stop(after=1, outcomes=("opt-out", "refused"), purposes="advertising"),),
        ),
    ),
)
