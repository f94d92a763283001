"""A page of HTML as Markdown: what a reader sees of it, without scripts and what is hidden."""

import re
from collections.abc import Iterator

from html_to_markdown import ConversionOptions, InlineDataMedia, convert

from agentco.adapters.papers.paper_limits import PaperPiece
from agentco.file_formats.declared_text import decode_declared
from agentco.kernel.errors import WrongUsage
from agentco.page.seen_html import without_unseen

_DECLARED = re.compile(
    rb"""<meta\s[^>]{0,200}?charset\s*+=\s*+["']?+\s*+([\w.:-]{2,40})""", re.IGNORECASE
)
_DECLARED_WITHIN = 4096
ABOUT = "HTML page, as its text"
_BLANK_LINES = re.compile(r"\n{3,}")


def read_html(data: bytes) -> Iterator[PaperPiece]:
    """The page as one text.

    Raises WrongUsage for one in an encoding that nobody can tell, or without text.
    """
    text = _decode(data)
    if text is None:
        what = "is in an encoding that nobody can tell"
        raise WrongUsage(what, hint="save it as UTF-8 or as text")
    seen, is_whole = _convert(text)
    if not seen:
        what = "is an HTML page without any text that a reader sees"
        if not is_whole:
            what = "is an HTML page whose elements are nested too deep"
        raise WrongUsage(what, hint="save it as text")
    about = ABOUT if is_whole else f"{ABOUT}, without what is nested too deep"
    yield PaperPiece(text=seen, about=about)


def html_as_text(html: str) -> str:
    """What a reader sees of a page, in Markdown."""
    return _convert(html)[0]


def _convert(html: str) -> tuple[str, bool]:
    """The text of a page, and whether that is all of it."""
    options = ConversionOptions(
        extract_metadata=False,
        compact_tables=True,
        inline_data_media=InlineDataMedia.ALT_TEXT_ONLY,
    )
    result = convert(without_unseen(html), options)
    text = _BLANK_LINES.sub("\n\n", result.content or "").strip()
    return text, not result.warnings


def _decode(data: bytes) -> str | None:
    """The text in the encoding that it names, else in the one that it has."""
    declared = _DECLARED.search(data[:_DECLARED_WITHIN])
    return decode_declared(data, declared[1].decode("ascii") if declared else "")
