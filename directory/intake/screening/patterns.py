"""What must not be published, as patterns over plain text, each with the reason in words.

Rather too much than too little: who is refused rewrites a sentence; what gets out is out.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from directory.intake.screening.numbers import is_nhs_number, is_upn

_MONTH = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_YEAR = r"(?:(?:19|20)\d\d|'?\d\d)"
_CHILD = (
    r"(?:child|boy|girl|baby|toddler|teenager|youngster|young (?:person|man|woman|lady)|resident|"
    r"son|daughter|brother|sister|sibling|twin)"
)
_THE = r"(?:the|our|this|one|a|an|that)"
_STREET = (
    r"(?:Street|St|Road|Rd|Lane|Ln|Avenue|Ave|Close|Drive|Way|Crescent|Gardens|Grove|Terrace|Place|"
    r"Court|Square|Mews|Hill|Row|Walk|View|Rise|Green)"
)
_WORD = r"[\w'-]{1,40}"
_NAME = rf"[A-Z]{_WORD}"
_LANDMARK = (
    r"(?:parks?|church|chapel|cathedral|mosque|temple|synagogue|schools?|nursery|college|academy|"
    r"university|station|pub|inn|hotel|shops?|supermarket|library|post office|hospital|surgery|"
    r"health centre|clinic|river|canal|bridge|village green|green|common|playing fields?|"
    r"recreation ground|playground|cricket ground|football ground|stadium|golf (?:club|course)|"
    r"cemetery|churchyard|roundabout|motorway|bypass|railway|level crossing|garage|petrol station|"
    r"(?:village|town|church) hall|leisure centre|swimming (?:pool|baths)|war memorial|market|farm|"
    r"beach|pier|harbour|marina|castle|museum|crossroads|traffic lights|bus stop|airport|prison|"
    r"factory|mill|lighthouse|woods?|reservoir|quarry)"
)
_BESIDE = (
    r"(?:opposite|next to|next door to|adjacent to|adjoining|behind|beside|alongside|"
    r"in front of|across (?:the (?:road|street) )?from|(?:just )?(?:a)?round the corner from|"
    r"at the (?:end|corner|top|bottom|foot) of|backs? on ?to|backing on ?to|overlook(?:s|ing)?|"
    r"a stone'?s throw from|facing|faces|within sight of)"
)
_COUNT = r"(?:\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|fifteen|twenty|a few)"
_FAR = (
    rf"(?i:{_COUNT}(?: |-)(?:minutes?|mins?|miles?|metres?|yards?|km)'?s?'?"
    r"(?: (?:walk|drive|ride|away))?(?: by (?:car|bus|train|foot))?(?: away)? (?:from|to|of))"
)
# Words that begin a sentence about anybody.
_NOBODY = (
    r"(?!(?:He|She|They|It|We|You|I|Who|Whoever|Nobody|Everybody|Everyone|Somebody|Someone|Each|"
    r"Every|All|Some|Most|Many|No|None|One|A|An|The|This|That|These|Those|Our|Their|His|Her|"
    r"Children|Child|Young|Staff|Adults?|Families|Siblings|Boys|Girls|Residents?|Home|House|Ofsted|"
    r"When|Once|After|Before|If|As|And|But|So|Then|Since|While)\b)"
)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern, and why what fits it is refused. `holds` tells it from what looks alike."""

    reason: str
    expression: re.Pattern[str]
    holds: Callable[[str], bool]


def _pattern(
    reason: str,
    expression: str,
    holds: Callable[[str], bool] = lambda _: True,
    *,
    case: bool = False,
) -> Pattern:
    return Pattern(reason, re.compile(expression, 0 if case else re.IGNORECASE), holds)


