"""Praise that no list of phrases can say: the only tool, the fastest app, never lost.

A superlative is a claim where it ranks a product, or us, or names the field it wins; `the best part
of the week` ranks nothing that is sold.
"""

import re
from collections.abc import Iterator

from msgspec import Struct

from agentco.kernel import package_data
from agentco.public_text.names import Names
from agentco.public_text.rendered_text import TextView


class _Forms(Struct, frozen=True, forbid_unknown_fields=True):
    """Forms of words by what they do in praise, as patterns in folded letters."""

    superlatives: tuple[str, ...]
    weak: tuple[str, ...]
    products: tuple[str, ...]
    scopes: tuple[str, ...]
    asides: tuple[str, ...]
    subjects: tuple[str, ...]
    own: tuple[str, ...]
    being: tuple[str, ...]
    never: tuple[str, ...]
    between: tuple[str, ...]
    failures: tuple[str, ...]
    faultless: tuple[str, ...]
    crowds: tuple[str, ...]
    alone: tuple[str, ...]
    everywhere: tuple[str, ...]
    better: tuple[str, ...]
    joins: tuple[str, ...]


_FORMS = package_data.load_table(__name__, _Forms)
_WORD = r"[^\W_][\w'\u2019-]{0,30}"
_BEGIN, _END = r"(?<![^\W_])", r"(?![^\W_])"
_NEAR = 9


def _any_of(*kinds: tuple[str, ...]) -> str:
    forms = "|".join(form for kind in kinds for form in kind)
    plain = forms.replace("[ -]", "[-\u2010\u2011_]").replace(" ", "[ ]")
    return f"(?:{plain})".replace("[-\u2010\u2011_]", "[ -]").replace("#", r"\#")


_SUPERLATIVE = rf"(?P<word>{_any_of(_FORMS.superlatives)}){_END}"
_RANKED = re.compile(
    rf"""(?:{_BEGIN}(?:the|our|an?|o|os|as)|['\u2019]s)[ ]+{_SUPERLATIVE}
      (?:[ ]+{_WORD}){{0,2}}?[ ]+(?P<noun>{_any_of(_FORMS.products)}){_END}""",
    re.VERBOSE,
)
_SCOPED = re.compile(
    rf"""(?:{_BEGIN}(?:the|our|o|a|os|as)|['\u2019]s)[ ]+{_SUPERLATIVE}
      (?:[ ]+{_WORD}){{0,5}}?[ ]+(?P<scope>{_any_of(_FORMS.scopes)}){_END}""",
    re.VERBOSE,
)
_PLACED = re.compile(
    rf"""(?:{_BEGIN}(?:the|our|o|a|os|as)|['\u2019]s)[ ]+{_SUPERLATIVE}
      (?:[ ]+{_WORD}){{0,4}}?[ ]+(?:in|across|em|da|do|de|na|no)[ ](?P<scope>{_WORD})""",
    re.VERBOSE,
)
_LAST_RANKED = re.compile(
    rf"""{_BEGIN}(?:o|a|os|as)[ ]+{_any_of(_FORMS.products)}(?:[ ]+{_WORD}){{0,3}}?
      [ ]+(?P<word>(?:mais|menos)[ ]{_WORD}){_END}(?![ ](?:do[ ])?que)""",
    re.VERBOSE,
)
_ABSOLUTE = re.compile(
    rf"""{_BEGIN}(?P<word>{_any_of(_FORMS.never)}[ ](?:{_any_of(_FORMS.between)}[ ]){{0,3}}?
      {_any_of(_FORMS.failures)}){_END}""",
    re.VERBOSE,
)
_ALWAYS_CLAIMED = _any_of(
    _FORMS.faultless, _FORMS.crowds, _FORMS.alone, _FORMS.everywhere, _FORMS.better
)
_OTHER = rf"(?:no[ ]other|nenhuma?[ ]outr[oa])(?:[ ]{_WORD}){{0,2}}?"
_FIXED = re.compile(
    rf"""(?:{_BEGIN}|(?=\#))(?P<word>
      {_ALWAYS_CLAIMED}){_END}
      | {_BEGIN}{_OTHER}[ ]{_any_of(_FORMS.products)}{_END}(?:[ ]{_WORD}){{0,2}}
    """,
    re.VERBOSE,
)
_JOINED = re.compile(rf"{_BEGIN}{_any_of(_FORMS.joins)}[ ]+(?:o|a|os|as|the)?[ ]?")
_AND = r"(?:,[ ]|[ ](?:and|or|e|ou)[ ](?:com[ ]|with[ ])?)(?:o|a|os|as|the)?[ ]?"
_OBJECT = re.compile(rf"{_WORD}(?:{_AND}{_WORD}){{0,5}}")
_WEAK = re.compile(_any_of(_FORMS.weak))
_OF_MYSELF = re.compile(r"(?<![^\W_])(?:i|eu)[ ](?:have |had |'ve )?\Z")
_OF_FEW = re.compile("(?:only|sole|first|unic|primeir|principal|most of)")
_OF_SPEAKER = re.compile(
    rf"(?:[ ]+{_WORD}){{0,2}}?"
    r"[ ]+(?:that[ ]|which[ ]|que[ ])?(?:i|we|you|my|eu|me|conheco|usei|ja)(?![^\W_])"
)


