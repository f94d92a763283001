"""What a model calls for: read by its meaning, found where small models hide it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cache

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from agentco.company.tool_table import final_tools, find_tool
from agentco.kernel.bare_calls import read_bare_calls, unwrap_json
from agentco.kernel.json_schema import inline_references
from agentco.kernel.lenient_arguments import read_arguments
from agentco.review.verdict import Opinion, opinion_per_trigger, opinions_in_text
from agentco.runs.actions import (
    Action,
    Edit,
    GiveVerdict,
    arguments_of,
    name_of,
    tool_of,
)
from agentco.runs.model_messages import ModelAnswer, ToolCall, ToolSpec

_BEGUN_CALL = re.compile(
    r'\s*+(?:```(?:json)?|<tool_call>)?+\s*+\[?+\s*+\{\s*+"(?:name|tool)"\s*+:\s*+"([\w.-]+)"'
)


class MisreadCall(Struct, frozen=True, kw_only=True):
    """Why a call cannot be read, in words for whoever made it."""

    problem: str


def tool_and_target(action: Action) -> tuple[str, str]:
    """An action as permission rules name it: the tool, and what it is used on."""
    tool = tool_of(action)
    if not tool.target_field or getattr(action, "handle", ""):
        return tool.name, ""
    return tool.name, str(getattr(action, tool.target_field))


def read_call(call: ToolCall, granted: Iterable[str]) -> Action | MisreadCall:
    """Read a call of a granted tool by the meaning of its arguments."""
    names = list(granted)
    tool = find_tool(call.name)
    arguments = arguments_of(tool)
    if tool is None or arguments is None or tool.name not in names:
        choice = ", ".join(names) or "none"
        return MisreadCall(
            problem=f"there is no tool {call.name!r}; your tools are {choice}"
        )
    try:
        return read_arguments(call.arguments, arguments).value
    except (ValueError, RecursionError) as error:
        problem = f"the arguments of {call.name} cannot be used: {error}"
        return MisreadCall(problem=problem)


def written_texts(calls: Iterable[ToolCall], granted: Iterable[str]) -> Iterator[str]:
    """What calls would write into files: words of an agent's, wherever they come back."""
    names = tuple(granted)
    for call in calls:
        action = read_call(call, names)
        if isinstance(action, Edit):
            yield action.new or action.text


def verdicts_in_answer(
    text: str, calls: Iterable[ToolCall], under: Sequence[str]
) -> tuple[Opinion, ...]:
    """What a reviewer said under the triggers asked, in its calls or else in its first line.

    Of verdicts one of which cannot be read, none counts.
    """
    verdict = name_of(GiveVerdict)
    called = [call for call in calls if call.name.casefold() == verdict.casefold()]
    if not called:
        return opinions_in_text(text, under)
    opinions = list[Opinion]()
    for call in called:
        action = read_call(call, (verdict,))
        if not isinstance(action, GiveVerdict):
            return ()
        opinions.extend(action.verdicts)
    return opinion_per_trigger(opinions, under)


def tool_specs(names: Iterable[str]) -> tuple[ToolSpec, ...]:
    """Those of the named tools that can be called, as a model is told of them."""
    tools = map(find_tool, names)
    return tuple(tool_spec(tool.name) for tool in tools if tool and tool.arguments)


@cache
def tool_spec(name: str) -> ToolSpec:
    """A tool that can be called, as a model is told of it."""
    arguments = arguments_of(find_tool(name))
    if arguments is None:
        raise LookupError(name)
    _, parts = msgspec.json.schema_components(
        [arguments], ref_template="#/$defs/{name}"
    )
    schema = inline_references(parts.pop(arguments.__name__), parts)
    schema.pop("title", None)
    description = " ".join(str(schema.pop("description")).split())
    parameters = msgspec.json.encode(schema).decode()
    return ToolSpec(name=name, description=description, parameters=parameters)


def calls_in_answer(
    answer: ModelAnswer, granted: tuple[str, ...], must: str = ""
) -> tuple[ToolCall, ...]:
    """The calls in an answer, also where its whole text is the JSON of calls of granted tools.

    Where a tool `must` be called, its arguments alone are a call of it, even inside a fence.
    """
    calls = answer.calls or bare_calls(answer.text, granted, must)
    if calls or not must:
        return calls
    call = ToolCall(id="", name=must, arguments=unwrap_json(answer.text))
    is_object = call.arguments.startswith("{")
    return (call,) if is_object and ignored_fields(call) == () else ()


def with_note(call: ToolCall, text: str) -> str:
    """What a tool returned, after a note on what of its call was ignored."""
    ignored = ", ".join(map(repr, ignored_fields(call) or ()))
    return (
        f"note: ignored {ignored}, which {call.name} does not know\n{text}"
        if ignored
        else text
    )


def without_note(call: ToolCall, text: str) -> str:
    """What a tool returned, without the note, which repeats what the model wrote."""
    return text.partition("\n")[2] if ignored_fields(call) else text


def ignored_fields(call: ToolCall) -> tuple[str, ...] | None:
    """The fields of a call that its tool does not know; None if it cannot be read at all."""
    arguments = arguments_of(find_tool(call.name))
    with suppress(ValueError, RecursionError):
        return read_arguments(call.arguments, arguments).ignored if arguments else None
    return None


def bare_calls(
    text: str, granted: tuple[str, ...], must: str = ""
) -> tuple[ToolCall, ...]:
    """Calls in bare JSON, fenced or in <tool_call> tags; none unless all are of granted tools.

    A verdict in a fence that nobody demanded is quoted text, and counts for nothing (FAULTS 64).
    """
    is_quoted = unwrap_json(text) != text.strip() and not must
    not_meant = final_tools() if is_quoted else ()
    names = {name.casefold() for name in granted if name not in not_meant}
    calls = read_bare_calls(text)
    if not all(call.name.casefold() in names for call in calls):
        return ()
    return tuple(
        ToolCall(id="", name=call.name, arguments=call.arguments) for call in calls
    )


def begins_call(text: str, granted: Iterable[str]) -> bool:
    """Whether a text that was cut is the beginning of a call in bare JSON, fenced or in tags."""
    named = _BEGUN_CALL.match(text)
    return named is not None and named[1].casefold() in map(str.casefold, granted)


def renumber_calls(calls: Iterable[ToolCall], effect: int) -> tuple[ToolCall, ...]:
    """The calls under ids of ours: those of a model may be missing or repeat."""
    return tuple(replace(call, id=f"call_{effect}_{i}") for i, call in enumerate(calls))
