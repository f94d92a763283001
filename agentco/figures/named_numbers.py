"""Numbers that are names and need no source: port 443, Python 3.12, ISO 27001, article 6, Q3.

The name stands directly before the number, and nothing that is counted behind it: `version 3
users` and `port 300 customers` are figures.
"""

import re

from agentco.figures.contact_numbers import is_contact
from agentco.kernel import package_data
from agentco.kernel.comparison import any_of, plain_letters
from agentco.kernel.number_words import is_measured

_TABLE = package_data.load_table(__name__, dict[str, tuple[str, ...]])
_LONGEST_NAME = 40
_MONTHS = re.compile(
    r"(?:Jan|Feb|Fev|Mar|Apr|Abr|May|Mai|Jun|Jul|Aug|Ago|Sep|Set|Oct|Out|Nov|Dec|Dez)\w* \Z"
)
_LONGEST_LIST = 60


_GAP = r"(?:[ ]?[:#]?[ ]?|-|/)"
_NUMBER = r"\d[\d.]*"
# `articles 6 and 17`, `steps 2, 3 and 4`: the numbers before belong to the name too.
_BEFORE = re.compile(
    rf"""(?<![^\W_])(?:
      (?:{any_of(_TABLE["names"])}){_GAP}(?:(?:n\.?[ºo]|no\.)[ ]?)?
        (?:{_NUMBER}(?:\.?[ºª])?(?:,[ ]|[:(]|[ ](?:and|e|to|a|or|ou)[ ]|-|\u2013))*
    | (?:{any_of(_TABLE["laws"])})[ ](?:no\.?[ ])?(?:\d{{1,4}}[/-])?(?:[a-z][/-])?(?:\d{{1,4}}/)?
    | v\d+\.(?:\d+\.)*
    )\Z""",
    re.VERBOSE,
)
_SIGN_BEFORE = re.compile(r"(?:[#§]|§[ ]|\#[ ])\Z")
_PLAIN_NUMBER = re.compile(
    r"v?\d{1,5}(?:[.\-/]\d{1,4}){0,3}(?:\.?[xºª])?|\d{1,4}/\d{4}"
)
_NAME = re.compile(r"(?!x\d|eur|usd)[a-z]{1,5}\d{1,3}[a-z]?|v\d+(?:\.\d+)*(?:\.x)?")
_COUNTED_SIGNS = re.compile(
    r"[ ]?(?:%|€|\$|£|k\b|eur\b|euros?\b|usd\b|per[ ]?cent|por[ ]cento)"
)
_VERSION = re.compile(r"(?!\d+(?:\.\d{3})+\Z)\d{1,4}(?:\.\d{1,4}){2,4}")
_TITLE = re.compile(r"\d+ [A-Z][a-z]+ (?:of|de|for|to) (?:the )?[A-Z]")
_NAMED_AHEAD = re.compile(r"[a-zà-ÿ,;)] (?:[A-Z][\w'-]*[ -])*[A-Z][\w'-]*[ -]\Z")
_NAME_ENDS = re.compile(
    r"[.,;:!?)](?!\d)|\Z|[ ](?:is|was|are|has|runs|works|can|and|or|é|tem|foi|corre|e|ou)(?![^\W_])"
)
_MONTHS_OF_A_YEAR, _TIMES = "12", ("\u00d7", "*")
_AROUND_THE_CLOCK = re.compile(r"24[ ]?(?:h|hours)?[ ]?[/x][ ]?7")


def is_named(line: str, start: int, end: int) -> bool:
    """Whether the number at a place of a line is a name, or a part of one."""
    number = plain_letters(line[start:end])
    before = plain_letters(line[max(0, start - _LONGEST_LIST) : start])
    behind = plain_letters(line[end : end + _LONGEST_LIST])
    if _TITLE.match(line, start) or is_contact(
        f"{before}{number}{behind}", len(before)
    ):
        return True
    if is_measured(behind, 0) or _COUNTED_SIGNS.match(behind):
        return False
    if _VERSION.fullmatch(number) or _is_model(line, start, behind):
        return True
    return _is_called(before, number, behind)


def _is_called(before: str, number: str, behind: str) -> bool:
    """Whether what stands before a number, or within it, makes a name of it."""
    letters = re.split("[^a-z]", behind, maxsplit=1)[0]
    word = f"{number}{letters}"
    if word in _TABLE["signs"] or _NAME.fullmatch(number):
        return True
    is_year = number == _MONTHS_OF_A_YEAR and _is_multiplied(before, behind)
    if is_year or _is_around_the_clock(before, number, behind):
        return True
    if not _PLAIN_NUMBER.fullmatch(number):
        return False
    return bool(_BEFORE.search(before) or _SIGN_BEFORE.search(before))


def _is_model(line: str, start: int, behind: str) -> bool:
    """Whether a name in capitals stands before, and nothing counted behind: `the Boeing 747`."""
    ahead = line[max(0, start - _LONGEST_NAME) : start]
    is_name = _NAMED_AHEAD.search(ahead) and not _MONTHS.search(ahead)
    return bool(is_name and _NAME_ENDS.match(behind))


def _is_multiplied(before: str, behind: str) -> bool:
    """Whether a sign of multiplication stands beside a number."""
    return before.rstrip().endswith(_TIMES) or behind.lstrip().startswith(_TIMES)


def _is_around_the_clock(before: str, number: str, behind: str) -> bool:
    """Whether a number is a part of 24/7, which is watched as a claim."""
    start = len(before)
    near = f"{before}{number}{behind}"
    for match in _AROUND_THE_CLOCK.finditer(near, max(0, start - len("24 hours x "))):
        if match.start() <= start < match.end():
            return True
    return False
