"""A text as a reader sees it: what shows nothing is gone, what is drawn alike is one, and each place is known.

Case, accents, width, emphasis, tags, entities, line ends and letters of other scripts hide no words.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cache
from html import unescape

from msgspec import Struct

from agentco.company import beside, names
from agentco.work.findings import Finding, Rule

_ALIKE = beside.table(__name__, dict[str, str])
_NOTHING = frozenset({"Cf", "Mn", "Me", "Cc"})
_ODD = re.compile(
    r"""(?P<item>^[ \t>]*[*+-][ \t]) | (?P<gone><!--[^<>]*--> | [*_~`\\\x00-\x08\x0b-\x1f\x7f])
      | (?P<rule></?(?:br|p|div|li|[uo]l|t[rdh]|table|h[1-6r])\b[^<>]*>) | (?P<tag></?[a-z][^<>]*>)
      | (?P<entity>&\#?\w{1,31};) | [^\x00-\x7f]""",
    re.VERBOSE | re.MULTILINE | re.IGNORECASE | re.ASCII,
)
_TAG = re.compile(r"<!--[^<>]*-->|</?[a-z][^<>]*>", re.IGNORECASE)
_GAP = r"(?:[^\w.!?]|[.!?](?!\s)){0,6}"
_ADDRESS = re.compile(r"://\S+|\]\([^()\[\]\s]*|(?<![\w.-])[\w-]+(?:\.[\w-]+)+")


class Page(Struct, frozen=True, kw_only=True):
    """A text and how it is seen: where pieces of what is `seen` begin, and where those stood in the text."""

    text: str
    seen: str
    begins: Sequence[int]
    stood: Sequence[int]
    lines: Sequence[int]

    def at(self, place: int) -> int:
        """The character of the text that is seen at a place."""
        piece = bisect_right(self.begins, place) - 1
        return self.stood[piece] + place - self.begins[piece]

    def span(self, match: re.Match[str]) -> tuple[int, int]:
        """Where in the text a match in what is seen stands."""
        return self.at(match.start()), self.at(match.end() - 1) + 1

    def finding(self, rule: Rule, start: int, end: int, hint: str) -> Finding:
        """A finding about a part of the text."""
        line = bisect_right(self.lines, start)
        return Finding(rule=rule, line=line, text=self.text[start:end], hint=hint)


def page_of(text: str) -> Page:
    """A text with how it is seen."""
    parts, begins, stood, last, length = list[str](), [0], [0], 0, 0
    odd = [(found.start(), found.end(), _shown(found)) for found in _ODD.finditer(text)]
    # What a tag or comment says leaves the company too: it is seen behind the rest.
    told = [("\n\n", m.start(), m.end(), looks(m[0])) for m in _TAG.finditer(text)]
    shown = [("", a, b, as_seen) for a, b, as_seen in odd]
    for before, start, end, as_seen in (*shown, ("", len(text), len(text), ""), *told):
        plain = before or text[last:start]
        parts += plain, as_seen
        length += len(plain) + len(as_seen)
        begins += length - len(as_seen), length
        stood += start, end
        last = end
    seen = names.skeleton("".join(parts).lower())
    lines = [0, *(end.end() for end in re.finditer("\n", text))]
    return Page(text=text, seen=seen, begins=begins, stood=stood, lines=lines)


def _shown(odd: re.Match[str]) -> str:
    match odd.lastgroup:
        case "item":
            return odd[0].replace("*", "-")
        case "gone" | "tag":
            return ""
        case "rule":
            return " "
        case "entity":
            return "".join(map(_letter, unescape(odd[0])))
        case _:
            return _letter(odd[0])


@cache
def _letter(sign: str) -> str:
    """What a character is drawn like; nothing when it shows nothing."""
    plain = unicodedata.normalize("NFKD", _ALIKE.get(sign, sign)).casefold()
    return "".join(_ALIKE.get(c, c) for c in plain if c == "\n" or unicodedata.category(c) not in _NOTHING)


@cache
def looks(text: str) -> str:
    """A name or phrase in the letters it is drawn like."""
    return names.skeleton("".join(map(_letter, text)))


@cache
def key(name: str) -> str:
    """A name for comparing."""
    return names.slug(looks(name))


def phrases(wanted: Sequence[str]) -> re.Pattern[str]:
    """One of several phrases, as whole words; a word that ends in `*` may go on."""
    return re.compile("|".join(f"(?:{_words(phrase)})" for phrase in wanted if key(phrase)))


def hits(phrase: str, seen: str) -> Iterator[re.Match[str]]:
    """Where a phrase stands in what is seen."""
    found = _first(phrase)
    return phrases_of(phrase).finditer(seen) if found and found in seen else iter(())


@cache
def phrases_of(phrase: str) -> re.Pattern[str]:
    """One phrase, as whole words."""
    return phrases((phrase,))


@cache
def _first(phrase: str) -> str:
    return key(phrase).partition("-")[0]


def _words(phrase: str) -> str:
    found = re.findall(r"[^\W_]+\*?", looks(phrase))
    words = (re.escape(word.rstrip("*")) + (r"[^\W_]*" if word.endswith("*") else "") for word in found)
    return rf"(?<!\w){_GAP.join(words)}(?!\w)"


def without_addresses(seen: str) -> str:
    """What is seen without the places that links lead to."""
    return _ADDRESS.sub(" ", seen)
