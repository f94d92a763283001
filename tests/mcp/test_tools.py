"""The nine tools: the same checks against our server and, where it is installed, the reference."""

import json
import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from claims import claim
from clients import OURS, URI, Client, call, entity, hello, reference, request, tie
from signing import write_signed

BOTH = [
    pytest.param(OURS, id="ours"),
    pytest.param(
        reference(),
        id="reference",
        marks=pytest.mark.skipif(not reference(), reason="it is not here"),
    ),
]


@pytest.fixture(params=BOTH)
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[Client]:
    with Client(request.param, tmp_path / "m.jsonl") as client:
        client.ask(hello())
        yield client


@pytest.fixture
def ours(tmp_path: Path) -> Generator[Client]:
    with Client(OURS, tmp_path / "m.jsonl") as client:
        client.ask(hello())
        yield client


ALICE, BOB = entity("Alice", "likes tea", "is 40"), entity("Bob")
KNOWS = tie("Alice", "knows", "Bob")
REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("nope", {}, "Tool nope not found"),
    (
        "add_observations",
        {"observations": [{"entityName": "no", "contents": []}]},
        "Entity with name no not found",
    ),
    (
        "create_entities",
        {"entities": [{"name": 1, "entityType": True}, None, 1.5]},
        (
            "Invalid arguments for tool create_entities: Invalid input: expected string, received number at "
            "entities[0].name\nInvalid input: expected string, received boolean at entities[0].entityType\n"
            "Invalid input: expected array, received undefined at entities[0].observations\n"
            "Invalid input: expected object, received null at entities[1]\n"
            "Invalid input: expected object, received number at entities[2]"
        ),
    ),
    ("search_nodes", {}, "Invalid input: expected string, received undefined at query"),
    (
        "open_nodes",
        {"names": "x"},
        "Invalid input: expected array, received string at names",
    ),
]
DONE = "%s deleted successfully"


def structured(result: dict[str, Any]) -> Any:
    """The document of a result, whose text says the same."""
    said, document = result["content"][0]["text"], result["structuredContent"]
    whole = {"entities", "relations"} == document.keys() or "message" in document
    part = (
        document.get("message")
        if "message" in document
        else document
        if whole
        else next(iter(document.values()))
    )
    assert said == (
        part
        if isinstance(part, str)
        else json.dumps(part, indent=2, ensure_ascii=False)
    )
    return document


@claim("mcp:conformance")
def test_a_life_of_an_entity(server: Client) -> None:
    def does(tool: str, **arguments: Any) -> Any:
        return structured(server.use(tool, **arguments))

    assert does("read_graph") == {"entities": [], "relations": []}
    assert does("create_entities", entities=[ALICE, BOB]) == {"entities": [ALICE, BOB]}
    assert does("create_entities", entities=[entity("Alice", "other")]) == {
        "entities": []
    }
    assert does("create_relations", relations=[KNOWS]) == {"relations": [KNOWS]}
    assert does("create_relations", relations=[KNOWS, tie("Bob", "misses", "Zoë")]) == {
        "relations": [tie("Bob", "misses", "Zoë")]
    }
    more = [
        {"entityName": "Bob", "contents": ["is new"]},
        {"entityName": "Alice", "contents": ["is 40", "left"]},
    ]
    assert does("add_observations", observations=more) == {
        "results": [
            {"entityName": "Bob", "addedObservations": ["is new"]},
            {"entityName": "Alice", "addedObservations": ["left"]},
        ]
    }
    bob = entity("Bob", "is new")
    assert does("open_nodes", names=["Bob", "nobody"]) == {
        "entities": [bob],
        "relations": [KNOWS, tie("Bob", "misses", "Zoë")],
    }
    assert does("search_nodes", query="LIKES")["entities"] == [
        entity("Alice", "likes tea", "is 40", "left")
    ]
    assert does("search_nodes", query="nothing holds it") == {
        "entities": [],
        "relations": [],
    }
    gone = [
        {"entityName": "Alice", "observations": ["is 40", "never"]},
        {"entityName": "no", "observations": ["x"]},
    ]
    assert does("delete_observations", deletions=gone) == {
        "success": True,
        "message": DONE % "Observations",
    }
    assert (
        does("delete_relations", relations=[tie("a", "b", "c"), KNOWS])["message"]
        == DONE % "Relations"
    )
    assert does("read_graph") == {
        "entities": [entity("Alice", "likes tea", "left"), bob],
        "relations": [tie("Bob", "misses", "Zoë")],
    }
    assert (
        does("delete_entities", entityNames=["Bob", "nobody"])["message"]
        == DONE % "Entities"
    )
    assert does("read_graph") == {
        "entities": [entity("Alice", "likes tea", "left")],
        "relations": [],
    }


