"""How the company speaks: which words it never uses, and whether it says I or we."""

import re
from collections.abc import Iterator

from agentco.file_formats.fences import open_fences
from agentco.kernel import package_data
from agentco.page.drawing import FILLER, blank_out
from agentco.public_text.findings import Finding, TextRule
from agentco.public_text.rendered_text import VisibleText
from agentco.public_text.standards import Standards

_PERSON_WORDS = package_data.load_table(__name__, dict[str, tuple[str, ...]])
_WRONG_PERSON = {
    person: re.compile(rf"(?<![\w.@/-])(?:{'|'.join(words)})(?![\w/@]|\.\w)")
    for person, words in _PERSON_WORDS.items()
}
_PERSON_HINT = {
    "singular": "one person speaks: I, not we",
    "plural": "the company speaks: we, not I",
}
_QUOTED = re.compile(
    r'^[ \t]*>.*$|`+[^`\n]*`+|"[^"\n]*"|“[^“”]*”|«[^«»]*»', re.MULTILINE
)


def find_voice_faults(page: VisibleText, standards: Standards) -> Iterator[Finding]:
    """Every banned word, and every wrong `we` or `I`, outside quotations and code."""
    own_words = _own_words(page)
    for phrase in standards.voice.never:
        hint = f"{phrase!r} is never used in public: say it plainly"
        for match in page.seen.find_matches(phrase):
            start, end = page.seen.source_span(match.span())
            if not own_words[start].isspace():
                yield page.make_finding(TextRule.VOICE, start, end, hint)
    person = standards.voice.first_person
    if person:
        places = [i for i, sign in enumerate(own_words) if sign != FILLER]
        for match in _WRONG_PERSON[person].finditer(own_words.replace(FILLER, "")):
            start, end = places[match.start()], places[match.end() - 1] + 1
            yield page.make_finding(TextRule.VOICE, start, end, _PERSON_HINT[person])


def _own_words(page: VisibleText) -> str:
    """A text as it is drawn, with blanks for what others said and for code."""
    own_words = [*_without_quotes(page.text)]
    for place, sign in enumerate(page.drawing.shown):
        if not own_words[place].isspace():
            own_words[place] = sign
    return _QUOTED.sub(lambda quoted: blank_out(quoted[0]), "".join(own_words))


def _without_quotes(text: str) -> str:
    """A text of the same length, with blanks for what others said and for code."""
    lines = text.split("\n")
    if "```" in text or "~~~" in text:
        fences = ["", *open_fences(lines)]
        for i, line in enumerate(lines):
            if fences[i] or fences[i + 1]:
                lines[i] = blank_out(line)
    return _QUOTED.sub(lambda quoted: blank_out(quoted[0]), "\n".join(lines))
