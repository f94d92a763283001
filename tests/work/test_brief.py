"""What a model on the founder's own machine is told: in brief, the stable part first."""

from datetime import date
from typing import Any

import pytest
from claims import claim
from hypothesis import given, strategies as st
from small_company import Place, company_line, company_of
from typed import Do
from wire.server import AT_ONCE, Say, WireServer

from agentco.adapters.files.template_files import template_files
from agentco.briefing import (
    Assignment,
    brief_markdown,
    brief_parts,
    brief_tools,
    build_messages,
    build_prompt_parts,
    measure_request,
)
from agentco.kernel import count_tokens
from agentco.runs import ModelRequest, granted_tools, tool_specs

SAMPLE = company_of(dict(template_files()))
AGENTS = [agent.id for agent in SAMPLE.agents]
TASKS = (
    "write the launch post for Lumen",
    "What does a price change from EUR 19 to EUR 24 do to the margin of Lumen?",
    "Is the invoice to the client in Germany right about VAT and social security?",
)
MOST = 2500


def told(agent_id: str, task: str) -> ModelRequest:
    agent = SAMPLE.find_agent(agent_id)
    assert agent
    work = Assignment(
        task=task, today=date(2026, 11, 30), company="Farol", language="en"
    )
    parts = build_prompt_parts(SAMPLE, agent, work, lambda _: True)
    names = granted_tools(agent, orchestrator=True)
    return ModelRequest(
        messages=build_messages(brief_parts(parts)),
        tools=brief_tools(tool_specs(names)),
        max_tokens=1000,
    )


@claim("models:brief")
@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("agent", AGENTS)
def test_an_ordinary_ask_of_every_department_is_short(agent: str, task: str) -> None:
    assert len(AGENTS) == 8
    request = told(agent, task)
    assert measure_request(request).tokens <= MOST
    system, user = (message.text for message in request.messages)
    assert f'<role name="{agent}"' in system
    assert "<constitution" in system
    assert user.endswith(f"<task>\n{task}\n</task>")


@claim("models:brief")
@pytest.mark.parametrize("agent", AGENTS)
def test_what_comes_before_the_task_is_the_same_for_every_task(agent: str) -> None:
    found = [told(agent, task) for task in TASKS]
    assert len({request.messages[0].text for request in found}) == 1
    assert len({request.tools for request in found}) == 1
    assert all(request.stable == 1 for request in found)


@claim("models:brief")
def test_the_skill_that_a_task_speaks_of_is_told_beside_it() -> None:
    system, user = (message.text for message in told("cfo", TASKS[1]).messages)
    assert '<skill_content name="saas-pricing"' in user
    assert "saas-pricing" in system
    assert "gdpr-review" in system
    assert "<skill_content" not in told("cfo", "Hello").messages[-1].text


@claim("models:brief")
def test_tools_keep_their_names_fields_and_kinds() -> None:
    names = ("Read", "Memory", "Board", "Lesson", "Gather")
    whole = tool_specs(names)
    brief = brief_tools(whole)
    assert [tool.name for tool in brief] == ["Read", "Memory", "Board"]
    assert [tool.name for tool in brief_tools(whole, whole=True)] == list(names)
    memory = brief[1].parameters
    for word in ("operation", "search_nodes", "observations", "entityName", '"array"'):
        assert word in memory
    assert "maxLength" not in memory
    assert len(memory) < len(whole[1].parameters) * 2 / 3


PAGE = """# Cellar

The cellar keeps wine. It is cold there.

| year | bottles |
|---|---|
| 2019 | 12 |

## Never

- **Sell** a bottle. Not even to friends.
- Open the door at noon:
  it gets warm then.

```
secret
```

## Later

1. Count the bottles. Twice.
"""


@claim("models:brief")
def test_a_page_in_brief_is_its_headings_and_first_sentences() -> None:
    assert brief_markdown(PAGE, 500) == (
        "## Cellar\nThe cellar keeps wine.\n"
        "## Never\n- Sell a bottle.\n- Open the door at noon: it gets warm then.\n"
        "## Later\n- Count the bottles."
    )


@claim("models:brief")
def test_with_little_room_every_section_says_its_first_rule_first() -> None:
    text = brief_markdown(PAGE, 34)
    assert "- Sell a bottle." in text
    assert "- Count the bottles." in text
    assert "at noon" not in text


@claim("models:brief")
@given(st.text(alphabet="ab .:#-*|`\n1.", max_size=400), st.integers(0, 200))
def test_a_page_in_brief_never_takes_more_than_its_room(text: str, room: int) -> None:
    assert count_tokens(brief_markdown(text, room)) <= room + 2


def settings_at(url: str, more: str = "", models: str = "workshop/m") -> str:
    return (
        company_line(orchestrator="writer")
        + f"models: {{medium: [{models}]}}\n"
        + f'providers: {{workshop: {{kind: openai, api_base: "{url}"}}}}\n'
        + more
    )


@pytest.fixture
def writer(place: Place, wire: WireServer) -> Place:
    place.agent("writer")
    place.settings(settings_at(wire.url))
    place.trust()
    wire.script({"*": [Say(text="The post.")]})
    return place


PRICE = "prices: {workshop/m: {input: 1, output: 2}}\n"
AS_BRIEF = "model_options: {workshop/m: {prompt: brief}}\n"
AS_FULL = "model_options: {workshop/m: {prompt: full}}\n"


def is_brief(body: dict[str, Any]) -> bool:
    text = str(body["messages"])
    assert ("Plain code looks for these words" in text) == (
        "ruled on by the program" in text
    )
    return "ruled on by the program" not in text


@claim("models:brief")
@pytest.mark.parametrize(
    ("more", "brief"),
    [("", True), (PRICE, False), (PRICE + AS_BRIEF, True), (AS_FULL, False)],
)
def test_a_free_model_of_this_machine_is_told_in_brief_or_as_the_settings_say(
    writer: Place, wire: WireServer, do: Do, more: str, *, brief: bool
) -> None:
    writer.settings(settings_at(wire.url, more))
    writer.trust()
    assert do("ask", "writer", "draft the post").out == "The post.\n"
    assert is_brief(wire.requests[0].body) == brief
    shown = do("ask", "writer", "draft the post", "--show-prompt").out
    assert ("ruled on by the program" not in shown) == brief


@claim("models:brief")
def test_each_model_of_a_tier_is_told_as_it_wants(
    writer: Place, wire: WireServer, do: Do
) -> None:
    price = "prices: {workshop/n: {input: 1, output: 2}}\n"
    writer.settings(settings_at(wire.url, price, "workshop/m, workshop/n"))
    writer.trust()
    busy = Say(status=400, error="no such thing")
    wire.script({"m": [busy], "n": [Say(text="The post.", headers=AT_ONCE)]})
    assert do("ask", "writer", "draft the post").code in {0, 4}
    assert [is_brief(seen.body) for seen in wire.requests][:2] == [True, False]
