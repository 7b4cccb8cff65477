"""From the bytes of a document to its text, strictly UTF-8."""

import codecs
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from relcare.errors import DocumentError, PolicyDocumentError, Problem

if TYPE_CHECKING:
    import os

__all__ = ["TEXT_LIMIT", "decode_text", "lowered", "read_text", "too_large"]

TEXT_LIMIT = 1_048_576
"""The most bytes (of a text already decoded: characters) that a document may have: 1 MiB."""

_MARKS = (
    # UTF-32 first: its little-endian mark begins with that of UTF-16.
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
_MESSAGE_SHOWN = 200
# The syllables that nearly all Korean text is made of.
_USUAL = frozenset(
    "가각간갈감갑값강개객거건걸검것게겠격견결경계고곡골공과관광괜교구국군권귀규그극근글금급기긴길김까깨꺼께꼭끝나난날남내냐너널네넘"
    "년노논높누눈느는능늘니님다단달담답당대더던데도독돈동되된될두둘드든들등디따때떠또라락란람랑래략량러런럼렇레려력련렬령례로록론료루"
    "류르른를름리린림립마막만많말맞매맥머먹먼메면명모목몰무문물미민및바박반받발밝방배백버번벌법변별병보복본봉부북분불비빠사산살삼상새"
    "색생서석선설성세소속손송수순술숫쉬스습승시식신실심십싸씨아악안않알압앙애액야약양어억언얼업없었에여역연열영예오온올와완왕외요용우"
    "운울움원월위유육율은을음응의이인일임입있자작잔잘장재저적전절점접정제조족존종좋주죽준중즉증지직진질집짜차착찬참창채책처천철첫청체"
    "초총최추출충취치친카케코크키타탁탄태터테토통투특파판팔퍼편평포표품프피필하학한할함합항해했행향허험현협형호혹혼화확환활황회획효후"
    "훈휴히힘콜컴젝텍팀링팅블렌벤릭닉"
)
# The characters of simplified Chinese that most of its text, the heads of its tables and its names are made of.
_USUAL_HAN = frozenset(
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方"
    "多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日者意无它与长把机十民第公此已工使情明性"
    "知全三又关点正业外将两高间由问很最重并物手应向头文体政美相见被利什二等产或新制身果加西斯月话合回特代内信表化给世位次度门"
    "任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总电数安少报才结反受目太量再感建务做"
    "接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象完设式色路记"
    "南品住告类求据程北边张该交规万取拉格望觉术领共确传师观清今切院让识候带导争运价单姓客户编号址额订购买商店铺货款付收支票税"
    "率折扣签约销售采供联邮箱职备注股份集团京广州深圳省县街楼室型状态称呼访级积余龄创负责跟服项咨询李刘陈杨赵黄周吴徐孙朱胡郭"
    "罗郑梁谢宋唐邓冯韩曹曾彭蔡潘田董袁叶蒋杜苏魏吕丁沈姚卢钟姜崔谭廖范汪陆石戴贾夏邱侯邹熊孟江薛尹段雷黎史龙陶贺顾毛龚邵钱严"
    "洪武孔伟芳娜敏静丽勇艳杰娟涛超霞刚桂英华玉兰红军"
    "拜仓库"
)
_SAVE_HINT = "save the file as UTF-8"


def read_text(path: "str | os.PathLike[str]", *, error: type[DocumentError] = PolicyDocumentError) -> str:
    """The text of a document in a file: UTF-8, at most 1 MiB; a byte order mark at the start is dropped.

    Line ends stay as they are.

    Args:
        path: The file; problems name it as it is given here.
        error: The class of the error raised.

    Raises:
        DocumentError: Of the class given, with one problem: the file cannot be read, is too large, or is not UTF-8 (at the first
            wrong byte, with the likely encoding as hint).
    """
    file = str(path)
    try:
        with Path(path).open("rb") as stream:
            raw = stream.read(TEXT_LIMIT + 1)
    except (OSError, ValueError) as fault:
        told = fault.strerror if isinstance(fault, OSError) else None
        reason = told or str(fault)
        raise error([Problem(file=file, message=f"cannot be read: {lowered(reason)}")]) from fault
    if len(raw) > TEXT_LIMIT:
        raise error([too_large(file)])
    return decode_text(raw, file, error=error)


def decode_text(raw: bytes, file: str, *, error: type[DocumentError] = PolicyDocumentError) -> str:
    """The text of these bytes, which must be UTF-8; a byte order mark at the start is dropped.

    Args:
        raw: The bytes, of any length.
        file: The name that problems carry.
        error: The class of the error raised.

    Raises:
        DocumentError: Of the class given, with one problem at the first byte that is not UTF-8; its column counts characters.

    Examples:
        >>> decode_text('name = "김철수"'.encode("cp949"), "house.toml")
        Traceback (most recent call last):
        ...
        relcare.errors.PolicyDocumentError: 1 problem
        house.toml:1:9: not UTF-8: the byte 0xB1 is no part of a character; hint: the file seems to be cp949: save it as UTF-8
    """
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            raise error([_wide(file, encoding)])
    if b"\0" in raw[:4]:
        raise error([_wide(file, "UTF-16 or UTF-32 without a mark")])
    raw = raw.removeprefix(codecs.BOM_UTF8)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as fault:
        line_start = raw.rfind(b"\n", 0, fault.start) + 1
        # Where characters beyond ASCII were read before, the file is UTF-8 with damage in it, and a guess would mislead.
        likely = _likely_encoding(raw) if raw[: fault.start].isascii() else None
        problem = Problem(
            file=file,
            line=raw.count(b"\n", 0, fault.start) + 1,
            column=len(raw[line_start : fault.start].decode("utf-8")) + 1,
            message=f"not UTF-8: the byte 0x{raw[fault.start]:02X} is no part of a character",
            hint=f"the file seems to be {likely}: save it as UTF-8" if likely else _SAVE_HINT,
        )
        raise error([problem]) from fault


def lowered(message: str) -> str:
    """The message in this library's style: its first letter small, at most 200 characters."""
    cut = message if len(message) <= _MESSAGE_SHOWN else f"{message[: _MESSAGE_SHOWN - 3]}..."
    return cut[:1].lower() + cut[1:]


def too_large(file: str) -> Problem:
    """The problem of a document beyond `TEXT_LIMIT`."""
    return Problem(file=file, message="the document is larger than 1 MiB", hint="split it into several documents")


def _wide(file: str, encoding: str) -> Problem:
    message = f"not UTF-8: the file seems to be {encoding}"
    return Problem(file=file, line=1, column=1, message=message, hint=_SAVE_HINT)


def _decodes(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return None


def _likely_encoding(raw: bytes) -> str | None:
    """The older encoding that the bytes were most likely written in: Korean, else Chinese; None where neither reads them.

    Where both readings are made of characters that are usual in their language, both are named.
    """
    korean, chinese = _decodes(raw, "cp949"), _decodes(raw, "gb18030")
    if korean is not None and _is_korean(korean):
        ratio, other = _usual_ratio(korean, _USUAL), _usual_ratio(chinese or "", _USUAL_HAN)
        return "gb18030" if other > ratio else "cp949 or gb18030" if other == ratio else "cp949"
    if chinese is not None:
        return "gb18030"
    return None if korean is None else "cp949"


def _is_korean(text: str) -> bool:
    """Whether bytes that were read as Korean may be it."""
    # Chinese bytes mostly read as cp949 too, but then as a mixture of hangul and hanja ('王小明' as '珙鬼츠').
    foreign = [char for char in text if not char.isascii() and char.isalpha()]
    hangul = sum("\uac00" <= char <= "\ud7a3" for char in foreign)
    return bool(foreign) and 10 * hangul >= 9 * len(foreign)


def _usual_ratio(text: str, usual: frozenset[str]) -> Fraction:
    """How many of the letters beyond ASCII are usual ones: short Chinese reads as hangul alone, but mostly as rare syllables.

    '高端' is also '멕똥', and '价格' is '송목', of which all four are usual.
    """
    foreign = [char for char in text if not char.isascii() and char.isalpha()]
    return Fraction(sum(char in usual for char in foreign), max(1, len(foreign)))
