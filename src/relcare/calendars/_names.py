"""Which names of business calendars there are, told without the package that has their days."""

import re
from typing import Final

from relcare.calendars._national import check_name
from relcare.errors import InvalidValueError, MissingExtraError

__all__ = ["name_problem"]

_FORMS: Final = "write a country code such as CN, or with a region US-CA"
_FORM: Final = re.compile(r"([A-Z]{2})(-[A-Z0-9]{1,3})?", re.ASCII)
# ISO 3166-1, and XK for Kosovo: loading the package to ask for a country alone would take longer than reading a policy.
_COUNTRIES: Final = (
    " AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC "
    " CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD "
    " GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH "
    " KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW "
    " MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC "
    " SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY "
    " UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW "
)


def name_problem(name: str) -> tuple[str, str | None] | None:
    """What is wrong with the name of a calendar, with the way out; None when nothing is.

    Whether a country has such a region is only known where the extra `calendar` is installed.

    Args:
        name: As a document has it.

    Examples:
        >>> name_problem("CN"), name_problem("XX")
        (None, ("'XX' is no calendar", 'write a country code such as CN, or with a region US-CA'))
        >>> name_problem("China")
        ("'China' is no calendar", "did you mean 'CN'?")
    """
    match = _FORM.fullmatch(name)
    is_country = match is not None and f" {match[1]} " in _COUNTRIES
    if match is not None and is_country and match[2] is None:
        return None
    try:
        check_name(name)
    except InvalidValueError as error:
        meant = error.hint is not None and error.hint.startswith("did you mean")
        reason = f": {error.rule}" if is_country else ""
        return f"{name!r} is no calendar{reason}", error.hint if meant else _FORMS
    except MissingExtraError:
        return None if is_country else (f"{name!r} is no calendar", _FORMS)
    return None
