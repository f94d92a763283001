"""The money of a model call: reserved before it is made, charged when its answer is stored."""

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from agentco.briefing.prompt_size import PromptSize
from agentco.company.addresses import is_loopback
from agentco.company.model_offers import ModelOffer
from agentco.company.providers import how_to_read
from agentco.engine.office import Office
from agentco.engine.route import FREE_RATES, NoAnswer, check_model_limits
from agentco.engine.write_audit import audit_effect
from agentco.kernel.errors import CallFailed
from agentco.ports.store import Transaction
from agentco.rules.budget import (
    MIN_ANSWER_TOKENS,
    FitResult,
    call_cost,
    estimate_prompt_tokens,
    fit_call,
    prompt_tokens_to_reserve,
    with_margin,
)
from agentco.runs.effects import AskModel, EffectRecord, EffectState
from agentco.runs.events import LedgerEntry
from agentco.runs.model_messages import ModelAnswer, ModelRequest, TokenUsage
from agentco.runs.run import Run

MORE_ROOM = 2
"""How many times its longest answer a model may write that was cut where it cannot go on."""
ANSWER_SHARE = 4
"""A prompt may leave one part in so many of a model's window to the answer, and no less."""
OVERHEAD_TOKENS = 4096
"""What a provider may count beside the text itself."""
MAX_BYTES_PER_TOKEN = 16
"""No tokenizer makes a token of more bytes than this, over a whole text."""


class ModelCall(Struct, frozen=True, kw_only=True):
    """One request put to one model.

    `task` is what the work is about. `passed` says why the models before this one did not
    answer; `anyway` puts it to a model that is being skipped, because every model of the tier
    is. `failures` is how often in a row no model answered just before. `heard` is what the
    author may repeat, `note` says what went to the model shortened.
    """

    row: EffectRecord
    run: Run
    offer: ModelOffer
    request: ModelRequest
    size: PromptSize
    passed: tuple[str, ...] = ()
    anyway: bool = False
    failures: int = 0
    heard: tuple[str, ...] = ()
    task: str = ""
    note: str = ""


