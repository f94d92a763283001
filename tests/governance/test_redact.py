"""Secrets: values of named variables and keys of known forms never stay in a text."""

import json
from urllib.parse import quote

import pytest
from claims import claim
from hypothesis import given, strategies as st

from agentco.file_formats import REDACTION_MARK, redact_secrets

KEYS = [
    "sk-ant-" + "api03-aB3dE6gH9jK2mN5p",
    "sk-" + "proj-aB3dE6gH9jK2mN5pQ8",
    "ghp_" + "aB3dE6gH9jK2mN5pQ8rT",
    "github_pat_" + "aB3dE6gH9jK2mN5pQ8rT",
    "AKIA" + "QWERTYUIOP234567",
    "xoxb-" + "123456789-abcdef",
    "AIza" + "aB3dE6gH9jK2mN5pQ8rTuV1wX4yZ7-_",
]


@claim("secrets:redacted")
@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize(
    "text",
    ["{}", "key: {}", "https://x.y/?k={}&a=b", '{{"k": "{}"}}', "my_{}", "x-{}\n"],
)
def test_fault_41_a_key_of_a_known_form_is_nowhere(key: str, text: str) -> None:
    assert redact_secrets(text.format(key), ()) == text.format(REDACTION_MARK)


@claim("secrets:redacted")
@pytest.mark.parametrize(
    ("text", "secrets", "expected"),
    [
        (
            "the password is hunter2hunter2.",
            ["hunter2hunter2"],
            f"the password is {REDACTION_MARK}.",
        ),
        ("hunter2hunter2hunter2hunter2", ["hunter2hunter2"], REDACTION_MARK * 2),
        (
            "password1 and password12",
            ["password1", "password12"],
            f"{REDACTION_MARK} and {REDACTION_MARK}",
        ),
        ("a short one: hunter2", ["hunter2"], "a short one: hunter2"),
        ("", ["hunter2hunter2"], ""),
        ("nothing", ["", " ", "        "], "nothing"),
        ("hunter2hunter2", [" hunter2hunter2\n"], REDACTION_MARK),
        (json.dumps('a"b\\c\nd e'), ['a"b\\c\nd e'], f'"{REDACTION_MARK}"'),
        (
            f"https://x.y/?p={quote('p@ss/word 1', safe='')}",
            ["p@ss/word 1"],
            f"https://x.y/?p={REDACTION_MARK}",
        ),
        ("[redacted]", ["redacted"], "[redacted]"),
        ("a.c*d+e?f", ["a.c*d+e?"], f"{REDACTION_MARK}f"),
        ("aXc*d+e?f", ["a.c*d+e?"], "aXc*d+e?f"),
    ],
)
def test_the_values_of_named_variables_are_nowhere(
    text: str, secrets: list[str], expected: str
) -> None:
    assert redact_secrets(text, secrets) == expected


@claim("secrets:redacted")
@pytest.mark.parametrize(
    "text",
    [
        "sk-learn is a library",
        "task-2026-11-21-write-the-pricing-page",
        "sk-" + "x" * 40,
        "ghp_short",
    ],
)
def test_words_that_are_no_keys_stay(text: str) -> None:
    assert redact_secrets(text, ()) == text


@claim("secrets:redacted")
@given(st.text(), st.text(min_size=8).filter(lambda s: len(s.strip()) >= 8), st.text())
def test_no_secret_survives_and_twice_is_once(
    before: str, secret: str, after: str
) -> None:
    once = redact_secrets(before + secret + after, [secret])
    assert secret.strip() in REDACTION_MARK or secret.strip() not in once.replace(
        REDACTION_MARK, "\0"
    )
    assert redact_secrets(once, [secret]) == once
