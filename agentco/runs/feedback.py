"""What an author hears after a draft: what code found, what reviewers said, what is asked now."""

from collections.abc import Iterable, Iterator

from agentco.kernel import package_data
from agentco.review.verdict import Verdict
from agentco.runs import effects, prompt_format
from agentco.runs.events import AnyEvent, Examined, Reviewed

REQUESTS = package_data.load_table(__name__, dict[str, str])


def feedback_text(effect: effects.AskModel, since: Iterable[AnyEvent | None]) -> str:
    """What a call is told beside what was said before; empty when there is nothing new."""
    said = "\n".join(line for event in since for line in _event_lines(event))
    told = f"<reviews>\n{prompt_format.escape_tags(said)}\n</reviews>" if said else ""
    if effect.must:
        return REQUESTS["must"].format(tool=effect.must)
    if effect.lesson:
        return f"{told}\n\n{REQUESTS['lesson'].format(reason=prompt_format.escape_tags(effect.lesson))}".strip()
    return f"{told}\n\n{REQUESTS['revise']}" if told else ""


def _event_lines(event: AnyEvent | None) -> Iterator[str]:
    if isinstance(event, Examined):
        for found in event.findings:
            yield f'code ({found.rule}), line {found.line}, "{found.text}": {found.hint}'
    elif isinstance(event, Reviewed):
        for one in event.opinions:
            if one.verdict is not Verdict.APPROVED:
                mend = f" What would mend it: {one.change}" if one.change else ""
                yield f"{event.agent}, {one.verdict} ({one.trigger}): {one.because}{mend}"
