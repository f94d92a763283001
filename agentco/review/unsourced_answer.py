"""An answer that a small model makes up instead of looking up what it was asked for."""

import json
import re
from collections.abc import Iterator

from agentco.kernel.comparison import fold_letters
from agentco.review.deliverable import split_answer

_FENCE = re.compile(r"\A\s*+```\w*+[^\S\n]*+\n(.*?)\n?```\s*\Z", re.DOTALL)
_ASKS_TO_LOOK_UP = re.compile(
    r"\b(?:look(?:ing)?\s+(?:up|at|in|into|through|for)|find\s+out|search|check|read|list|consult"
    r"|according\s+to|what\s+do\s+we\s+know|remember(?:ed)?|(?:in|from|on)\s+(?:the\s+|our\s+)?"
    r"(?:memory|board|file|notes?|books|records)"
    r"|consult[ae]r?|procur[ae]r?|pesquis[ae]r?|verific[ae]r?|verifique|l[eê]r?|segundo|de\s+acordo"
    r"|n[ao]s?\s+(?:mem[oó]ria|quadro|ficheiros?|notas|registos?))\b"
    r"|\w\.(?:md|txt|csv|json|ya?ml)\b",
    re.IGNORECASE,
)
_NAME_OR_FIGURE = re.compile(
    r"(?<![.!?:*#>|-][ \t])(?<=[ \t])[A-Z][^\W\d_]{2,}(?:[ ][A-Z][^\W\d_]{2,})*"
    r"|(?<![\w.,])\d[\d.,]*\d(?![\w])"
)


def why_made_up(task: str, given: str, answer: str) -> str:
    """Why an answer for which nothing was looked up is none; empty for one that may stand.

    `given` is all that the model was told. An answer is made up that is a bare piece of JSON where
    none was asked for, or that names what stands nowhere although the task asked to look it up.
    """
    text = split_answer(answer).text
    if _is_bare_json(text):
        return "" if "json" in task.casefold() else "it is a bare piece of JSON"
    if not _ASKS_TO_LOOK_UP.search(task):
        return ""
    known = fold_letters(given)
    for name in _names_and_figures(text):
        if fold_letters(name) not in known:
            return f"it names {name!r}, which stands in nothing that you were given"
    return ""


def _is_bare_json(text: str) -> bool:
    fenced = _FENCE.match(text)
    body = (fenced[1] if fenced else text).strip()
    if not body.startswith(("{", "[")):
        return False
    try:
        return isinstance(json.loads(body), dict | list)
    except (ValueError, RecursionError):
        return False


def _names_and_figures(text: str) -> Iterator[str]:
    for match in _NAME_OR_FIGURE.finditer(text):
        yield match[0]
