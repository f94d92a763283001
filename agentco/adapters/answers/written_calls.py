"""Calls that a model wrote into its text, because its server did not take them for calls.

Known are the forms of Hermes, Qwen, Mistral, GLM, DeepSeek, Kimi, Llama, MiniMax, Granite,
Command R and LM Studio. What stands in a fenced block is an example and never a call, unless
nothing else was said.
"""

import ast
import json
import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from typing import Any, cast

from msgspec import Struct

from agentco.company.tool_table import final_tools
from agentco.runs.model_messages import ToolCall

MAX_SEARCHED = 65_536
"""Characters: no real call is longer."""
MAX_FAILURES = 100
"""Brackets that begin nothing, after which no more are tried."""
_BAR = r"[|\uff5c]"
_OPENS = re.compile(
    rf"""<(?:\w+:)?tool_?calls?> | <(?:\w+:|{_BAR}DSML{_BAR})?function_calls>
      | <function=\w | <(?:\w+:|{_BAR}DSML{_BAR})?invoke\s+name=
      | <{_BAR}tool(?:_|\u2581)calls?(?:(?:_|\u2581)(?:section_)?begin)?{_BAR}>
      | <\|python_tag\|> | <\|START_ACTION\|> | <\|tools_prefix\|>
      | \[TOOL_CALLS\] | \[TOOL_REQUEST\] | ```tool_(?:code|call)""",
    re.VERBOSE | re.IGNORECASE,
)
_OPENS_OR_FENCE = re.compile(
    rf"(?P<opens>{_OPENS.pattern})|(?P<fence>^[ \t]{{0,3}}(?:```|~~~))",
    re.VERBOSE | re.IGNORECASE | re.MULTILINE,
)
_INVOKE = re.compile(
    r"""<[^<>\s]*?(?:function=|invoke\s+name=)["']?(?P<name>[\w.:-]+)["']?\s*>
        (?P<body>.*?)(?:</[^<>]*?(?:function|invoke)>|(?=<[^<>\s]*?(?:function=|invoke\s))|\Z)""",
    re.VERBOSE | re.DOTALL,
)
_PARAMETER = re.compile(
    r"""<[^<>\s]*?parameter(?:=|\s+name=)["']?(?P<name>[\w.-]++)["']?+[^<>]*+>
        (?P<value>.*?)(?:</[^<>]*?parameter>|(?=<[^<>\s]*?parameter(?:=|\s))|\Z)""",
    re.VERBOSE | re.DOTALL,
)
_KEYED_CALL = re.compile(
    r"(?<![\w.-])(?P<name>[\w.-]+)\s*(?P<body><arg_key>.*?)(?:</tool_call>|\Z)",
    re.DOTALL,
)
_KEYED_ARGUMENT = re.compile(
    r"<arg_key>(?P<name>[^<]*+)</arg_key>\s*+<arg_value>(?P<value>.*?)(?:</arg_value>|\Z)",
    re.DOTALL,
)
_NAMED_OBJECT = re.compile(
    rf"""(?<![\w.-])(?P<name>[A-Za-z_][\w.-]*(?::\d+)?)
        (?:\s*\[CALL_ID\]\s*\w+)?
        (?:\s*(?:\[ARGS\]|<{_BAR}tool(?:_|\u2581)(?:sep|call_argument_begin){_BAR}>|```json))*
        \s*(?=\{{)""",
    re.VERBOSE,
)
_CLOSES_ALL = re.compile(
    rf"""(?:</[^<>]*(?:tool_?calls?|function|invoke|function_calls)>
      | <{_BAR}tool(?:_|\u2581)calls?(?:_|\u2581)(?:section_)?end{_BAR}>
      | \[END_TOOL_REQUEST\])\s*\Z""",
    re.VERBOSE | re.IGNORECASE,
)
_VALUE_BEGINS = re.compile(r"[{\[]")
_STRAY = re.compile(r"<\|.*|:\d+\Z|(?<!\W)\W++\Z", re.DOTALL)
_NAME_KEYS = ("name", "tool", "tool_name", "function")
_ARGUMENT_KEYS = ("arguments", "parameters", "args", "input")


class WrittenCalls(Struct, frozen=True, kw_only=True):
    """The calls of an answer, and what was said before them."""

    text: str
    calls: tuple[ToolCall, ...]


def find_written_calls(
    text: str,
    names: Collection[str],
    apart: Iterable[tuple[str, str]] = (),
    must: str = "",
) -> WrittenCalls | None:
    """The calls that an answer is, or ends in; None when it is a text.

    `apart` are calls that stood in a channel of their own: names and arguments. `names` are
    those of the tools that may be called. What only begins like a call, with a text
    behind it, counts when it names some of them.
    """
    found = list(apart)
    opened = len(text) if found else _first_opening(text)
    if opened is None:
        return None
    before, written = text[:opened].strip(), text[opened : opened + MAX_SEARCHED]
    found = found or list(_read_calls(written)) or [("tool_call", written)]
    calls = [
        ToolCall(id="", name=plain_name(name, names), arguments=arguments)
        for name, arguments in found
    ]
    # a verdict that nobody demanded is quoted, and counts for nothing (FAULTS 64)
    if any(call.name in final_tools() and call.name != must for call in calls):
        return None
    is_known = all(call.name in names for call in calls)
    if is_known or not before or _CLOSES_ALL.search(written):
        return WrittenCalls(text=before, calls=tuple(calls))
    return None


