"""What plain code finds in a text that is to leave the company. No model is asked."""

from msgspec import UNSET
from msgspec.structs import replace

from agentco.public_text.claims import find_unproved_claims
from agentco.public_text.figure_sources import find_unsourced_figures
from agentco.public_text.findings import Finding
from agentco.public_text.links import find_wrong_links
from agentco.public_text.rendered_text import read_visible_text
from agentco.public_text.standards import Standards, build_standards
from agentco.public_text.voice import find_voice_faults

__all__ = ["Standards", "build_standards", "check_public_text"]
TEXT_CHECKS = (
    find_unproved_claims,
    find_unsourced_figures,
    find_wrong_links,
    find_voice_faults,
)


def check_public_text(text: str, standards: Standards) -> tuple[Finding, ...]:
    """Everything a public text must not say, in its order; empty for one that may go out."""
    page = read_visible_text(text)
    findings: dict[Finding, Finding] = {}
    for check in TEXT_CHECKS:
        for finding in check(page, standards):
            # one place in two views is one finding
            findings.setdefault(replace(finding, weighed=UNSET), finding)

    def place(finding: Finding) -> tuple[int, int]:
        return finding.line, text.find(finding.text, page.lines[finding.line - 1])

    return tuple(sorted(findings.values(), key=place))
