"""What an agent and an MCP client may delete: one table of cases through both doors."""

import json
from typing import Any, NamedTuple

import pytest
from claims import claim
from signing import signed
from small_company import Place
from tools.toolbox import Desk, add, create, forget, tie

from agentco.adapters.files import MemoryFile
from agentco.mcp_server import Session
from agentco.memory import RelationLine, TrustLevel, encode_line
from agentco.runs import Memory, MemoryAct

AT = "2026-11-21T08:00:00+00:00"
UNTRUSTED = TrustLevel.UNTRUSTED.value
TRUSTED = TrustLevel.TRUSTED.value
TIE = {"from": "Acme", "relationType": "owns", "to": "Boia"}


def client_answers(place: Place, *calls: tuple[str, dict[str, Any]]) -> list[bool]:
    """Whether an MCP client's calls were done."""
    session = Session(MemoryFile(place.memory_file), now=lambda: AT, name="editor")
    done: list[bool] = []
    for tool, arguments in calls:
        params = {"name": tool, "arguments": arguments}
        message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
        answer = json.loads(session.reply_to([json.dumps(message).encode()]))
        done.append("isError" not in answer["result"])
    return done


def agent_does(place: Place, *actions: Memory) -> list[bool]:
    """Whether an agent's actions were done without a proposal."""
    desk = Desk(place)
    return [not desk.does(action).proposals for action in actions]


class Known(NamedTuple):
    """A line of the memory, and whether anybody but the founder may delete it."""

    kind: str
    name: str
    text: str
    fields: dict[str, str]
    free: bool


AGENT = {"by": "marketing"}
CLIENT = {"by": "mcp:editor", "trust": UNTRUSTED}
NOBODY = {"trust": UNTRUSTED}
LINES = [
    Known("note", "Acme", "a fact", {"by": "founder"}, free=False),
    Known("note", "Acme", "a fact", {"by": "runtime"}, free=False),
    Known("note", "Acme", "a fact", {}, free=False),
    Known("note", "Acme", "a fact", {"trust": TRUSTED}, free=False),
    Known("note", "Acme", "a fact", {"by": "mcp:editor", "trust": TRUSTED}, free=False),
    Known("note", "Acme", "a fact", {"by": "mcp:editor"}, free=False),
    Known("note", "Acme", "a fact", {"by": "import:a.jsonl"}, free=False),
    Known("note", "Acme", "a fact", {**AGENT, "trust": TRUSTED}, free=False),
    Known("note", "Acme", "a fact", AGENT, free=True),
    Known("note", "Acme", "a fact", CLIENT, free=True),
    Known("note", "Acme", "a fact", NOBODY, free=True),
    Known("note", "Acme", "a fact", {"by": "import:a", "trust": UNTRUSTED}, free=True),
    *(
        Known(kind, "Acme", "a fact", AGENT, free=False)
        for kind in (
            "claim",
            "Claim",
            "CLAIM ",
            "cl\u00e1im",
            "cla\u0301im",
            "\uff43\uff4c\uff41\uff49\uff4d",
            "\u0441laim",
            "cla\u200bim",
            "claim\n",
            "Deadline",
            "prompt_run",
            "Prompt Run",
            "PROMPT-RUN",
        )
    ),
    *(
        Known("note", name, "a fact", AGENT, free=False)
        for name in (
            "claim:lumen",
            "Claim:lumen",
            "claim\uff1alumen",
            "\u0441laim : lumen",
            "D\u00e9adline:vat",
            "prompt run:scan",
        )
    ),
    *(
        Known(kind, "Lumen", text, AGENT, free=False)
        for kind, text in (
            ("product", "Status: live"),
            ("Product", "status : live"),
            ("pr\u00f3duct", "Status: live"),
            ("\uff50roduct ", "ST\u00c1TUS: live"),
            ("product", "\uff33tatus\uff1a live"),
            ("product", "Sta\u200btus: live"),
            ("product", "St\u0430tus\u2236 live"),
            ("product", "**Social_URL**: https://lumen.example"),
            ("lesson", "Status: open"),
            ("Decision", "Why: so"),
        )
    ),
    Known("claim", "Acme", "a fact", CLIENT, free=True),
    Known("Deadline", "deadline:vat", "Due: 2026-12-01", NOBODY, free=True),
    Known("product", "Lumen", "Status: dead", CLIENT, free=True),
    Known("product", "Lumen", "is loved", AGENT, free=True),
    Known("note", "Lumen", "Status: live", AGENT, free=True),
    Known("claims", "Acme", "a fact", AGENT, free=True),
]


