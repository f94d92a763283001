"""The memory to look at: stories, filters, pictures, exports and imports as the founder types them."""

import json
from pathlib import Path

import pytest
from claims import claim
from signing import signed, write_signed
from test_commands import Captured, answer, document
from test_graph import graph_of
from worlds import AT, WHOLE, fact

from agentco.adapters.files import MemoryFile
from agentco.memory import (
    EntityLine,
    RelationLine,
    TrustLevel,
    encode_line,
    escape_mermaid,
    mermaid_lines,
    tree_lines,
    walk_relations,
)

TIES = [
    ("Lumen", "uses", "Django"),
    ("Boia", "uses", "Django"),
    ("Django", "is liked by", "Lumen"),
    ("Lumen", "is", "Lumen"),
]


def ties(*triples: tuple[str, str, str]) -> list[RelationLine]:
    return [
        RelationLine(from_=start, type=kind, to=end) for start, kind, end in triples
    ]


def drawn(start: str | None, depth: int, *triples: tuple[str, str, str]) -> list[str]:
    roots, steps = walk_relations(graph_of(*ties(*triples)), start, depth)
    return [*tree_lines(roots, steps, {name: name for name in steps})]


@claim("memory:picture")
def test_a_tree_shows_every_relation_once_and_a_cycle_ends() -> None:
    assert drawn("Lumen", 5, *TIES) == [
        "Lumen",
        "├── uses → Django",
        "│   └── ← uses Boia",
        "├── ← is liked by Django (again)",
        "└── is → Lumen (again)",
    ]
    assert drawn(None, 1, *TIES)[0] == "Boia"
    assert len(drawn(None, 1, *TIES)) == 5
    assert drawn("Boia", 1, *TIES) == ["Boia", "└── uses → Django"]
    assert drawn("nobody", 1, *TIES) == ["nobody"]


@claim("memory:picture")
def test_a_long_chain_is_drawn_to_its_end() -> None:
    assert (
        len(drawn(None, 1, *((f"{i}", "then", f"{i + 1}") for i in range(3000))))
        == 3001
    )


@claim("memory:picture")
def test_mermaid_takes_names_for_text_only() -> None:
    evil = 'x"] --> n9 <script>`#;\n%%'
    roots, steps = walk_relations(graph_of(*ties(("Lumen", 'uses"|', evil))), None, 1)
    assert roots == ["Lumen"]
    assert [*mermaid_lines(steps, {name: name for name in steps})] == [
        "graph LR",
        '  n0["Lumen"]',
        f'  n1["{escape_mermaid(evil)}"]',
        '  n0 -->|"uses#34;#124;"| n1',
    ]
    assert not set(escape_mermaid(evil)) & set('"[]<>`\n%|')
    assert escape_mermaid("Maré: 2, (a/b)") == "Maré: 2, (a/b)"


@claim("memory:picture")
def test_the_graph_command_has_three_forms(filled: Path, capsys: Captured) -> None:
    assert (
        answer(capsys, "graph", "Bob") == "Bob (person)\n└── ← knows Alice (person)\n"
    )
    assert answer(capsys, "graph", "--mermaid").startswith(
        'graph LR\n  n0["Alice (person)"]\n'
    )
    nodes = [
        {"name": "Alice", "entityType": "person"},
        {"name": "Bob", "entityType": "person"},
    ]
    edges = [{"from": "Alice", "to": "Bob", "relationType": "knows"}]
    assert document(capsys, "graph") == {"root": None, "nodes": nodes, "edges": edges}
    assert "did you mean" in answer(capsys, "graph", "bob", code=2)
    assert "depth" in answer(capsys, "graph", "Bob", "--depth", "0", code=2)
    assert filled.read_bytes() == signed(filled, WHOLE)


@claim("memory:story")
def test_a_name_tells_its_story_by_time(company: Path, capsys: Captured) -> None:
    lines = [
        EntityLine(
            name="a",
            type="t",
            observations=("x", "y"),
            at="2026-02-01T10:00:00+00:00",
            by="cfo",
            run="k7m2ab",
        ),
        fact("a", "z"),
        EntityLine(
            name="a",
            type="t",
            observations=("x",),
            at="2026-01-01T10:00:00+00:00",
            by="founder",
            verified=AT,
        ),
        EntityLine(
            name="a",
            type="t",
            observations=("bad",),
            at="2026-03-01",
            by="mcp:web",
            trust=TrustLevel.UNTRUSTED,
        ),
    ]
    write_signed(company / "memory" / "memory.jsonl", b"".join(map(encode_line, lines)))
    assert answer(capsys, "show", "a") == (
        "a (t)\n"
        "  2026-01-01 10:00, founder, trusted, verified 2026-11-21 08:00\n"
        "    + x\n"
        "  2026-02-01 10:00, cfo, run k7m2ab, trusted\n"
        "    + y\n"
        "    = x\n"
        "  2026-03-01, mcp:web, untrusted\n"
        "    + bad\n"
        "  2026-11-21 08:00, founder, trusted\n"
        "    + z\n"
        "times are in UTC\n"
    )
    told = document(capsys, "show", "a")["lines"]
    assert [*told[0]] == ["at", "by", "run", "trust", "verified", "added", "again"]
    assert [line["trust"] for line in told] == [
        "trusted",
        "trusted",
        "untrusted",
        "trusted",
    ]


