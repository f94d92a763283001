"""Words for commands and screens."""


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
