"""Characters that show nothing or reorder what is shown: they are named, never obeyed."""

import re

INVISIBLE = re.compile(
    "[\u00ad\u061c\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
    "\U000e0000-\U000e007f]"
)
IGNORABLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""What Unicode says no reader sees: also fillers, and what picks a variant of a sign."""
CONTROL = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_].*?(?:\x07|\x1b\\|$)|[@-_])"
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f]"
)

HALF_CHARACTER = re.compile("[\ud800-\udfff]")
"""A byte that was not UTF-8, or half of a character in UTF-16: it cannot be written down."""


def replace_bad_bytes(text: str) -> str:
    """The text with bytes that were not UTF-8 replaced, for reading only."""
    return HALF_CHARACTER.sub("\ufffd", text)


def terminal_safe(text: str) -> str:
    """Text safe for a terminal: without escape sequences, with invisible characters spelt out."""
    if text.isprintable():
        return text
    return INVISIBLE.sub(lambda match: spell_out(match[0]), CONTROL.sub("", text))


def spell_out(character: str) -> str:
    """A character as Python writes its code point."""
    return ascii(character)[1:-1]
