"""What a revision brought: the sentences of a draft that the one before did not have."""

import re
from collections.abc import Iterable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from agentco.company.settings import Trigger
from agentco.review.reviews_due import MAX_WORDS, DueReview
from agentco.review.triggers import fired_triggers

_BREAK = re.compile(
    r"""(?P<stop>[.!?…])["'\u201d\u2019»)\]*_]*\s+ | \n\s*\n
      | \n(?=[ \t>]*(?:[-+*•\#|]|\d{1,3}[.)])[ \t])""",
    re.VERBOSE,
)
_ABBREVIATION = re.compile(r"(?:\b\w|\w\.\w+|\b(?:No|Nr|Dr|Sr|Sra|Mr|Ms|vs|cf))\Z")
_LIST_ITEM = re.compile(r"[ \t>]*(?:[-+*•]|\d{1,3}[.)])[ \t]")


class Sentence(Struct, frozen=True, kw_only=True):
    """A sentence of a text; `line` is that of its first sign, from 1.

    `lead` is the sentence above its list: "We never" and "We always" say two things.
    """

    text: str
    line: int
    lead: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What makes it the same sentence in another draft, however its lines are broken."""
        return " ".join(self.lead.split()), " ".join(self.text.split())


def review_of_new_sentences(
    review: DueReview,
    before: str,
    after: str,
    triggers: Iterable[Trigger],
    author: str,
    *,
    public: bool,
) -> DueReview | None:
    """The review again, where a new sentence fires its trigger; None where none does.

    Of a review that no word called for, any new sentence may be the matter.
    """
    watching = [trigger for trigger in triggers if trigger.name == review.trigger]
    for sentence in added_sentences(before, after):
        fired = fired_triggers(sentence.text, watching, author=author, public=public)
        if fired:
            line = sentence.line + fired[0].line - 1
            words = fired[0].words[:MAX_WORDS]
            return replace(review, words=words, line=line, again=True)
        if not review.words:
            return replace(review, again=True)
    return None


def added_sentences(before: str, after: str) -> tuple[Sentence, ...]:
    """The sentences of `after` that are not word for word in `before`, in their order."""
    known = {sentence.key for sentence in split_sentences(before)}
    return tuple(
        sentence for sentence in split_sentences(after) if sentence.key not in known
    )


def split_sentences(text: str) -> Iterator[Sentence]:
    """The sentences of a text, its headings, list items and rows; in doubt, fewer and longer."""
    lead = ""
    start = 0
    for end in [*_sentence_ends(text), len(text)]:
        piece = text[start:end]
        if piece.strip():
            begin = start + len(piece) - len(piece.lstrip())
            line = text.count("\n", 0, begin) + 1
            is_item = bool(_LIST_ITEM.match(piece.lstrip("\n")))
            yield Sentence(text=piece.strip(), line=line, lead=lead if is_item else "")
            lead = lead if is_item else piece
        start = end


def _sentence_ends(text: str) -> Iterator[int]:
    for match in _BREAK.finditer(text):
        if match["stop"]:
            goes_on = text[match.end() : match.end() + 1].islower()
            if goes_on or _ABBREVIATION.search(text, 0, match.start()):
                continue
        yield match.end()
