"""What of a text can assert something: what is seen of it, without code and addresses."""

import re
from collections.abc import Iterator

from agentco.page.drawing import draw_text

_SENTENCE = re.compile(
    r"""(?<![^\n])[ \t>*+-]{0,12}[^\W\d_]++(?:[^\w\n{}<>=;|$\\`]{1,3}+\w++){4,200}+
        [^\w\n{}<>=;|$\\`]{0,3}[.!?][\"'\u201d\u2019)*_]{0,3}[ \t]*(?![^\n])""",
    re.VERBOSE,
)
_ADDRESS = re.compile(
    r"""<?https?://[^\s>)]{1,2000}>? | \bwww\.[^\s)]{1,2000}
      | \b[\w.+-]{1,64}+@[\w-]{1,64}\.[\w.-]{1,64}
      | \b[^\W\d][\w-]{0,63}+(?:(?:/[\w.-]{1,64}){2,20}|/[^\W\d_]{0,64}+(?:\.\w|[\d_-])[\w.-]{0,64})
      | \b\w[\w-]{0,63}+\.(?:example|com|org|net|io|md|py|csv|pdf|txt|jsonl?|ya?ml|dev|app|pt|eu)\b
        [/\w.-]{0,200}""",
    re.VERBOSE | re.IGNORECASE,
)


_MARKED_WORD = re.compile(r"(?<!\S)(?:[^\s/@.]|\.(?!\S))*+[/@.]\S*+")
"""What may hold an address, which has one of these marks and no blanks."""


def shown_text(text: str) -> str:
    """What is seen of a text, with spaces for code and addresses; every sign keeps its place.

    Sentences that stand in a fence are none the less sentences: models put whole posts into one.
    """
    drawing = draw_text(text)
    shown = [*drawing.shown]
    for start, end in drawing.fixed:
        if not _SENTENCE.search(text[start:end]):
            _blank(shown, start, end)
    for word in _MARKED_WORD.finditer(text):
        for found in _ADDRESS.finditer(text, *word.span()):
            _blank(shown, *found.span())
    return "".join(shown)


def asserting_texts(text: str) -> Iterator[str]:
    """What is seen of a text, and what is not but leaves the company with it: alt texts, folds."""
    yield shown_text(text)
    hidden = draw_text(text).hidden
    if hidden.strip():
        yield hidden


def _blank(shown: list[str], start: int, end: int) -> None:
    for place in range(start, end):
        if shown[place] != "\n":
            shown[place] = " "
