"""Laws of a whole tree of work: whatever models, reviewers and founders do, nothing blocked or unread gets out."""

from collections import Counter
from random import Random
from typing import Any

import pytest
from claims import claim
from heads import run_of
from hypothesis import given, settings, strategies as st
from trees import Tree

from agentco.company import callable_names
from agentco.runs import OweReview, RunPhase

MANY = 10_000
FEW = 300
ROOTS = st.fixed_dictionaries(
    {
        "agent": st.just("coo"),
        "chain": st.sampled_from([("coo",), ("coo",), ("founders-coo", "coo")]),
        "prompt": st.sampled_from(["", "weekly"]),
        "tools": st.sampled_from(
            [callable_names(), ("Read", "Delegate", "Gather", "Lesson"), ()]
        ),
        "public": st.booleans(),
        "max_turns": st.integers(1, 9),
        "max_tool_calls": st.integers(0, 30),
        "max_chain": st.integers(1, 3),
        "max_revisions": st.integers(0, 2),
        "max_children": st.integers(1, 12),
    }
)
SEEDS = st.integers(0, 2**63)


def lives(root: dict[str, Any], seed: int, waives: int) -> Tree:
    """A tree that was driven as far as it goes."""
    if len(root["chain"]) > root["max_chain"]:
        root = root | {"chain": ("coo",)}
    return Tree(dice=Random(seed), root=run_of(**root), waives=waives).drive()  # noqa: S311  no secret


def holds(root: dict[str, Any], seed: int, waives: int) -> None:
    """The laws hold at every step (`trees.Tree`), and whatever does not end waits for the founder by name."""
    tree = lives(root, seed, waives)
    run, book = tree.runs["r"], tree.books["r"]
    assert run.is_over or tree.waiting
    if run.phase is RunPhase.DONE:
        assert not book.blocked
        assert not book.unread
    for name, order in tree.waiting:
        if isinstance(order, OweReview):
            assert name == "r", "only the root waits for the founder"
            assert order.trigger in tree.runs[name].waivable_holds


@claim("protocol:laws")
@settings(max_examples=FEW)
@given(root=ROOTS, seed=SEEDS)
def test_a_tree_of_work_ends_and_delivers_nothing_that_is_blocked_or_unread(
    root: dict[str, Any], seed: int
) -> None:
    holds(root, seed, 0)


@claim("protocol:laws")
@settings(max_examples=FEW)
@given(root=ROOTS, seed=SEEDS, waives=st.integers(1, 30))
def test_what_the_founder_waives_at_any_moment_lets_go_of_nothing_else(
    root: dict[str, Any], seed: int, waives: int
) -> None:
    holds(root, seed, waives)


@claim("protocol:laws")
@pytest.mark.soak
@settings(max_examples=MANY, deadline=None)
@given(root=ROOTS, seed=SEEDS, waives=st.sampled_from([0, 0, 1, 10, 30]))
def test_the_laws_hold_ten_thousand_times(
    root: dict[str, Any], seed: int, waives: int
) -> None:
    holds(root, seed, waives)


@claim("protocol:laws")
def test_the_trees_of_these_laws_reach_every_end() -> None:
    root = {
        "agent": "coo",
        "chain": ("coo",),
        "tools": callable_names(),
        "max_turns": 8,
        "max_chain": 3,
    }
    did = Counter[str]()
    for seed in range(400):
        did += lives(root | {"max_tool_calls": 20}, seed, seed % 3 * 5).did
    wanted = {
        f"work: {phase}"
        for phase in RunPhase
        if phase not in {RunPhase.WORKING, RunPhase.CANCELLED}
    }
    started = {f"started: {job}" for job in ("work", "gather", "review", "classify")}
    assert (
        wanted
        | started
        | {
            "pressed for Verdict",
            "delivered",
            "refused",
            "waived",
            "review: done",
            "review: failed",
        }
        <= did.keys()
    )