@claim("memory:rights")
@pytest.mark.parametrize("line", LINES, ids=ascii)
@pytest.mark.parametrize("whole", [True, False])
def test_an_agent_deletes_what_is_not_protected_and_a_client_only_its_own(
    place: Place, line: Known, whole: bool
) -> None:
    is_clients = line.fields == CLIENT
    place.know(line.kind, line.name, line.text, **line.fields)
    before = place.memory_file.read_bytes()
    some = [{"entityName": line.name, "observations": [line.text]}]
    call = (
        ("delete_entities", {"entityNames": [line.name]})
        if whole
        else ("delete_observations", {"deletions": some})
    )
    assert client_answers(place, call) == [is_clients]
    assert (place.memory_file.read_bytes() != before) is is_clients
    place.memory_file.write_bytes(before)
    action = forget(line.name) if whole else forget(line.name, line.text)
    assert agent_does(place, action) == [line.free]
    assert (place.memory_file.read_bytes() != before) is line.free


@claim("memory:rights")
@pytest.mark.parametrize(
    ("by", "trust", "free"),
    [
        ("founder", None, False),
        ("runtime", None, False),
        (None, None, False),
        ("mcp:editor", TrustLevel.TRUSTED, False),
        ("marketing", None, True),
        ("mcp:editor", TrustLevel.UNTRUSTED, True),
        (None, TrustLevel.UNTRUSTED, True),
    ],
)
def test_a_relation_is_deleted_by_an_agent_as_any_line_and_by_its_client(
    place: Place, by: str | None, trust: TrustLevel | None, free: bool
) -> None:
    place.know("note", "Acme", "a fact", **CLIENT)
    is_clients = free and by == "mcp:editor"
    relation = RelationLine(from_="Acme", to="Boia", type="owns", by=by, trust=trust)
    with place.memory_file.open("ab") as file:
        file.write(signed(place.memory_file, encode_line(relation)))
    before = place.memory_file.read_bytes()
    for call, action in (
        (
            ("delete_relations", {"relations": [TIE]}),
            tie("Acme", "owns", "Boia", operation=MemoryAct.DELETE_RELATIONS),
        ),
        (("delete_entities", {"entityNames": ["Acme"]}), forget("Acme")),
    ):
        assert client_answers(place, call) == [is_clients]
        assert (place.memory_file.read_bytes() != before) is is_clients
        place.memory_file.write_bytes(before)
        assert agent_does(place, action) == [free]
        assert (place.memory_file.read_bytes() != before) is free
        place.memory_file.write_bytes(before)


@claim("memory:rights")
@pytest.mark.parametrize("first", [True, False])
def test_what_is_governed_by_another_line_of_the_name_is_governed(
    place: Place, first: bool
) -> None:
    """Also where the line that says so comes later in the file."""
    kinds = ["Deadline", "note"] if first else ["note", "Deadline"]
    for kind in kinds:
        text = "Due: 2026-12-01" if kind == "note" else "is due"
        place.know(kind, "VAT", text, by="marketing")
    before = place.memory_file.read_bytes()
    some = [{"entityName": "VAT", "observations": ["Due: 2026-12-01"]}]
    call = ("delete_observations", {"deletions": some})
    assert client_answers(place, call) == [False]
    assert agent_does(place, forget("VAT", "Due: 2026-12-01")) == [False]
    assert place.memory_file.read_bytes() == before


