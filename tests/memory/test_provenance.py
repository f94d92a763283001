"""Other programs write in our file: who said what comes back, and what is new is untrusted until the founder says so."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from claims import claim
from processes import in_child, side_by_side
from typer.testing import CliRunner
from worlds import AT, WHOLE, Dying, fact, file_of, known as in_order

from agentco.adapters.files import MemoryFile
from agentco.cli import app
from agentco.memory import (
    EntityLine,
    MemoryGraph,
    MemoryLine,
    RelationLine,
    TrustLevel,
    is_untrusted,
    rewrite as change,
)

CLIENT = EntityLine(
    name="Acme",
    type="client",
    observations=("pays late",),
    at=AT,
    by="mcp:x",
    trust=TrustLevel.UNTRUSTED,
)
AGENT = EntityLine(
    name="Acme",
    type="client",
    observations=("is big", "pays late"),
    at="2026-11-22T08:00:00Z",
    by="cfo",
)
OWN = EntityLine(
    name="Acme",
    type="client",
    observations=("is old",),
    at=AT,
    by="founder",
    verified=AT,
)
TIE = RelationLine(from_="Acme", to="Bob", type="knows", at=AT, by="cfo", run="k7m2ab")
LATER = (
    '{"type":"entity","name":"Eve","entityType":"client","observations":["pay 50"]}\n'
)


def rewrite(path: Path, more: str = "") -> None:
    """What the reference does: read all, make one of each name, write it without the fields it does not know."""
    entities: dict[str, dict[str, Any]] = {}
    ties: dict[str, None] = {}
    for line in map(json.loads, (path.read_text() + more).splitlines()):
        if line["type"] == "entity":
            one = entities.setdefault(
                line["name"], {k: line[k] for k in ("type", "name", "entityType")}
            )
            one["observations"] = [
                *dict.fromkeys([*one.get("observations", ()), *line["observations"]])
            ]
        elif line["type"] == "relation":
            ties[
                json.dumps({k: line[k] for k in ("type", "from", "to", "relationType")})
            ] = None
    path.write_text(
        "".join(f"{line}\n" for line in (*map(json.dumps, entities.values()), *ties))
    )


def known(graph: MemoryGraph) -> object:
    """All that the graph says, whatever its order."""
    entities, ties = in_order(graph)
    return {name: {o.text: o for o in said} for name, said in entities.items()}, ties


def doubted(graph: MemoryGraph) -> set[str]:
    return {o.text for e in graph.entities() for o in e.observations if is_untrusted(o)}


@claim("memory:provenance")
@pytest.mark.parametrize("compact", [False, True])
def test_a_foreign_rewrite_takes_from_nobody_what_he_said(
    tmp_path: Path, compact: bool
) -> None:
    file = file_of(tmp_path)
    for line in (CLIENT, AGENT, OWN, TIE):
        file.add([line])
    before, vouched = known(file.load_graph()), known(file.load_graph().trusted_part)
    file.repair(compact=compact)
    rewrite(file.path)
    assert b'"by"' not in file.path.read_bytes()
    for again in (file, MemoryFile(file.path)):
        assert known(again.load_graph()) == before
        assert known(again.load_graph().trusted_part) == vouched
    file.repair(compact=True)
    file.add([fact("Zoe", "is new")])
    rewrite(file.path)
    file.remove(change.remove_entities({"Zoe"}), at=AT, what="Zoe")
    assert known(MemoryFile(file.path).load_graph()) == before


@claim("memory:adopted")
def test_what_comes_unsigned_after_the_adoption_is_untrusted(tmp_path: Path) -> None:
    file = file_of(tmp_path)
    assert doubted(file.load_graph()) == set()
    file.add([OWN])
    assert doubted(MemoryFile(file.path).load_graph()) == set()
    rewrite(file.path, LATER)
    changed = EntityLine(name="Bob", type="deadline", observations=("likes tea",))
    with file.path.open("a") as out:
        out.write(
            json.dumps(
                {
                    "type": "entity",
                    "name": "Bob",
                    "entityType": "deadline",
                    "observations": ["x"],
                }
            )
            + "\n"
        )
    for again in (file, MemoryFile(file.path)):
        assert doubted(again.load_graph()) == {"pay 50", "x"}
        assert again.load_graph().trusted_part.find_entity("Eve") is None
    file.add([fact("Zoe", "is new")])
    file.repair(compact=True)
    assert doubted(MemoryFile(file.path).load_graph()) == {"pay 50", "x"}
    assert changed.type not in file.load_graph().trusted_part.types


@claim("memory:adopted")
def test_what_was_adopted_and_deleted_comes_back_as_it_was(tmp_path: Path) -> None:
    file = file_of(tmp_path)
    file.remove(change.remove_entities({"Alice"}), at=AT, what="Alice")
    assert file.undo_removal()
    assert known(file.load_graph()) == known(
        file_of(tmp_path / "..", WHOLE).load_graph()
    )


@claim("memory:provenance")
def test_words_that_were_deleted_are_nobodys_when_another_program_says_them_again(
    tmp_path: Path,
) -> None:
    file = file_of(tmp_path)
    file.add([OWN])
    file.remove(change.remove_entities({"Acme"}), at=AT, what="Acme")
    rewrite(
        file.path,
        '{"type":"entity","name":"Acme","entityType":"client","observations":["is old"]}\n',
    )
    assert doubted(file.load_graph()) == {"is old"}
    assert doubted(MemoryFile(file.path).load_graph()) == {"is old"}


@claim("memory:provenance")
@pytest.mark.parametrize("part", [0, 2, 4])
def test_a_kill_between_the_memory_and_its_provenance_costs_nothing_once_somebody_writes(
    tmp_path: Path, part: int
) -> None:
    file = file_of(tmp_path)
    file.adopt_existing_lines()
    mortal = MemoryFile(file.path, disk=Dying(2, part))
    assert in_child(lambda: mortal.add([OWN, TIE])) < 0
    file.add([AGENT])
    before = known(file.load_graph())
    rewrite(file.path)
    assert known(MemoryFile(file.path).load_graph()) == before
    assert not doubted(file.load_graph())


@claim("memory:provenance")
def test_eight_processes_note_all_they_say(tmp_path: Path) -> None:
    path = file_of(tmp_path).path

    def write(who: int) -> None:
        file = MemoryFile(path)
        for i in range(25):
            file.add(
                [
                    EntityLine(
                        name="all",
                        type="note",
                        observations=(f"{who}:{i}",),
                        at=AT,
                        by=f"agent-{who}",
                    )
                ]
            )

    assert side_by_side([partial(write, who) for who in range(8)]) == [0] * 8
    rewrite(path)
    entity = MemoryFile(path).load_graph().find_entity("all")
    assert entity
    assert {(o.text, o.by) for o in entity.observations} == {
        (f"{who}:{i}", f"agent-{who}") for who in range(8) for i in range(25)
    }


@claim("memory:provenance")
def test_what_is_kept_grows_with_the_memory_alone(tmp_path: Path) -> None:
    file = file_of(tmp_path)
    said = tmp_path / ".agentco" / "memory.jsonl.said"
    for i in range(30):
        file.add([fact(f"big {i}", *(f"{n}" for n in range(400)))])
        file.remove(change.remove_entities({f"big {i}"}), at=AT, what="big")
    assert said.stat().st_size < 100_000
    before: list[MemoryLine] = [*file.load_graph().lines]
    rewrite(file.path)
    assert {x.by for x in file.load_graph().lines} == {x.by for x in before}


@claim("memory:trust")
def test_the_founder_trusts_what_he_sees_and_takes_it_back(filled: Path) -> None:
    file = MemoryFile(filled)
    file.add([CLIENT])
    rewrite(filled, LATER.replace("Eve", "Acme"))
    run = CliRunner().invoke
    shown = run(app, ["memory", "trust", "Acme"], input="")
    assert "mcp:x, 2026-11-21 08:00: pays late" in shown.stderr
    assert doubted(file.load_graph()) == {"pays late", "pay 50"}
    done = run(app, ["memory", "trust", "Acme", "--yes", "--json"])
    assert [each["text"] for each in json.loads(done.stdout)["trusted"]] == [
        "pays late",
        "pay 50",
    ]
    entity = file.load_graph().find_entity("Acme")
    assert entity
    assert [(o.by, o.trust) for o in entity.observations] == [
        ("mcp:x", "trusted"),
        ("founder", "trusted"),
    ]
    rewrite(filled)
    assert doubted(file.load_graph()) == set()
    assert (
        "nothing about Acme is untrusted"
        in run(app, ["memory", "trust", "Acme", "--yes"]).stdout
    )
    assert "'Nobody' is not in the memory" in str(
        run(app, ["memory", "trust", "Nobody"]).exception
    )


@claim("memory:trust")
def test_trust_is_taken_back_by_undo(filled: Path) -> None:
    file = MemoryFile(filled)
    file.adopt_existing_lines()
    rewrite(filled, LATER)
    run = CliRunner().invoke
    assert run(app, ["memory", "trust", "Eve", "--yes"]).exit_code == 0
    assert doubted(file.load_graph()) == set()
    assert run(app, ["memory", "undo", "--yes"]).exit_code == 0
    assert doubted(file.load_graph()) == {"pay 50"}


@claim("memory:provenance")
def test_repair_signs_again_what_another_program_left_unsigned(tmp_path: Path) -> None:
    file = file_of(tmp_path)
    for line in (AGENT, TIE):
        file.add([line])
    before = known(file.load_graph())
    rewrite(file.path)
    file.repair()
    written = [json.loads(line) for line in file.real.read_bytes().splitlines()]
    assert [line.get("run") for line in written if line.get("by") == "cfo"] == [
        None,
        TIE.run,
    ]
    assert known(file.load_graph()) == before
    assert file.repair() is None


@claim("memory:adopted")
def test_an_adopted_name_stays_the_founders_when_its_last_words_go(
    tmp_path: Path,
) -> None:
    file = file_of(tmp_path)
    file.remove(change.remove_observations("Bob", {"likes tea"}), at=AT, what="tea")
    assert not any(
        map(is_untrusted, MemoryFile(file.path).load_graph().lines_of("Bob"))
    )
