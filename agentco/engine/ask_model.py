"""Ask a model: the models of a tier in turn, each call reserved before it is made.

A call is made again only if it was not paid.
"""

from asyncio import get_running_loop
from collections.abc import Sequence
from itertools import takewhile

from msgspec import UNSET
from msgspec.structs import replace

from agentco.briefing.brief_prompt import brief_tools
from agentco.briefing.prompt_size import measure_request
from agentco.briefing.transcript import build_conversation
from agentco.company.model_offers import ModelOffer
from agentco.engine.call_money import (
    ModelCall,
    believable_usage,
    charge_dead_processes,
    release_reservation,
)
from agentco.engine.effect_input import EffectInput, load_effect_input
from agentco.engine.fit_prompt import fit_request, told_to
from agentco.engine.model_context import remember_context, with_known_context
from agentco.engine.office import Office
from agentco.engine.route import (
    FREE_RATES,
    NoAnswer,
    first_skipped_model,
    models_for_run,
    name_the_model,
    record_no_answer,
    why_unusable,
)
from agentco.engine.ruling import rule_and_reserve
from agentco.engine.settle import EffectResult
from agentco.engine.truncated_prompt import record_truncated, truncated_usage
from agentco.file_formats.redaction import redact_secrets
from agentco.kernel.errors import CallFailed, Trouble
from agentco.kernel.text_seam import SeamFilter, join_pieces
from agentco.ports.store import Transaction
from agentco.review.unsourced_answer import why_made_up
from agentco.rules.budget import Fit, FitResult, call_cost, cost_difference, with_margin
from agentco.runs.effects import AskModel, EffectRecord
from agentco.runs.events import Answered, CallLimit, ModelFailed, Refused, TaskAsked
from agentco.runs.model_messages import (
    MessageRole,
    ModelAnswer,
    ModelRequest,
    StopReason,
    ToolCall,
)
from agentco.runs.run import RunJob
from agentco.runs.run_record import StoryEntry, lines_written
from agentco.runs.steps import callable_tools, tools_for_turn
from agentco.runs.tool_calls import calls_in_answer, renumber_calls, tool_specs
from agentco.supervision.loop_detection import describe_loop

MAX_TRIES = 3
BUDGET_WAIT_S = 0.05
LONGEST_PAUSE_S = 60.0
"""A provider that asks for a longer pause is passed over."""


async def ask_models(row: EffectRecord, office: Office) -> EffectResult | None:
    """Ask the models of a run's tier in turn, until one answers.

    Returns None if a halt, or missing trust in the folder, forbids it now.
    """
    loaded = await office.read(load_effect_input, row)
    order, asked = row.wanted, loaded.asked
    if asked is None or not isinstance(order, AskModel):
        why = "its prompt is no longer stored"
        return refuse_call(row, CallLimit.SIZE, why)
    if why := describe_loop(loaded.story):
        return refuse_call(row, CallLimit.LOOP, why)
    failures = list[NoAnswer]()

    async def attempt(
        offer: ModelOffer, *, anyway: bool = False
    ) -> EffectResult | NoAnswer | None:
        call = await prepare_call(offer, loaded, order, asked, office)
        passed = tuple(failure.why for failure in failures)
        return await ask_one_model(replace(call, passed=passed, anyway=anyway), office)

    for offer in models_for_call(loaded, office):
        outcome = await attempt(offer)
        if isinstance(outcome, NoAnswer) and outcome.context:
            outcome = await attempt(offer)
        if not isinstance(outcome, NoAnswer):
            return outcome
        failures.append(outcome)
        if outcome.trouble is Trouble.LOST:
            break
    if skipped := first_skipped_model(failures):
        outcome = await attempt(skipped, anyway=True)
        if not isinstance(outcome, NoAnswer):
            return outcome
        failures.append(outcome)
    return no_model_answered(row, failures)


async def prepare_call(
    offer: ModelOffer,
    loaded: EffectInput,
    order: AskModel,
    asked: TaskAsked,
    office: Office,
) -> ModelCall:
    """Return what one model will be told, shortened until it fits."""
    told = told_to(offer, asked)
    request = build_request(loaded, order, told, brief=offer.brief)
    needed = with_margin(measure_request(request).tokens) + offer.max_output
    offer = await with_known_context(offer, needed, office)
    counted = await office.read(lambda tx: tx.last_token_count(offer.name))
    fitted, size, note = fit_request(request, offer, told, loaded, counted)
    return ModelCall(
        row=loaded.row,
        run=loaded.run,
        offer=offer,
        request=fitted,
        size=size,
        note=note,
        failures=last_failures(loaded.story),
        heard=loaded.heard,
        task=asked.task,
    )


