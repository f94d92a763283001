"""How much a model is to think, as each wire says it: a word, a switch, or so many tokens.

What is thought is a part of the answer, so it is counted in its longest length.
"""

from collections.abc import Iterable
from typing import Any, assert_never

from agentco.company.providers import ReasoningStyle
from agentco.company.records import Reasoning

EFFORTS_FOR_OFF = {"effort none": "none", "effort minimal": "minimal"}
"""Optional parts of a request that are words for no thinking, the first of which is sent."""
LEAST_THOUGHT = 1024
"""Tokens: Anthropic takes no smaller budget."""
ROOM_TO_THINK = 8000
"""Tokens of an answer that leave room to think where nobody says how much."""
_SHARES = {Reasoning.LOW: 20, Reasoning.MEDIUM: 50, Reasoning.HIGH: 80}
"""Percent of the longest answer that may be thought."""


def thought_tokens(level: Reasoning, max_tokens: int) -> int:
    """How many of an answer's tokens may be thought; 0 where too few are left to say anything."""
    tokens = max_tokens * _SHARES.get(level, 0) // 100
    return tokens if LEAST_THOUGHT <= tokens < max_tokens else 0


def effort_in(level: Reasoning | None, max_tokens: int) -> Reasoning:
    """The effort to ask for; without a level it is little where the answer may only be short."""
    if level is Reasoning.OFF:
        return Reasoning.LOW
    usual = Reasoning.MEDIUM if max_tokens >= ROOM_TO_THINK else Reasoning.LOW
    return level or usual


def reasoning_fields(
    style: ReasoningStyle, level: Reasoning, max_tokens: int, taken: Iterable[str]
) -> dict[str, Any]:
    """The fields of a chat completion that say how much to think.

    Of the words that mean none at all, the first is sent that is `taken`, as far as is known.
    """
    is_on = level is not Reasoning.OFF
    match style:
        case "effort":
            words = [word for mark, word in EFFORTS_FOR_OFF.items() if mark in taken]
            words.append(str(Reasoning.LOW))
            return {"reasoning_effort": str(level) if is_on else words[0]}
        case "object":
            wanted = {"effort": str(level)} if is_on else {"enabled": False}
            return {"reasoning": wanted}
        case "switch":
            return {"thinking": {"type": "enabled" if is_on else "disabled"}}
        case "budget":
            tokens = thought_tokens(level, max_tokens)
            budget = {"thinking_budget": tokens} if tokens else {}
            return {"enable_thinking": is_on} | budget
        case "template":
            effort = {"reasoning_effort": str(level)} if is_on else {}
            return {"chat_template_kwargs": {"enable_thinking": is_on} | effort}
        case _:
            assert_never(style)


def claude_thinking(
    level: Reasoning, max_tokens: int, *, adaptive: bool
) -> dict[str, Any]:
    """Anthropic's own switch: the model sees itself how much, or within so many tokens."""
    if level is Reasoning.OFF:
        return {"type": "disabled"}
    if adaptive:
        return {"type": "adaptive"}
    tokens = thought_tokens(level, max_tokens)
    return {"type": "enabled", "budget_tokens": tokens} if tokens else {}
