"""A provider's export is read by the heads of its columns, whatever their order and form."""

import pytest
from claims import claim

from agentco.file_formats import NoExport, UsageExport, UsedAmount, read_usage_export
from agentco.ports import DayUsage
from agentco.upkeep import compare_usage, model_key

pytestmark = claim("costs:checked")
OPENAI_USAGE = """\
start_time,end_time,start_time_iso,end_time_iso,project_id,num_model_requests,model,input_tokens,output_tokens,input_cached_tokens
1795564800,1795651200,2026-11-25T00:00:00+00:00,2026-11-26T00:00:00+00:00,p,2,gpt-5.4-mini-2026-03-17,3608,564,1280
1795564800,1795651200,2026-11-25T00:00:00+00:00,2026-11-26T00:00:00+00:00,q,1,gpt-5.4-mini-2026-03-17,100,36,0
1795651200,1795737600,2026-11-26T00:00:00+00:00,2026-11-27T00:00:00+00:00,,,,,,
"""
OPENAI_COST = """\
start_time,end_time,start_time_iso,end_time_iso,amount_value,amount_currency,line_item
1795564800,1795651200,2026-11-25T00:00:00+00:00,2026-11-26T00:00:00+00:00,0.0151,usd,"gpt-5.4-mini-2026-03-17, input"
1795564800,1795651200,2026-11-25T00:00:00+00:00,2026-11-26T00:00:00+00:00,3.25e-3,usd,"gpt-5.4-mini-2026-03-17, output"
1795651200,1795737600,2026-11-26T00:00:00+00:00,2026-11-27T00:00:00+00:00,,,
"""
ANTHROPIC_USAGE = """\
usage_date_utc,model_version,api_key,workspace,usage_type,context_window,usage_input_tokens_no_cache,usage_input_tokens_cache_write_5m,usage_input_tokens_cache_write_1h,usage_input_tokens_cache_read,usage_output_tokens,web_search_count
2026-11-25,claude-haiku-4-5-20251001,key,Default,standard,≤ 200k,46981,15969,1,50,16932,0
"""
ANTHROPIC_COST = """\
usage_date_utc,model,workspace,api_key,usage_type,context_window,token_type,cost_usd,list_price_usd,cost_type
2026-11-25,Claude Haiku 4.5,Default,key,message,≤ 200k,input_no_cache,0.05,0.09,token
2026-11-25,Claude Haiku 4.5,Default,key,message,≤ 200k,output,0.02,0.04,token
"""
OPENROUTER_LOG = """\
generation_id,created_at,cost_total,cost_web_search,byok_usage_inference,tokens_prompt,tokens_completion,tokens_reasoning,model_permaslug,provider_name
gen-1,2026-11-25 23:59:57.713,0.0123,0,0.002,10389,137,0,anthropic/claude-4.5-haiku-20251001,Anthropic
"""
OPENROUTER_DAYS = """\
Date,Slug,Usage,BYOK Usage,Requests,Prompt Tokens,Completion Tokens,Reasoning Tokens
"2026-11-25 00:00:00","openai/gpt-5.4-mini","1,430.07","0","4115","70965665","3009973","0"
"""


def only(export: UsageExport) -> tuple[str, str, UsedAmount]:
    [((day, model), amount)] = export.used.items()
    return day, model, amount