def models_for_call(loaded: EffectInput, office: Office) -> list[ModelOffer]:
    """Return the models that may be asked: where another one is wanted, none that has answered."""
    answered = {
        entry.event.model
        for entry in loaded.story
        if isinstance(entry.event, Answered)
        and entry.effect.number < loaded.run.elsewhere
    }
    offers = models_for_run(loaded.run, office)
    began = cut_answer(loaded)
    if began:
        # whoever began an answer knows best how it goes on
        offers = sorted(offers, key=lambda offer: offer.name != began.model)
    return [offer for offer in offers if offer.name not in answered]


def cut_answer(loaded: EffectInput) -> Answered | None:
    """Return the answer that was cut and is gone on with; None if a turn begins."""
    for entry in loaded.story:
        if entry.effect.number == loaded.run.goes_on:
            return entry.event if isinstance(entry.event, Answered) else None
    return None


def build_request(
    loaded: EffectInput, order: AskModel, told: TaskAsked, *, brief: bool
) -> ModelRequest:
    """Return what a model will be told; a `brief` one, names and types of the tools alone."""
    began = cut_answer(loaded)
    begun = began.text if began else ""
    tools = tool_specs(tools_for_turn(loaded.run, order))
    if brief:
        is_for_one_tool = bool(order.lesson or order.must or order.last)
        tools = brief_tools(tools, whole=is_for_one_tool)
    return ModelRequest(
        messages=build_conversation(
            loaded.run.id, told, loaded.story, last=order.last, begun=begun
        ),
        tools=tools,
        max_tokens=0,
        stable=told.stable,
        must=order.must,
        begun=begun,
    )


async def ask_one_model(
    call: ModelCall, office: Office
) -> EffectResult | NoAnswer | None:
    """Ask one model. Only a busy one is asked again, each time on a new reservation."""
    if why := why_unusable(call.offer, office.models):
        return NoAnswer(offer=call.offer, why=name_the_model(call.offer, why))
    for attempt in range(1, MAX_TRIES + 1):
        reserved = await reserve(call, attempt, office)
        if not isinstance(reserved, FitResult):
            return reserved
        try:
            answer = await send_request(call, attempt, reserved.max_tokens, office)
        except CallFailed as failure:
            if not should_retry(call, attempt, failure):
                return await office.write(record_failed_call, call, failure, office)
            at = office.now_iso()
            await office.write(release_reservation, call, failure, at)
            chance = office.clock.random_fraction()
            await office.clock.pause(retry_delay(failure, attempt, chance))
        else:
            part = truncated_usage(call, answer)
            if part:
                return await office.write(record_truncated, call, part, office)
            return answer_result(call, reserved, answer, office)
    return None


async def reserve(
    call: ModelCall, attempt: int, office: Office
) -> FitResult | EffectResult | NoAnswer | None:
    """Reserve the worst case of a call as soon as open reservations leave room for it.

    Else returns what comes of not making the call; None if it may not be made now.
    """
    while True:
        fitted = await office.write(rule_and_reserve, call, office)
        if isinstance(fitted, NoAnswer) and attempt > 1:
            return replace(fitted, trouble=Trouble.BUSY)
        if not isinstance(fitted, FitResult) or fitted.fit is Fit.FITS:
            return fitted
        if fitted.fit is Fit.REFUSED:
            return refuse_call(call.row, CallLimit.BUDGET, fitted.reason)
        await charge_dead_processes(office)
        await office.clock.pause(BUDGET_WAIT_S * (1 + office.clock.random_fraction()))


async def send_request(
    call: ModelCall, attempt: int, max_tokens: int, office: Office
) -> ModelAnswer:
    """Send a request whose worst case is reserved. Raises CallFailed.

    Who looks on is told when its first word takes long; of a second try at once.
    """
    tries = call.failures + attempt
    line = f"{call.run.agent} waits for {call.offer.name}{which_try(tries)}"
    patience = office.long_wait if tries == 1 else 0
    telling = get_running_loop().call_later(patience, office.wait, line)

    seam = SeamFilter(call.request.begun)

    def tell(text: str) -> None:
        if text:
            office.hear(call.row.id, text)

    def hear(text: str) -> None:
        telling.cancel()
        tell(seam.feed(text))

    def think(thought: str) -> None:
        office.think(call.run.id, thought)

    request = replace(call.request, max_tokens=max_tokens)
    try:
        answer = await office.models.ask(call.offer, request, hear, think)
    finally:
        telling.cancel()
    tell(seam.rest())
    return answer


def last_failures(story: Sequence[StoryEntry]) -> int:
    """How often in a row no model answered, up to now."""
    events = (entry.event for entry in reversed(story) if entry.event)
    failed = takewhile(lambda event: isinstance(event, ModelFailed), events)
    return len(list(failed))


def which_try(number: int) -> str:
    """Which try it is, in words; nothing for the first."""
    words = {1: "", 2: ", second try", 3: ", third try"}
    return words.get(number, f", try {number}")


def should_retry(call: ModelCall, attempt: int, failure: CallFailed) -> bool:
    """Whether a model is worth another try: it is only busy, and not for long."""
    if failure.trouble is not Trouble.BUSY:
        return False
    tries = 1 if call.anyway else MAX_TRIES
    return attempt < tries and (failure.retry_after or 0) <= LONGEST_PAUSE_S


