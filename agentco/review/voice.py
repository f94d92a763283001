"""How the company speaks: which words it never uses, and whether it says I or we."""

import re
from collections.abc import Iterator

from agentco.company.fences import open_fences
from agentco.kernel import package_data
from agentco.review.findings import Finding, TextRule
from agentco.review.rendered_text import VisibleText
from agentco.review.standards import Standards

_WRONG_PERSON = {
    person: re.compile(rf"(?<![\w.@/-])(?:{'|'.join(words)})(?![\w/@]|\.\w)")
    for person, words in package_data.load_table(
        __name__, dict[str, tuple[str, ...]]
    ).items()
}
_PERSON_HINT = {
    "singular": "one person speaks: I, not we",
    "plural": "the company speaks: we, not I",
}
_QUOTED = re.compile(
    r'^[ \t]*>.*$|`+[^`\n]*`+|"[^"\n]*"|“[^“”]*”|«[^«»]*»', re.MULTILINE
)


def find_voice_faults(page: VisibleText, against: Standards) -> Iterator[Finding]:
    """Every banned word, and every `we` or `I` that the voice does not use, outside quotations and code."""
    own = _own_words(page.text)
    for phrase in against.voice.never:
        for start, end in map(page.seen.source_span, page.seen.find_matches(phrase)):
            if not own[start].isspace():
                yield page.make_finding(
                    TextRule.VOICE,
                    start,
                    end,
                    f"{phrase!r} is never used in public: say it plainly",
                )
    if person := against.voice.first_person:
        for place in _WRONG_PERSON[person].finditer(own):
            yield page.make_finding(TextRule.VOICE, *place.span(), _PERSON_HINT[person])


def _own_words(text: str) -> str:
    """A text of the same length, with blanks for what others said and for code."""
    rows = text.split("\n")
    if "```" in text or "~~~" in text:
        fences = ["", *open_fences(rows)]
        rows = [
            _blank_out(row) if fences[i] or fences[i + 1] else row
            for i, row in enumerate(rows)
        ]
    return _QUOTED.sub(lambda quoted: _blank_out(quoted[0]), "\n".join(rows))


def _blank_out(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)