@claim("mcp:conformance")
@pytest.mark.parametrize(("tool", "arguments", "words"), REFUSED)
def test_what_cannot_be_done_is_told_in_the_same_words(
    server: Client, tool: str, arguments: dict[str, Any], words: str
) -> None:
    assert server.text(tool, **arguments).endswith(words)


@claim("mcp:conformance")
def test_requests_that_fit_no_method_get_the_same_errors(server: Client) -> None:
    wrong = [
        request(1, "nope"),
        request(2, "tools/call", arguments={}),
        request(3, "tools/call", name="read_graph", arguments=[]),
        request(4, "resources/read"),
        request(5, "resources/read", uri="memory://x"),
        request(6, "tools/call", name="read_graph", task={}),
        request(7, "initialize", protocolVersion=5),
    ]
    found = [server.ask(message)["error"] for message in wrong]
    assert [error["code"] for error in found] == [
        -32601,
        -32603,
        -32603,
        -32603,
        -32602,
        -32603,
        -32603,
    ]
    assert json.loads(found[1]["message"]) == [
        {
            "expected": "string",
            "code": "invalid_type",
            "path": ["params", "name"],
            "message": "Invalid input: expected string, received undefined",
        }
    ]
    assert [issue["path"][-1] for issue in json.loads(found[6]["message"])] == [
        "protocolVersion", "capabilities", "clientInfo",
    ]  # fmt: skip
    assert found[4]["message"] == "MCP error -32602: Resource memory://x not found"


@claim("mcp:conformance")
def test_the_resource_and_its_updates(server: Client) -> None:
    def updates(tool: str, **arguments: Any) -> int:
        server.notes.clear()
        server.use(tool, **arguments)
        server.ask(request("p", "ping"))
        assert all(note["params"] == {"uri": URI} for note in server.notes)
        return len(server.notes)

    assert updates("create_entities", entities=[ALICE]) == 0
    assert server.ask(request(1, "resources/subscribe", uri=URI))["result"] == {}
    assert updates("create_entities", entities=[BOB]) == 1
    assert updates("delete_entities", entityNames=["nobody"]) == 1
    assert (
        updates(
            "add_observations", observations=[{"entityName": "no", "contents": ["x"]}]
        )
        == 0
    )
    assert updates("read_graph") == 0
    text = json.dumps({"entities": [ALICE, BOB], "relations": []}, indent=2)
    (content,) = server.ask(request(2, "resources/read", uri=URI))["result"]["contents"]
    assert content == {"uri": URI, "mimeType": "application/json", "text": text}
    assert server.ask(request(3, "resources/unsubscribe", uri=URI))["result"] == {}
    assert updates("delete_entities", entityNames=["Bob"]) == 0
    (resource,) = server.ask(request(4, "resources/list"))["result"]["resources"]
    assert (resource["uri"], resource["name"], resource["mimeType"]) == (
        URI,
        "knowledge-graph",
        "application/json",
    )
    assert server.ask(request(5, "resources/templates/list"))["result"] == {
        "resourceTemplates": []
    }


@claim("mcp:conformance")
@pytest.mark.parametrize(
    "version",
    [
        "2025-11-25",
        "2025-06-18",
        "2025-03-26",
        "2024-11-05",
        "2024-10-07",
        "1999-01-01",
    ],
)
def test_versions_are_agreed_upon(server: Client, version: str) -> None:
    result = server.ask(hello(version))["result"]
    assert result["protocolVersion"] == (version if version > "2000" else "2025-11-25")
    assert result["capabilities"] == {
        "tools": {"listChanged": True},
        "resources": {"listChanged": True, "subscribe": True},
    }


