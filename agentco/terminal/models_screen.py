"""`agentco show models`: which model would answer for each tier, and why the others would not."""

from textwrap import fill

from agentco.company.model_offers import TokenRates
from agentco.company.settings import SETTINGS_FILE
from agentco.kernel.documents import in_dollars
from agentco.kernel.money import format_dollars
from agentco.terminal import screen
from agentco.upkeep.model_choices import ModelChoice, ModelChoices

PRICE_WORDS = {"input": "in", "output": "out", "cached": "cached", "written": "written"}


def print_models(found: ModelChoices) -> None:
    """Print models below their tiers, and the tiers that have none."""
    heading = ""
    for choice in found.choices:
        if choice.who != heading:
            heading = choice.who
            screen.print_text(heading, screen.Style.BOLD)
        print_wrapped(heading_line(choice), "  ", choice_style(choice))
        print_wrapped(detail_line(choice), "    ", screen.Style.DIM)
    for tier in found.tiers_without:
        hint = f"write models: {{{tier}: [provider/model]}} in {SETTINGS_FILE}"
        screen.print_text(f"{tier}\n  no model: {hint}")


def print_wrapped(line: str, indent: str, look: screen.Style) -> None:
    """Print a line that may need more of them."""
    width = screen.terminal_width()
    text = fill(line, width, initial_indent=indent, subsequent_indent="    ")
    screen.print_text(text, look)


def choice_style(choice: ModelChoice) -> screen.Style:
    """How a model looks."""
    if choice.first:
        return screen.Style.GOOD
    return screen.Style.SOON if choice.why else screen.Style.PLAIN


def heading_line(choice: ModelChoice) -> str:
    """A model, and whether it answers."""
    stands = f"no: {choice.why}" if choice.why else "is next"
    if choice.first:
        stands = "answers now"
    return f"{choice.offer.name}  {stands}"


def detail_line(choice: ModelChoice) -> str:
    """What a model costs, how much it reads and writes, and what it did today."""
    calls = "1 call" if choice.past.calls == 1 else f"{choice.past.calls:,} calls"
    if choice.limit.calls_per_day is not None:
        calls = f"{choice.past.calls:,} of {choice.limit.calls_per_day:,} calls"
    if choice.limit.tokens_per_day is not None:
        tokens = f"{choice.past.tokens:,} of {choice.limit.tokens_per_day:,} tokens"
        calls = f"{calls}, {tokens}"
    paid = format_dollars(choice.past.usd)
    if choice.limit.usd_per_day is not None:
        paid = f"{paid} of {format_dollars(choice.limit.usd_per_day)}"
    reads = f"reads {choice.offer.context:,}"
    if choice.offer.asks_context:
        reads = "reads what its server says (agentco doctor)"
    writes = f"writes up to {choice.offer.max_output:,}"
    if choice.offer.reasoning:
        writes = f"{writes}, reasoning {choice.offer.reasoning}"
    price = format_price(choice.offer.rates)
    windows = format_windows(choice)
    return f"{price}; {reads}, {writes}; {calls}, {paid} today{windows}"


def format_windows(choice: ModelChoice) -> str:
    """How far the windows of a plan are used, and what of them is left to the founder."""
    parts = [
        f"{window.used:.0f}% of its {window.title} used" for window in choice.windows
    ]
    if choice.limit.leave:
        parts.append(f"{choice.limit.leave}% kept for you")
    return "".join(f"; {part}" for part in parts)


def format_price(rates: TokenRates | None) -> str:
    """A price in words, for a million tokens."""
    if rates is None:
        return "price unknown"
    parts: list[str] = []
    for name, word in PRICE_WORDS.items():
        micros = getattr(rates, name)
        if micros:
            parts.append(f"{format_rate(in_dollars(micros))} {word}")
    price = ", ".join(parts) or "free"
    if not rates.long:
        return price
    return f"{price} (above {rates.long_from:,} tokens {format_price(rates.long)})"


def format_rate(dollars: float) -> str:
    """Dollars with cents, or with as many digits as it needs."""
    is_whole_cents = dollars == round(dollars, 2)
    return f"${dollars:.2f}" if is_whole_cents else f"${dollars:g}"
