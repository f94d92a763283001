"""What an author hears after a draft: what code found, what reviewers said, what is asked now."""

from collections.abc import Iterable, Iterator

from agentco.briefing import prompt_format
from agentco.kernel import package_data
from agentco.review.verdict import Verdict
from agentco.runs import effects
from agentco.runs.events import AnyEvent, Examined, Reviewed

REQUESTS = package_data.load_table(__name__, dict[str, str])


def feedback_text(effect: effects.AskModel, since: Iterable[AnyEvent | None]) -> str:
    """What a call is told beside what was said before; empty when there is nothing new."""
    if effect.must:
        return REQUESTS["must"].format(tool=effect.must)
    lines = [line for event in since for line in _event_lines(event)]
    parts = list[str]()
    if lines:
        comments = prompt_format.escape_tags("\n".join(lines))
        parts.append(f"<reviews>\n{comments}\n</reviews>")
    if effect.lesson:
        reason = prompt_format.escape_tags(effect.lesson)
        parts.append(REQUESTS["lesson"].format(reason=reason))
    elif lines:
        parts.append(REQUESTS["revise"])
    return "\n\n".join(parts)


def look_up_request(made_up: str) -> str:
    """What a model is told whose answer was made up, and why."""
    return REQUESTS["look-up"].format(why=prompt_format.escape_tags(made_up))


def _event_lines(event: AnyEvent | None) -> Iterator[str]:
    if isinstance(event, Examined):
        for finding in event.findings:
            place = f'line {finding.line}, "{finding.text}"'
            yield f"code ({finding.rule}), {place}: {finding.hint}"
    elif isinstance(event, Reviewed):
        for opinion in event.opinions:
            if opinion.verdict is Verdict.APPROVED:
                continue
            mend = f" What would fix it: {opinion.change}" if opinion.change else ""
            verdict = f"{event.agent}, {opinion.verdict} ({opinion.trigger})"
            yield f"{verdict}: {opinion.because}{mend}"