def bare(fields: dict[str, Any]) -> dict[str, Any]:
    """A schema without the words that are our own, and without the arguments that only we have."""
    own = {
        "limit",
        "offset",
        *(["description"] if isinstance(fields.get("description"), str) else []),
    }
    return {key: value for key, value in fields.items() if key not in own}


@claim("mcp:conformance")
@pytest.mark.skipif(not reference(), reason="the reference server is not here")
def test_schemas_titles_and_annotations_are_those_of_the_reference(
    ours: Client, tmp_path: Path
) -> None:
    command = reference()
    assert command
    with Client(command, tmp_path / "r.jsonl") as other:
        found = [
            c.ask(request(1, "tools/list"))["result"]["tools"] for c in (ours, other)
        ]
        told = [json.loads(json.dumps(tools), object_hook=bare) for tools in found]
    assert told[0] == told[1]


@claim("mcp:differences")
def test_duplicates_inside_one_call_are_united(ours: Client) -> None:
    twice = [entity("A", "one", "one", kind="t"), entity("A", "two", kind="u")]
    assert ours.use("create_entities", entities=twice)["structuredContent"] == {
        "entities": [entity("A", "one", "two", kind="t")]
    }
    same = tie("A", "is", "A")
    assert ours.use("create_relations", relations=[same, same])[
        "structuredContent"
    ] == {"relations": [same]}
    more = [
        {"entityName": "A", "contents": ["x", "x"]},
        {"entityName": "A", "contents": ["x", "y"]},
    ]
    results = ours.use("add_observations", observations=more)["structuredContent"][
        "results"
    ]
    assert [r["addedObservations"] for r in results] == [["x"], ["y"]]


@claim("mcp:differences")
def test_lists_that_a_client_sends_as_text_are_unwrapped(ours: Client) -> None:
    ana = [{"name": "Ana", "entityType": "person", "observations": '["likes tea"]'}]
    added = ours.use("create_entities", entities=json.dumps(ana))
    assert not added.get("isError")
    found = ours.use("open_nodes", names='["Ana"]')["structuredContent"]
    assert [one["observations"] for one in found["entities"]] == [["likes tea"]]
    refused = ours.use("open_nodes", names="Ana")
    assert "expected array" in refused["content"][0]["text"]


@claim("mcp:differences")
def test_words_must_all_match_and_pages_are_ranked(ours: Client) -> None:
    some = [entity(f"e{i:03}", "tea is hot" if i % 2 else "tea") for i in range(300)]
    ours.use("create_entities", entities=[*some, entity("tea", "hot water")])
    ours.use(
        "create_relations",
        relations=[tie("e001", "is", "e002"), tie("none", "is", "nowhere")],
    )

    def names(tool: str, **arguments: Any) -> list[str]:
        return [
            e["name"]
            for e in ours.use(tool, **arguments)["structuredContent"]["entities"]
        ]

    assert len(names("search_nodes", query="hot tea")) == 151
    assert names("search_nodes", query="tea")[0] == "tea"
    assert len(names("search_nodes", query="TEA")) == 200
    assert len(names("search_nodes", query="tea", limit=250, offset=200)) == 101
    assert names("search_nodes", query=" ") == names("read_graph")
    assert len(names("read_graph")) == 301
    assert names("read_graph", limit=2, offset=1) == ["e001", "e002"]
    assert names("open_nodes", names=["e005", "e003", "e004"], offset=1) == [
        "e004",
        "e005",
    ]
    assert len(ours.use("read_graph")["structuredContent"]["relations"]) == 2
    assert len(ours.use("read_graph", limit=2)["structuredContent"]["relations"]) == 1
    assert ours.text("read_graph", limit=0).endswith(
        "expected integer from 1, received number at limit"
    )
    assert ours.text("read_graph", offset="1").endswith(
        "expected integer from 0, received string at offset"
    )


@claim("mcp:differences")
def test_bad_lines_stop_nothing_and_nothing_foreign_is_lost(tmp_path: Path) -> None:
    real, link = tmp_path / "real.jsonl", tmp_path / "link.jsonl"
    old = b'{"type":"entity","name":"A","entityType":"t","observations":["x"],"mood":1.50}\nbad\n{"type":"note","k":1}\n'
    real.write_bytes(old)
    real.chmod(0o640)
    link.symlink_to(real)
    with Client(OURS, link) as client:
        client.use("create_entities", entities=[BOB])
        assert real.read_bytes().startswith(old)
        client.use("delete_entities", entityNames=["Bob"])
    assert link.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert real.read_bytes() == old.replace(b"bad\n", b"")
    assert "bad" in (tmp_path / "rejected.jsonl").read_text()


