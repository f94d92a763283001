"""What an answer that came whole says for itself, before LiteLLM translates it."""

from collections.abc import Iterator
from typing import Any, cast

from agentco.adapters.answers.chat_chunks import ChatChunk
from agentco.adapters.answers.lenient_json import decode_event

_END_FIELDS = (
    "finish_reason",  # OpenAI, Cohere, Mistral
    "finishReason",  # Gemini
    "stop_reason",  # Anthropic, watsonx
    "stopReason",  # Bedrock
    "completionReason",  # Amazon Titan
    "done_reason",  # Ollama
)


def is_chat_completion(body: bytes) -> bool:
    """Whether a body is a chat completion as OpenAI has it, with a message in it."""
    try:
        chunk = decode_event(body, ChatChunk)
    except (ValueError, RecursionError):
        return False
    return bool(chunk.choices) and chunk.choices[0].message is not None


def end_word(body: bytes) -> str:
    """A server's own word for why it stopped, in whichever protocol; empty if it has none."""
    try:
        answer = decode_event(body, dict[str, Any])
    except (ValueError, RecursionError):
        return ""
    for fields in _end_places(answer):
        for name in _END_FIELDS:
            word = fields.get(name)
            if isinstance(word, str):
                return word
    return ""


def _end_places(answer: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Where an end may stand: beside the answer, or in the first of several."""
    yield answer
    for value in answer.values():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            yield cast("dict[str, Any]", value[0])
