"""The end of an answer that LiteLLM translates, in the words of the server itself."""

import pytest
from claims import claim

from agentco.adapters.answers import end_word, is_chat_completion

pytestmark = claim("lite:told")


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (
            '{"candidates": [{"finishReason": "MALFORMED_FUNCTION_CALL"}]}',
            "MALFORMED_FUNCTION_CALL",
        ),
        (
            '{"stopReason": "guardrail_intervened", "output": {}}',
            "guardrail_intervened",
        ),
        ('{"finish_reason": "ERROR", "message": {"content": []}}', "ERROR"),
        ('{"results": [{"completionReason": "FINISHED"}]}', "FINISHED"),
        ('{"done_reason": "load", "message": {"content": ""}}', "load"),
        ('{"output": [{"text": "stopReason"}], "stop_reason": null}', ""),
        ('{"message": {"tool": {"finish_reason": "of a tool"}}}', ""),
        ("[]", ""),
        ("data: {}", ""),
        ("[" * 100_000, ""),
    ],
)
def test_the_word_is_found_where_each_protocol_has_it(body: str, word: str) -> None:
    assert end_word(body.encode()) == word


@pytest.mark.parametrize(
    ("body", "is_one"),
    [
        (
            '{"choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}]}',
            True,
        ),
        ('{"choices": [{"text": "Hi", "finish_reason": "stop"}]}', False),
        ('{"choices": []}', False),
        ('{"candidates": [{}]}', False),
        ("no", False),
    ],
)
def test_a_chat_completion_is_known_by_its_message(body: str, is_one: bool) -> None:
    assert is_chat_completion(body.encode()) is is_one
