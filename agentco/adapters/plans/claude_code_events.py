"""What Claude Code says while it answers: one JSON object a line."""

from typing import Any

import msgspec
from msgspec import Raw, Struct
from msgspec.structs import replace

from agentco.adapters.answers.answer_ends import stop_reason
from agentco.adapters.models.claude_client import ClaudeReply
from agentco.ports.outside import Hearing
from agentco.ports.plans import FULL, PlanWindow
from agentco.runs.model_messages import ModelAnswer, ModelRequest, StopReason

_ENDS_BY_ITSELF = frozenset({StopReason.END, StopReason.TOOLS})


class _Window(Struct):
    utilization: float = 0.0
    resetsAt: float = 0.0  # noqa: N815  as the program calls it


class _RateLimit(Struct):
    status: str = ""
    rateLimitType: str = ""  # noqa: N815
    resetsAt: float = 0.0  # noqa: N815
    unifiedWindows: dict[str, _Window] = {}  # noqa: N815


class _Delta(Struct):
    stop_reason: str | None = None


class _StreamEvent(Struct):
    type: str = ""
    delta: _Delta | None = None


class _Line(Struct):
    """A line of any type; only what matters here is read of it."""

    type: str = ""
    subtype: str = ""
    event: Raw = Raw()
    tools: list[str] = []
    apiKeySource: str = ""  # noqa: N815
    rate_limit_info: _RateLimit | None = None
    error: Any = None
    is_error: bool = False
    api_error_status: int | None = None
    result: str | None = None


class ClaudeCodeTalk:
    """One call as far as the program has told of it."""

    def __init__(self, request: ModelRequest, hearing: Hearing, prefix: str) -> None:
        self._prefix = prefix
        named = [replace(tool, name=prefix + tool.name) for tool in request.tools]
        must = prefix + request.must if request.must else ""
        self._wanted = {tool.name for tool in named}
        asked = replace(request, tools=tuple(named), must=must)
        self._reply = ClaudeReply(asked, hearing.text)
        self._reply.hear_thoughts(hearing.thought)
        self.windows: list[PlanWindow] = []
        self.limit: PlanWindow | None = None
        self.problem = ""
        self.lacks_tools = False
        self.error = ""
        self.status: int | None = None
        self.words = ""
        self.has_asked = False
        self.would_go_on = False
        self._has_result = False

    @property
    def has_begun(self) -> bool:
        """Whether any of the answer has arrived."""
        return self._reply.has_begun

    @property
    def only_rest_is_left(self) -> bool:
        """Whether the answer is whole, and only what the program adds to it is to come."""
        return self._reply.done

    @property
    def is_over(self) -> bool:
        """Whether nothing more is worth reading, or the program has to be ended now."""
        return self._has_result or self.would_go_on or bool(self.problem)

    @property
    def why_unfinished(self) -> str:
        """Why there is no answer, in words."""
        return self._reply.why_unfinished

    def answer(self) -> ModelAnswer | None:
        """The whole answer, with the tools under their own names; None if there is none."""
        answer = self._reply.finished_answer()
        if answer is None or self.problem:
            return None
        calls = tuple(
            replace(call, name=call.name.removeprefix(self._prefix), echo="")
            for call in answer.calls
        )
        return replace(answer, calls=calls)

    def read_line(self, data: bytes) -> None:
        """Take a line in; what is no JSON object says nothing. Raises UnreadableAnswer."""
        try:
            line = msgspec.json.decode(data, type=_Line)
        except (ValueError, RecursionError):
            return
        match line.type:
            case "system" if line.subtype == "init":
                self._check_start(line)
            case "stream_event" if line.event:
                self._read_event(line.event)
            case "rate_limit_event" if line.rate_limit_info:
                self._read_limit(line.rate_limit_info)
            case "assistant" if isinstance(line.error, str):
                self.error = line.error
            case "result":
                self._has_result = True
                self.status = line.api_error_status
                self.words = (line.result or "") if line.is_error else ""
            case _:
                pass

    def _check_start(self, line: _Line) -> None:
        """See whose login is used and which tools there are, before anything is asked."""
        tools = set(line.tools)
        if line.apiKeySource not in {"", "none"}:
            self.problem = f"would use an API key ({line.apiKeySource}), not the plan"
        elif strange := sorted(tools - self._wanted):
            self.problem = f"would use tools of its own: {', '.join(strange)}"
        elif lacking := sorted(self._wanted - tools):
            names = ", ".join(lacking).replace(self._prefix, "")
            self.lacks_tools = True
            self.problem = f"did not take our tools: {names}"

    def _read_event(self, event: Raw) -> None:
        self.has_asked = True
        if self._reply.done:
            return
        self._reply.feed(b"data: " + bytes(event) + b"\n\n")
        kind = msgspec.json.decode(event, type=_StreamEvent)
        if kind.type == "message_delta":
            end = stop_reason(kind.delta.stop_reason or "") if kind.delta else None
            self.would_go_on = end not in _ENDS_BY_ITSELF

    def _read_limit(self, info: _RateLimit) -> None:
        self.windows = [
            PlanWindow(
                name=name, used=window.utilization * FULL, resets=window.resetsAt
            )
            for name, window in info.unifiedWindows.items()
        ]
        if info.status == "rejected" and info.resetsAt:
            name = info.rateLimitType or "usage"
            self.limit = PlanWindow(name=name, used=FULL, resets=info.resetsAt)
            self.windows.append(self.limit)
