"""Which elements of HTML no reader sees: hidden by attribute, by style, or in a closed fold."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice

from msgspec import Struct

from agentco.page.html_tags import ELEMENTS, Tag

_STYLE_ELEMENT = re.compile(
    r"<style\b[^>]*+>(.*?)(?:</style|\Z)", re.IGNORECASE | re.DOTALL
)
_SELECTOR = re.compile(
    r"""(?P<element>[a-z][\w-]*)?(?P<marks>(?:[.\#][\w-]+|\[hidden\])*)(?P<state>:.*)?""",
    re.VERBOSE | re.IGNORECASE,
)
_HIDING = re.compile(
    r"""(?:^|;)(?:display:none | visibility:(?:hidden|collapse) | content-visibility:hidden
      | opacity:(?=[.\d])0*+(?:\.(?:0++\d?|0*+))?%?(?![\d.])
      | font-size:(?=[.\d])(?:0*+(?:\.0*+)?[a-z%]*+|(?:0*+\.\d++|[012])(?:px|pt))(?=[;!]|$)
      | font:[^;]*(?<![\d.])0(?:px|pt|em|rem|%)?[/ ] | transform:scale[xy]?\(0*+(?:\.0*+)?[,)]
      | (?:max-)?(?:height|width):0(?:px|em|%)?(?=;|!|$) | clip:rect\((?:[01](?:px)?[, ]*)+\)
      | clip-path:inset\((?:50|100)% | filter:opacity\(0 | color:transparent
      | color:(?:rgb|hsl)a?\([^,)]*+,[^,)]*+,[^,)]*+[,/]0*+(?:\.0*+)?%?\)
      | color:\#(?:[0-9a-f]{3}0|[0-9a-f]{6}00)(?![0-9a-f])
      | (?:text-indent|left|right|top|margin-left):-\d{3,})""",
    re.VERBOSE,
)
_COLOR = re.compile(r"(?:^|;)color:([^;!]+)")
_BACKGROUND = re.compile(r"(?:^|;)background(?:-color)?:([^;!]+)")
_HEX = re.compile(r"#([0-9a-f]{3}|[0-9a-f]{6})[0-9a-f]{0,2}\Z")
_RGB = re.compile(
    r"rgba?\((\d{1,3})[, ]+(\d{1,3})[, ]+(\d{1,3})(?:[,/ ]+(0?\.?\d+)%?)?\)"
)
_MAX_RULES = 100
_ASCII = 128
_CLOSE_COLORS = 24
"""How far apart, for red, green and blue, are two colours that nobody can tell apart."""
_NAMED_COLORS = {
    "white": "#fff",
    "black": "#000",
    "snow": "#fffafa",
    "ivory": "#fffff0",
}
_CLOSED_BY = {
    "li": {"li"},
    "dt": {"dt", "dd"},
    "dd": {"dt", "dd"},
    "tr": {"tr", "td", "th"},
    "td": {"td", "th"},
    "th": {"td", "th"},
    "option": {"option"},
}

Color = tuple[int, int, int]
_WHITE: Color = (255, 255, 255)
_BLACK: Color = (0, 0, 0)
_LINK_BLUE: Color = (0, 0, 238)


class _StyleRule(Struct, frozen=True, kw_only=True):
    """What a style sheet says of elements of one name, class or id."""

    element: str
    marks: frozenset[str]
    style: str

    def fits(self, tag: Tag, marks: frozenset[str]) -> bool:
        """Whether it is about an element."""
        return self.element in {"", tag.name} and self.marks <= marks


class _OpenElement(Struct, frozen=True, kw_only=True):
    """An element that is open, and whether it hides all that stands in it."""

    name: str
    hides: bool = False
    is_closed_fold: bool = False
    color: Color = _BLACK
    background: Color = _WHITE
    hides_text: bool = False
    """Whether its own text is not seen; an element in it may have another colour."""


class ElementStack:
    """The elements that are open at a place of a text."""

    def __init__(self, text: str) -> None:
        """Read the style sheets in the text."""
        self._rules = [*islice(_style_rules(text), _MAX_RULES)]
        self._open = [_OpenElement(name="")]
        self._counts: Counter[str] = Counter()

    @property
    def hides(self) -> bool:
        """Whether what stands here is not seen."""
        return self._open[-1].hides_text

    def enter(self, tag: Tag) -> None:
        """Go into or out of an element."""
        if tag.is_end:
            self._leave(tag.name)
            return
        self._close_implied(tag.name)
        element = self._read_element(tag)
        if tag.name not in ELEMENTS.void:
            self._open.append(element)
            self._counts[tag.name] += 1

    def _leave(self, name: str) -> None:
        if not self._counts[name]:
            return
        while self._open[-1].name != name:
            self._counts[self._open.pop().name] -= 1
        self._counts[self._open.pop().name] -= 1

    def _close_implied(self, name: str) -> None:
        """Close the paragraph, item or cell that this element ends without a tag."""
        before = self._open[-1].name
        closes_paragraph = before == "p" and name in ELEMENTS.breaks and name != "br"
        if closes_paragraph or before in _CLOSED_BY.get(name, ()):
            self._leave(before)

    def _read_element(self, tag: Tag) -> _OpenElement:
        parent = self._open[-1]
        style = self._style_of(tag)
        usual_color = _LINK_BLUE if tag.name == "a" else parent.color
        color = _first_color(_COLOR, style) or usual_color
        background = _first_color(_BACKGROUND, style) or parent.background
        hides = parent.hides or _hides(tag, style)
        if tag.name == "summary" and parent.is_closed_fold:
            hides = self._open[-2].hides
        is_closed = tag.name == "details" and "open" not in tag.attributes
        hides = hides or is_closed
        return _OpenElement(
            name=tag.name,
            hides=hides,
            is_closed_fold=is_closed,
            color=color,
            background=background,
            hides_text=hides or _are_close(color, background),
        )

    def _style_of(self, tag: Tag) -> str:
        """All that style sheets and the element itself say of how it is drawn, the last first."""
        if not tag.attributes and not self._rules:
            return ""
        marks = {f".{name}" for name in tag.value("class").split()}
        marks.add(f"#{tag.value('id').strip()}")
        if "hidden" in tag.attributes:
            marks.add("[hidden]")
        styles = [_plain_style(tag.value("style")), *_old_styles(tag)]
        fitting = frozenset(marks)
        styles += [r.style for r in reversed(self._rules) if r.fits(tag, fitting)]
        return ";".join(filter(None, styles))


def _hides(tag: Tag, style: str) -> bool:
    if tag.name in ELEMENTS.unseen or "hidden" in tag.attributes:
        return True
    is_closed_dialog = tag.name == "dialog" and "open" not in tag.attributes
    return is_closed_dialog or bool(style and _HIDING.search(style))


def _old_styles(tag: Tag) -> Iterator[str]:
    """Colours as attributes, as HTML had them before style sheets."""
    if tag.value("color"):
        yield _plain_style(f"color:{tag.value('color')}")
    if tag.value("bgcolor"):
        yield _plain_style(f"background:{tag.value('bgcolor')}")


def _plain_style(style: str) -> str:
    """Declarations without comments, escapes, and blanks around their marks."""
    plain = re.sub(r"/\*.*?(?:\*/|\Z)", "", style, flags=re.DOTALL)
    plain = re.sub(r"\\([0-9a-fA-F]{1,6})\s?", _unescape_letter, plain)
    plain = " ".join(plain.replace("\\", "").lower().split())
    return re.sub(r" ?([:;,(){}]) ?", r"\1", plain).strip()


def _unescape_letter(escape: re.Match[str]) -> str:
    code = int(escape[1], 16)
    return chr(code) if code < _ASCII else ""


def _style_rules(text: str) -> Iterator[_StyleRule]:
    """The rules of all style sheets in a text that could hide something."""
    if "<style" not in text.lower():
        return
    for sheet in _STYLE_ELEMENT.findall(text):
        for block in _plain_style(sheet).split("}"):
            head, _, declarations = block.rpartition("{")
            if _HIDING.search(declarations) or "color:" in declarations:
                yield from _rules_for(head.rpartition("{")[2], declarations)


def _rules_for(selectors: str, style: str) -> Iterator[_StyleRule]:
    for selector in selectors.split(","):
        last = re.split(r"[\s>+~]+", selector.strip())[-1]
        match = _SELECTOR.fullmatch(last)
        if match and not match["state"] and last:
            marks = re.findall(r"[.#][\w-]+|\[hidden\]", match["marks"])
            yield _StyleRule(
                element=(match["element"] or "").lower(),
                marks=frozenset(marks),
                style=style,
            )


def _first_color(pattern: re.Pattern[str], style: str) -> Color | None:
    match = pattern.search(style) if style else None
    return _read_color(match[1].strip()) if match else None


def _read_color(words: str) -> Color | None:
    """A colour in red, green and blue; None for one that is not known."""
    words = _NAMED_COLORS.get(words, words)
    in_hex = _HEX.match(words)
    if in_hex:
        digits = in_hex[1]
        width = len(digits) // 3
        parts = [
            digits[i : i + width] * (3 - width) for i in range(0, len(digits), width)
        ]
        return _as_color([int(part, 16) for part in parts])
    numbers = _RGB.match(words)
    if numbers:
        return _as_color([int(numbers[i]) for i in (1, 2, 3)])
    if re.match(r"hsla?\([^)]*,100%", words):
        return _WHITE
    return None


def _as_color(parts: Sequence[int]) -> Color:
    red, green, blue = parts
    return red, green, blue


@lru_cache(maxsize=256)
def _are_close(first: Color, second: Color) -> bool:
    """Whether nobody can tell two colours apart."""
    pairs = zip(first, second, strict=True)
    return all(abs(one - other) <= _CLOSE_COLORS for one, other in pairs)