def retry_delay(failure: CallFailed, attempt: int, chance: float) -> float:
    """Return the seconds to wait: as the provider says, else longer each time."""
    seconds = failure.retry_after
    if seconds is None:
        seconds = 2.0**attempt
    return seconds * (1 + chance / 2)


def record_failed_call(
    tx: Transaction, call: ModelCall, failure: CallFailed, office: Office
) -> NoAnswer:
    """Note the model's health, and free the reservation unless the call may be paid.

    How much the model takes is remembered where the failure names it.
    """
    if failure.context:
        remember_context(tx, call.offer, failure.context, call.size.tokens, office)
    if failure.trouble is not Trouble.LOST:
        release_reservation(tx, call, failure, office.now_iso())
    return record_no_answer(tx, call.offer, failure, office)


def answer_result(
    call: ModelCall, reserved: FitResult, answer: ModelAnswer, office: Office
) -> EffectResult:
    """Return an answer with what it cost.

    Without a count that can be believed, it cost what was reserved.
    """
    usage = believable_usage(answer, call.size.bytes, reserved.max_tokens)
    said = join_pieces(call.request.begun, answer.text)
    calls = requested_calls(call, replace(answer, text=said))
    # Calls that were written as text are no part of what was said.
    text = "" if calls and not answer.calls else said
    usd = reserved.worst
    if usage:
        usd = call_cost(call.offer.rates or FREE_RATES, usage)
    notes = [call.note, answer.note, name_the_difference(call.offer, answer, usd)]
    event = Answered(
        effect=call.row.number,
        model=call.offer.name,
        passed=(*call.passed, *filter(None, notes)),
        text=redact_secrets(text, office.secrets),
        calls=tuple(without_secrets(each, office) for each in calls),
        stop=answer.stop,
        usage=usage,
        made_up=find_made_up(call, answer, text) or UNSET,
    )
    lines: tuple[str, ...] = ()
    if call.run.job is RunJob.WORK:
        lines = lines_written(event, call.heard, call.run.tools)
    return EffectResult(
        row=call.row,
        event=event,
        usd=usd,
        stated=answer.stated_cost,
        estimate=call.size.tokens,
        lines=lines,
    )


def find_made_up(call: ModelCall, answer: ModelAnswer, text: str) -> str:
    """Why a small model's first answer is none: it looked nothing up. Others are believed."""
    run, messages = call.run, call.request.messages
    may_look_up = call.offer.brief and call.request.tools and not run.round
    has_looked = any(message.role is MessageRole.TOOL for message in messages)
    is_whole = answer.stop is StopReason.END and not answer.calls
    if not may_look_up or has_looked or not is_whole or run.job is not RunJob.WORK:
        return ""
    given = "\n".join(message.text for message in messages)
    return why_made_up(call.task, given, text)


def name_the_difference(offer: ModelOffer, answer: ModelAnswer, booked: int) -> str:
    """Return how the cost that an answer states differs from its booking; empty if it does not."""
    words = cost_difference(answer.stated_cost, booked)
    return name_the_model(offer, words) if words else ""


def requested_calls(call: ModelCall, answer: ModelAnswer) -> tuple[ToolCall, ...]:
    """Return the tool calls of an answer under ids of ours."""
    must = call.row.wanted.must if isinstance(call.row.wanted, AskModel) else ""
    calls = calls_in_answer(answer, callable_tools(call.run), must)
    return renumber_calls(calls, call.row.number)


def without_secrets(call: ToolCall, office: Office) -> ToolCall:
    """Return a call that holds no secret."""
    return replace(
        call,
        arguments=redact_secrets(call.arguments, office.secrets),
        echo=redact_secrets(call.echo, office.secrets),
    )


def no_model_answered(row: EffectRecord, failures: Sequence[NoAnswer]) -> EffectResult:
    """Return what a run hears when no model of its tier answered."""
    troubles = [failure.trouble for failure in failures if failure.trouble]
    times = [failure.until for failure in failures if failure.until]
    if Trouble.LOST in troubles:
        times = []
    too_large = [failure.why for failure in failures if failure.large]
    if too_large and not troubles and not times:
        return refuse_call(row, CallLimit.SIZE, too_large[-1])
    reasons = "; ".join(failure.why for failure in failures)
    event = ModelFailed(
        effect=row.number,
        trouble=troubles[-1] if troubles else Trouble.UNREACHABLE,
        reason=reasons or "no model is left to ask",
        until=min(times).isoformat(timespec="seconds") if times else "",
    )
    return EffectResult(row=row, event=event)


def refuse_call(row: EffectRecord, limit: CallLimit, reason: str) -> EffectResult:
    """Return the result of a call that is not made."""
    event = Refused(effect=row.number, limit=limit, reason=reason)
    return EffectResult(row=row, event=event)
