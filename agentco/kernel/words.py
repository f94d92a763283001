"""Words for commands and screens."""


def shell_quote(text: str) -> str:
    """`text` as one word of a shell command that the founder may paste."""
    from shlex import quote

    return quote(text)


def days_in_words(days: int) -> str:
    """`3 days late`, `today`, `tomorrow`, `in 12 days`."""
    if days < 0:
        return f"{-days} day{'s' if days < -1 else ''} late"
    return {0: "today", 1: "tomorrow"}.get(days, f"in {days} days")
