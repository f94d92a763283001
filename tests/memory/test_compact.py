"""One line for each; files that go to another memory and come from one."""

import json

import pytest
from claims import claim
from hypothesis import given, strategies as st
from test_graph import graph_of
from test_lines import ALICE, BOB, TIE, lines
from worlds import AT, WHOLE, fact

from agentco.kernel import StateBroken
from agentco.memory import (
    EntityLine,
    MemoryGraph,
    MemoryLine,
    Provenance,
    RelationLine,
    TrustLevel,
    apply_rewrite,
    compact_records,
    encode_line,
    export_lines,
    plan_import,
    read_records,
    remove_observations,
)

MARK = Provenance(at=AT, by="import:x", trust=TrustLevel.UNTRUSTED)
TRUSTED = Provenance(at=AT, by="import:x", trust=TrustLevel.TRUSTED)
some = st.lists(lines, max_size=3).map(
    lambda parts: [line for part in parts for line in part]
)


def compact(data: bytes) -> bytes:
    return b"".join(line + b"\n" for line in compact_records(read_records(data)[0]))


def read(data: bytes) -> MemoryGraph:
    graph = MemoryGraph()
    graph.add_raw_lines(data.splitlines(keepends=True))
    return graph


def said(graph: MemoryGraph) -> object:
    every = {
        e.name: (e.type, e.said, frozenset(e.observations), e.at)
        for e in graph.entities()
    }
    return every, graph.relations


@claim("memory:compact")
@given(some)
def test_compacting_changes_nothing_that_is_known_and_twice_is_once(
    written: list[MemoryLine],
) -> None:
    data = b"".join(map(encode_line, written))
    once = compact(data)
    assert said(read(once)) == said(read(data))
    assert compact(once) == once
    assert len(once.splitlines()) == len(
        {
            x.name if isinstance(x, EntityLine) else (x.from_, x.type, x.to)
            for x in written
        }
    )


@claim("memory:compact")
def test_a_line_of_several_says_who_said_what_and_counts_as_its_weakest_part() -> None:
    cfo = EntityLine(
        name="a",
        type="note",
        observations=("x",),
        at="2026-01-01",
        by="cfo",
        trust=TrustLevel.UNTRUSTED,
    )
    line = json.loads(compact(encode_line(cfo) + encode_line(fact("a", "y"))))
    assert line == {
        "type": "entity",
        "name": "a",
        "entityType": "note",
        "observations": ["x", "y"],
        "at": "2026-01-01",
        "trust": "untrusted",
        "agentco": [
            {"at": "2026-01-01", "by": "cfo", "trust": "untrusted"},
            {"at": AT, "by": "founder"},
        ],
    }


@claim("memory:compact")
def test_what_one_said_at_one_time_is_a_plain_line() -> None:
    assert compact(
        encode_line(fact("a", "x")) + encode_line(fact("a", "y"))
    ) == encode_line(fact("a", "x", "y"))


@claim("memory:compact")
def test_fields_and_records_of_others_stay_as_they_are() -> None:
    assert compact(WHOLE) == WHOLE


@claim("memory:compact")
def test_an_observation_leaves_a_compact_line_with_its_source() -> None:
    cfo = EntityLine(
        name="a", type="note", observations=("x", "z"), at="2026-01-01", by="cfo"
    )
    data = compact(encode_line(cfo) + encode_line(fact("a", "y")))
    (left,) = apply_rewrite(read_records(data)[0], remove_observations("a", {"x"})).kept
    entity = read(left).find_entity("a")
    assert entity
    assert [(o.text, o.by) for o in entity.observations] == [
        ("z", "cfo"),
        ("y", "founder"),
    ]


@claim("memory:compact")
def test_sources_that_do_not_fit_are_passed_over() -> None:
    line = EntityLine(
        name="a",
        type="t",
        observations=("x", "y"),
        by="cfo",
        sources=(Provenance(by="founder"),),
    )
    entity = graph_of(line).find_entity("a")
    assert entity
    assert {o.by for o in entity.observations} == {"cfo"}


