"""Calculations: exact, shown with their terms, and refused where a number could be read two ways."""

from datetime import date
from decimal import Decimal, Inexact, getcontext
from fractions import Fraction

import pytest
from claims import claim
from hypothesis import given, strategies as st
from small_company import Place
from toolbox import Desk

from agentco.calculation import (
    Amount,
    ComputeAct,
    calculate,
    calculate_days,
    read_amounts,
)
from agentco.company import Permissions
from agentco.kernel import WrongUsage
from agentco.permissions import Ruling, ToolUse, check_permission
from agentco.runs import Compute

EXACT = st.decimals(
    min_value=-(10**9), max_value=10**9, places=2, allow_nan=False, allow_infinity=False
)
DAYS = st.dates(date(1900, 1, 1), date(2199, 12, 31))


def amount(value: Decimal | int, unit: str = "") -> Amount:
    return Amount(value=Decimal(value), unit=unit, said=str(value))


@claim("compute:numbers")
@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("1.234,56 \u20ac", "1234.56", "EUR"),
        ("USD 1,234.56", "1234.56", "USD"),
        ("US$ 5", "5", "USD"),
        ("R$ 1.234,00", "1234.00", "BRL"),
        ("(12.00)", "-12.00", ""),
        ("\u22125,20", "-5.20", ""),
        ("23 %", "23", "%"),
        ("1 234 567", "1234567", ""),
        ("1\u202f234,5", "1234.5", ""),
        ("1'234.50", "1234.50", ""),
        ("1.234.567", "1234567", ""),
        ("0,123", "0.123", ""),
        ("1234,567", "1234.567", ""),
        ("+7", "7", ""),
    ],
)
def test_numbers_are_read_as_people_write_them(
    text: str, value: str, unit: str
) -> None:
    [found] = read_amounts([text])
    assert (str(found.value), found.unit) == (value, unit)


@claim("compute:numbers")
@pytest.mark.parametrize(
    "texts",
    [
        ["1.234"],
        ["12,345"],
        ["1,5", "1.5"],
        ["1.23,4"],
        ["12,34,567"],
        ["5 EUR $"],
        ["abc"],
        [""],
        ["1e5"],
        ["NaN"],
        ["9" * 31],
        ["\u0661\u0662 x"],
    ],
)
def test_what_could_be_two_numbers_or_none_is_refused(texts: list[str]) -> None:
    with pytest.raises(WrongUsage):
        read_amounts(texts)


@claim("compute:numbers")
def test_numbers_beside_it_tell_what_an_unclear_one_means() -> None:
    assert [str(found.value) for found in read_amounts(["1.234", "2,50"])] == [
        "1234",
        "2.50",
    ]
    assert str(read_amounts(["1,234", "2.50"])[0].value) == "1234"


@claim("compute:exact")
@given(st.lists(EXACT, min_size=1, max_size=40))
def test_a_sum_is_exact_whatever_the_order(values: list[Decimal]) -> None:
    done = calculate(ComputeAct.SUM, [amount(value) for value in values])
    assert Fraction(done.result) == sum(map(Fraction, values))
    backwards = calculate(ComputeAct.SUM, [amount(v) for v in reversed(values)])
    assert Fraction(backwards.result) == Fraction(done.result)


@claim("compute:exact")
@given(EXACT, EXACT)
def test_a_difference_and_its_sum_give_the_same_back(
    one: Decimal, other: Decimal
) -> None:
    less = calculate(ComputeAct.DIFFERENCE, [amount(one), amount(other)])
    back = calculate(ComputeAct.SUM, [amount(Decimal(less.result)), amount(other)])
    assert Decimal(back.result) == one


@claim("compute:exact")
@pytest.mark.parametrize(
    ("kind", "texts", "decimals", "said"),
    [
        ("sum", ["19 \u20ac", "12 EUR"], None, "19 \u20ac + 12 EUR = 31 EUR"),
        ("product", ["19 EUR", "12"], None, "19 EUR \u00d7 12 = 228 EUR"),
        ("product", ["1000 EUR", "23 %"], None, "1000 EUR \u00d7 23 % = 230.00 EUR"),
        (
            "percent_of",
            ["23 %", "81,30 EUR"],
            2,
            "23 % \u00d7 81,30 EUR = 18.70 EUR (rounded)",
        ),
        ("share", ["27", "30"], None, "27 \u00f7 30 = 90 %"),
        ("change", ["80", "100"], None, "(100 \u2212 80) \u00f7 80 = 25 %"),
        ("change", ["-10", "-5"], None, "(-5 \u2212 -10) \u00f7 |-10| = 50 %"),
        ("quotient", ["10", "3"], None, "10 \u00f7 3 = 3.33333333333 (rounded)"),
        ("quotient", ["228 EUR", "12"], None, "228 EUR \u00f7 12 = 19 EUR"),
        ("average", ["1", "2", "6"], None, "(1 + 2 + 6) \u00f7 3 = 3"),
    ],
)
def test_a_calculation_stands_beside_its_result(
    kind: str, texts: list[str], decimals: int | None, said: str
) -> None:
    assert str(calculate(ComputeAct(kind), read_amounts(texts), decimals)) == said


