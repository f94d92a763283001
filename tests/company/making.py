"""Small companies for the tests of this folder."""

import small_company

from agentco.company import Agent, Company
from agentco.kernel import Diagnostic, Severity

CONSTITUTION = {".github/copilot-instructions.md": "Be honest."}
AGENT = ".github/agents/cmo.agent.md"


def company_of(files: dict[str, str | bytes]) -> Company:
    """The company of these files, and a constitution so that nothing is said about that."""
    return small_company.company_of(CONSTITUTION | files)


def agent_of(text: str | bytes) -> Agent:
    """The only agent of a company."""
    company = company_of({AGENT: text})
    assert len(company.agents) == 1, company.diagnostics
    return company.agents[0]


def said(company: Company) -> list[str]:
    """Every diagnostic as `level code line`."""
    return [f"{d.level} {d.code} {d.line}" for d in company.diagnostics]


def errors(company: Company) -> list[Diagnostic]:
    """What is left out."""
    return [d for d in company.diagnostics if d.level is Severity.ERROR]
