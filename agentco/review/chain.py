"""Who may call whom: nobody is called back, nothing goes too deep, no work wakes a crowd."""


def call_refusal(agent: str, chain: tuple[str, ...], *, longest: int) -> str:
    """Why an agent cannot be called by the last of a chain; empty when it can."""
    path = " → ".join(chain)
    if agent in chain:
        return (
            f"{agent} is already in the call chain ({path}), and nobody is called twice"
        )
    if len(chain) >= longest:
        return f"the call chain {path} is at its limit"
    return ""


def too_many_children(children: int, most: int) -> str:
    """Why a piece of work starts no further child; empty when it may."""
    if children < most:
        return ""
    return f"this work has started {children} others, the limit is {most}"
