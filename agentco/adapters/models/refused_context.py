"""How many tokens a model takes or writes, where its refusal of more names it."""

import re
from collections.abc import Iterable

from msgspec import Struct

from agentco.adapters.models.call_failures import REQUEST_STATUSES, HttpStatusError

LEAST_ANSWER = 256
"""Tokens: with less room a model is not asked for what is left of its context."""
LEAST_CONTEXT = 512
_N = r"(\d[\d,]{2,9})"
_CONTEXT_WORDS = (
    rf"context length (?:is|of) (?:only )?{_N}",  # OpenAI, vLLM, DeepSeek, LM Studio, SGLang
    rf"available context size \({_N}",  # llama.cpp
    rf'"n_ctx"\s*:\s*{_N}',
    rf"context limit: {_N} \+ {_N} > {_N}",  # Anthropic
    rf"prompt is too long: {_N} tokens > {_N}",
    rf"must be <= {_N}",  # Text Generation Inference, Together
    rf"tokens allowed \({_N}",  # Gemini
    rf"model with {_N} maximum context length",  # Mistral
    rf"maximum prompt length is {_N}",  # xAI
    rf"tokens in the prompt cannot exceed {_N}",  # Cohere
    rf"context (?:window|size|length)(?: limit)? (?:is |of |\()?{_N}",
    rf"context (?:window|size|length)[^.\d]{{0,40}}{_N} tokens",
)
_PROMPT_WORDS = (
    rf"\({_N} (?:in the messages|of text input)",
    rf"{_N} tokens from the input",
    rf"context limit: {_N} \+",
    rf"Given: {_N} `inputs`",
    rf"{_N} (?:input|prompt) tokens",
    rf"request \({_N} tokens\)",
    rf'"n_prompt_tokens"\s*:\s*{_N}',
    rf"prompt is too long: {_N}",
    rf"input token count \({_N}\)",
    rf"prompt contains {_N}",
    rf"request contains {_N}",
    rf"keep the first {_N} tokens",
    rf"received {_N}",
)


_OUTPUT_WORDS = (
    rf"supports at most {_N} completion tokens",  # OpenAI
    rf"max_tokens: {_N} > {_N}, which is the maximum",  # Anthropic
    rf"max_(?:completion_|output_)?tokens\W{{1,4}}must be less than or equal to\W{{1,3}}{_N}",
    rf"range of max_tokens (?:is|should be) \[\d+, ?{_N}\]",  # DeepSeek, DashScope
    rf"max_?output_?tokens must be in range \d+ \(inclusive\) to {_N}",  # Gemini
    rf"max(?:imum)?_?(?:completion|output)?.?tokens.{{0,60}}(?:at most|exceeds?|limit of) {_N}",
)


def _compiled(words: Iterable[str]) -> list[re.Pattern[bytes]]:
    return [re.compile(each.encode(), re.IGNORECASE | re.DOTALL) for each in words]


_CONTEXTS = _compiled(_CONTEXT_WORDS)
_PROMPTS = _compiled(_PROMPT_WORDS)
_OUTPUTS = _compiled(_OUTPUT_WORDS)


class RefusedContext(Struct, frozen=True, kw_only=True):
    """The tokens that a model takes, and those of the prompt that it refused; 0 is not named."""

    tokens: int = 0
    prompt: int = 0

    def shorter_answer(self, asked: int) -> int:
        """The tokens of an answer that may be asked for instead; 0 where nobody knows, or too few.

        It is what the context has left. A server that refused just that counts otherwise than it
        says, and is asked for less once.
        """
        left = self.tokens - self.prompt if self.prompt else 0
        shorter = asked * 3 // 4 if left == asked else left
        return shorter if LEAST_ANSWER <= shorter < asked else 0


def read_refused_context(error: HttpStatusError) -> RefusedContext:
    """What a refusal tells of the context; nothing where it is about something else."""
    if error.response.status_code not in REQUEST_STATUSES:
        return RefusedContext()
    tokens = _last_number(_CONTEXTS, error.body)
    if tokens < LEAST_CONTEXT:
        return RefusedContext()
    return RefusedContext(tokens=tokens, prompt=_last_number(_PROMPTS, error.body))


def read_refused_output(error: HttpStatusError) -> int:
    """The longest answer that a model writes, in tokens, where a refusal names it; else 0."""
    if error.response.status_code not in REQUEST_STATUSES:
        return 0
    tokens = _last_number(_OUTPUTS, error.body)
    return tokens if tokens >= LEAST_ANSWER else 0


def _last_number(patterns: Iterable[re.Pattern[bytes]], body: bytes) -> int:
    """The last number in what the first pattern that fits has found; else 0."""
    for pattern in patterns:
        match = pattern.search(body)
        if match:
            return int(match[match.lastindex or 0].replace(b",", b""))
    return 0
