"""Words for commands and screens."""

from agentco.kernel.errors import WrongUsage

PLACEHOLDERS = {"", "…", "..."}
"""What commands show in the place of the founder's words."""


def shell_quote(text: str) -> str:
    """A text as one word of a shell command that the founder may paste."""
    from shlex import quote

    return quote(text)


def days_in_words(days: int) -> str:
    """`3 days late`, `today`, `tomorrow`, `in 12 days`."""
    if days < -1:
        return f"{-days} days late"
    words = {-1: "1 day late", 0: "today", 1: "tomorrow"}
    return words.get(days, f"in {days} days")


def count_of(number: int, thing: str) -> str:
    """How many of a thing, in words: `1 call`, `2 calls`."""
    return f"{number} {thing}{'' if number == 1 else 's'}"


def require_words(text: str, *, hint: str) -> None:
    """Raise WrongUsage for a text that is empty, or the placeholder of a pasted command."""
    stripped = text.strip()
    if not stripped:
        raise WrongUsage("the text is empty", hint=hint)
    if stripped in PLACEHOLDERS:
        raise WrongUsage(f"{stripped!r} is a placeholder for your own words", hint=hint)