@claim("memory:export")
@given(some)
def test_an_export_has_only_the_references_fields_and_comes_back(
    written: list[MemoryLine],
) -> None:
    graph = graph_of(*written)
    data = b"".join(map(encode_line, export_lines(graph)))
    allowed = (
        {"type", "name", "entityType", "observations"},
        {"type", "from", "to", "relationType"},
    )
    assert all(set(json.loads(line)) in allowed for line in data.split(b"\n")[:-1])
    back = MemoryGraph()
    back.add_lines(plan_import(data, MemoryGraph(), MARK).lines)
    assert [(e.name, e.type, e.said) for e in back.entities()] == [
        (e.name, e.type, e.said) for e in graph.entities()
    ]
    assert len(back.relations) == len(graph.relations)


@claim("memory:import")
@given(some, some)
def test_an_import_brings_all_that_is_new_and_twice_is_once(
    ours: list[MemoryLine], theirs: list[MemoryLine]
) -> None:
    graph, data = graph_of(*ours), b"".join(map(encode_line, theirs))
    found = plan_import(data, graph, MARK)
    graph.add_lines(found.lines)
    other = read(data)
    for entity in other.entities():
        known = graph.find_entity(entity.name)
        assert known
        assert {o.text for o in entity.observations} <= {
            o.text for o in known.observations
        }
    assert {(r.from_, r.type, r.to) for r in other.relations} <= {
        (r.from_, r.type, r.to) for r in graph.relations
    }
    again = plan_import(data, graph, MARK)
    assert (again.lines, again.new) == ((), ())
    assert again.known == sum(len(e.observations) for e in other.entities()) + len(
        other.relations
    )


@claim("memory:import")
def test_who_brought_it_and_how_far_it_is_to_be_believed() -> None:
    theirs = [
        EntityLine(
            name="a",
            type="t",
            observations=("x",),
            at="2026-01-01",
            by="founder",
            verified=AT,
        ),
        EntityLine(name="b", type="t", observations=("y",), trust=TrustLevel.UNTRUSTED),
        RelationLine(from_="a", to="b", type="knows", by="founder"),
    ]
    data = b"".join(map(encode_line, theirs))
    plain = plan_import(data, MemoryGraph(), MARK).lines
    assert {(x.by, x.trust, x.at, x.verified) for x in plain} == {
        ("import:x", TrustLevel.UNTRUSTED, AT, None)
    }
    believed = plan_import(data, MemoryGraph(), TRUSTED).lines
    assert [(x.by, x.trust, x.at, x.verified) for x in believed] == [
        ("import:x", TrustLevel.TRUSTED, "2026-01-01", None),
        ("import:x", TrustLevel.UNTRUSTED, AT, None),
        ("import:x", TrustLevel.TRUSTED, AT, None),
    ]


@claim("memory:import")
def test_a_known_name_keeps_its_type_and_what_is_no_record_is_numbered() -> None:
    graph = graph_of(EntityLine(name="Bob", type="client", observations=()))
    data = b"\n".join(
        [
            ALICE,
            b"oops",
            b'{"type":"note","text":"theirs"}',
            BOB.replace(b"[]", b'["new"]'),
            TIE,
        ]
    )
    found = plan_import(data, graph, MARK)
    assert found.new == ("Alice",)
    assert [line.type for line in found.lines] == ["person", "client", "knows"]
    assert [row.number for row in found.rejected] == [2, 3]


@claim("memory:conflict-markers")
def test_fault_36_a_file_with_conflict_markers_is_not_imported() -> None:
    with pytest.raises(StateBroken, match="in lines 1, 3, 4"):
        plan_import(
            b"<<<<<<< HEAD\n" + ALICE + b"\n=======\n>>>>>>> b\n", MemoryGraph(), MARK
        )
