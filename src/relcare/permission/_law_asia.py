"""South Korea and China. Parameters, not legal advice."""

from datetime import date
from typing import Final

from relcare.permission._consent_rule import ConsentRule
from relcare.permission._fatigue import REFUSALS, Stop
from relcare.permission._hours import Hours
from relcare.permission._law import LawRow, LegalPreset

__all__ = ["CHINA", "KOREA"]

_LOOKED_UP: Final = date(2026, 11, 21)
_ELECTRONIC: Final = ("phone", "text", "email")
# What ends advertising for good; a declined offer alone does not.
_OPT_OUT: Final = ("opt-out", "refused")

KOREA: Final = LegalPreset(
    id="kr",
    title="South Korea",
    zones=("Asia/Seoul",),
    rows=(
        LawRow(
            id="kr.ad.consent",
            says=(
                "advertising needs explicit prior consent, except for the same kind of goods within 6 months of the end of a deal"
            ),
            source="Network Act 50(1), Decree 61(1)",
            confidence="primary",
            as_of=_LOOKED_UP,
            media=_ELECTRONIC,
            rules=(ConsentRule(mode="opt-in", purposes="advertising", soft_opt_in="6 months"),),
        ),
        LawRow(
            id="kr.ad.night",
            says="no advertising from 21:00 to before 08:00 without a separate consent for the night; e-mail is exempt",
            source="Network Act 50(3), Decree 61(2), text of 2026-10-02",
            confidence="primary",
            as_of=_LOOKED_UP,
            media=("phone", "text"),
            rules=(Hours(quiet=("21:00-08:00",), purposes="advertising", night_consent=True),),
        ),
        LawRow(
            id="kr.ad.stop",
            says="a refusal ends advertising at once and free of charge",
            source="Network Act 50(2), (6), (7)",
            confidence="primary",
            as_of=_LOOKED_UP,
            media=_ELECTRONIC,
            rules=(Stop(after=1, outcomes=_OPT_OUT, purposes="advertising"),),
        ),
        LawRow(
            id="kr.ad.stop_notice",
            says="the result of a refusal or withdrawal is told within 14 days",
            source="Decree 62-2",
            confidence="secondary",
            as_of=_LOOKED_UP,
        ),
        LawRow(
            id="kr.ad.reconfirm",
            says=(
                "consent is confirmed anew every 2 calendar years, before the same date; the message names sender, date "
                "of consent, and how to keep or withdraw it"
            ),
            source="Network Act 50(8), Decree 62-3(1), (2)",
            confidence="primary",
            as_of=_LOOKED_UP,
            media=_ELECTRONIC,
            rules=(ConsentRule(mode="opt-in", purposes="advertising", soft_opt_in="6 months", reconfirm="2 years"),),
        ),
        LawRow(
            id="kr.ad.label",
            says="an advertisement is marked (광고) and names sender, contact and a free way to opt out",
            source="smscore, KISA guides; the Act was amended in 2026",
            confidence="secondary",
            as_of=_LOOKED_UP,
        ),
        LawRow(
            id="kr.tel.dnc",
            says=(
                "telephone lists are matched with the do-not-call list (두낫콜) at least monthly; records of calls are kept "
                "3 months"
            ),
            source="KFTC news; the 3 months seen as a notice of a bill",
            confidence="secondary",
            as_of=_LOOKED_UP,
        ),
        LawRow(
            id="kr.fin.hours",
            says="financial products are sold by visit or telephone from 08:00 to 21:00 only, unless the client asked",
            source="edaily",
            confidence="secondary",
            as_of=_LOOKED_UP,
        ),
        LawRow(
            id="kr.pipa.log",
            says="logs of access are kept 1 year, 2 years from 50,000 persons or with sensitive data, and reviewed monthly",
            source="Safety Standard article 8, text of 2019 to 2023",
            confidence="primary",
            as_of=_LOOKED_UP,
        ),
        LawRow(
            id="kr.pipa.erase",
            says="access, correction, erasure and stopping are answered within 10 days; what is erased cannot be recovered",
            source="PIPA 36(3), Decree 41, 43, 44",
            confidence="primary",
            as_of=_LOOKED_UP,
        ),
        LawRow(
            id="kr.pipa.destroy",
            says="data no longer needed are destroyed without delay, in practice within 5 days",
            source="summaries of PIPA; the rule about dormant clients ended on 2023-09-15",
            confidence="secondary",
            as_of=_LOOKED_UP,
        ),
        LawRow(
            id="kr.ecom.retain",
            says=(
                "records are kept: advertisements 6 months, contracts and withdrawals 5 years, payments 5 years, "
                "complaints 3 years"
            ),
            source="E-commerce Decree article 6",
            confidence="primary",
            as_of=_LOOKED_UP,
        ),
    ),
)

CHINA: Final = LegalPreset(
    id="cn",
    title="China",
    zones=("Asia/Shanghai",),
    rows=(
        LawRow(
            id="cn.sms.consent",
            says="commercial messages need consent or a request; no reply is a refusal; a refusal ends them",
            source="MIIT Order 31, in force since 2015-06-30",
            confidence="secondary",
            as_of=_LOOKED_UP,
            valid_from=date(2015, 6, 30),
            media=("text",),
            rules=(
                ConsentRule(mode="opt-in", purposes="advertising"),
                Stop(after=1, outcomes=_OPT_OUT, purposes="advertising"),
            ),
        ),
        LawRow(
            id="cn.sms.proof",
            says="proof of consent is kept for at least 5 months",
            source="a draft of 2020",
            confidence="secondary",
            as_of=_LOOKED_UP,
        ),
        LawRow(
            id="cn.quiet",
            says=(
                "no sales calls from 21:00 to before 09:00 unless the client asks: the measure for insurance, used as the default"
            ),
            source="CIRC measure of 2013",
            confidence="secondary",
            as_of=_LOOKED_UP,
            media=("phone",),
            rules=(Hours(quiet=("21:00-09:00",), purposes="advertising"),),
        ),
        LawRow(
            id="cn.tel.refusal",
            says="after a refusal no sales call for at least 6 months; recordings are kept 5 years",
            source="CIRC measure of 2013",
            confidence="secondary",
            as_of=_LOOKED_UP,
            media=("phone",),
            rules=(Stop(after=1, outcomes=REFUSALS, pause="6 months", purposes="advertising"),),
        ),
        LawRow(
            id="cn.pipl.marketing",
            says="automated marketing offers a choice that is not personal, or an easy refusal; prices are not unfair",
            source="PIPL 24",
            confidence="primary",
            as_of=_LOOKED_UP,
        ),
        LawRow(
            id="cn.pipl.delete",
            says="data are deleted when the purpose ends, time runs out or consent is withdrawn; otherwise only stored",
            source="PIPL 47",
            confidence="primary",
            as_of=_LOOKED_UP,
        ),
        LawRow(
            id="cn.pipl.record",
            says="impact assessments and records of processing are kept for at least 3 years",
            source="PIPL 56",
            confidence="primary",
            as_of=_LOOKED_UP,
        ),
        LawRow(
            id="cn.pipl.withdraw",
            says="withdrawing consent is as easy as giving it",
            source="PIPL 15",
            confidence="secondary",
            as_of=_LOOKED_UP,
        ),
    ),
)
