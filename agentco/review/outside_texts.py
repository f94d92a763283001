"""Texts of others, known by the names of their files and how they begin; marks on lines."""

import re
from collections.abc import Iterable, Iterator, Sequence

from agentco.kernel.company_paths import normalize_path
from agentco.review.line_words import fingerprint, join_words, undress

OUTSIDE_ENDS = (".eml", ".mbox", ".htm", ".html", ".xhtml", ".mht", ".mhtml", ".pdf")
"""How the names of files end that somebody else made: mails, saved pages, papers."""
OUTSIDE_FOLDERS = frozenset({"inbox", "downloads"})
"""Folders into which the founder puts what others made."""
MAX_REASON_CHARS = 120
MARK = "outside"
"""Stands before the words of a line that was written once a run was told something from outside."""
MIN_WORDS = 3
"""A shorter line may stand in any file."""
MAX_WORDS = 40
"""How many words of a line of the board are looked at."""
_PAPER = re.compile(r"\s*\[(?:[^\]\n]*\()?(?:PDF|HTML page|mail)\b")
"""How a text begins that was made of a paper, whatever its file is called."""
_MAIL_LINE = re.compile(
    r"^(?:from|to|subject|date|received|return-path|delivered-to|message-id|reply-to): ",
    re.IGNORECASE | re.MULTILINE,
)
_HEAD_CHARS = 2000


def is_from_outside(path: str) -> bool:
    """Whether a file of the company was made by somebody else, as its name or folder says."""
    normal = (normalize_path(path) or path).casefold()
    *folders, name = normal.split("/")
    return name.endswith(OUTSIDE_ENDS) or not OUTSIDE_FOLDERS.isdisjoint(folders)


def says_outside(text: str) -> bool:
    """Whether a text is that of a paper or a mail, as its beginning says."""
    head = text[:_HEAD_CHARS]
    return bool(_PAPER.match(head)) or len({*_MAIL_LINE.findall(head)}) > 1


def outside_files(paths: Iterable[str]) -> str:
    """The first of these files that comes from outside; empty if none does."""
    found = (path for path in paths if is_from_outside(path))
    return next(found, "")[:MAX_REASON_CHARS]


def line_marks(text: str, *, inner: bool = False) -> Iterator[str]:
    """Return the mark of each line that says enough, and with `inner` of each part of one."""
    for line in text.splitlines():
        words = undress(join_words(line)).split()
        if not inner:
            if len(words) >= MIN_WORDS:
                yield _mark(words)
            continue
        words = words[:MAX_WORDS]
        for start in range(len(words) - MIN_WORDS + 1):
            for end in range(start + MIN_WORDS, len(words) + 1):
                yield _mark(words[start:end])


def _mark(words: Sequence[str]) -> str:
    return fingerprint(f"{MARK}\n{' '.join(words)}")
