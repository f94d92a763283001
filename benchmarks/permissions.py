"""How long a ruling takes with 200 rules that all have to be looked at, on paths never seen before.

python benchmarks/permissions.py
"""

import compileall
import random
import statistics
import sys
import time

from start import ROOT

sys.path[:0] = [str(ROOT)]

from agentco.company import Permissions  # noqa: E402  the checkout is measured, not what is installed
from agentco.permissions import Ruling, ToolUse, check_permission  # noqa: E402  same

RULES, RULINGS, MOST_US = 200, 5_000, 50.0
FOLDERS = ("clients", "notes", "src", "plans")
ENDINGS = ("**", "*.md", "x*y.txt", "**/a*")


def made_rules(tools: tuple[str, ...]) -> Permissions:
    """Rules about some tools, in all three lists."""
    chance = random.Random(200)
    rules = tuple(
        f"{chance.choice(tools)}({chance.choice(FOLDERS)}/{i}/{chance.choice(ENDINGS)})"
        for i in range(RULES)
    )
    return Permissions(allow=rules[:100], ask=rules[100:150], deny=rules[150:])


def measure(what: str, tools: tuple[str, ...], name: str) -> bool:
    """Rule on acts that no rule is about; whether the median is within the bar."""
    rules = made_rules(tools)
    uses = [
        ToolUse(tool="Edit", specifier=f"work/{i % 7}/{name}{i}/plan-{i}.md")
        for i in range(RULINGS)
    ]
    check_permission(uses[0], rules)  # rules are made ready when they are first needed
    taken: list[float] = []
    for use in uses:
        began = time.perf_counter()
        ruling = check_permission(use, rules)
        taken.append((time.perf_counter() - began) * 1e6)
        assert ruling.ruling is Ruling.ASK
    middle = statistics.median(taken)
    slow = statistics.quantiles(taken, n=20)[-1]
    print(f"{what:<44} {middle:8.1f} µs (95 %: {slow:.1f}), at most {MOST_US:g}")
    return middle <= MOST_US


def main() -> int:
    compileall.compile_dir(ROOT / "agentco", quiet=1)
    files = ("Read", "Edit", "Search")
    held = [
        measure("a ruling, 200 rules about this tool", ("Edit",), "a"),
        measure("a ruling, 200 rules about three tools", files, "a"),
        measure("a ruling, 200 rules, accents in the path", ("Edit",), "Ação"),
    ]
    return 0 if all(held) else 1


if __name__ == "__main__":
    raise SystemExit(main())
