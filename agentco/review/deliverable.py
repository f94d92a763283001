"""What goes out and what is said beside it: an answer is a deliverable and notes."""

import re

from msgspec import Struct

from agentco.kernel.characters import IGNORABLE
from agentco.kernel.comparison import unescape_entities

# behind a backtick a mark is only spoken of
_OPENS = re.compile(r"(?<!`)<\s{0,9}deliverable(?:\s[^<>`]{0,200})?/?>", re.IGNORECASE)
_CLOSES = re.compile(r"(?<!`)<\s{0,9}/\s{0,9}deliverable\s{0,9}>", re.IGNORECASE)
_MARK = re.compile(rf"{_OPENS.pattern}|{_CLOSES.pattern}", re.IGNORECASE)
_MAY_BECOME_MARK = re.compile(
    r"`?(?:<\s{0,9}/?\s{0,9}(?:[a-z]{0,11}\s{0,9}|deliverable\s[^<>`]{0,200})/?)?\Z",
    re.IGNORECASE,
)
_FENCE_BEFORE = re.compile(r"(?<!`)`{3,}+\w*+\s*+\Z")
_FENCE_BEHIND = re.compile(r"\s*`{3,}[ \t]*(?![^\n])")
_FENCE_MARKS = re.compile(
    r"(?<![^\n])[ \t]*+(?:`{3,}+|~{3,}+)[^\S\n]*+\w*+[^\S\n]*+(?![^\n])"
)
_COMMENT = re.compile(r"<!--(?:(?!-->).)*+(?:-->|\Z)", re.DOTALL)
_CHANNEL = re.compile(r"[*_#\s]*(?:channel|platform)\b", re.IGNORECASE)


class SplitAnswer(Struct, frozen=True, kw_only=True):
    """An answer: the text that goes out, and the notes to the founder."""

    text: str
    notes: str = ""

    @property
    def for_colleagues(self) -> str:
        """Both, as a colleague inside the company reads them."""
        return (
            f"{self.text}\n\nNotes, not to go out:\n{self.notes}"
            if self.notes
            else self.text
        )

    @property
    def channel_lines(self) -> tuple[str, ...]:
        """The lines of the notes that say where the text is to stand."""
        return tuple(filter(_CHANNEL.match, self.notes.splitlines()))


def split_shown(text: str) -> tuple[str, str]:
    """What of a text can be shown while it still comes, unmarked, and what may become a mark."""
    text = _MARK.sub("", text)
    begun = _MAY_BECOME_MARK.search(text)
    end = begun.start() if begun else len(text)
    return text[:end], text[end:]


def split_answer(answer: str) -> SplitAnswer:
    """What stands from the first opening to the last closing tag goes out, the rest is notes.

    Without a pair all of the answer goes out: in doubt code reads more.
    """
    first = _OPENS.search(answer)
    closings = list(_CLOSES.finditer(answer))
    if first and closings and first.end() <= closings[-1].start():
        text = _MARK.sub("", answer[first.end() : closings[-1].start()]).strip()
        beside = answer[: first.start()], answer[closings[-1].end() :]
        notes = _join_notes(*beside)
        return SplitAnswer(text=text, notes=_MARK.sub("", notes))
    if first or closings:
        return SplitAnswer(text=_MARK.sub("", answer).strip())
    return SplitAnswer(text=answer)


def says_nothing(answer: str) -> bool:
    """Whether nothing would go out: no text, or only blanks, comments and empty fences."""
    text = unescape_entities(split_answer(answer).text)
    visible = _COMMENT.sub("", IGNORABLE.sub("", text))
    return not _FENCE_MARKS.sub("", visible).strip()


def _join_notes(before: str, behind: str) -> str:
    """What stands around the marks, without a fence that holds just them."""
    opening, closing = _FENCE_BEFORE.search(before), _FENCE_BEHIND.match(behind)
    if opening and closing:
        before, behind = before[: opening.start()], behind[closing.end() :]
    return "\n\n".join(filter(None, (before.strip(), behind.strip())))