@claim("compute:exact")
def test_a_result_is_exact_whatever_was_calculated_before() -> None:
    getcontext().flags[Inexact] = True
    assert calculate(ComputeAct.SUM, read_amounts(["1", "2"])).result == "3"


@claim("compute:exact")
@pytest.mark.parametrize(
    ("kind", "texts"),
    [
        ("sum", []),
        ("sum", ["1 EUR", "2 USD"]),
        ("sum", ["1 EUR", "2"]),
        ("product", ["2 EUR", "3 EUR"]),
        ("difference", ["1"]),
        ("quotient", ["1", "0"]),
        ("change", ["0", "5"]),
        ("share", ["1 EUR", "2 USD"]),
        ("percent_of", ["5 EUR", "100"]),
        ("product", ["9" * 30] * 2),
        ("product", ["9" * 30] * 200),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(kind: str, texts: list[str]) -> None:
    with pytest.raises(WrongUsage) as refused:
        calculate(ComputeAct(kind), read_amounts(texts))
    assert refused.value.hint


@claim("compute:dates")
@pytest.mark.parametrize(
    ("kind", "dates", "count", "said"),
    [
        (
            "days_between",
            ["2026-01-01", "2026-03-15"],
            0,
            "from 2026-01-01 to 2026-03-15 = 73 days",
        ),
        ("add_days", ["2026-11-20"], 30, "2026-11-20 + 30 days = 2026-12-20 (Sunday)"),
        (
            "add_days",
            ["2026-03-01"],
            -1,
            "2026-03-01 \u2212 1 day = 2026-02-28 (Saturday)",
        ),
        (
            "add_months",
            ["2026-01-31"],
            1,
            "2026-01-31 + 1 month = 2026-02-28 (Saturday)",
        ),
        (
            "add_months",
            ["2024-01-31"],
            1,
            "2024-01-31 + 1 month = 2024-02-29 (Thursday)",
        ),
        (
            "add_months",
            ["2026-03-31"],
            -13,
            "2026-03-31 \u2212 13 months = 2025-02-28 (Friday)",
        ),
        (
            "working_day",
            ["2026-12-05"],
            0,
            "the first working day from 2026-12-05 on = 2026-12-09 (Wednesday)",
        ),
    ],
)
def test_dates_are_counted_by_the_calendar(
    kind: str, dates: list[str], count: int, said: str
) -> None:
    holidays = {date(2026, 12, 7), date(2026, 12, 8)}
    done = calculate_days(ComputeAct(kind), dates, count, holidays.__contains__)
    assert str(done) == said


@claim("compute:dates")
@given(DAYS, DAYS)
def test_days_between_lead_from_one_date_to_the_other(one: date, other: date) -> None:
    def calculated(kind: ComputeAct, days: list[date], count: int = 0) -> str:
        dates = [day.isoformat() for day in days]
        return calculate_days(kind, dates, count, lambda _: False).result

    between = calculated(ComputeAct.DAYS_BETWEEN, [one, other])
    count = int(between.split()[0])
    if abs(count) <= 100_000:
        assert calculated(ComputeAct.ADD_DAYS, [one], count).startswith(str(other))


@claim("compute:dates")
@pytest.mark.parametrize(
    ("kind", "dates", "count"),
    [
        ("add_days", ["20.11.2026"], 1),
        ("add_days", [], 1),
        ("days_between", ["2026-01-01"], 0),
        ("add_days", ["2026-01-01"], 10**9),
        ("add_months", ["2026-01-01"], 10**5),
        ("add_months", ["2199-12-31"], 1),
        ("working_day", ["0001-01-01"], 0),
    ],
)
def test_dates_that_are_none_or_lead_nowhere_are_refused(
    kind: str, dates: list[str], count: int
) -> None:
    with pytest.raises(WrongUsage):
        calculate_days(ComputeAct(kind), dates, count, lambda _: False)


TABLES = {
    "bank.csv": "Statement of October\n\nDate;Text;Amount\n01.10.2026;Hosting;-12,50\n"
    "02.10.2026;Client A;1.234,56\n03.10.2026;Client B;100,00\nTotal;;1.322,06\n",
    "plain.csv": 'when,what,net\n2026-10-01,"Desk, used",19.00\n2026-10-02,Lamp,5.50\n',
    "tabs.tsv": "item\tprice\na\t1\nb\t2\n",
    "page.md": "# Costs\n\n| Item | Net (EUR) |\n|:-----|----:|\n| Desk | 19.00 EUR |\n"
    "| **Total** | 24.50 EUR |\n| Lamp | 5.50 EUR |\n\nText with a | bar.\n",
    "gap.csv": "a;b\n1;2,5\n2;n/a\n",
}


@pytest.fixture
def desk(place: Place) -> Desk:
    for name, text in TABLES.items():
        (place.root / name).write_text(text, encoding="cp1252")
    return Desk(place)


def column(file: str, name: str, operation: str = "sum", rows: str = "") -> Compute:
    act = ComputeAct(operation)
    return Compute(operation=act, file=file, column=name, rows=rows)


@claim("compute:columns")
@pytest.mark.parametrize(
    ("file", "name", "result"),
    [
        ("bank.csv", "amount", "= 1322.06"),
        ("plain.csv", "Net", "= 24.50"),
        ("tabs.tsv", "price", "= 3"),
        ("page.md", "net (eur)", "= 24.50 EUR"),
    ],
)
def test_a_column_is_added_up_without_its_total(
    desk: Desk, file: str, name: str, result: str
) -> None:
    told = desk.told(column(file, name))
    assert told.endswith(result)
    assert file in told
    assert ("without the totals in line" in told) is (file in {"bank.csv", "page.md"})


@claim("compute:columns")
def test_only_the_rows_that_hold_the_words_are_added(desk: Desk) -> None:
    told = desk.told(column("bank.csv", "Amount", rows="client"))
    assert (
        told
        == "sum of 2 numbers in column 'Amount' of bank.csv, in rows with 'client' = 1334.56"
    )


@claim("compute:columns")
@pytest.mark.parametrize(
    ("action", "words"),
    [
        (column("bank.csv", "Amout"), "did you mean 'Amount'?"),
        (column("bank.csv", "Amount", rows="nobody"), "there are no numbers in column"),
        (column("gap.csv", "b"), "line 3: 'n/a' is not a number"),
        (column("gone.csv", "b"), "cannot be read"),
        (
            column("bank.csv", "Amount", "product"),
            "sum and average are made of columns",
        ),
        (
            Compute(operation=ComputeAct.SUM, file="bank.csv"),
            "takes its file and its column",
        ),
    ],
)
def test_what_cannot_be_added_is_told_with_what_to_do(
    desk: Desk, action: Compute, words: str
) -> None:
    assert words in desk.refused(action)


@claim("compute:columns")
def test_of_very_many_columns_the_first_are_named(desk: Desk) -> None:
    heads = ",".join(f"{number:x}" for number in range(5_000))
    (desk.place.root / "wide.csv").write_text(f"{heads}\n{heads}\n")
    told = desk.refused(column("wide.csv", "no such column"))
    assert told.endswith("'12', '13', …")


@claim("compute:columns")
@pytest.mark.parametrize("rule", ["Read(secret.csv)", "Compute(secret.csv)", "Read"])
def test_a_file_that_an_agent_may_not_read_is_not_added_up(rule: str) -> None:
    use = ToolUse(tool="Compute", specifier="secret.csv")
    ruling = check_permission(use, Permissions(deny=(rule,))).ruling
    assert ruling is Ruling.DENY
    assert check_permission(use, Permissions()).ruling is Ruling.ALLOW


@claim("compute:columns")
@pytest.mark.parametrize(
    "text",
    [
        "|a\n" + " " * 200_000 + "x",
        "|a\n" + "|-" * 200_000 + "x",
        "|a|b\n" + "|-|" * 200_000,
        "," * 200_000,
        '"' * 200_000 + "\n" + 'a,"' * 1_000,
        "|a\n" + (" " * 1_000 + "|") * 200 + "x",
    ],
    ids=["blanks", "rules", "bars", "commas", "quotes", "blank cells"],
)
def test_no_table_takes_for_ever(desk: Desk, text: str) -> None:
    (desk.place.root / "hostile.md").write_text(text)
    assert desk.refused(column("hostile.md", "no such column"))