@claim("memory:rights")
@pytest.mark.parametrize("by", ["marketing", "mcp:editor"])
def test_of_a_line_with_several_sources_each_text_is_judged_by_its_own(
    place: Place, by: str
) -> None:
    trust = {"trust": UNTRUSTED} if by.startswith("mcp:") else {}
    place.know("note", "Acme", "of the founder", by="founder", at=AT)
    place.know("note", "Acme", "of another", by=by, at=AT, **trust)
    file = MemoryFile(place.memory_file)
    file.repair(compact=True)
    assert len(place.memory_file.read_bytes().splitlines()) == 1
    before = place.memory_file.read_bytes()
    for text, free in (("of the founder", False), ("of another", True)):
        some = [{"entityName": "Acme", "observations": [text]}]
        place.memory_file.write_bytes(before)
        call = ("delete_observations", {"deletions": some})
        assert client_answers(place, call) == [free and by == "mcp:editor"]
        place.memory_file.write_bytes(before)
        assert agent_does(place, forget("Acme", text)) == [free]
    assert place.entities() == {"Acme": ["of the founder"]}


@claim("memory:rights")
def test_what_appeared_unsigned_after_the_adoption_is_nobodys(place: Place) -> None:
    place.know("note", "Old", "there before")
    MemoryFile(place.memory_file).adopt_existing_lines()
    with place.memory_file.open("a") as file:
        new = {"type": "entity", "name": "New", "entityType": "note"}
        file.write(json.dumps({**new, "observations": ["by another program"]}) + "\n")
    calls = [("delete_entities", {"entityNames": [name]}) for name in ("Old", "New")]
    before = place.memory_file.read_bytes()
    assert client_answers(place, *calls) == [False, False]
    place.memory_file.write_bytes(before)
    assert agent_does(place, forget("Old"), forget("New")) == [False, True]
    assert place.entities() == {"Old": ["there before"]}


@claim("memory:rights")
def test_what_is_not_there_is_deleted_through_both_doors(place: Place) -> None:
    place.know("note", "Acme", "a fact", by="founder")
    before = place.memory_file.read_bytes()
    calls = [
        ("delete_entities", {"entityNames": ["acme", "claim:none"]}),
        (
            "delete_observations",
            {"deletions": [{"entityName": "Acme", "observations": ["A FACT"]}]},
        ),
    ]
    assert client_answers(place, *calls) == [True, True]
    assert agent_does(place, forget("acme"), forget("Acme", "A FACT")) == [True, True]
    assert place.memory_file.read_bytes() == before


@claim("memory:rights")
@pytest.mark.parametrize(
    ("action", "call"),
    [
        (
            create("new", "Cl\u00e1im", "Level: LIVE"),
            ("create_entities", [("new", "Cl\u00e1im", "Level: LIVE")]),
        ),
        (
            add("Lumen", "St\u00e1tus: dead"),
            ("add_observations", [("Lumen", "St\u00e1tus: dead")]),
        ),
    ],
    ids=ascii,
)
def test_what_code_reads_is_proposed_by_an_agent_and_untrusted_of_a_client(
    place: Place, action: Memory, call: tuple[str, list[tuple[str, ...]]]
) -> None:
    place.know("product", "Lumen", "Status: live", by="founder")
    before = place.memory_file.read_bytes()
    assert agent_does(place, action) == [False]
    assert place.memory_file.read_bytes() == before
    tool, items = call
    arguments: dict[str, Any] = (
        {
            "entities": [
                {"name": name, "entityType": kind, "observations": [text]}
                for name, kind, text in items
            ]
        }
        if tool == "create_entities"
        else {
            "observations": [
                {"entityName": name, "contents": [text]} for name, text in items
            ]
        }
    )
    assert client_answers(place, (tool, arguments)) == [True]
    graph = MemoryFile(place.memory_file).load_graph()
    [line] = [line for line in graph.lines if line.by == "mcp:editor"]
    assert line.trust is TrustLevel.UNTRUSTED


@claim("memory:rights")
def test_a_key_is_refused_through_both_doors_also_in_a_relation(place: Place) -> None:
    key = "sk-ant-api03-" + "aB3dE5fG7hJ9" * 8
    relation = {"from": "Acme", "relationType": key, "to": "Boia"}
    entity: dict[str, Any] = {"name": "Acme", "entityType": key, "observations": []}
    calls: list[tuple[str, dict[str, Any]]] = [
        ("create_relations", {"relations": [relation]}),
        ("create_entities", {"entities": [entity]}),
    ]
    assert client_answers(place, *calls) == [False, False]
    desk = Desk(place)
    for action in (tie("Acme", key, "Boia"), create("Acme", key)):
        assert "looks like an API key" in desk.refused(action)
