"""One call of a model: reserved before it is made, and made again only when it was not paid."""

from collections.abc import Callable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from agentco.company.model_offers import ModelOffer
from agentco.company.records import Tier
from agentco.engine.office import Office
from agentco.engine.route import (
    FREE_RATES,
    NoAnswer,
    check_model_limits,
    first_skipped_model,
    models_for_run,
    name_the_model,
    record_no_answer,
    why_unusable,
)
from agentco.engine.settle import EffectResult, charge_orphaned_calls, effect_audit_line
from agentco.engine.store import Transaction
from agentco.kernel.errors import CallFailed, Trouble
from agentco.rules.budget import (
    MIN_ANSWER_TOKENS,
    Fit,
    FitResult,
    call_cost,
    estimate_prompt_tokens,
    fit_call,
)
from agentco.rules.permissions import Ruling
from agentco.rules.redaction import redact_secrets
from agentco.rules.rule import RulingContext, rule
from agentco.runs.actions import ACTIONS_BY_NAME, calls_in_answer, tool_spec
from agentco.runs.effects import AskModel, EffectRecord, EffectState
from agentco.runs.events import Answered, CallLimit, LedgerEntry, ModelFailed, Refused
from agentco.runs.model_messages import ChatMessage, ModelAnswer, ModelRequest
from agentco.runs.run import Run
from agentco.runs.steps import callable_tools, tools_for_turn
from agentco.runs.transcript import build_conversation, renumber_calls
from agentco.supervision.loop_detection import describe_loop

MAX_TOKENS = {Tier.LIGHT: 1500, Tier.MEDIUM: 4000, Tier.HEAVY: 8000, Tier.LOCAL: 4000}
MAX_TRIES = 3
LONGEST_PAUSE_S = 60.0
BUDGET_WAIT_S = 0.05
OVERHEAD_TOKENS = 4096
MAX_BYTES_PER_TOKEN = 16
"""No tokenizer makes a token of more bytes than this, over a whole text."""


class ModelCall(Struct, frozen=True, kw_only=True):
    """One effect put to one model; `size` is the bytes of what is said, `passed` why others did not answer.

    `anyway` when it is put to one that is skipped, because all of its tier are.
    """

    row: EffectRecord
    run: Run
    offer: ModelOffer
    size: int
    passed: tuple[str, ...] = ()
    anyway: bool = False


async def ask_model(
    row: EffectRecord, context: Callable[[Run], RulingContext], office: Office
) -> EffectResult | None:
    """The answer of the first model that gives one; None when it may not be asked now."""
    run, request, size = await office.read(prepare_request, row)
    if isinstance(request, EffectResult):
        return request
    gone = list[NoAnswer]()

    async def put(
        offer: ModelOffer, *, anyway: bool = False
    ) -> EffectResult | NoAnswer | None:
        passed = tuple(one.why for one in gone)
        call = ModelCall(
            row=row, run=run, offer=offer, size=size, passed=passed, anyway=anyway
        )
        came = await ask_one_model(call, request, context(run), office)
        gone.extend([came] if isinstance(came, NoAnswer) else [])
        return came

    for offer in models_for_run(run, office):
        came = await put(offer)
        if not isinstance(came, NoAnswer):
            return came
        if came.trouble is Trouble.LOST:
            break
    if (offer := first_skipped_model(gone)) and not isinstance(
        came := await put(offer, anyway=True), NoAnswer
    ):
        return came
    return no_model_answered(row, gone)


def no_model_answered(row: EffectRecord, gone: Sequence[NoAnswer]) -> EffectResult:
    """What a run hears when no model of its tier answered."""
    troubles = [one.trouble for one in gone if one.trouble]
    later = [one.until for one in gone if one.until and Trouble.LOST not in troubles]
    if not (troubles or later) and (large := [one.why for one in gone if one.large]):
        return refuse_call(row, CallLimit.SIZE, large[-1])
    reason = "; ".join(one.why for one in gone) or "no model is configured for it"
    until = min(later).isoformat(timespec="seconds") if later else ""
    trouble = troubles[-1] if troubles else Trouble.UNREACHABLE
    return EffectResult(
        row=row,
        event=ModelFailed(
            effect=row.number, trouble=trouble, reason=reason, until=until
        ),
    )


