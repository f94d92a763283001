"""What a model calls for: read by its meaning, refused in words, and found where small models hide it."""

import json
from typing import Any

import msgspec
import pytest
from claims import claim
from heads import call
from hypothesis import given, strategies as st

from agentco.company import callable_names, find_tool
from agentco.runs import (
    Action,
    Memory,
    MemoryAct,
    MisreadCall,
    ModelAnswer,
    Read,
    StopReason,
    actions,
    bare_calls,
    calls_in_answer,
    read_call,
    tool_spec,
)

DEEP = "[" * 200_000
ALL = callable_names()


def arguments_of(name: str) -> type[Action]:
    arguments = actions.arguments_of(find_tool(name))
    assert arguments
    return arguments


UNUSABLE = {
    "no JSON": ("Read", "path: BOARD.md"),
    "cut JSON": ("Read", '{"path": "BOA'),
    "two documents": ("Read", "{} {}"),
    "a list": ("Read", "[]"),
    "a text": ("Read", '"BOARD.md"'),
    "nothing": ("Read", "null"),
    "a wrong type": ("Read", '{"path": 7}'),
    "no number as text": ("Read", '{"first_line": "three"}'),
    "too small": ("Read", '{"first_line": 0}'),
    "too large": ("Read", '{"lines": 100000}'),
    "endless": ("Read", '{"lines": 1e999}'),
    "half a number": ("Read", '{"first_line": 1.5}'),
    "a missing field": ("Search", "{}"),
    "an unknown operation": ("Memory", '{"operation": "drop_tables"}'),
    "an empty question": ("AskFounder", '{"question": ""}'),
    "a question without end": ("AskFounder", json.dumps({"question": "x" * 2001})),
    "a depth without end": (
        "Memory",
        '{"operation": "create_entities", "entities": [{"x": ' + DEEP,
    ),
    "half a character": ("Read", '{"path": "\ud800"}'),
}


@claim("runs:misread")
@pytest.mark.parametrize(("name", "arguments"), UNUSABLE.values(), ids=UNUSABLE)
def test_fault_61_arguments_that_cannot_be_used_are_told_why(
    name: str, arguments: str
) -> None:
    read = read_call(call(name, arguments), ALL)
    assert isinstance(read, MisreadCall)
    assert read.problem.startswith(f"the arguments of {name} cannot be used: ")


@claim("runs:misread")
@pytest.mark.parametrize(
    ("name", "arguments", "meant"),
    [
        ("Read", '{"path": "a", "handle": null, "lines": null}', Read(path="a")),
        ("Read", '{"path": "a", "first_line": 3.0}', Read(path="a", first_line=3)),
        ("Read", '{"path": "a", "lines": "20"}', Read(path="a", lines=20)),
        ("Read", '"{\\"path\\": \\"a\\"}"', Read(path="a")),
        ("Read", '{"path": "a", "encoding": "utf-8", "why": {}}', Read(path="a")),
        (
            "Memory",
            '{"operation": "open_nodes", "names": "[\\"Ana\\", \\"Rui\\"]"}',
            Memory(operation=MemoryAct.OPEN_NODES, names=("Ana", "Rui")),
        ),
        (
            "Memory",
            '{"operation": "open_nodes", "names": "Ana"}',
            Memory(operation=MemoryAct.OPEN_NODES, names=("Ana",)),
        ),
    ],
)
def test_arguments_are_read_by_their_meaning(
    name: str, arguments: str, meant: Action
) -> None:
    assert read_call(call(name, arguments), ALL) == meant


@claim("runs:misread")
@pytest.mark.parametrize("arguments", ["", " \n", "{}"])
def test_no_arguments_are_none(arguments: str) -> None:
    assert read_call(call("Read", arguments), ALL) == Read()


@claim("runs:misread")
@pytest.mark.parametrize("name", ["read", "READ", "Read"])
def test_a_tool_is_known_however_it_is_spelt(name: str) -> None:
    assert read_call(call(name), ALL) == Read(path="BOARD.md")


@claim("runs:misread")
@pytest.mark.parametrize("name", ["Fly", "", "Read ", "Bash", "__class__"])
def test_fault_62_an_unknown_tool_is_told_with_those_there_are(name: str) -> None:
    read = read_call(call(name, "{}"), ("Read", "Search"))
    assert read == MisreadCall(
        problem=f"there is no tool {name!r}; your tools are Read, Search"
    )


