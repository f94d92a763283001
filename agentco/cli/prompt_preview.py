"""`--show-prompt`: exactly what a model would be told, part by part, with its tokens. Nobody is called."""

from collections.abc import Callable

from msgspec.structs import replace

from agentco.cli import screen
from agentco.cli.shared_options import pick_fields
from agentco.engine.call_money import MAX_TOKENS
from agentco.engine.start import (
    PreparedPrompt,
    RunRequest,
    choose_model,
    prepare_prompt,
)
from agentco.kernel.errors import AgentcoError
from agentco.rules.budget import format_dollars, worst_case_cost
from agentco.rules.redaction import redact_secrets
from agentco.runs.prompt_format import count_tokens
from agentco.wiring import CompanyOffice, CompanyPorts, open_office


def preview_prompt(
    edges: CompanyPorts, wish: Callable[[CompanyOffice], RunRequest], *, as_json: bool
) -> None:
    """Print the prompt, and which model would be asked for how much at most."""
    with open_office(edges, drives=False) as office:
        wanted = wish(office)
        found = prepare_prompt(wanted, office)
        parts = (
            replace(part, text=redact_secrets(part.text, office.secrets))
            for part in found.parts
        )
        found = replace(found, parts=tuple(parts))
        model, worst = model_and_worst_case(found, office)
    if as_json:
        screen.print_json(preview_document(wanted, found, model, worst))
        return
    for part in found.parts:
        kept = "the same in every call" if part.stable else "this call"
        screen.print_text(
            f"--- {part.kind} {part.source or part.name} ({part.token_count:,} tokens, {kept})".replace(
                "  ", " "
            )
        )
        screen.print_text(part.prompt_text)
    screen.print_text(
        f"--- tools ({tool_tokens(found):,} tokens): {', '.join(tool.name for tool in found.tools) or 'none'}"
    )
    stable = sum(part.token_count for part in found.parts if part.stable) + tool_tokens(
        found
    )
    screen.print_text(
        f"\n{total_tokens(found):,} tokens, {stable:,} of them the same in every call; tier {found.tier}, {model}"
    )


def total_tokens(found: PreparedPrompt) -> int:
    """All tokens of the prompt."""
    return sum(part.token_count for part in found.parts) + tool_tokens(found)


def tool_tokens(found: PreparedPrompt) -> int:
    """The tokens of the tools."""
    return sum(
        count_tokens(tool.name + tool.description + tool.parameters)
        for tool in found.tools
    )


def model_and_worst_case(
    found: PreparedPrompt, office: CompanyOffice
) -> tuple[str, int | None]:
    """The model that would be asked now and the worst case of the call, or why there is none."""
    try:
        offer = choose_model(found, office)
    except AgentcoError as error:
        return f"no model: {error.what}", None
    if offer.rates is None:
        return offer.name, None
    most = worst_case_cost(offer.rates, total_tokens(found), MAX_TOKENS[found.tier])
    return f"{offer.name}, at most {format_dollars(most)} a call", most


def preview_document(
    wanted: RunRequest, found: PreparedPrompt, model: str, worst: int | None
) -> dict[str, object]:
    """The same as a document."""
    return {
        "agent": wanted.agent.id,
        "tier": str(found.tier),
        "model": model,
        "at_most_usd": None if worst is None else worst / 1e6,
        "tokens": total_tokens(found),
        "parts": [
            pick_fields(part, "kind", "tokens", "stable")
            | {
                "source": part.source or None,
                "name": part.name or None,
                "text": part.prompt_text,
            }
            for part in found.parts
        ],
        "tools": [
            pick_fields(tool, "name", "description", "parameters")
            for tool in found.tools
        ],
    }
