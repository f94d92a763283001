"""`--show-prompt`: exactly what a model would be told, part by part, with its tokens. Nobody is called."""

from collections.abc import Callable

from msgspec.structs import replace

from agentco.cli import screen
from agentco.cli.options import fields
from agentco.engine.ask_model import MAX_TOKENS
from agentco.engine.start import Given, Wish, askable, given
from agentco.kernel.errors import AgentcoError
from agentco.rules.budget import dollars, worst_case
from agentco.rules.redaction import redacted
from agentco.runs.prompt_format import tokens
from agentco.wiring import Edges, OpenOffice, office_of


def show(edges: Edges, wish: Callable[[OpenOffice], Wish], *, as_json: bool) -> None:
    """Print the prompt, and which model would be asked for how much at most."""
    with office_of(edges, drives=False) as office:
        wanted = wish(office)
        found = given(wanted, office)
        parts = (
            replace(part, text=redacted(part.text, office.secrets))
            for part in found.parts
        )
        found = replace(found, parts=tuple(parts))
        model, worst = asked_first(found, office)
    if as_json:
        screen.document(document(wanted, found, model, worst))
        return
    for part in found.parts:
        kept = "the same in every call" if part.stable else "this call"
        screen.say(
            f"--- {part.kind} {part.source or part.name} ({part.tokens:,} tokens, {kept})".replace(
                "  ", " "
            )
        )
        screen.say(part.shown)
    screen.say(
        f"--- tools ({weight(found):,} tokens): {', '.join(tool.name for tool in found.tools) or 'none'}"
    )
    stable = sum(part.tokens for part in found.parts if part.stable) + weight(found)
    screen.say(
        f"\n{total(found):,} tokens, {stable:,} of them the same in every call; tier {found.tier}, {model}"
    )


def total(found: Given) -> int:
    """All tokens of the prompt."""
    return sum(part.tokens for part in found.parts) + weight(found)


def weight(found: Given) -> int:
    """The tokens of the tools."""
    return sum(
        tokens(tool.name + tool.description + tool.parameters) for tool in found.tools
    )


def asked_first(found: Given, office: OpenOffice) -> tuple[str, int | None]:
    """The model that would be asked now and the worst case of the call, or why there is none."""
    try:
        offer = askable(found, office)
    except AgentcoError as error:
        return f"no model: {error.what}", None
    if offer.rates is None:
        return offer.name, None
    most = worst_case(offer.rates, total(found), MAX_TOKENS[found.tier])
    return f"{offer.name}, at most {dollars(most)} a call", most


def document(
    wanted: Wish, found: Given, model: str, worst: int | None
) -> dict[str, object]:
    """The same as a document."""
    return {
        "agent": wanted.agent.id,
        "tier": str(found.tier),
        "model": model,
        "at_most_usd": None if worst is None else worst / 1e6,
        "tokens": total(found),
        "parts": [
            fields(part, "kind", "tokens", "stable")
            | {
                "source": part.source or None,
                "name": part.name or None,
                "text": part.shown,
            }
            for part in found.parts
        ],
        "tools": [
            fields(tool, "name", "description", "parameters") for tool in found.tools
        ],
    }