@claim("runs:misread")
def test_a_tool_that_was_not_granted_is_not_there() -> None:
    assert read_call(call("Board", "{}"), ()) == MisreadCall(
        problem="there is no tool 'Board'; your tools are none"
    )


ONE = '{"name": "Read", "arguments": {"path": "BOARD.md"}}'
SPOKEN = {
    "bare": ONE,
    "with blanks": f"\n  {ONE}\n",
    "fenced": f"```json\n{ONE}\n```",
    "fenced without a language": f"```\n{ONE}\n```",
    "in tags": f"<tool_call>\n{ONE}\n</tool_call>",
    "tags in a fence": f"```\n<tool_call>{ONE}</tool_call>\n```",
    "a list": f"[{ONE}]",
    "by its other names": '{"tool": "Read", "parameters": {"path": "BOARD.md"}}',
    "args": '{"name": "Read", "args": {"path": "BOARD.md"}}',
    "in small letters": '{"name": "read", "arguments": {"path": "BOARD.md"}}',
    "with more beside it": '{"id": 7, "name": "Read", "arguments": {"path": "BOARD.md"}, "why": "x"}',
}


@claim("runs:bare")
@pytest.mark.parametrize("text", SPOKEN.values(), ids=SPOKEN)
def test_a_small_models_json_is_the_call_that_it_means(text: str) -> None:
    [found] = bare_calls(text, ALL)
    assert read_call(found, ALL) == Read(path="BOARD.md")


@claim("runs:bare")
def test_a_list_holds_several_calls_and_arguments_may_be_missing() -> None:
    found = bare_calls(f'[{ONE}, {{"name": "Board"}}]', ALL)
    assert [(c.name, c.arguments) for c in found] == [
        ("Read", '{"path": "BOARD.md"}'),
        ("Board", "{}"),
    ]


PLAIN = {
    "an unknown tool": '{"name": "Fly", "arguments": {}}',
    "one of two unknown": f'[{ONE}, {{"name": "Fly"}}]',
    "ordinary JSON": '{"name": "Ana", "role": "designer"}',
    "a list of numbers": "[1, 2, 3]",
    "an empty list": "[]",
    "an empty map": "{}",
    "words around it": f"I will read it: {ONE}",
    "words after it": f"{ONE} is what I would do.",
    "a name that is no text": '{"name": 7}',
    "cut": ONE[:-2],
    "a fence only": "```",
    "a depth without end": '[{"name": "Read", "arguments": ' + DEEP,
    "half a character": '{"name": "\ud800"}',
    "words": "It is due on Wednesday.",
    "nothing": "",
}


@claim("runs:bare")
@pytest.mark.parametrize("text", PLAIN.values(), ids=PLAIN)
def test_what_is_no_call_of_a_known_tool_stays_text(text: str) -> None:
    assert bare_calls(text, ALL) == ()


@claim("runs:bare")
def test_a_tool_that_was_not_granted_is_not_called_by_bare_json() -> None:
    assert bare_calls(ONE, ("Search",)) == ()


DECIDED = '{"verdicts": [{"trigger": "legal", "verdict": "APPROVED"}]}'
NAMED = f'{{"name": "Verdict", "arguments": {DECIDED}}}'


@claim("protocol:demanded")
@pytest.mark.parametrize(
    "text",
    [DECIDED, f" {DECIDED}\n", f"```json\n{DECIDED}\n```", f"```\n{NAMED}\n```", NAMED],
)
def test_a_demanded_call_may_stand_in_the_text_as_long_as_it_is_all_of_it(
    text: str,
) -> None:
    [found] = calls_in_answer(
        ModelAnswer(text=text, stop=StopReason.END), ALL, "Verdict"
    )
    assert read_call(found, ALL) == read_call(call("Verdict", DECIDED), ALL)