@pytest.mark.parametrize(
    ("text", "provider", "model", "usd", "tokens"),
    [
        (OPENAI_USAGE, "openai", "gpt-5.4-mini-2026-03-17", None, (3708, 600)),
        (OPENAI_COST, "openai", "gpt-5.4-mini-2026-03-17", 18_350, (None, None)),
        (
            ANTHROPIC_USAGE,
            "anthropic",
            "claude-haiku-4-5-20251001",
            None,
            (63_001, 16_932),
        ),
        (ANTHROPIC_COST, "anthropic", "Claude Haiku 4.5", 70_000, (None, None)),
        (
            OPENROUTER_LOG,
            "openrouter",
            "anthropic/claude-4.5-haiku-20251001",
            14_300,
            (10_389, 137),
        ),
        (
            OPENROUTER_DAYS,
            "openrouter",
            "openai/gpt-5.4-mini",
            1_430_070_000,
            (70_965_665, 3_009_973),
        ),
    ],
)
def test_each_providers_export_is_known_by_its_heads(
    text: str,
    provider: str,
    model: str,
    usd: int | None,
    tokens: tuple[int | None, int | None],
) -> None:
    export = read_usage_export(text)
    day, name, amount = only(export)
    assert (export.provider, day, name) == (provider, "2026-11-25", model)
    assert (amount.usd, (amount.input, amount.output)) == (usd, tokens)


@pytest.mark.parametrize(
    "text",
    [
        "date,model,cost\n2026-11-25,m,1.25\n",
        "cost;model;date\n1,25;m;2026-11-25\n",
        "Model\tDay\tCost (USD)\nm\t25.11.2026\t$1.25\n",
        'date|model|cost_cents\n"Nov 25, 2026"|m|125\n',
        "Usage of November\n\nDate,Model,Cost (cents)\n2026-11-25,m,125.0\n",
        "timestamp,model,spend\n1795600000000,m,1.25\n",
        "timestamp,model,spend\n2026-11-26T00:30:00+01:00,m,1.25\n",
        "time,model,total cost\n2026-11-25 10:00:00 UTC,m,1.25\n2026-11-26,m,0\n",
        "date,model,cost,currency\n20261125,m,0.25,USD\n20261125,m,1,usd\n",
    ],
)
def test_order_separators_cents_and_dates_do_not_matter(text: str) -> None:
    day, model, amount = only(read_usage_export(text))
    assert (day, model, amount.usd) == ("2026-11-25", "m", 1_250_000)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "its first lines name no columns for day, model, cost or tokens"),
        (
            "Dear founder,\nthank you for your order.\n",
            "its first lines name no columns",
        ),
        ("day,model\n2026-11-25,m\n", "it has no column for cost or tokens"),
        (
            "start_time,end_time,start_time_iso,end_time_iso\n1,2,3,4\n",
            "it has no column for model and cost or tokens",
        ),
        ("model,cost\nm,1\n", "it has no column for day"),
        ("day,model,cost\nyesterday,m,1\n", "line 2: 'yesterday' is not a day"),
        ("day,model,cost\n2026-11-25,m,much\n", "line 2: 'much' is not a number"),
        ("day,model,cost\n2026-11-25,m,NaN\n", "line 2: 'NaN' is not a number"),
        ("day,model,cost\n2026-11-25,m,1e99\n", "is out of range"),
        (
            "day,model,cost\n2026-11-25,m,1e999999999\n",
            "line 2: 1e999999999 is out of range",
        ),
        ("day,model,input_tokens\n2026-11-25,m,1e999999\n", "is out of range"),
        (
            "a" * 200_000 + ",model,cost\n2026-11-25,m,1\n",
            "its first lines name no columns",
        ),
        ("day,model,cost\n" + "a" * 200_000 + ",m,1\n", "line 2: field larger"),
        (
            "day,model,cost,currency\n2026-11-25,m,1,eur\n",
            "line 2: an amount in 'eur', but the ledger is in dollars",
        ),
    ],
)
def test_what_is_no_export_says_what_it_lacks(text: str, why: str) -> None:
    with pytest.raises(NoExport) as refused:
        read_usage_export(text)
    assert why in str(refused.value)