def plain_name(name: str, names: Collection[str]) -> str:
    """The tool that a name means: without a stray mark, a prefix, or whatever its case."""
    by_key = {known.casefold(): known for known in names}
    candidates = [name, _STRAY.sub("", name)]
    candidates.append(candidates[-1].rpartition(".")[2])
    for candidate in candidates:
        known = by_key.get(candidate.strip().casefold())
        if known:
            return known
    return name


def _first_opening(text: str) -> int | None:
    """Where the first call begins, outside of fenced blocks."""
    in_fence = False
    for mark in _OPENS_OR_FENCE.finditer(text):
        is_quoted = in_fence or text[mark.start() - 1 : mark.start()] == "`"
        if mark["opens"] and not is_quoted:
            return mark.start()
        in_fence ^= mark["fence"] is not None
    return None


def _read_calls(written: str) -> list[tuple[str, str]]:
    """The names and arguments of calls, in whichever form they are written."""
    for read in (_read_invocations, _read_keyed, _read_objects, _read_python):
        calls = list(read(written))
        if calls:
            return calls
    return []


def _read_invocations(written: str) -> Iterator[tuple[str, str]]:
    """`<function=NAME>` or `<invoke name="NAME">`, with parameters or one object in it."""
    for call in _INVOKE.finditer(written):
        body = call["body"].strip()
        if body.startswith("{"):
            found = _object_at(body, 0)
            yield call["name"], json.dumps(found) if found else body
            continue
        arguments = {
            part["name"]: _parameter_value(part["value"])
            for part in _PARAMETER.finditer(body)
        }
        yield call["name"], json.dumps(arguments)


def _parameter_value(value: str) -> str:
    """A value as it was meant: without the line ends around it."""
    return value.removeprefix("\n").removesuffix("\n")


def _read_keyed(written: str) -> Iterator[tuple[str, str]]:
    """GLM's: the name, then keys and values in turn."""
    for call in _KEYED_CALL.finditer(written):
        arguments = {
            part["name"].strip(): _parameter_value(part["value"])
            for part in _KEYED_ARGUMENT.finditer(call["body"])
        }
        yield call["name"], json.dumps(arguments)


def _read_objects(written: str) -> Iterator[tuple[str, str]]:
    """Objects that name their tool, or stand behind its name; also several, and in lists."""
    place = last_end = failed = 0
    while failed < MAX_FAILURES:
        begin = _VALUE_BEGINS.search(written, place)
        if begin is None:
            break
        found = _value_at(written, begin.start(), may_mend=failed <= 1)
        if found is None:
            failed += 1
            place = begin.end()
            continue
        value, place = found
        calls = list(_calls_in(value))
        if not calls and isinstance(value, dict):
            named = list(_NAMED_OBJECT.finditer(written, last_end, begin.end()))
            calls = [(name["name"], json.dumps(value)) for name in named[-1:]]
        yield from calls
        last_end = place


def _calls_in(value: Any) -> Iterator[tuple[str, str]]:
    """The calls that a JSON value is."""
    if isinstance(value, list):
        for each in cast("list[Any]", value):
            yield from _calls_in(each)
        return
    if not isinstance(value, dict):
        return
    fields = cast("dict[str, Any]", value)
    inner = fields.get("function")
    if isinstance(inner, dict):
        yield from _calls_in(inner)
        return
    name = next((fields[key] for key in _NAME_KEYS if fields.get(key)), None)
    if not isinstance(name, str):
        return
    given: Any = next((fields[key] for key in _ARGUMENT_KEYS if key in fields), None)
    given = given or {}
    yield name, given if isinstance(given, str) else json.dumps(given)


def _read_python(written: str) -> Iterator[tuple[str, str]]:
    """`[name(key="value"), …]`, as Llama and Gemma write them."""
    code = _OPENS.sub("", written).strip().removesuffix("```").strip()
    code = code.removesuffix("<|eom_id|>").removesuffix("<|eot_id|>").strip()
    try:
        tree = ast.parse(code, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in tree.elts if isinstance(tree, ast.List) else [tree]:
        if not isinstance(node, ast.Call):
            return
        try:
            arguments = {
                str(word.arg): ast.literal_eval(word.value) for word in node.keywords
            }
            yield ast.unparse(node.func), json.dumps(arguments)
        except (ValueError, TypeError):
            return


def _object_at(text: str, start: int) -> dict[str, Any] | None:
    found = _value_at(text, start, may_mend=True)
    if found and isinstance(found[0], dict):
        return cast("dict[str, Any]", found[0])
    return None


def _value_at(text: str, start: int, *, may_mend: bool) -> tuple[Any, int] | None:
    """The JSON value that begins at a place, and where it ends.

    With `may_mend` brackets that are missing at the very end are added.
    """
    decoder = json.JSONDecoder(strict=False)
    with suppress(ValueError, RecursionError):
        return decoder.raw_decode(text, start)
    cut = _CLOSES_ALL.sub("", text[start:]).rstrip() if may_mend else ""
    for ending in ("}", "}}", "}]", "}}]") if cut else ():
        with suppress(ValueError, RecursionError):
            return decoder.decode(cut + ending), len(text)
    return None
