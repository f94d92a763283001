"""What of a text a reader sees: it is read once, as Markdown and as a browser read it.

Of what is not drawn, words (comments, hidden elements, image texts, titles) are told from code
(tags, styles, addresses). All three come sign for sign: what is not there is a filler or a blank.
"""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from html import unescape

from msgspec import Struct

from agentco.kernel.comparison import DRAWN_CHARACTERS, ENTITY
from agentco.page import html_tags, markdown_marks
from agentco.page.hidden_elements import ElementStack
from agentco.page.html_tags import BACKWARDS, ELEMENTS, Attribute, Tag
from agentco.page.markdown_marks import EmphasisRun, LinkTarget, Span

FILLER = "\u2060"
_TOKEN = re.compile(
    r"""(?=[ <hf\\`&!\[\]*_~\x00-\x1f\x7f])(?:
        (?P<definition>(?<![^\n])[ ]{0,3}\[(?!\^)[^\[\]\n]{1,200}\]:)
      | (?P<comment><!--)
      | (?P<declaration><[!?]|</(?![a-z]))
      | (?P<autolink><(?:[a-z][a-z0-9+.-]{1,31}:[^\s<>]*+|[^\s<>@/]++@[^\s<>]++)>)
      | (?P<address>(?:https?|ftp):[\\/]++[^\s<>()"'`|\[\]&*~]*+)
      | (?P<tag></?[a-z])
      | (?P<escape>\\[!-/:-@\[-`{-~])
      | (?P<ticks>`+)
      | (?P<entity>&(?:\#|[a-z]))
      | (?P<open>!?\[)
      | (?P<close>\])
      | (?P<emphasis>\*+|_+|~+)
      | (?P<blank>\n[ \t]*+(?=\n))
      | (?P<control>[\x00-\x08\x0b-\x1f\x7f]+))""",
    re.VERBOSE | re.IGNORECASE,
)
_STRAY_MARKS = re.compile(r"(?<=[^\W\d_])[*~`\\]++(?=[^\W\d_])")
_LINE_RUN = "[^\u202a-\u202e\u2066-\u2069\n]*+"
_RIGHT_TO_LEFT = re.compile(rf"{BACKWARDS}({_LINE_RUN}(?:\n(?!\n){_LINE_RUN})*+)")
_EMPTY_BRAILLE = "\u2800"
_FOLDS = frozenset({"details", "summary"})
_MAX_LABEL = 200


class Drawing(Struct, frozen=True, kw_only=True):
    """A text apart: what is `shown`, `hidden` words, and `code`; each of its length, or empty.

    `fixed` is what is shown in the letters of code, between backticks or in a fence.
    """

    shown: str
    hidden: str
    code: str
    links: tuple[LinkTarget, ...]
    fixed: tuple[Span, ...] = ()


@lru_cache(maxsize=8)
def draw_text(text: str) -> Drawing:
    """What of a text is drawn, and what is not."""
    return _Reader(text).read()


