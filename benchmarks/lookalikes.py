"""Make agentco/kernel/lookalikes.json: letters of other scripts by the Latin ones they look like.

    pip download --no-deps confusable-homoglyphs==3.3.1 && unzip confusable_homoglyphs-*.whl
    python benchmarks/lookalikes.py confusable_homoglyphs/confusables.json

The confusables of Unicode, and letters that Unicode names after a Latin one: small capitals,
letters with a stroke or a hook, and white ones on black. What normalization folds is left out,
and so are the two letters that look like one of our own: rn is no m.
"""

import json
import re
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from agentco.kernel import fold_letters

TABLE = Path(__file__).parents[1] / "agentco" / "kernel" / "lookalikes.json"
_LETTERS = re.compile(r"(?!rn|ss)[a-z]{1,2}")
_MARKS = re.compile("[\u200e\u200f]")
_NAMES = (
    re.compile(r"LATIN (?:SMALL|CAPITAL) LETTER ([A-Z])(?: WITH [A-Z ]+)?"),
    re.compile(r"LATIN LETTER SMALL CAPITAL ([A-Z])"),
    re.compile(r"LATIN SMALL LETTER (?:SCRIPT|DOTLESS) ([A-Z])"),
    re.compile(r"NEGATIVE (?:CIRCLED|SQUARED) LATIN CAPITAL LETTER ([A-Z])"),
    re.compile(r"OUTLINED LATIN CAPITAL LETTER ([A-Z])"),
    re.compile(r"(?:MODIFIER|SUBSCRIPT) LETTER SMALL CAPITAL ([A-Z])"),
)
_CODES = range(0x80, sys.maxunicode + 1)


def named_after(sign: str) -> str:
    """The Latin letter in the name of a sign, or nothing."""
    name = unicodedata.name(sign, "")
    for pattern in _NAMES:
        match = pattern.fullmatch(name)
        if match:
            return match[1].lower()
    return ""


def looks_like(sign: str, others: Iterator[str]) -> str:
    """The Latin letters a sign is taken for, or nothing."""
    for other in others:
        letters = fold_letters(other)
        if _LETTERS.fullmatch(letters):
            is_capital_i = letters == "l" and unicodedata.category(sign) == "Lu"
            return "i" if is_capital_i else letters
    return ""


def is_letter(sign: str) -> bool:
    """Whether a sign may stand for a letter: no figure, no mark, no sign of money or of sums."""
    name = unicodedata.name(sign, "")
    return (
        unicodedata.category(sign).startswith("L")
        or "LATIN" in name
        or sign == "\u212e"
    )


def read_confusables(path: Path) -> dict[str, str]:
    """The single signs of the package's table with what they are taken for."""
    table: dict[str, str] = {}
    for key, entries in json.loads(path.read_text("utf-8")).items():
        sign = _MARKS.sub("", key)
        if len(sign) == 1 and not sign.isascii() and is_letter(sign):
            table[sign] = looks_like(sign, (entry["c"] for entry in entries))
    return table


def make_table(confusables: dict[str, str]) -> dict[str, str]:
    """The signs that look like each of the Latin letters."""
    by_letters: dict[str, list[str]] = {}
    for code in _CODES:
        sign = chr(code)
        letters = named_after(sign) or confusables.get(sign)
        if letters and not fold_letters(sign).isascii():
            by_letters.setdefault(letters, []).append(sign)
    return {letters: "".join(by_letters[letters]) for letters in sorted(by_letters)}


if __name__ == "__main__":
    made = make_table(read_confusables(Path(sys.argv[1])))
    TABLE.write_text(json.dumps(made, ensure_ascii=False, indent=0) + "\n", "utf-8")
    print(f"{sum(map(len, made.values()))} signs, {TABLE.stat().st_size} bytes")
