"""A prompt's header says which triggers hold for its runs."""

import json
from typing import Any

import pytest
from claims import claim
from small_company import Place, company_line, models_at
from typed import Do
from wire.server import Call, Say, WireServer

LEGAL = "We promise GDPR compliance.\nIt is free."
TRIGGERS = """\
triggers:
  - {name: legal, words: [GDPR], consult: [lawyer]}
  - {name: price, words: [free], consult: [cfo]}
  - {name: trust}
"""
PROMPT = "---\ndescription: Posts.\nagent: {agent}\nagentco: {{{own}}}\n---\nWrite.\n"


def approval(trigger: str) -> Say:
    said = {"trigger": trigger, "verdict": "APPROVED", "because": "fine"}
    return Say(calls=[Call(name="Verdict", arguments=json.dumps({"verdicts": [said]}))])


@pytest.fixture
def company(place: Place, wire: WireServer) -> Place:
    """A writer, a lawyer and a cfo, on one model; the coo hands out work."""
    place.settings(company_line(orchestrator="coo") + TRIGGERS + models_at(wire.url))
    for name in ("writer", "lawyer", "cfo", "coo"):
        tools = "Delegate" if name == "coo" else "Read"
        header = f"---\ndescription: The {name}.\ntools: [{tools}]\n---\n"
        place.agent(name, f"{header}I am the {name}.\n")
    wire.script(
        {
            "m": [Say(text=LEGAL)],
            "~I am the lawyer.": [approval("legal")],
            "~I am the cfo.": [approval("price")],
        }
    )
    return place


def reviewers(company: Place, do: Do, own: str, *options: str) -> set[str]:
    """Who reviews what the prompt writes, with this in its header."""
    found = outcome(company, do, own, *options)
    assert found["status"] == "done"
    return {review["agent"] for review in found["reviews"]}


def outcome(company: Place, do: Do, own: str, *options: str) -> dict[str, Any]:
    page = PROMPT.format(agent="writer", own=own)
    company.write(".github/prompts/post.prompt.md", page)
    company.trust()
    return do("run", "post", "--json", *options).document


@claim("triggers:prompt")
@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ("tier: medium", "cfo lawyer"),
        ("reviews: none", ""),
        ("reviews: []", ""),
        ("reviews: [Legal]", "lawyer"),
        ("reviews: [price, tax]", "cfo"),
        ("reviews: [trust]", ""),
        ("reviews: [leagl]", "cfo lawyer"),
        ("reviews: [price, leagl]", "cfo lawyer"),
    ],
)
def test_only_the_triggers_of_the_header_hold(
    company: Place, do: Do, own: str, expected: str
) -> None:
    assert sorted(reviewers(company, do, own)) == expected.split()


@claim("triggers:prompt")
def test_a_question_asked_by_hand_is_reviewed_as_always(company: Place, do: Do) -> None:
    assert reviewers(company, do, "reviews: none") == set()
    found = do("ask", "writer", "write the post", "--json").document
    assert {review["agent"] for review in found["reviews"]} == {"lawyer", "cfo"}


@claim("triggers:prompt")
def test_rules_of_public_text_hold_all_the_same(
    company: Place, wire: WireServer, do: Do
) -> None:
    wire.script({"m": [Say(text="We have 977 teams.")]})
    found = outcome(company, do, "reviews: none, public: true")
    assert found["status"] == "blocked"
    assert {finding["rule"] for finding in found["findings"]} >= {"grounding"}


@claim("triggers:prompt")
def test_what_it_has_others_do_is_reviewed_as_always(
    company: Place, wire: WireServer, do: Do
) -> None:
    page = PROMPT.format(agent="coo", own="reviews: none")
    company.write(".github/prompts/day.prompt.md", page)
    company.trust()
    order = {"agent": "writer", "what": "write the post", "reason": "new"}
    hand_out = Say(calls=[Call(name="Delegate", arguments=json.dumps(order))])
    wire.script(
        {
            "m": [Say(text=LEGAL)],
            "~I am the coo.": [hand_out, Say(text="GDPR, done for free.")],
            "~I am the lawyer.": [approval("legal")],
            "~I am the cfo.": [approval("price")],
        }
    )
    found = do("run", "day", "--json").document
    assert (found["status"], found["reviews"]) == ("done", [])
    (child,) = found["delegations"]
    story = do("runs", "show", child["run"], "--why", "--json").document
    asked = [review["agent"] for review in story["drafts"][0]["reviews"]]
    assert sorted(asked) == ["cfo", "lawyer"]


@claim("triggers:prompt")
def test_a_slip_and_a_change_are_told_in_words(company: Place, do: Do) -> None:
    company.trust()
    page = PROMPT.format(agent="writer", own="reviews: [leagl, nowhere-at-all]")
    company.write(".github/prompts/post.prompt.md", page)
    problems = do("check", "--json").document["diagnostics"]
    slips = [one for one in problems if one["code"] == "unknown-trigger"]
    assert [(one["line"], one["level"]) for one in slips] == [(4, "warning")] * 2
    assert slips[0]["hint"] == "did you mean 'legal'?"
    assert "money" in slips[1]["hint"]
    refused = do("run", "post").err
    assert "prompts post reviews: only leagl, nowhere-at-all" in refused
    assert do("show", "prompts", "--json").document["prompts"][0]["reviews"] == [
        "leagl",
        "nowhere-at-all",
    ]


@claim("public:links")
@pytest.mark.parametrize(
    ("own", "options", "held"),
    [
        ("public: true", [], []),
        ("public: true, channel: linkedin", [], ["links"]),
        ("public: true, channel: linkedin", ["--channel", "site"], []),
        ("public: true", ["--channel", "x"], ["links"]),
    ],
)
def test_a_prompt_or_the_founder_says_on_which_channel_a_text_is_to_stand(
    company: Place,
    wire: WireServer,
    do: Do,
    own: str,
    options: list[str],
    held: list[str],
) -> None:
    links = "links: {Lumen: {site: lumen.example, social: lumen-app.example}}\n"
    company.settings(f"{links}{models_at(wire.url)}")
    wire.script({"m": [Say(text="Lumen: https://lumen.example")]})
    found = outcome(company, do, own, *options)
    assert [finding["rule"] for finding in found["findings"]] == held
