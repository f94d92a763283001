"""Numbers that are names and need no source: port 443, Python 3.12, ISO 27001, article 6, Q3.

The name stands directly before the number, and nothing that is counted behind it: `version 3
users` and `port 300 customers` are figures.
"""

import re
from collections.abc import Iterable

from agentco.kernel import package_data
from agentco.kernel.comparison import plain_letters
from agentco.kernel.number_words import is_measured

_TABLE = package_data.load_table(__name__, dict[str, tuple[str, ...]])
_LONGEST_NAME = 40
_LONGEST_LIST = 60


def _any_of(words: Iterable[str]) -> str:
    return "|".join(
        map(re.escape, sorted(map(plain_letters, words), key=len, reverse=True))
    )


_GAP = r"(?:[ ]?[:#]?[ ]?|-|/)"
_NUMBER = r"\d[\d.]*"
# `articles 6 and 17`, `steps 2, 3 and 4`: the numbers before belong to the name too.
_BEFORE = re.compile(
    rf"""(?<![^\W_])(?:
      (?:{_any_of(_TABLE["names"])}){_GAP}(?:(?:n\.?[ºo]|no\.)[ ]?)?
        (?:{_NUMBER}(?:\.?[ºª])?(?:,[ ]|[:(]|[ ](?:and|e|to|a|or|ou)[ ]|-|\u2013))*
    | (?:{_any_of(_TABLE["laws"])})[ ](?:no\.?[ ])?(?:\d{{1,4}}[/-])?(?:[a-z][/-])?(?:\d{{1,4}}/)?
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
_MONTHS_OF_A_YEAR, _TIMES = "12", ("\u00d7", "*")
_AROUND_THE_CLOCK = re.compile(r"24[ ]?(?:h|hours)?[ ]?[/x][ ]?7")


def is_named(line: str, start: int, end: int) -> bool:
    """Whether the number at a place of a line is a name, or a part of one."""
    number = plain_letters(line[start:end])
    before = plain_letters(line[max(0, start - _LONGEST_LIST) : start])
    behind = plain_letters(line[end : end + _LONGEST_LIST])
    if is_measured(behind, 0) or _COUNTED_SIGNS.match(behind):
        return False
    letters = re.split("[^a-z]", behind, maxsplit=1)[0]
    word = f"{number}{letters}"
    if word in _TABLE["signs"] or _NAME.fullmatch(number):
        return True
    if number == _MONTHS_OF_A_YEAR and before.rstrip().endswith(_TIMES):
        return True
    if _is_around_the_clock(before, number, behind):
        return True
    if not _PLAIN_NUMBER.fullmatch(number):
        return False
    return bool(_BEFORE.search(before) or _SIGN_BEFORE.search(before))


def _is_around_the_clock(before: str, number: str, behind: str) -> bool:
    """Whether a number is a part of 24/7, which is watched as a claim."""
    start = len(before)
    near = f"{before}{number}{behind}"
    for match in _AROUND_THE_CLOCK.finditer(near, max(0, start - len("24 hours x "))):
        if match.start() <= start < match.end():
            return True
    return False