@claim("memory:filters")
@pytest.mark.parametrize(
    ("args", "names"),
    [
        (["--by", "cfo"], ["new", "old"]),
        (["--since", "2026-03-01"], ["new", "true again"]),
        (["--since", "2026-03-01", "--by", "cfo"], ["new"]),
        (["--type", "client"], ["old"]),
        (["x", "--type", "note"], ["true again"]),
        (["--since", "99999d"], ["new", "true again", "old"]),
        (["--by", "nobody"], []),
    ],
)
def test_search_lists_by_date_type_and_speaker(
    company: Path, capsys: Captured, args: list[str], names: list[str]
) -> None:
    lines = [
        EntityLine(
            name="old",
            type="client",
            observations=("x",),
            at="2026-01-01T00:00:00+00:00",
            by="cfo",
        ),
        EntityLine(
            name="new",
            type="note",
            observations=("y",),
            at="2026-05-01T00:00:00+00:00",
            by="cfo",
        ),
        EntityLine(
            name="true again",
            type="note",
            observations=("x",),
            at="2026-01-01",
            by="founder",
            verified="2026-04-01",
        ),
    ]
    write_signed(company / "memory" / "memory.jsonl", b"".join(map(encode_line, lines)))
    assert [e["name"] for e in document(capsys, "search", *args)["entities"]] == names


@claim("memory:filters")
@pytest.mark.parametrize(
    ("args", "says"),
    [([], "nothing to search for"), (["--since", "soon"], "is not a date")],
)
def test_a_search_for_nothing_is_wrong_usage(
    company: Path, capsys: Captured, args: list[str], says: str
) -> None:
    assert says in answer(capsys, "search", *args, code=2)
    assert not (company / "memory" / "memory.jsonl").exists()


@claim("memory:export")
def test_what_is_exported_can_be_imported_elsewhere(
    filled: Path, capsys: Captured, tmp_path: Path
) -> None:
    exported = answer(capsys, "export")
    assert json.loads(exported.splitlines()[0]) == {
        "type": "entity",
        "name": "Alice",
        "entityType": "person",
        "observations": ["is 40", "likes tea", "left"],
    }
    target = tmp_path / "out.jsonl"
    assert document(capsys, "export", str(target)) == {
        "file": str(target),
        "entities": 2,
        "relations": 1,
    }
    assert target.read_text() == exported
    assert "nothing is overwritten" in answer(capsys, "export", str(target), code=2)
    assert "0 new entities" in answer(capsys, "import", str(target))
    assert filled.read_bytes() == signed(filled, WHOLE)
    filled.write_bytes(b"")
    done = document(capsys, "import", str(target))
    assert {
        k: done[k] for k in ("by", "entities", "observations", "relations", "known")
    } == {
        "by": "import:out.jsonl",
        "entities": 2,
        "observations": 4,
        "relations": 1,
        "known": 0,
    }
    assert document(capsys, "import", str(target), "--trusted")["known"] == 5
    assert "cannot be read" in answer(capsys, "import", str(tmp_path / "none"), code=2)


@claim("memory:import")
def test_bad_lines_are_left_out_by_number(
    filled: Path, capsys: Captured, tmp_path: Path
) -> None:
    (tmp_path / "in.jsonl").write_bytes(b"oops\n" + encode_line(fact("Eve", "is new")))
    assert (
        document(capsys, "import", str(tmp_path / "in.jsonl"))["rejected"][0]["line"]
        == 1
    )
    assert b'"by":"import:in.jsonl","trust":"untrusted"' in filled.read_bytes()


@claim("memory:compact")
def test_repair_compact_as_the_founder_types_it(filled: Path, capsys: Captured) -> None:
    write_signed(filled, encode_line(fact("a", "x")) + encode_line(fact("a", "y")))
    assert (
        answer(capsys, "repair", "--compact")
        == "repaired; 0 bad lines moved to rejected.jsonl\n"
    )
    assert filled.read_bytes() == signed(filled, encode_line(fact("a", "x", "y")))
    assert answer(capsys, "repair", "--compact") == "nothing to repair\n"


@claim("memory:unsigned")
def test_fault_39_lines_of_another_program_are_merged_and_named(
    filled: Path, capsys: Captured
) -> None:
    write_signed(filled, encode_line(fact("a", "x")))
    MemoryFile(filled).adopt_existing_lines()
    with filled.open("ab") as file:
        file.write(
            b'{"type":"entity","name":"a","entityType":"t","observations":["y"]}\n'
        )
    (found,) = (
        d for d in document(capsys, "check")["diagnostics"] if d["code"] == "unsigned"
    )
    assert (found["level"], found["message"]) == (
        "warning",
        "1 of 2 lines are unsigned: 'a'",
    )
    assert "agentco memory trust" in found["hint"]
    assert document(capsys, "show", "a")["entities"][0]["observations"] == ["x", "y"]


@claim("memory:large")
def test_fault_37_a_large_file_is_warned_about() -> None:
    graph = graph_of(fact("a", "x"))
    graph.size = 100_000_001
    assert [p.code for p in graph.problems] == ["large"]