@pytest.mark.parametrize(
    "row", ["{},m,1,usd", "2026-11-25,m,{},usd", "2026-11-25,m,1,{}"]
)
@pytest.mark.parametrize("cell", ["9" * 100_000, f"1{' ' * 100_000}x"])
def test_an_endless_cell_is_shown_by_its_beginning(row: str, cell: str) -> None:
    with pytest.raises(NoExport) as refused:
        read_usage_export(f"day,model,cost,currency\n{row.format(cell)}\n")
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("anthropic/claude-haiku-4-5", "Claude Haiku 4.5"),
        (
            "openrouter/anthropic/claude-haiku-4.5",
            "anthropic/claude-4.5-haiku-20251001",
        ),
        ("openai/gpt-5.4-mini", "gpt-5.4-mini-2026-03-17"),
        ("openrouter/deepseek/deepseek-r1:free", "deepseek/deepseek-r1"),
        ("anthropic/claude-sonnet-5-5-latest", "Claude Sonnet 5.5"),
    ],
)
def test_a_model_is_the_same_under_each_of_its_names(one: str, other: str) -> None:
    assert model_key(one) == model_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("gpt-4.5", "gpt-5.4"),
        ("gpt-5.4", "gpt-5.4-mini"),
        ("claude-sonnet-5", "claude-opus-5"),
    ],
)
def test_two_models_stay_two(one: str, other: str) -> None:
    assert model_key(one) != model_key(other)


def booked(model: str, usd: int, *tokens: int, day: str = "2026-11-25") -> DayUsage:
    input_tokens, output_tokens = tokens or (0, 0)
    return DayUsage(
        day=day,
        model=model,
        usd=usd,
        input_tokens=input_tokens,
        output_tokens=output_tokens,
    )


@pytest.mark.parametrize(
    ("theirs", "ours", "mark"),
    [
        ("1.25", 1_250_000, ""),
        ("1.25", 1_226_000, ""),
        ("1.25", 1_224_000, "differs"),
        ("1.25", 1_276_000, "differs"),
        ("0.02", 29_000, ""),
        ("0.02", 31_000, "differs"),
        ("0.001", 0, ""),
    ],
)
def test_two_percent_or_a_cent_is_no_difference(
    theirs: str, ours: int, mark: str
) -> None:
    export = read_usage_export(f"date,model,cost\n2026-11-25,m,{theirs}\n")
    found = compare_usage("x.csv", export, [booked("p/m", ours)])
    [row] = found.rows
    assert (row.mark("usd"), found.differences) == (mark, int(bool(mark)))


def test_amounts_that_were_rounded_to_cents_may_add_up_to_more() -> None:
    lines = "2026-11-25,Claude Haiku 4.5,0.01\n" * 10
    export = read_usage_export(f"usage_date_utc,model,cost_usd\n{lines}")
    for usd, differences in ((145_000, 0), (151_000, 1)):
        ours = [booked("anthropic/claude-haiku-4-5", usd)]
        assert compare_usage("x", export, ours).differences == differences


def test_models_that_only_one_side_knows_are_marked_and_other_providers_are_not() -> (
    None
):
    text = f"{ANTHROPIC_COST}2026-11-26,Claude Opus 5,,,,,output,0.30,0.30,token\n"
    ours = [
        booked("anthropic/claude-haiku-4-5", 70_000),
        booked("anthropic/claude-sonnet-5-5", 90_000),
        booked("openrouter/anthropic/claude-haiku-4.5", 500_000),
        booked("openai/gpt-5.4", 500_000),
    ]
    found = compare_usage("x.csv", read_usage_export(text), ours)
    assert [(row.model, row.mark("usd")) for row in found.rows] == [
        ("anthropic/claude-haiku-4-5", ""),
        ("anthropic/claude-sonnet-5-5", "only ours"),
        ("Claude Opus 5", "only theirs"),
    ]


def test_tokens_are_compared_where_the_export_tells_them() -> None:
    export = read_usage_export(OPENAI_USAGE)
    found = compare_usage(
        "x.csv", export, [booked("openai/gpt-5.4-mini", 9, 3700, 700)]
    )
    [row] = found.rows
    assert found.measures == ("input", "output")
    assert (row.mark("input"), row.mark("output")) == ("", "differs")