async def ask_one_model(
    call: ModelCall, request: ModelRequest, context: RulingContext, office: Office
) -> EffectResult | NoAnswer | None:
    """What one model says. Only a busy one is asked again, each time on a new reservation."""
    if why := why_unusable(call.offer, office.models):
        return NoAnswer(offer=call.offer, why=name_the_model(call.offer, why))
    for attempt in range(1, MAX_TRIES + 1):
        fitted = await reserve_when_fits(call, context, office)
        if isinstance(fitted, NoAnswer) and attempt > 1:
            return replace(fitted, trouble=Trouble.BUSY)
        if not isinstance(fitted, FitResult):
            return fitted
        try:
            request = replace(request, max_tokens=fitted.max_tokens)
            answer = await office.models.ask(
                call.offer, request, lambda said: office.hear(call.run.id, said)
            )
        except CallFailed as failure:
            if not should_retry(call, attempt, failure):
                return await office.write(record_failed_call, call, failure, office)
            await office.write(
                release_reservation, call, failure.what, office.now_iso()
            )
            await office.clock.pause(
                retry_delay(failure, attempt, office.clock.random_fraction())
            )
        else:
            return result_of_answer(call, fitted, answer, office)
    return None


def prepare_request(
    tx: Transaction, row: EffectRecord
) -> tuple[Run, ModelRequest | EffectResult, int]:
    """The run, what will be said, and its size in bytes; or what comes of a call that is not made."""
    run, asked, effect = tx.load_run(row.run), tx.load_asked(row.run), row.wanted
    if asked is None or not isinstance(effect, AskModel):
        return (
            run,
            refuse_call(row, CallLimit.SIZE, "what it was asked is no longer kept"),
            0,
        )
    story = tx.load_story(run.id)
    if why := describe_loop(story):
        return run, refuse_call(row, CallLimit.LOOP, why), 0
    messages = build_conversation(run.id, asked, story, last=effect.last)
    tools = tuple(
        tool_spec(name)
        for name in tools_for_turn(run, effect)
        if name in ACTIONS_BY_NAME
    )
    request = ModelRequest(
        messages=messages,
        tools=tools,
        max_tokens=0,
        stable=asked.stable,
        must=effect.must,
    )
    return (
        run,
        request,
        sum(map(message_size, messages))
        + sum(len(tx.description) + len(tx.parameters) for tx in tools),
    )


def message_size(message: ChatMessage) -> int:
    """The bytes of a message with its calls."""
    return len(message.text.encode()) + sum(
        len(c.name) + len(c.arguments.encode()) for c in message.calls
    )


async def reserve_when_fits(
    call: ModelCall, context: RulingContext, office: Office
) -> FitResult | NoAnswer | EffectResult | None:
    """Reserve the worst case of a call, once it fits; None when it may not be made now."""
    while True:
        fitted = await office.write(try_reserve, call, context, office)
        if not isinstance(fitted, FitResult) or fitted.fit is Fit.FITS:
            return fitted
        if fitted.fit is Fit.REFUSED:
            return refuse_call(call.row, CallLimit.BUDGET, fitted.reason)
        await charge_dead_processes(office)
        await office.clock.pause(BUDGET_WAIT_S * (1 + office.clock.random_fraction()))


def try_reserve(
    tx: Transaction, call: ModelCall, context: RulingContext, office: Office
) -> FitResult | NoAnswer | None:
    """Rule on a call and mark it sent with its reservation, in one act."""
    row, run, at = call.row, call.run, office.now_iso()
    ruled = rule(row.wanted, replace(context, halted=tx.halt_reason(run.chain)))
    if ruled.ruling is not Ruling.ALLOW:
        tx.append_audit(
            effect_audit_line(
                row, at, "ruled", ruling=ruled.ruling, rule=ruled.rule, why=ruled.why
            )
        )
        tx.save_effect(replace(row, state=EffectState.HELD))
        return None
    tokens = estimate_prompt_tokens(call.size, tx.last_token_count(call.offer.name))
    room = call.offer.context - tokens
    if room < MIN_ANSWER_TOKENS:
        why = f"what was said has about {tokens:,} tokens, {call.offer.name} takes {call.offer.context:,}"
        return NoAnswer(offer=call.offer, why=why, large=True)
    own = check_model_limits(tx, call.offer, tokens, office, anyway=call.anyway)
    if isinstance(own, NoAnswer):
        return own
    day = office.today()
    found = office.caps_for(run, tx.root_state(run.root)[0], day)
    fitted = fit_call(
        (*tx.cap_levels(found), *own),
        office.settings.budget.call,
        call.offer.rates or FREE_RATES,
        prompt_tokens=tokens,
        max_tokens=min(MAX_TOKENS[run.tier], room),
    )
    if fitted.fit is Fit.FITS:
        marked = replace(
            row, state=EffectState.SENT, model=call.offer.name, reserved=fitted.worst
        )
        tx.save_effect(replace(marked, day=day.isoformat(), driver=office.drivers.mine))
        why = f"{call.offer.name}, reserved in full"
        tx.append_audit(
            effect_audit_line(
                row,
                at,
                "ruled",
                ruling=ruled.ruling,
                rule=ruled.rule,
                why=why,
                usd=fitted.worst,
            )
        )
    return fitted