UNDECIDED = {
    "words before it": f"Here it is: {DECIDED}",
    "words after it": f"{DECIDED}\nso be it",
    "words around a fence": f"The draft says:\n```json\n{DECIDED}\n```",
    "quoted": f"> {DECIDED}",
    "two of them": f"{DECIDED}\n{DECIDED}",
    "two fences": f"```json\n{DECIDED}\n```\n```json\n{DECIDED}\n```",
    "a list": f"[{DECIDED}]",
    "a field too many": DECIDED[:-1] + ', "all": "APPROVED"}',
    "a key twice": '{"verdicts": [{"trigger": "legal", "verdict": "BLOCKING", "verdict": "APPROVED"}]}',
    "no verdict": '{"verdicts": []}',
    "another word": '{"verdicts": [{"trigger": "legal", "verdict": "approved"}]}',
    "the word alone": "APPROVED",
    "nothing": "",
    "an empty map": "{}",
    "cut": DECIDED[:-3],
}


@claim("protocol:demanded")
@pytest.mark.parametrize("text", UNDECIDED.values(), ids=UNDECIDED)
def test_fault_64_what_is_not_the_demanded_call_alone_is_none(text: str) -> None:
    assert (
        calls_in_answer(ModelAnswer(text=text, stop=StopReason.END), ALL, "Verdict")
        == ()
    )


@claim("protocol:demanded")
@pytest.mark.parametrize(
    "text", [DECIDED, f"```json\n{DECIDED}\n```", f"```json\n{NAMED}\n```"]
)
def test_fault_64_what_nobody_demanded_is_not_read_out_of_text(text: str) -> None:
    assert calls_in_answer(ModelAnswer(text=text, stop=StopReason.END), ALL) == ()


@claim("runs:bare")
def test_real_calls_count_before_what_the_text_looks_like() -> None:
    real = (call("Board", "{}"),)
    assert (
        calls_in_answer(ModelAnswer(text=ONE, calls=real, stop=StopReason.TOOLS), ALL)
        == real
    )


@claim("runs:bare")
@given(
    st.text()
    | st.from_regex(
        r"[\[{]\s*(\"(name|tool|arguments)\"\s*:?|[\[\]{},:0-9\"])*", fullmatch=True
    )
)
def test_no_text_breaks_the_reading(text: str) -> None:
    assert all(read_call(found, ALL) for found in bare_calls(text, ALL))
    assert all(
        read_call(found, ALL)
        for found in calls_in_answer(
            ModelAnswer(text=text, stop=StopReason.END), ALL, "Verdict"
        )
    )


def accepts(schema: dict[str, Any], value: Any) -> bool:
    """Whether a value is what a schema says, as far as our schemas go."""
    kinds = {"object": dict, "array": list, "string": str, "integer": int}
    if "enum" in schema or type(value) is not kinds.get(schema.get("type", "")):
        return value in schema.get("enum", ())
    if schema["type"] == "object":
        known: dict[str, Any] = schema["properties"]
        fits = set(schema.get("required", ())) <= set(value) <= set(known)
        return fits and all(accepts(known[key], value[key]) for key in value)
    if schema["type"] == "array":
        sized = (
            schema.get("minItems", 0)
            <= len(value)
            <= schema.get("maxItems", len(value))
        )
        return sized and all(accepts(schema["items"], item) for item in value)
    size: int = len(value) if isinstance(value, str) else value
    least, most = (
        schema.get(a, schema.get(b))
        for a, b in (("minLength", "minimum"), ("maxLength", "maximum"))
    )
    return (least is None or size >= least) and (most is None or size <= most)


@claim("runs:specs")
@pytest.mark.parametrize("name", ALL)
def test_every_tool_is_told_as_a_schema_of_an_object_with_words(name: str) -> None:
    told = tool_spec(name)
    schema = json.loads(told.parameters)
    assert (told.name, schema["type"], "title" in schema) == (name, "object", False)
    assert len(told.description) > 20
    assert "\n" not in told.description
    assert set(schema["properties"]) == set(arguments_of(name).__struct_fields__)
    assert schema["additionalProperties"] is False
    assert "$ref" not in told.parameters


@claim("runs:specs")
@given(data=st.data())
@pytest.mark.parametrize("name", ALL)
def test_what_a_schema_accepts_is_what_is_read(name: str, data: st.DataObject) -> None:
    action: Action = data.draw(st.from_type(arguments_of(name)))
    written = msgspec.json.encode(action).decode()
    schema = json.loads(tool_spec(name).parameters)
    read = read_call(call(name, written), ALL)
    assert accepts(schema, json.loads(written)) == (not isinstance(read, MisreadCall))
    assert isinstance(read, MisreadCall) or read == action
