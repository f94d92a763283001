"""`agentco triggers`: the table, how often each rule fired, what it changed and what it cost."""

import json
from itertools import pairwise
from typing import Any

import pytest
from claims import claim
from hypothesis import given, strategies as st
from small_company import Place, company_line, models_at
from typed import Do
from wire.server import Call, Say, WireServer

from agentco.overview import changed_drafts, share_of

LEGAL = "We promise GDPR compliance.\nIt is free."
MENDED = "We work on it.\nIt is free."
TRIGGERS = """\
triggers:
  - {name: legal, words: [GDPR, "terms*"], patterns: [amount], consult: [lawyer]}
  - {name: price, words: [free], from: [writer], consult: [lawyer]}
  - {name: orphan, words: [orphan], consult: [nobody]}
  - {name: trust}
"""


def verdicts(**words: str) -> Say:
    said = [
        {"trigger": name, "verdict": word, "because": f"it is {name}"}
        for name, word in words.items()
    ]
    return Say(calls=[Call(name="Verdict", arguments=json.dumps({"verdicts": said}))])


@pytest.fixture
def company(place: Place, wire: WireServer) -> Place:
    place.settings(company_line() + TRIGGERS + models_at(wire.url))
    for name in ("writer", "lawyer"):
        header = f"---\ndescription: The {name}.\ntools: [Read]\n---\n"
        place.agent(name, f"{header}I am the {name}.\n")
    return place


def rows(do: Do, *options: str) -> dict[str, dict[str, Any]]:
    """The rows of the table, by trigger."""
    found = do("triggers", "--json", *options).document["triggers"]
    return {row["name"]: row for row in found}


@claim("triggers:use")
@pytest.mark.usefixtures("company")
def test_a_name_that_no_trigger_bears_is_answered_with_all_that_there_are(
    do: Do,
) -> None:
    said = do("triggers", "nonsense")
    assert said.code == 2
    assert all(name in said.err for name in rows(do))


@claim("triggers:use")
@pytest.mark.usefixtures("company")
def test_the_table_is_shown_without_a_state_or_trust(do: Do) -> None:
    table = rows(do)
    shipped = "money tax legal trust technology infrastructure-cost pricing-tax direction launch several-teams how-it-works"
    assert list(table) == [*shipped.split(), "price", "orphan"]
    assert table["legal"] == {
        "name": "legal",
        "from": [],
        "public": None,
        "consult": ["lawyer"],
        "any_of": [],
        "words": 2,
        "on": True,
        "own": True,
        "reviews": 0,
        "changed": 0,
        "owed": 0,
        "waived": 0,
        "cost_usd": 0,
    }
    assert (table["trust"]["on"], table["money"]["own"]) == (False, False)
    said = do("triggers").out
    assert " trust                 all      all" in said
    assert "cto or coo" in said
    assert said.endswith("no review was asked for\n")
    one = do("triggers", "Legal")
    assert "words: GDPR, terms*\npatterns: amount\nconsult: lawyer\n" in one.out
    unknown = do("triggers", "leagl")
    assert (unknown.code, "did you mean 'legal'?" in unknown.err) == (2, True)


@claim("triggers:use")
def test_reviews_are_counted_with_what_they_changed_and_cost(
    company: Place, wire: WireServer, do: Do
) -> None:
    company.trust()
    first = verdicts(legal="CONCERNS", price="APPROVED")
    wire.script(
        {"m": [Say(text=LEGAL), Say(text=MENDED)], "~I am the lawyer.": [first]}
    )
    done = do("ask", "writer", "draft the post", "--json").document
    assert done["status"] == "done"
    table = rows(do)
    legal, price = table["legal"], table["price"]
    assert (legal["reviews"], legal["changed"]) == (1, 1)
    assert (price["reviews"], price["changed"]) == (1, 0)
    story = do("runs", "show", done["run"], "--why", "--json").document
    (review,) = story["drafts"][0]["reviews"]
    costs = legal["cost_usd"] + price["cost_usd"]
    assert costs == pytest.approx(review["cost_usd"])
    assert costs > 0
    (last,) = rows(do, "legal")["legal"]["last_reviews"]
    started = last.pop("started")
    assert last.pop("cost_usd") == legal["cost_usd"]
    assert last == {
        "run": review["run"],
        "of": done["run"],
        "author": "writer",
        "agent": "lawyer",
        "verdict": "CONCERNS",
        "because": "it is legal",
        "changed": True,
    }
    shown = do("triggers", "legal").out
    assert f"{started[:10]} {review['run']}: lawyer of writer: CONCERNS" in shown
    assert "CONCERNS, changed the text, $" in shown
    assert rows(do, "--since", "1d")["legal"]["reviews"] == 1
    assert rows(do, "--since", "2999-01-01")["legal"]["reviews"] == 0
    company.settings(company_line())
    assert list(rows(do))[-1] == "price"
    assert (rows(do)["price"]["on"], rows(do)["price"]["reviews"]) == (False, 1)


@claim("triggers:use")
def test_what_is_owed_waived_or_kept_is_counted_as_such(
    company: Place, wire: WireServer, do: Do
) -> None:
    company.trust()
    keep = Say(calls=[Call(name="Keep", arguments='{"answer": "It stays."}')])
    text = "The orphan reads the terms."
    wire.script(
        {"m": [Say(text=text), keep], "~I am the lawyer.": [verdicts(legal="CONCERNS")]}
    )
    found = do("ask", "writer", "draft the post", "--json").document
    assert (found["status"], found["owed"]) == ("waiting", ["orphan"])
    table = rows(do)
    assert (table["legal"]["reviews"], table["legal"]["changed"]) == (1, 0)
    orphan = table["orphan"]
    assert [orphan[key] for key in ("reviews", "owed", "waived")] == [0, 1, 0]
    do("waive", found["run"], "orphan", "--why", "I read it")
    assert rows(do)["orphan"]["waived"] == 1
    assert " orphan" in do("triggers").out.rpartition("asked")[2]


@claim("triggers:use")
@given(st.integers(0, 10**9), st.integers(1, 12))
def test_the_shares_of_a_review_are_the_whole_of_its_cost(usd: int, parts: int) -> None:
    shares = [share_of(usd, place, parts) for place in range(parts)]
    assert sum(shares) == usd
    assert max(shares) - min(shares) <= 1


@claim("triggers:use")
@given(st.lists(st.sampled_from(["a b", "a  b", "c", ""]), max_size=5))
def test_only_another_text_after_it_changes_a_draft(texts: list[str]) -> None:
    changed = changed_drafts(range(len(texts)), dict(enumerate(texts)))
    for number, (before, after) in enumerate(pairwise(texts)):
        is_other = bool(after) and after.split() != before.split()
        assert (number in changed) == is_other