class _Reader:
    """Goes through a text once and notes of each sign what becomes of it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._shown = [*text]
        self._unseen: list[tuple[int, str]] = []
        self._hidden: list[tuple[int, str]] = []
        self._code: list[tuple[int, str]] = []
        self._links: list[LinkTarget] = []
        self._fixed: list[Span] = []
        self._last_close = text.rfind(">")
        self._ticks = markdown_marks.CodeTicks(text)
        self._definitions = markdown_marks.read_definitions(text)
        self._elements = ElementStack(text)
        self._brackets: list[Span] = []
        self._runs: list[EmphasisRun] = []
        self._unseen_from: int | None = None
        self._anchor: tuple[Attribute, int] | None = None
        """The address of the link whose text is being read, and where that began."""

    def read(self) -> Drawing:
        """All of the text, apart."""
        readers: dict[str, Callable[[int, int], int]] = {
            "definition": self._read_definition,
            "comment": self._read_comment,
            "declaration": self._read_declaration,
            "autolink": self._read_autolink,
            "address": self._keep,
            "tag": self._read_tag,
            "escape": self._read_escape,
            "ticks": self._read_ticks,
            "entity": self._read_entity,
            "open": self._open_bracket,
            "close": self._close_bracket,
            "emphasis": self._read_emphasis,
            "blank": self._end_paragraph,
            "control": self._erase,
        }
        place = 0
        while match := _TOKEN.search(self._text, place):
            place = readers[match.lastgroup or ""](match.start(), match.end())
        self._end_paragraph(len(self._text), len(self._text))
        self._hide_until(len(self._text))
        self._end_anchor(len(self._text))
        shown = _in_reading_order("".join(self._shown)).replace(_EMPTY_BRAILLE, " ")
        return Drawing(
            shown=_without_stray_marks(shown),
            hidden=_compose(self._text, self._unseen + self._hidden),
            code=_compose(self._text, self._code),
            links=tuple(self._links),
            fixed=tuple(self._fixed),
        )

    def _keep(self, _start: int, end: int) -> int:
        """Here everything is drawn as it stands."""
        return end

    def _erase(self, start: int, end: int) -> int:
        """Nothing is drawn here."""
        self._shown[start:end] = FILLER * (end - start)
        return end

    def _erase_words(self, start: int, end: int) -> int:
        """What stands here is not drawn; its words are kept."""
        self._hidden.append((start, self._text[start:end]))
        return self._erase(start, end)

    def _erase_code(self, start: int, end: int) -> int:
        """What stands here is not drawn, and no words."""
        self._code.append((start, self._text[start:end]))
        return self._erase(start, end)

    def _read_comment(self, start: int, _end: int) -> int:
        return self._erase_aside(start, html_tags.comment_end(self._text, start))

    def _erase_aside(self, start: int, end: int) -> int:
        """What stands here is not drawn; its words stand on a line of their own."""
        self._hidden.append((start, "\n" + self._text[start + 1 : end]))
        return self._erase(start, end)

    def _read_declaration(self, start: int, end: int) -> int:
        if start > self._last_close:
            return end
        return self._erase_aside(start, self._text.index(">", start) + 1)

    def _read_autolink(self, start: int, end: int) -> int:
        self._erase(start, start + 1)
        return self._erase(end - 1, end)

    def _read_escape(self, start: int, end: int) -> int:
        self._erase(start, start + 1)
        return end

    def _read_ticks(self, start: int, end: int) -> int:
        closing = self._ticks.code_end(start, end)
        if closing is None:
            return end
        if self._ticks.is_fence(start):
            end = self._line_end(end)
        self._erase_code(start, end)
        self._fixed.append((end, closing[0]))
        return self._erase(*closing)

    def _line_end(self, place: int) -> int:
        end = self._text.find("\n", place)
        return end if end >= 0 else len(self._text)

    def _read_entity(self, start: int, end: int) -> int:
        entity = ENTITY.match(self._text, start)
        signs = unescape(entity[0]) if entity else ""
        if entity is None or signs == entity[0]:
            return end
        size = len(entity[0])
        self._shown[start : start + size] = _one_line(signs)[:size].ljust(size, FILLER)
        return start + size

    def _read_emphasis(self, start: int, end: int) -> int:
        if self._ticks.is_fence(start):
            return self._read_ticks(start, end)
        self._runs.append(markdown_marks.read_run(self._text, start, end))
        return end

    def _end_paragraph(self, _start: int, end: int) -> int:
        for mark in markdown_marks.paired_marks(self._runs):
            self._erase(*mark)
        self._runs.clear()
        self._brackets.clear()
        return end

    def _read_definition(self, start: int, end: int) -> int:
        match = markdown_marks.DEFINITION.match(self._text, start)
        if match is None:
            return self._open_bracket(end - 1, self._text.index("[", start) + 1)
        self._erase_words(*match.span("label"))
        self._erase_target(match)
        return self._erase(start, match.end())

    def _erase_target(self, match: re.Match[str]) -> Span:
        """Take out where a link leads to, and its title; where the address stands."""
        span = match.span("target")
        self._erase_code(*span)
        if match["title"]:
            self._erase_words(*match.span("title"))
        return span

    def _open_bracket(self, start: int, end: int) -> int:
        self._brackets.append((start, end))
        return end

    def _close_bracket(self, start: int, end: int) -> int:
        if not self._brackets:
            return end
        opening = self._brackets.pop()
        target = markdown_marks.INLINE_TARGET.match(self._text, end)
        if target:
            place, end = self._erase_target(target), target.end()
        else:
            reference = markdown_marks.REFERENCE.match(self._text, end)
            label = reference["label"] if reference else ""
            if not label and start - opening[1] <= _MAX_LABEL:
                label = self._text[opening[1] : start]
            found = self._definitions.get(markdown_marks.normal_label(label))
            if found is None:
                return end
            place, end = found, reference.end() if reference else end
        return self._end_link(opening, (start, end), place)

    def _end_link(self, opening: Span, closing: Span, target: Span) -> int:
        """Take out the brackets of a link, or all of an image."""
        start, text_start = opening
        text_end, end = closing
        is_image = text_start - start > 1
        shown = (text_start, text_start if is_image else text_end)
        self._links.append(LinkTarget(start=target[0], end=target[1], shown=shown))
        if is_image:
            self._unseen.append((text_start, "".join(self._shown[text_start:text_end])))
            return self._erase(start, end)
        self._erase(start, text_start)
        return self._erase(text_end, end)

    def _read_tag(self, start: int, end: int) -> int:
        tag = html_tags.read_tag(self._text, start, self._last_close)
        if tag is None:
            return end
        was_hidden = self._elements.hides
        self._elements.enter(tag)
        is_hidden = self._elements.hides
        if was_hidden and not is_hidden:
            self._hide_until(tag.start)
        self._erase(tag.start, tag.end)
        if is_hidden and not was_hidden:
            self._unseen_from = tag.end
        if tag.name in _FOLDS or not (was_hidden or is_hidden):
            signs = html_tags.drawn_break(tag)
            self._shown[tag.start : tag.start + len(signs)] = signs
        if tag.name == "a":
            self._end_anchor(tag.start)
        if tag.name not in html_tags.KNOWN:
            self._hidden.append((tag.start, self._text[tag.start : tag.end]))
        elif tag.attributes:
            self._code.append((tag.start, self._text[tag.start : tag.end]))
            self._keep_attributes(tag)
        if tag.name in ELEMENTS.raw and not tag.is_end:
            return self._read_raw(tag)
        return tag.end

    def _hide_until(self, end: int) -> None:
        """Take out what was drawn since the hidden element began."""
        start = self._unseen_from
        if start is not None:
            self._unseen.append((start, "".join(self._shown[start:end])))
            self._erase(start, end)
        self._unseen_from = None

    def _read_raw(self, tag: Tag) -> int:
        end = html_tags.raw_end(self._text, tag)
        if tag.name in ELEMENTS.code:
            return self._erase_code(tag.end, end)
        return self._erase_words(tag.end, end)

    def _keep_attributes(self, tag: Tag) -> None:
        """Keep the words that attributes say, and where they lead to."""
        for name, attribute in tag.attributes.items():
            if name in ELEMENTS.texts:
                words = self._text[attribute.start : attribute.end]
                self._hidden.append((attribute.start, words))
            is_refresh = tag.name == "meta" and tag.value("http-equiv").strip()
            if tag.name == "a" and name == "href" and not tag.is_end:
                self._anchor = attribute, tag.end
            elif name in ELEMENTS.links or (name == "content" and is_refresh):
                self._add_link(attribute, name, (tag.end, tag.end))

    def _end_anchor(self, end: int) -> None:
        """Note the link whose text ends here."""
        if self._anchor is not None:
            attribute, start = self._anchor
            self._add_link(attribute, "href", (start, end))
        self._anchor = None

    def _add_link(self, attribute: Attribute, name: str, shown: Span) -> None:
        start, end = attribute.start, attribute.end
        link = LinkTarget(start=start, end=end, shown=shown, attribute=name)
        self._links.append(link)


def letter_origins(text: str) -> Sequence[int]:
    """For each letter that a text is drawn in the place of the sign it came from."""
    sizes: dict[str, int] = {}
    for sign in set(text):
        sizes[sign] = len(DRAWN_CHARACTERS[ord(sign)])
    if set(sizes.values()) <= {1}:
        return range(len(text))
    origins: list[int] = []
    for place, sign in enumerate(text):
        origins += [place] * sizes[sign]
    return origins


def _one_line(signs: str) -> str:
    return signs.replace("\n", " ")


def _in_reading_order(text: str) -> str:
    """A text in which what is written from right to left by force stands as it is read."""

    def turn(run: re.Match[str]) -> str:
        return FILLER + "\n".join(line[::-1] for line in run[1].split("\n"))

    return _RIGHT_TO_LEFT.sub(turn, text)


def _without_stray_marks(text: str) -> str:
    """A text without the signs of emphasis in its words that no others close."""
    return _STRAY_MARKS.sub(lambda marks: FILLER * len(marks[0]), text)


def _compose(text: str, pieces: Sequence[tuple[int, str]]) -> str:
    """A text of the same length with pieces at their places; each has a line of its own."""
    if not pieces:
        return ""
    signs = [*blank_out(text)]
    for start, piece in pieces:
        end = start + len(piece)
        signs[start:end] = piece
        for edge in (start - 1, end):
            if 0 <= edge < len(signs) and signs[edge] == " ":
                signs[edge] = "\n"
    whole = ENTITY.sub(_same_length, "".join(signs))
    return _without_stray_marks(whole)


def _same_length(entity: re.Match[str]) -> str:
    size = len(entity[0])
    return _one_line(unescape(entity[0]))[:size].ljust(size, FILLER)


def blank_out(text: str) -> str:
    """Blanks in the place of a text; its lines stay."""
    return "\n".join(" " * len(line) for line in text.split("\n"))