def find_praise(
    view: TextView, text: str, names: Names
) -> Iterator[tuple[str, re.Match[str]]]:
    """The praise of a view, each with the words that a claim must have to back it."""
    folded = view.folded
    for pattern in (_RANKED, _SCOPED, _LAST_RANKED, _own_pattern(names)):
        for match in pattern.finditer(folded):
            is_and = (
                match[0].startswith("e ") and text[view.origin[match.start()]] == "e"
            )
            if not is_and and not _is_weak(match, folded):
                yield match["word"], match
    for match in _PLACED.finditer(folded):
        is_place = text[view.origin[match.start("scope")]].isupper()
        if is_place and not _OF_FEW.match(match["word"]):
            yield match["word"], match
    for match in _ABSOLUTE.finditer(folded):
        ahead = folded[max(match.start() - _NEAR, 0) : match.start()]
        if not _OF_MYSELF.search(ahead):
            yield match["word"], match
    for match in _FIXED.finditer(folded):
        yield match[0], match
    yield from _integrations(view, text)


def _own_pattern(names: Names) -> re.Pattern[str]:
    """A superlative of which we, or what is ours, is the subject."""
    ours = "|".join(map(re.escape, sorted(names.ours))) or "(?!)"
    subject = rf"(?:{_any_of(_FORMS.own)}|{ours})[ ]{_any_of(_FORMS.being)}"
    return re.compile(
        rf"""{_BEGIN}(?:{subject}|{_any_of(_FORMS.subjects)})[ ]
          (?:{_any_of(_FORMS.asides)}[ ]|{_WORD}['\u2019]s[ ]){{0,3}}?{_SUPERLATIVE}""",
        re.VERBOSE,
    )


def _is_weak(match: re.Match[str], folded: str) -> bool:
    """Whether a superlative ranks what one speaker knows: `the best tools I have used`."""
    if not _WEAK.fullmatch(match["word"]):
        return False
    return bool(_OF_SPEAKER.match(folded, match.end()))


def _integrations(view: TextView, text: str) -> Iterator[tuple[str, re.Match[str]]]:
    """The services that a product is said to work with."""
    for match in _JOINED.finditer(view.folded):
        listed = _OBJECT.match(view.folded, match.end())
        if listed is None:
            continue
        for name in re.finditer(_WORD, listed[0]):
            start = listed.start() + name.start()
            if text[view.origin[start]].isupper():
                found = re.compile(re.escape(name[0])).match(view.folded, start)
                if found:
                    yield name[0], found