async def charge_dead_processes(office: Office) -> None:
    """What processes that are gone had reserved is spent: nobody waits for them."""
    rows = await office.read(lambda tx: tx.open_effects(EffectState.SENT))
    alive = {
        name: office.drivers.is_alive(name) for name in {row.driver for row in rows}
    }
    if dead := [row for row in rows if not alive[row.driver]]:
        await office.write(charge_orphaned_calls, dead, office.now_iso())


def release_reservation(tx: Transaction, call: ModelCall, why: str, at: str) -> None:
    """A call that was not paid: what it had reserved is free again."""
    tx.save_effect(call.row)
    tx.append_audit(
        effect_audit_line(call.row, at, "not answered", why=f"{call.offer.name}: {why}")
    )


def should_retry(call: ModelCall, attempt: int, failure: CallFailed) -> bool:
    """Whether a model is worth another try: it is only busy, and not for long."""
    tries, wish = 1 if call.anyway else MAX_TRIES, failure.retry_after or 0
    return (
        failure.trouble is Trouble.BUSY and attempt < tries and wish <= LONGEST_PAUSE_S
    )


def record_failed_call(
    tx: Transaction, call: ModelCall, failure: CallFailed, office: Office
) -> NoAnswer:
    """A call brought nothing: it is released unless it may have been paid, and its model's health is noted."""
    if failure.trouble is not Trouble.LOST:
        release_reservation(tx, call, failure.what, office.now_iso())
    return record_no_answer(tx, call.offer, failure, office)


def retry_delay(failure: CallFailed, attempt: int, chance: float) -> float:
    """How many seconds to wait before the next try: as the provider says, else longer each time."""
    wanted = failure.retry_after if failure.retry_after is not None else 2.0**attempt
    return wanted * (1 + chance / 2)


def result_of_answer(
    call: ModelCall, fitted: FitResult, answer: ModelAnswer, office: Office
) -> EffectResult:
    """An answer with what it cost; without a count that can be believed it cost what was reserved."""
    row, offer = call.row, call.offer
    usage = (
        answer.usage
        if is_usage_plausible(answer, call.size, fitted.max_tokens)
        else None
    )
    must = row.wanted.must if isinstance(row.wanted, AskModel) else ""
    calls = renumber_calls(
        calls_in_answer(answer, callable_tools(call.run), must), row.number
    )
    entry = LedgerEntry(
        at=office.now_iso(),
        day=office.today().isoformat(),
        root=row.root,
        run=row.run,
        effect=row.number,
        agent=row.agent,
        prompt=call.run.prompt,
        model=offer.name,
        usd=call_cost(offer.rates or FREE_RATES, usage) if usage else fitted.worst,
        input=usage.input if usage else None,
        output=usage.output if usage else None,
    )
    event = Answered(
        effect=row.number,
        model=offer.name,
        passed=call.passed,
        text=redact_secrets(
            answer.text if answer.calls or not calls else "", office.secrets
        ),
        calls=tuple(
            replace(c, arguments=redact_secrets(c.arguments, office.secrets))
            for c in calls
        ),
        stop=answer.stop,
        usage=usage,
    )
    return EffectResult(row=row, event=event, entry=entry, size=call.size)


def is_usage_plausible(answer: ModelAnswer, size: int, max_tokens: int) -> bool:
    """Whether a count can be true: some bytes a token, and no answer longer than allowed."""
    said = len(answer.text.encode()) + sum(
        len(call.arguments.encode()) for call in answer.calls
    )
    return answer.usage is not None and (
        size // MAX_BYTES_PER_TOKEN <= answer.usage.input <= size + OVERHEAD_TOKENS
        and said // MAX_BYTES_PER_TOKEN
        <= answer.usage.output
        <= max_tokens + OVERHEAD_TOKENS
    )


def refuse_call(row: EffectRecord, limit: CallLimit, reason: str) -> EffectResult:
    """A call that is not made."""
    return EffectResult(
        row=row, event=Refused(effect=row.number, limit=limit, reason=reason)
    )