def _letters_and_digits(found: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", found.upper())


_BIRTH = "a date, which may be a child's date of birth; write no day, at most a month or a year"
_NUMBER = "a number that names a person or a case; leave it out"
_DOOR = "an address or a place on the map, which leads to the home's door; leave it out"
_LINK = "a link, which may lead to the home's door; leave it out"
_FRONT = "how the home looks from outside, which leads to its door; leave it out"
_SOMEBODY = "words about one child; describe the home, and nobody who lives there"
LEADS_TO_A_HOME = frozenset({_DOOR, _LINK, _FRONT})
"""The reasons that concern only what is said of a home."""

PATTERNS = (
    _pattern(_BIRTH, rf"(?<!\d){_DAY} ?[-/.] ?(?:0?[1-9]|1[0-2]) ?[-/.] ?{_YEAR}(?!\d)"),
    _pattern(_BIRTH, r"(?<!\d)(?:19|20)\d\d ?[-/.] ?(?:0?[1-9]|1[0-2]) ?[-/.] ?[0-3]?\d(?!\d)"),
    _pattern(_BIRTH, rf"(?<!\d){_DAY} ?(?:st|nd|rd|th)?(?: of)? ?-?{_MONTH} ?-?,? ?{_YEAR}(?!\d)"),
    _pattern(_BIRTH, rf"\b{_MONTH} ?{_DAY}(?:st|nd|rd|th)?,? {_YEAR}(?!\d)"),
    _pattern(_BIRTH, r"\b(?:d\.? ?o\.? ?b\b\.?|date of birth|birth ?days?\b)"),
    _pattern(
        "an NHS number; leave it out",
        r"(?<!\d)\d{3}[ -]?\d{3}[ -]?\d{4}(?!\d)",
        lambda found: is_nhs_number(_letters_and_digits(found)),
    ),
    _pattern(_NUMBER, r"\bnhs ?(?:no|num|number|id)\b"),
    _pattern(
        "a unique pupil number; leave it out",
        r"(?<![a-z0-9])[a-hj-np-rt-z](?:[ -]?\d){11}[ -]?[\da-z](?![a-z0-9])",
        lambda found: is_upn(_letters_and_digits(found)),
    ),
    _pattern(_NUMBER, r"\b(?:upn|unique pupil number)\b"),
    _pattern(
        _NUMBER,
        r"\b(?:case|file|client|person|child|pupil|court|mosaic|liquidlogic|lcs|ics|carefirst|swift)"
        r"(?: ?(?:no|num|number|ref|reference|id|record))*[ .:#]*[a-z]{0,4} ?[-/]?\d{3,}",
    ),
    _pattern(_NUMBER, r"\b[a-z]{2}\d{2}[cpz]\d{5}\b"),
    _pattern(
        _DOOR,
        r"\b[a-pr-uwyz](?:\d{1,2}|[a-hk-y]\d{1,2}|\d[a-hjkps-uw]|[a-hk-y]\d[abehmnprv-y])"
        r" ?\d[abd-hjlnp-uw-z]{2}\b",
    ),
    _pattern(_DOOR, rf"\b\d{{1,4}}[a-z]?,? (?:{_NAME} ){{1,4}}(?i:{_STREET})\b", case=True),
    _pattern(
        _DOOR,
        rf"\b{_NAME} (?:Street|Road|Lane|Avenue|Crescent|Terrace|Mews)\b(?! (?:House|Home))",
        case=True,
    ),
    _pattern(_DOOR, r"///\w+\.\w+\.\w+"),
    _pattern(_DOOR, r"(?<![\d.])(?:49|5\d|60)\.\d{3,} ?°?n?[, ]+-?[0-8]\.\d{3,}"),
    _pattern(_DOOR, r"\b[h-pst][a-hj-z] ?\d{3,5} ?\d{3,5}\b"),
    _pattern(_DOOR, rf"\b{_BESIDE} (?:(?:the|a|an|our|its) )?(?:{_WORD} ){{0,3}}{_LANDMARK}\b"),
    _pattern(
        _DOOR,
        rf"\b(?i:near|nearby|close to|by|behind|off) (?:the )?(?:{_NAME} ){{1,5}}"
        rf"(?i:{_LANDMARK})\b",
        case=True,
    ),
    _pattern(
        _DOOR,
        rf"\b{_FAR} (?:the )?(?:(?:{_WORD} ){{0,3}}(?i:{_LANDMARK})\b|[A-Z])",
        case=True,
    ),
    _pattern(
        _DOOR,
        r"\b(?i:village|hamlet|suburb|parish|estate|neighbourhood|cul-de-sac)"
        r" (?i:of|called|named) [A-Z]",
        case=True,
    ),
    _pattern(
        _DOOR,
        r"\b(?i:located|situated|stands|set|based|nestled|found)"
        r" (?i:in|at|near|outside|just outside|on the edge of|on the outskirts of)"
        r" (?:the (?:village|town|area|suburb) of )?[A-Z]",
        case=True,
    ),
    _pattern(_LINK, r"\bhttps?://|\bwww\.|\.(?:co\.uk|org\.uk|com|uk|org|net)/\w"),
    _pattern(
        _FRONT,
        r"\b(?:red|blue|green|white|black|yellow|pink|purple|grey|brown)(?:[- ]painted)?"
        r" (?:front )?(?:door|gates?|shutters|garage|fence|house|cottage|bungalow|building)\b",
    ),
    _pattern(_SOMEBODY, rf"\b{_THE} (?:\w+ )?{_CHILD}\b[^.!?]{{0,80}}\bborn\b"),
    _pattern(
        _SOMEBODY,
        rf"\b{_THE} (?:\w+ )?{_CHILD} (?:is |was )?(?:called|named|known as)\b",
    ),
    _pattern(_SOMEBODY, rf"\b(?i:{_CHILD}),? {_NOBODY}[A-Z][a-z]+\b", case=True),
    _pattern(_SOMEBODY, rf"\b(?:a|the|our|one) \d{{1,2}}[- ]years?[- ]old(?: {_CHILD})?\b"),
    _pattern(
        _SOMEBODY,
        rf"(?:^|(?<=[.!?;:,] )){_NOBODY}[A-Z][a-z]+(?: [A-Z][a-z]+)? (?:was born|was placed|"
        r"was admitted|moved in|moved here|came to live|came to us|has lived|lives with us|"
        r"lives here|has settled|went missing|ran away|is \d{1,2}\b|\(\d{1,2}\))",
        case=True,
    ),
)
