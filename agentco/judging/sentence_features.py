"""What the classifier counts in a sentence: words, pieces of words, marks, fields of words.

A feature is a short text, so that what it is can be read; the classifier knows it by a hash.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property, lru_cache
from itertools import combinations, pairwise
from zlib import crc32

from msgspec import Struct

from agentco.judging import phrase_tree
from agentco.judging.text_units import TextUnit
from agentco.kernel import names, package_data
from agentco.kernel.comparison import draw_letters

_QUOTED = re.compile(
    r"[\"\u201c\u201d\u00ab\u201e]"
    r"([^\"\u201c\u201d\u00ab\u00bb\u201e\n]{1,80})"
    r"[\"\u201c\u201d\u00bb]"
)
_QUOTES = frozenset('"\u201c\u201d\u00ab\u201e')
_MAX_QUOTED_WORDS = 6
_WORD = re.compile(r"\w+")
_ROLE_NAMES = (
    "ceo", "cfo", "coo", "cto", "marketing", "accountant", "lawyer", "contabilista",
    "advogado", "advogada", "jurista", "juridico",
)  # fmt: skip
_ROLE_WORDS = frozenset(name + end for name in _ROLE_NAMES for end in ("", "s"))
_ROLE = rf"\b(?:{'|'.join(_ROLE_NAMES)})s?\b"
_ROLES = re.compile(_ROLE)
_OWNER = re.compile(rf"(?:^\W*|[(;,.]\s{{0,3}}){_ROLE}(?:,? ?done)?\s{{0,3}}[:)]")
_ROLE_MARKS = frozenset({"role1", "role2", "role3"})
_NUMBER = r"\d[\d.,\u00a0']{0,12}\d|\d"
_CURRENCY = (
    r"[€$£]|eur\b|usd\b|gbp\b|euros?\b|dollars?\b|dolares\b|reais\b|pounds?\b|libras\b"
    r"|cents?\b|centimos\b"
)
_TOKEN = re.compile(
    rf"""(?P<plain>[a-z]++(?=[\s,;.](?!\d)))
       | (?P<amt>(?:[€$£]|r\$|us\$|eur\b|usd\b|gbp\b)\s?(?:{_NUMBER})\s?(?:[km]\b)?
         | (?:{_NUMBER})\s?(?:k|m|mil)?\s?(?:{_CURRENCY}))
       | (?P<pct>(?:{_NUMBER})\s?(?:%|per\ cent|percent|por\ cento))
       | (?P<time>\b\d{{1,2}}[:h]\d{{2}}\b)
       | (?P<id>\b[a-z]{{1,20}}+[-/]?\d[\w/-]{{0,20}})
       | (?P<num>\b(?:{_NUMBER})(?:st|nd|rd|th|[oa])?)
       | (?P<word>[^\W\d_]+(?:['\u2019][^\W\d_]+)?)
       | (?P<question>\?) | (?P<exclaim>!) | (?P<colon>:)""",
    re.VERBOSE,
)
_WORD_KINDS = frozenset({"plain", "word"})
_SIGNS = {"question", "exclaim", "colon"}
_PERIOD = re.compile(
    r"\b(?:a|per|each|every|by the|por|ao|a|cada) (?:month|year|seat|user|week|mes|ano"
    r"|utilizador|pessoa)|/\s?(?:month|year|mo|mes|ano)|\bmonthly|\bannual|\byearly|\bmensal"
    r"|\banual"
)
_PERIOD_WORDS = (
    "month", "year", "week", "seat", "user", "/", "annual", "mes", "mens", "ano", "anual",
    "utilizador", "pessoa",
)  # fmt: skip
"""Of these one stands in every text that a period is found in."""
_DATE_WORDS = frozenset({
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december", "janeiro", "fevereiro", "marco", "abril", "maio",
    "junho", "julho", "agosto", "setembro", "outubro", "novembro", "dezembro", "monday",
    "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "segunda", "terca",
    "quarta", "quinta", "sexta", "sabado", "domingo",
})  # fmt: skip
_LENGTHS = (4, 8, 16, 28)
_SHORT, _LONG = 3, 8
"""Sentences up to which a text is judged as a short one, and from which as a long one."""
_PIECE_SIZES = (3, 4, 5)
_MIN_PIECED = 4
_MAX_WORD = 30
_MAX_KEPT = 16384
SCALES = {
    "w": 1.0, "b": 0.7, "c": 0.35, "m": 1.0, "p": 0.7, "mm": 0.4, "h": 0.5, "db": 0.7,
    "dt": 0.6, "l": 1.5, "ll": 1.2, "lp": 1.0, "s": 1.0,
}  # fmt: skip
"""How much a feature of each kind counts beside a word, before it is learned."""
SIZED_KINDS = ("m", "p", "mm", "db", "dt", "l", "ll", "lp")
"""Kinds that also count apart in short and in long texts, which are not written alike."""
MARKS = package_data.load_table(__name__, dict[str, tuple[str, ...]])
"""Words by which a sentence concludes, proposes, promises, asks, orders, reports."""


class SentenceFeatures(Struct, frozen=True, kw_only=True):
    """A unit with its words, and the features of each kind."""

    unit: TextUnit
    words: tuple[str, ...]
    marks: frozenset[str]
    features: Mapping[str, tuple[str, ...]]


class Vocabulary(Struct, frozen=True, dict=True):
    """The words that are no domain's own, and for each field of words its phrases."""

    common: frozenset[str]
    fields: dict[str, tuple[str, ...]]

    @cached_property
    def listed(self) -> tuple[str, ...]:
        """The names of all marks and fields, in the order of the tree's lists."""
        return (*MARKS, *self.fields)

    @cached_property
    def first_nodes(self) -> phrase_tree.FirstNodes:
        """The tree of the phrases of all marks and fields, in this order."""
        lists = (*MARKS.values(), *self.fields.values())
        return phrase_tree.build_phrase_tree(lists)


def read_features(
    unit: TextUnit, *, public: bool, vocabulary: Vocabulary
) -> SentenceFeatures:
    """The features of a unit of a text that is public or not."""
    text = _plain_text(unit.text)
    marks = set(_structure_marks(unit, text))
    if "quote" in marks:
        text = _QUOTED.sub(_short_quotation, text)
    if not _ROLE_MARKS.isdisjoint(marks):
        text = _ROLES.sub(" xrole ", text)
    words = _tokens(text, marks)
    found = _found_lists(text, vocabulary)
    fields: dict[str, int] = {}
    for name, count in found.items():
        if name in MARKS:
            marks.add(name)
        else:
            fields[name] = count
    where = "P" if public else "I"
    features = {
        "w": tuple(dict.fromkeys(words)),
        "b": tuple(dict.fromkeys(map(" ".join, pairwise(("^", *words, "$"))))),
        "h": _heading_words(unit.heading),
    }
    features |= _mark_features(marks, where)
    features |= _field_features(fields, where)
    features |= _common_word_features(words, vocabulary.common)
    return SentenceFeatures(
        unit=unit, words=tuple(words), marks=frozenset(marks), features=features
    )


def _plain_text(text: str) -> str:
    return " ".join(draw_letters(text).split())


def _structure_marks(unit: TextUnit, text: str) -> Iterator[str]:
    if unit.kind != "prose":
        yield unit.kind
    if not _QUOTES.isdisjoint(text) and _QUOTED.search(text):
        yield "quote"
    words = frozenset(_WORD.findall(text))
    roles = words & _ROLE_WORDS
    if roles:
        yield f"role{min(3, len(roles))}"
        if _OWNER.search(text):
            yield "owner"
    if any(word in text for word in _PERIOD_WORDS) and _PERIOD.search(text):
        yield "period"
    if not words.isdisjoint(_DATE_WORDS):
        yield "date"


def _short_quotation(found: re.Match[str]) -> str:
    """A name, title or button in quotation marks says nothing; a longer quotation stays."""
    return " " if len(found[1].split()) <= _MAX_QUOTED_WORDS else found[0]


def _tokens(text: str, marks: set[str]) -> list[str]:
    """The words of a text, figures by their kind; the marks grow by what figures and signs say."""
    words: list[str] = []
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup or ""
        if kind in _WORD_KINDS:
            words.append(_SPELLINGS[token[0]])
        else:
            marks.add(kind)
            if kind not in _SIGNS:
                words.append(f"x{kind}")
    longer = sum(len(words) >= size for size in _LENGTHS)
    marks.add(f"len{longer}")
    return words


class _Spellings(dict[str, str]):
    """Words as they are counted: drawn alike, of one apostrophe and no more than so long."""

    def __missing__(self, word: str) -> str:
        drawn = names.skeleton(word.replace("\u2019", "'"))
        spelt = drawn[:_MAX_WORD]
        if len(self) < _MAX_KEPT:
            self[word] = spelt
        return spelt


_SPELLINGS = _Spellings()


def _found_lists(text: str, vocabulary: Vocabulary) -> dict[str, int]:
    """How many different phrases of each list of marks and each field stand in a text."""
    words, edges = phrase_tree.words_with_edges(text)
    counts: dict[str, int] = {}
    found = phrase_tree.find_in_tree(words, edges, vocabulary.first_nodes)
    for number, places in found.items():
        name = vocabulary.listed[number]
        counts[name] = len({text[start:end] for start, end in places.items()})
    return counts


def _heading_words(heading: str) -> tuple[str, ...]:
    if not heading:
        return ()
    words = re.findall(r"[^\W\d_]+", draw_letters(heading))
    return tuple(dict.fromkeys(word[:_MAX_WORD] for word in words[:8]))


def _mark_features(marks: Iterable[str], where: str) -> dict[str, tuple[str, ...]]:
    named = sorted(marks)
    return {
        "m": (*named, where),
        "p": tuple(f"{where} {mark}" for mark in named),
        "mm": tuple(map("+".join, combinations(named, 2))),
    }


def _field_features(
    fields: Mapping[str, int], where: str
) -> dict[str, tuple[str, ...]]:
    return {
        "l": tuple(fields) or ("none",),
        "ll": tuple(name for name, count in fields.items() if count > 1),
        "lp": tuple(f"{where} {name}" for name in fields),
    }


def _common_word_features(
    words: Iterable[str], common: frozenset[str]
) -> dict[str, tuple[str, ...]]:
    """Pairs and triples of common words, a `C` for what stands between: how a sentence goes."""
    shape: list[str] = ["^"]
    for word in words:
        shown = word if word in common else "C"
        if shown != "C" or shape[-1] != "C":
            shape.append(shown)
    shape.append("$")
    pairs = [f"{one} {two}" for one, two in pairwise(shape) if one == "C" or two == "C"]
    triples = [
        f"{one} {two} {three}"
        for one, two, three in zip(shape, shape[1:], shape[2:], strict=False)
        if one == "C" or two == "C" or three == "C"
    ]
    return {"db": tuple(dict.fromkeys(pairs)), "dt": tuple(dict.fromkeys(triples))}


@lru_cache(maxsize=16384)
def word_pieces(word: str) -> tuple[str, ...]:
    """The pieces of three to five letters of a word, its ends marked."""
    if len(word) < _MIN_PIECED:
        return ()
    marked = f"<{word}>"
    pieces: dict[str, None] = {}
    for size in _PIECE_SIZES:
        for start in range(len(marked) - size + 1):
            pieces[marked[start : start + size]] = None
    return tuple(pieces)


@lru_cache(maxsize=65536)
def feature_hash(kind: str, name: str) -> int:
    """The number by which a feature is known."""
    return crc32(f"{kind}:{name}".encode())


def length_share(units: int) -> float:
    """How far a text of so many sentences counts as a short one, from 1 to 0."""
    return min(1.0, max(0.0, (_LONG - units) / (_LONG - _SHORT)))


def length_factor(words: int) -> float:
    """What a feature counts in a sentence of so many words: less in a longer one."""
    return 1.2 * (words + 6) ** -0.25
