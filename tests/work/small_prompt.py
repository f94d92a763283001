"""Small companies as values, and what their agents are told."""

from datetime import date
from typing import Any

import small_company

from agentco.briefing import Assignment, PromptPart, build_prompt_parts
from agentco.company import Agent, Command, Company

TODAY = date(2026, 11, 21)
ROLE = ".github/agents/coo.agent.md"
FILES = {
    ".github/copilot-instructions.md": "The constitution.",
    ROLE: "---\ndescription: Runs the day.\n---\nI run the day.",
}


def company_of(files: dict[str, str]) -> Company:
    """A company with a COO and a constitution, and these files."""
    return small_company.company_of(FILES | files)


def agent_of(company: Company, name: str = "coo") -> Agent:
    agent = company.find_agent(name)
    assert agent, company.diagnostics
    return agent


def headed(header: str, body: str = "I run the day.") -> dict[str, str]:
    """The COO with another header."""
    return {ROLE: f"---\ndescription: Runs the day.\n{header}\n---\n{body}"}


def told(
    of: Company, task: str = "Plan the day.", **more: Any
) -> tuple[PromptPart, ...]:
    """What the COO is told."""
    given: dict[str, Any] = {"task": task, "today": TODAY} | more
    return build_prompt_parts(of, agent_of(of), Assignment(**given), lambda _: True)


def sources(given: tuple[PromptPart, ...]) -> list[str]:
    return [p.source for p in given if p.source]


def command(
    text: str, path: str = ".github/prompts/weekly.prompt.md", **files: str
) -> Command:
    """The prompt or skill in a file."""
    company = company_of({path: text} | files)
    found = [*company.prompts, *company.skills]
    assert len(found) == 1, company.diagnostics
    return found[0]
