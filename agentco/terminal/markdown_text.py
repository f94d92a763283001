"""Markdown as it is read at a terminal: lines stay lines, HTML is text, links say where they go."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from markdown_it import MarkdownIt
from rich.console import Console, ConsoleOptions, JustifyMethod, RenderResult
from rich.markdown import CodeBlock, Heading, Markdown, MarkdownElement
from rich.padding import Padding
from rich.text import Text
from rich.theme import Theme

from agentco.kernel.characters import terminal_safe

if TYPE_CHECKING:
    from markdown_it.token import Token

MAX_WIDTH = 100
"""Cells: longer lines are hard to read."""
LOOKS = Theme(
    {
        **{f"markdown.h{level}": "bold" for level in range(2, 8)},
        "markdown.h1": "bold underline",
        "markdown.code": "color(30)",
        "markdown.code_block": "color(30)",
        "markdown.link": "none",
        "markdown.link_url": "color(31)",
        "markdown.item.bullet": "none",
        "markdown.item.number": "none",
        "markdown.block_quote": "none",
        "markdown.table.border": "none",
        "markdown.table.header": "bold",
        "markdown.hr": "none",
    }
)
"""Colours that can be read on white as on black."""
HIDES = ("html_block", "html_inline", "image", "reference")
"""What would be drawn as less than what stands there."""


class LeftHeading(Heading):
    """A heading where every line begins."""

    LEVEL_ALIGN: ClassVar[dict[str, JustifyMethod]] = {}


class PlainCode(CodeBlock):
    """Code as it stands, indented."""

    def __rich_console__(
        self, console: Console, options: ConsoleOptions
    ) -> RenderResult:
        """Yield its lines."""
        yield Padding(Text(str(self.text).rstrip(), style=self.style), (0, 0, 0, 4))


class TerminalMarkdown(Markdown):
    """A text that a model wrote, safe for a terminal."""

    elements: ClassVar[dict[str, type[MarkdownElement]]] = {
        **Markdown.elements,
        "heading_open": LeftHeading,
        "fence": PlainCode,
        "code_block": PlainCode,
    }

    def __init__(self, text: str) -> None:
        safe = "\n".join(map(terminal_safe, text.split("\n")))
        super().__init__("", hyperlinks=False)
        parser = MarkdownIt().enable(["strikethrough", "table"]).disable(HIDES)
        self.parsed = parser.parse(safe)
        for token in tokens_below(self.parsed):
            if token.type == "softbreak":
                token.type = "hardbreak"


def tokens_below(tokens: "list[Token]") -> "Iterator[Token]":
    """Tokens, and those inside them."""
    for token in tokens:
        yield token
        yield from tokens_below(token.children or [])


def drawn_markdown(text: str, width: int, *, coloured: bool) -> str:
    """A text in lines of so many cells, without blanks at their ends."""
    console = Console(
        width=min(width, MAX_WIDTH),
        highlight=False,
        markup=False,
        emoji=False,
        color_system="256" if coloured else None,
        force_terminal=coloured,
    )
    with console.use_theme(LOOKS), console.capture() as captured:
        console.print(TerminalMarkdown(text))
    return "\n".join(line.rstrip() for line in captured.get().split("\n"))
