"""What comes from outside: the files of others, and what a run may do that read one."""

import re
from collections.abc import Iterable, Iterator
from html import unescape

from agentco.kernel.company_paths import normalize_path
from agentco.runs import actions

OUTSIDE_ENDS = (".eml", ".mbox", ".htm", ".html", ".xhtml", ".mht", ".mhtml", ".pdf")
"""How the names of files end that somebody else made: mails, saved pages, papers."""
DRAFTS = "drafts"
OUTSIDE_FOLDERS = frozenset({"inbox", "downloads"})
"""Folders into which the founder puts what others made."""
MAX_REASON_CHARS = 120
UNTRUSTED_MEMORY = "untrusted lines of the memory"
UNTRUSTED_WORK = "what an untrusted run wrote"
ADDING_TO_MEMORY = frozenset(
    {
        actions.MemoryAct.CREATE_ENTITIES,
        actions.MemoryAct.CREATE_RELATIONS,
        actions.MemoryAct.ADD_OBSERVATIONS,
    }
)
_PAPER = re.compile(r"\s*\[(?:[^\]\n]*\()?(?:PDF|HTML page|mail)\b")
"""How a text begins that was made of a paper, whatever its file is called."""
_MAIL_LINE = re.compile(
    r"^(?:from|to|subject|date|received|return-path|delivered-to|message-id|reply-to): ",
    re.IGNORECASE | re.MULTILINE,
)
_HEAD_CHARS = 2000
_ADDRESS = re.compile(
    r"(?:[a-z][a-z0-9+.-]{1,20}:)?[/\\]{2}[^\s<>\"'`]+"
    r"|\b(?:https?|ftp|file|mailto|data|javascript):[^\s<>\"'`]+"
    r"|\bwww\.[^\s<>\"'`]+",
    re.IGNORECASE,
)
_END_MARKS = ".,;:!?)]}*_|"


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


def is_kept_apart(action: actions.Action, path: str) -> bool:
    """Whether what an action changes is marked as untrusted, or lies among the drafts.

    What is added to the memory, and a lesson, drives nothing there.
    """
    match action:
        case actions.Memory(operation=operation):
            return operation in ADDING_TO_MEMORY
        case actions.Lesson():
            return True
        case actions.Edit():
            return is_draft(path)
        case _:
            return False


def is_draft(path: str) -> bool:
    """Whether a path lies in the folder of the drafts."""
    normal = (normalize_path(path) or "").casefold()
    return normal.startswith(f"{DRAFTS}/")


def addresses_in(text: str) -> Iterator[str]:
    """Every address that a text holds, a link's or an image's, without what ends a sentence."""
    for found in _ADDRESS.findall(unescape(text)):
        yield found.rstrip(_END_MARKS)


def strange_addresses(text: str, known: Iterable[str]) -> tuple[str, ...]:
    """The addresses in a text that stand in no known text, each once."""
    given = {address.casefold() for one in known for address in addresses_in(one)}
    strange = (one for one in addresses_in(text) if one.casefold() not in given)
    return tuple(dict.fromkeys(strange))
