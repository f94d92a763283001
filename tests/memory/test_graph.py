"""What the lines add up to."""

from datetime import date
from itertools import permutations
from random import Random

from claims import claim
from hypothesis import given, strategies as st
from test_lines import lines

from agentco.day import expired_today
from agentco.file_formats import parse_retention
from agentco.kernel import Severity, fold_letters
from agentco.memory import (
    EntityLine,
    MemoryEntity,
    MemoryGraph,
    MemoryLine,
    MemoryRelation,
    RelationLine,
    TrustLevel,
    encode_line,
    search_entities,
)


def graph_of(*written: MemoryLine) -> MemoryGraph:
    graph = MemoryGraph()
    graph.add_raw_lines(map(encode_line, written))
    return graph


def fact(
    name: str,
    *texts: str,
    kind: str = "note",
    at: str | None = None,
    verified: str | None = None,
) -> EntityLine:
    return EntityLine(
        name=name, type=kind, observations=texts, at=at, verified=verified
    )


def entity(graph: MemoryGraph, name: str) -> MemoryEntity:
    found = graph.find_entity(name)
    assert found
    return found


def known(graph: MemoryGraph) -> tuple[dict[str, set[object]], set[MemoryRelation]]:
    return {e.name: set(e.observations) for e in graph.entities()}, set(graph.relations)


@claim("memory:merge")
def test_fault_30_lines_of_one_name_unite_their_observations_in_order() -> None:
    graph = graph_of(fact("a", "1", "2"), fact("b"), fact("a", "2", "3"))
    assert [o.text for o in entity(graph, "a").observations] == ["1", "2", "3"]
    assert [e.name for e in graph.entities()] == ["a", "b"]


@claim("memory:merge")
def test_a_repeated_observation_keeps_its_first_source_and_its_latest_verification() -> (
    None
):
    first = EntityLine(
        name="a",
        type="t",
        observations=("x",),
        at="2026-01-01T10:00:00+02:00",
        by="cfo",
        trust=TrustLevel.UNTRUSTED,
    )
    later = EntityLine(
        name="a",
        type="t",
        observations=("x",),
        at="2026-01-01T09:00:00Z",
        by="founder",
        verified="2026-02-01T00:00:00+00:00",
    )
    for order in permutations(
        [later, first, fact("a", "x", verified="2025-01-01T00:00:00+00:00")]
    ):
        x = entity(graph_of(*order), "a").observations[0]
        assert (x.by, x.at, x.trust, x.verified) == (
            "cfo",
            first.at,
            TrustLevel.UNTRUSTED,
            later.verified,
        )


@claim("memory:merge")
@given(lines, st.randoms(use_true_random=False))
def test_any_order_of_appends_gives_the_same_sets(
    written: list[MemoryLine], dice: Random
) -> None:
    shuffled = dice.sample(written, len(written))
    assert known(graph_of(*written)) == known(graph_of(*shuffled))


@claim("memory:merge")
@given(lines, lines)
def test_extending_a_graph_is_reading_it_whole(
    first: list[MemoryLine], then: list[MemoryLine]
) -> None:
    whole = graph_of(*first, *then)
    grown = graph_of(*first)
    grown.entities()
    assert len(grown.search_texts) == len(
        [grown.recent[name] for name in grown.entity_names]
    )
    grown.add_raw_lines(map(encode_line, then))
    assert grown.entities() == whole.entities()
    assert grown.relations == whole.relations
    assert dict(grown.search_texts) == dict(whole.search_texts)
    assert [grown.recent[name] for name in grown.entity_names] == [
        whole.recent[name] for name in whole.entity_names
    ]


@claim("memory:merge")
def test_fault_31_a_relation_into_nothing_is_kept_and_flagged() -> None:
    tie = RelationLine(from_="a", to="ghost", type="knows")
    graph = graph_of(fact("a"), tie, tie)
    assert [(r.from_, r.type, r.to) for r in graph.relations] == [
        ("a", "knows", "ghost")
    ]
    assert [(p.level, p.code) for p in graph.problems] == [
        (Severity.INFO, "dangling-relation"),
        (Severity.INFO, "repeated"),
    ]
    assert "'ghost'" in graph.problems[0].message


@claim("memory:merge")
def test_the_first_line_decides_the_type_and_another_is_flagged() -> None:
    graph = graph_of(fact("a", kind="client"), fact("a", kind="claim"))
    assert entity(graph, "a").type == "client"
    assert graph.entities("claim") == []
    assert [p.code for p in graph.problems] == ["two-types"]


@claim("memory:values")
def test_the_last_value_of_a_key_holds() -> None:
    lesson = entity(
        graph_of(
            fact(
                "l",
                "Status: open",
                "free text",
                "Status:answered by a: b",
                "Statuses: no",
            )
        ),
        "l",
    )
    assert lesson.values_of("Status") == ["open", "answered by a: b"]
    assert lesson.last_value("Status") == "answered by a: b"
    assert lesson.last_value("Agent") is None


@claim("memory:search")
def test_name_comes_before_type_before_observation_then_the_newest() -> None:
    graph = graph_of(
        fact("one", "the Tax is due", at="2026-01-01"),
        fact("two", "tax", at="2026-01-01", verified="2026-05-01"),
        fact("three", kind="tax", at="2020-01-01"),
        fact("TAX office", at="2019-01-01"),
        fact("other", "nothing"),
    )
    found = search_entities(graph, "tAx", limit=10)
    assert [e.name for e in found.entities] == ["TAX office", "three", "two", "one"]
    assert found.total == 4
    assert [e.name for e in search_entities(graph, "tax", limit=2).entities] == [
        "TAX office",
        "three",
    ]


@claim("memory:search")
def test_every_word_must_occur_wherever_it_is() -> None:
    graph = graph_of(
        fact("Acme", "pays late", kind="client"),
        fact("Lumen", "pays early"),
        RelationLine(from_="Acme", to="x", type="uses"),
    )
    assert [
        e.name for e in search_entities(graph, "pays ACM lien", limit=5).entities
    ] == ["Acme"]
    assert [r.to for r in search_entities(graph, "acme", limit=5).relations] == ["x"]
    assert search_entities(graph, "pays never", limit=5).total == 0
    assert search_entities(graph, "", limit=1).total == 2


@claim("memory:search")
@given(lines, st.text(max_size=3))
def test_search_finds_what_reading_everything_finds(
    written: list[MemoryLine], words: str
) -> None:
    graph = graph_of(*written)
    wanted = fold_letters(words).split()
    everything = {
        e.name
        for e in graph.entities()
        if all(
            any(
                w in fold_letters(t)
                for t in (e.name, e.type, *(o.text for o in e.observations))
            )
            for w in wanted
        )
    }
    found = search_entities(graph, words, limit=100)
    assert {e.name for e in found.entities} == everything
    assert found.total == len(found.entities)


@claim("memory:retention")
def test_standups_go_after_their_days_and_nothing_else_does() -> None:
    graph = graph_of(
        fact("standup:2026-11-13", kind="standup"),
        fact("standup:2026-11-14", kind="standup"),
        fact("standup:2026-02-31", kind="standup"),
        fact("standup:soon", kind="standup"),
        fact("lesson:2020-01-01:x", kind="lesson"),
        fact("standup:2020-01-01", kind="decision"),
    )
    rules = {"standup": parse_retention("7d")}
    assert [g.name for g in expired_today(graph, rules, date(2026, 11, 21))] == [
        "standup:2026-11-13"
    ]
