"""What plain code finds in a text that is to leave the company: claims, sources, links, voice. No model is asked."""

from itertools import chain

from agentco.review.claims import unproved
from agentco.review.figure_sources import unsourced
from agentco.review.findings import Finding
from agentco.review.links import misled
from agentco.review.rendered_text import page_of
from agentco.review.standards import Standards, standards
from agentco.review.voice import misspoken

__all__ = ["Standards", "findings", "standards"]
RULES = (unproved, unsourced, misled, misspoken)


def findings(text: str, against: Standards) -> tuple[Finding, ...]:
    """Everything a public text must not say, in its order; nothing for one that may go out."""
    page = page_of(text)
    found = chain.from_iterable(look(page, against) for look in RULES)
    return tuple(
        sorted(
            dict.fromkeys(found),
            key=lambda x: (x.line, text.find(x.text, page.lines[x.line - 1])),
        )
    )
