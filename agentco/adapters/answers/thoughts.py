"""Tells what a model thinks from what it says, where a server sends both in one text.

Known are tags (`<think>` and its relatives, opened or not), `[THINK]`, and the channels of
harmony, also where a server has dropped their marks. What stands in a fenced block is never a
mark, nor is one behind a backtick or in the middle of a line.
"""

import re
from collections.abc import Callable
from enum import Enum, auto

from agentco.kernel.text_seam import open_fence

_TAGS = (
    "think|thinking|thoughts?|reasoning|scratchpad|inner_monologue|ant_?thinking"
    "|longcat_think"
)
_OPENS = re.compile(
    rf"<(?:\w+:)?(?:{_TAGS})(?:\s[^<>]*)?>|\[THINK\]|◁think▷|<\|begin_of_thought\|>"
    r"|<\|START_THINKING\|>",
    re.IGNORECASE,
)
_CLOSES = re.compile(
    rf"</(?:\w+:)?(?:{_TAGS})\s*>|\[/THINK\]|◁/think▷|<\|end_of_thought\|>"
    r"|<\|END_THINKING\|>",
    re.IGNORECASE,
)
_WRAPS = re.compile(
    r"<\|(?:begin|end)_of_solution\|>|<\|(?:START|END)_RESPONSE\|>", re.IGNORECASE
)
_CHANNEL = re.compile(r"<\|(?:channel|start|message|end|return|call|constrain)\|>")
_MARK = re.compile(
    f"(?P<opens>{_OPENS.pattern})|(?P<closes>{_CLOSES.pattern})"
    rf"|(?P<wraps>{_WRAPS.pattern})|(?P<channel>{_CHANNEL.pattern})"
    r"|(?P<fence>```|~~~)",
    re.IGNORECASE,
)
_MAY_BECOME_MARK = re.compile(r"(?:[<\[◁][^<>\[\]▷\n]{0,80}|[`~]{1,2})?\Z")
_CHANNELS_WITHOUT_MARKS = re.compile(
    r"analysis(?P<thought>.*?)assistantfinal(?P<text>.*)\Z", re.DOTALL
)
_RECIPIENT = re.compile(r"\bto=(?:functions\.)?(\w+)")
_TOLD_IN_HEAD = re.compile(r"\bfinal\b|\A\s*(?:assistant\s*)?\Z")
_LONGEST_CLOSING = 40

Hear = Callable[[str], None]


class _Channel(Enum):
    """Into which part of an answer the text goes that comes now."""

    NONE = auto()
    HEAD = auto()
    THOUGHT = auto()
    CALL = auto()


