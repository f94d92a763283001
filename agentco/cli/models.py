"""`agentco models`: which models can be asked, and one more of them in the settings."""

from typing import Annotated

import typer

from agentco.cli import current_company
from agentco.cli.shared_options import JsonOption, print_answer
from agentco.cli.show import models as show_models
from agentco.company.records import Tier
from agentco.company.settings import SETTINGS_FILE

app = typer.Typer(rich_markup_mode=None, invoke_without_command=True)

ModelArgument = Annotated[
    str, typer.Argument(metavar="PROVIDER/MODEL", help="Such as openai/gpt-5.4-mini.")
]
TIER_HELP = "Where it goes: light, medium, heavy or local."
TierOption = Annotated[
    Tier, typer.Option(metavar="T", case_sensitive=False, help=TIER_HELP)
]
KEY_HELP = "The environment variable that holds its key; never the key itself."
KeyOption = Annotated[str, typer.Option(metavar="VARIABLE", help=KEY_HELP)]
BASE_HELP = "The address of an OpenAI-compatible server, where it is not the usual one."
BaseOption = Annotated[str, typer.Option(metavar="URL", help=BASE_HELP)]


@app.callback()
def models(ctx: typer.Context, as_json: JsonOption = False) -> None:
    """Show which model answers for each tier, or add one to the settings.

    Examples:
      agentco models
      agentco models add anthropic/claude-sonnet-5-5 --tier medium
    """
    if ctx.invoked_subcommand is None:
        show_models(None, as_json)


@app.command()
def add(
    name: ModelArgument,
    tier: TierOption = Tier.MEDIUM,
    key: KeyOption = "",
    base: BaseOption = "",
    as_json: JsonOption = False,
) -> None:
    """Add a model to a tier, after those that are there; comments and order stay.

    No model is asked and nothing is spent until you run agentco trust.

    Examples:
      agentco models add anthropic/claude-sonnet-5-5
      agentco models add ollama/qwen3:8b --tier local
      agentco models add workshop/large --base http://127.0.0.1:8080/v1 --key WORKSHOP_KEY
    """
    from agentco.upkeep.adding_model import ModelOrder, add_model
    from agentco.upkeep.model_choices import list_models
    from agentco.wiring import company_maker

    root = current_company.open_writable().root
    order = ModelOrder(name=name, tier=tier, key=key, base=base)
    added = add_model(company_maker(root), order)
    company = current_company.open_current()
    choices = list_models(company, name).choices
    why = next(choice.why for choice in choices if choice.who == tier)
    document = {
        "file": SETTINGS_FILE,
        "model": name,
        "tier": tier,
        "key_variable": added.offer.api_key_env,
        "why_not": why,
        "needs_trust": not company.trust.status().is_trusted,
        "diff": list(added.diff),
    }
    lines = [*added.diff, f"\nTo undo it, take these lines out of {SETTINGS_FILE}."]
    if added.offer.api_key_env:
        lines.append(f"Its key is read from the variable {added.offer.api_key_env}.")
    if why:
        lines.append(f"Not used yet: {why}")
    if document["needs_trust"]:
        lines.append(
            "Next: agentco trust shows what this folder reaches now, and asks."
        )
    print_answer(document, *lines, as_json=as_json)