@claim("mcp:differences")
def test_a_relative_path_means_the_current_folder_and_parents_are_made(
    tmp_path: Path,
) -> None:
    with Client(OURS, Path("deep/er/m.jsonl"), cwd=tmp_path) as client:
        client.use("create_entities", entities=[BOB])
    assert (tmp_path / "deep" / "er" / "m.jsonl").exists()


@claim("mcp:provenance")
@pytest.mark.parametrize(
    ("more", "trust"),
    [((), "untrusted"), (("--as", "editor"), "untrusted"), (("--trusted",), "trusted")],
)
def test_lines_say_who_wrote_them_and_whether_to_trust_it(
    tmp_path: Path, more: tuple[str, ...], trust: str
) -> None:
    with Client(OURS, tmp_path / "m.jsonl", *more) as client:
        client.ask(hello())
        assert client.use("create_entities", entities=[BOB])["structuredContent"] == {
            "entities": [BOB]
        }
    line = json.loads((tmp_path / "m.jsonl").read_text())
    assert line.pop("at").startswith("20")
    assert len(line.pop("sig")) == 22
    assert line == {
        "type": "entity",
        **BOB,
        "by": f"mcp:{'editor' if '--as' in more else 'test'}",
        "trust": trust,
    }


@claim("mcp:provenance")
def test_what_the_founder_wrote_is_deleted_by_a_trusted_client_only(
    tmp_path: Path,
) -> None:
    file = tmp_path / "m.jsonl"
    lines = [
        {"type": "entity", **entity("F", "fact"), "by": "founder"},
        {"type": "entity", **entity("D", "Due: 2026-12-01", kind="deadline")},
        {"type": "entity", **entity("free", "old"), "by": "mcp:test"}
        | {"trust": "untrusted"},
    ]
    write_signed(file, "".join(json.dumps(line) + "\n" for line in lines).encode())
    before = file.read_bytes()
    with Client(OURS, file, "--as", "test") as client:
        for arguments in ({"entityNames": ["free", "F"]}, {"entityNames": ["D"]}):
            assert "agentco memory delete" in client.text(
                "delete_entities", **arguments
            )
        some = [{"entityName": "F", "observations": ["fact"]}]
        assert "agentco memory delete" in client.text(
            "delete_observations", deletions=some
        )
        assert file.read_bytes() == before
        client.use("delete_entities", entityNames=["free"])
    with Client(OURS, file, "--trusted") as client:
        client.use("delete_entities", entityNames=["F", "D"])
    assert file.read_bytes() == b""


@claim("mcp:provenance")
def test_a_long_observation_is_kept_with_a_warning_and_a_key_is_refused(
    ours: Client,
) -> None:
    content = ours.use("create_entities", entities=[entity("long", "x" * 2001)])[
        "content"
    ]
    assert content[1]["text"].startswith("warning: an observation of 2,001 characters")
    key = "sk-ant-api03-" + "aB3dE5fG7hJ9" * 8
    assert "looks like an API key" in ours.text(
        "create_entities", entities=[entity("key", key)]
    )


@claim("mcp:errors")
def test_fault_44_a_memory_that_cannot_be_used_is_an_answer(tmp_path: Path) -> None:
    file = tmp_path / "m.jsonl"
    file.write_text("<<<<<<< ours\n{}\n=======\n>>>>>>> theirs\n")
    with Client(OURS, file) as client:
        assert "conflict markers" in client.text("read_graph")
        assert "conflict markers" in client.text("create_entities", entities=[BOB])
        file.unlink()
        os.mkdir(file)  # noqa: PTH102
        assert "cannot be read" in client.text("read_graph")
        file.rmdir()
        assert structured(client.use("create_entities", entities=[BOB])) == {
            "entities": [BOB]
        }
        assert client.answers if client.ask(call(9, "read_graph"))["id"] == 9 else None