class ThoughtSplitter:
    """Takes a text piece by piece; `hear` is told what is said, as soon as that is certain."""

    def __init__(self, hear: Hear, think: Hear, begun: str = "") -> None:
        """`begun` is the answer that this text goes on with."""
        self.began_unmarked = False
        """Whether it began with a thought that no mark opened."""
        self.calls: list[tuple[str, str]] = []
        """Calls that stood in a channel of their own: the tool's name and the arguments."""
        self._hear = hear
        self._think = think
        self._held: str | None = None
        self._most_held = 0
        self._rest = ""
        self._said: list[str] = []
        self._thought: list[str] = []
        self._opened_by = ""
        self._opened_at = 0
        self._channel = _Channel.NONE
        self._head = ""
        self._goes_on = bool(begun)
        self._began_in_fence = bool(open_fence(begun))
        self._has_toggled_fence = False
        self._line = ""
        self._is_thought = False

    @property
    def text(self) -> str:
        """What the model said so far, without what it thought."""
        return "".join(self._said)

    @property
    def thoughts(self) -> str:
        """What it thought so far."""
        return "".join(self._thought).strip()

    def hold_back(self, chars: int) -> None:
        """Keep what comes first to itself until it is no thought, or longer; 0 lets go of it."""
        self._most_held = chars
        if chars and not self._said:
            self._held = ""
        elif not chars:
            self._let_go()

    def feed(self, piece: str, *, is_thought: bool = False) -> None:
        """Take the next piece, which its server may have marked as a thought itself."""
        self._is_thought = is_thought
        self._take_all(self._rest + piece, at_end=False)

    def finish(self) -> None:
        """Take what is left: nothing more comes."""
        self._is_thought = False
        self._take_all(self._rest, at_end=True)
        self._let_go()
        opened_by, self._opened_by = self._opened_by, ""
        if opened_by and self.text.strip():
            # what began below a text and never ended is a part of it
            unfinished = "".join(self._thought[self._opened_at :])
            del self._thought[self._opened_at :]
            self._take_text(opened_by + unfinished)
        channels = _CHANNELS_WITHOUT_MARKS.match(self.text)
        if channels:
            self._thought.append(channels["thought"])
            self._said = [channels["text"]]

    @property
    def _in_fence(self) -> bool:
        """Whether what comes now stands in a fenced block, perhaps of the text before."""
        is_inside = self._began_in_fence and bool(self._said)
        return is_inside ^ self._has_toggled_fence

    def _without_lead(self, text: str) -> str:
        """The beginning of a text, without blanks unless it goes on with another."""
        if not self._goes_on:
            return text.lstrip()
        return text.lstrip("\r\n") if self._thought else text

    def _take_all(self, text: str, *, at_end: bool) -> None:
        """Take a text but for an end that may become a mark with what comes next."""
        start = 0
        while True:
            mark = (_CLOSES if self._opened_by else _MARK).search(text, start)
            if mark is None:
                break
            self._take_text(text[start : mark.start()])
            self._take_mark(str(mark.lastgroup), mark[0])
            start = mark.end()
        self._rest = "" if at_end else _MAY_BECOME_MARK.findall(text, start)[0]
        self._take_text(text[start : len(text) - len(self._rest)])

    def _take_mark(self, kind: str, text: str) -> None:
        starts_line = not self._line.strip()
        if self._opened_by:
            self._opened_by = ""
            self._note("\n")
        elif self._is_thought:
            self._note("\n" if kind in {"opens", "closes"} else text)
        elif kind == "channel":
            self._take_channel_mark(text)
        elif kind == "fence":
            self._has_toggled_fence ^= starts_line
            self._take_text(text)
        elif self._in_fence or self._line.endswith("`"):
            self._take_text(text)
        elif kind == "opens" and starts_line:
            self._let_go()
            self._opened_by, self._opened_at = text, len(self._thought)
        elif kind == "closes" and not (self._thought and self._said):
            # a template that opens the thought by itself shows only where it ends
            self.began_unmarked = self.began_unmarked or bool(self._said)
            self._thought += [*self._said, "\n"]
            if self._held:
                self._think(f"{self._held}\n")
            self._held = None
            self._said = []
            self._line = ""
        elif kind != "wraps":
            self._take_text(text)

    def _take_channel_mark(self, mark: str) -> None:
        """A mark of harmony: a head names the channel, and perhaps a tool, of a message."""
        if mark != "<|message|>":
            if mark != "<|constrain|>":
                self._head = ""
            self._channel = _Channel.HEAD
            return
        tool = _RECIPIENT.search(self._head)
        if tool:
            self._channel = _Channel.CALL
            self.calls.append((tool[1], ""))
        elif _TOLD_IN_HEAD.search(self._head):
            self._channel = _Channel.NONE
        else:
            self._channel = _Channel.THOUGHT

    @property
    def _in_thought(self) -> bool:
        in_channel = self._channel is _Channel.THOUGHT
        return bool(self._opened_by) or self._is_thought or in_channel

    def _take_text(self, text: str) -> None:
        """Take what is no mark, into the channel that is open."""
        if self._channel is _Channel.HEAD:
            self._head += text
        elif self._in_thought:
            self._note(text)
        elif self._channel is _Channel.CALL:
            name, arguments = self.calls[-1]
            self.calls[-1] = (name, arguments + text)
        elif said := text if self._said else self._without_lead(text):
            self._line = (self._line + said).rpartition("\n")[2][-_LONGEST_CLOSING:]
            self._said.append(said)
            self._tell(said)

    def _note(self, thought: str) -> None:
        if thought:
            self._thought.append(thought)
            self._think(thought)

    def _tell(self, said: str) -> None:
        """Let what is said be heard, unless it may still turn out to be a thought."""
        if self._held is None:
            self._hear(said)
            return
        self._held += said
        if len(self._held) > self._most_held:
            self._let_go()

    def _let_go(self) -> None:
        held, self._held = self._held, None
        if held:
            self._hear(held)