def room_for_answer(offer: ModelOffer) -> int:
    """Return the tokens that a prompt has to leave to the answer of a model."""
    least = max(MIN_ANSWER_TOKENS, offer.context // ANSWER_SHARE)
    return min(offer.max_output, least)


def longest_answer(call: ModelCall) -> int:
    """Return the tokens of the longest answer; twice as many once it was cut in a call."""
    offer = call.offer
    if not call.run.longer:
        return offer.max_output
    longer = MORE_ROOM * offer.max_output
    return min(longer, offer.most_output or longer)


def fit_into_limits(
    tx: Transaction, call: ModelCall, office: Office
) -> FitResult | NoAnswer:
    """Fit a call into the model's context, its daily limits, and every cap of its run."""
    offer = call.offer
    counted = tx.last_token_count(offer.name)
    tokens = estimate_prompt_tokens(call.size.tokens, counted)
    room = offer.context - with_margin(tokens)
    if room < MIN_ANSWER_TOKENS:
        taken = f"the prompt has about {tokens:,} tokens"
        why = (
            f"{taken}, {offer.name} takes {offer.context:,}; {advice_for(call, tokens)}"
        )
        return NoAnswer(offer=offer, why=why, large=True)
    longest = longest_answer(call)
    if call.run.longer and longest <= offer.max_output:
        why = f"{offer.name} was cut off before it said a word, or in the middle of a tool call"
        why = f"{why}, and writes no more than {offer.max_output:,} tokens"
        return NoAnswer(offer=offer, why=why, large=True)
    most = prompt_tokens_to_reserve(call.size.tokens, counted)
    limits = check_model_limits(tx, offer, most, office, anyway=call.anyway)
    if isinstance(limits, NoAnswer):
        return limits
    run_cap = tx.root_state(call.run.root)[0]
    caps = office.caps_for(call.run, run_cap, office.today())
    return fit_call(
        (*tx.cap_levels(caps), *limits),
        office.settings.budget.call,
        offer.rates or FREE_RATES,
        prompt_tokens=most,
        max_tokens=min(longest, room),
    )


def advice_for(call: ModelCall, tokens: int) -> str:
    """Return what makes a prompt of so many tokens fit."""
    offer = call.offer
    if not offer.asks_context and not is_loopback(offer.api_base):
        return "use a model that reads more"
    needed = with_margin(tokens) + offer.max_output
    return how_to_read(offer.provider, offer.model, needed)


def release_reservation(
    tx: Transaction, call: ModelCall, failure: CallFailed, at: str
) -> None:
    """Free what a call had reserved; what its server counted all the same is booked."""
    if failure.counted:
        usage = TokenUsage(input=failure.counted[0], output=failure.counted[1])
        book_usage(tx, call, usage, at)
    tx.save_effect(call.row)
    why = f"{call.offer.name}: {failure.what}"
    audit_effect(tx, call.row, at, "not answered", why=why)


def book_usage(tx: Transaction, call: ModelCall, usage: TokenUsage, at: str) -> int:
    """Book what a call without an answer has cost. Returns micro-dollars."""
    usd = call_cost(call.offer.rates or FREE_RATES, usage)
    paid = tx.load_effect(call.row.run, call.row.number)
    counts = {"input": usage.input, "output": usage.output}
    tx.record_payment(ledger_entry(tx, paid, at, usd, **counts))
    return usd


def believable_usage(
    answer: ModelAnswer, size: int, max_tokens: int
) -> TokenUsage | None:
    """Return the usage that an answer states, 0 for a request that a filter refused.

    None if those counts cannot be true.

    `size` is the bytes of the prompt, `max_tokens` the longest answer that was allowed.
    """
    usage = answer.usage
    if usage is None or not usage.input:
        return usage
    arguments = sum(len(call.arguments.encode()) for call in answer.calls)
    answer_size = len(answer.text.encode()) + arguments
    least_input = size // MAX_BYTES_PER_TOKEN
    least_output = answer_size // MAX_BYTES_PER_TOKEN
    if not least_input <= usage.input <= size + OVERHEAD_TOKENS:
        return None
    if not least_output <= usage.output <= max_tokens + OVERHEAD_TOKENS:
        return None
    return usage


def charge_doubtful(
    tx: Transaction, row: EffectRecord, at: str, *, sign: int = 1
) -> None:
    """Charge the reservation of a call that may have been paid; sign -1 takes it back."""
    usd = sign * row.reserved
    tx.record_payment(ledger_entry(tx, row, at, usd, calls=sign, in_doubt=sign))


def ledger_entry(
    tx: Transaction, row: EffectRecord, at: str, usd: int, **fields: int | None
) -> LedgerEntry:
    """Return the ledger's line for a call, on the day on which it was sent."""
    return LedgerEntry(
        at=at,
        day=row.day,
        root=row.root,
        run=row.run,
        effect=row.number,
        agent=row.agent,
        prompt=tx.load_run(row.root).prompt,
        model=row.model,
        usd=usd,
        plan=row.plan,
        **fields,  # pyright: ignore[reportArgumentType]
    )


async def charge_dead_processes(office: Office) -> None:
    """Charge the reservations of dead processes: nobody waits for their answers."""
    rows = await office.read(lambda tx: tx.open_effects(EffectState.SENT))
    drivers = {row.driver for row in rows}
    dead = {driver for driver in drivers if not office.drivers.is_alive(driver)}
    orphans = [row for row in rows if row.driver in dead]
    if orphans:
        await office.write(charge_orphaned_calls, orphans, office.now_iso())


def charge_orphaned_calls(
    tx: Transaction, rows: Iterable[EffectRecord], at: str
) -> None:
    """Charge calls that nobody waits for; they are in doubt, their runs wait to be resumed."""
    for row in rows:
        stored = tx.load_effect(row.run, row.number)
        if stored.state is EffectState.SENT and isinstance(stored.wanted, AskModel):
            tx.save_effect(replace(stored, state=EffectState.IN_DOUBT))
            charge_doubtful(tx, stored, at)
            audit_effect(tx, stored, at, "in doubt", usd=stored.reserved)
