"""A recorded case, played to our supervisor; the lines have the form of the recording."""

import ast
import asyncio
import gzip
import re
from pathlib import Path
from typing import Any

from otp.scripted import Stage
from otp.still import Still

from agentco.daemon import Supervisor
from agentco.supervision import (
    NORMAL,
    SHUTDOWN,
    AutoShutdown,
    ChildState,
    EndKind,
    EndReason,
    Policy,
    RestartRule,
    Strategy,
    crash_reason,
)

HERE = Path(__file__).parent
FOR_EVER = 10**9
ENDS = {
    "normal": NORMAL,
    "shutdown": SHUTDOWN,
    ("shutdown", "x"): EndReason(EndKind.SHUTDOWN, "x"),
    "crash": crash_reason("crash"),
}


def cases(name: str = "otp25-cases.txt.gz") -> list[Any]:
    """Erlang's terms as tuples, lists, words and numbers."""
    text = gzip.decompress((HERE / name).read_bytes()).decode()
    python = re.sub(r"[a-z_]+", r'"\g<0>"', text).replace("{", "(").replace("}", ")")
    return [ast.literal_eval(line.rstrip(".")) for line in python.splitlines()]


def traces(name: str = "otp25-traces.txt.gz") -> list[str]:
    return gzip.decompress((HERE / name).read_bytes()).decode().splitlines()


async def replayed(case: Any, clock: Still) -> list[str]:
    """The lines of a case."""
    number, strategy, intensity, auto, children, events = case
    policy = Policy(
        strategy=Strategy(strategy),
        intensity=intensity,
        period=FOR_EVER,
        auto_shutdown=AutoShutdown(auto),
    )
    stage, lines = Stage(), list[str]()
    specs = [
        stage.spec(
            name,
            failing,
            restart=RestartRule(restart),
            significant=significant == "true",
        )
        for name, restart, significant, failing in children
    ]
    supervisor = Supervisor(policy, specs, clock)

    def line(step: int, returned: str, state: str) -> None:
        lines.append(f"{number}|{step}|{returned}|{stage.told()}|{state}")

    try:
        await supervisor.start()
    except OSError:
        line(0, "startlink_error", "dead")
        return lines
    line(0, "ok", standing(supervisor))
    end = asyncio.create_task(supervisor.wait())
    for step, (what, name, *reason) in enumerate(events, 1):
        if what == "exit":
            returned = "ok" if stage.exit(name, ENDS[reason[0]]) else "noop"
        else:
            returned = (await getattr(supervisor, what)(name)).answer
        await clock.calm()
        line(
            step,
            returned,
            f"dead:{end.result().how}" if end.done() else standing(supervisor),
        )
        if end.done():
            break
    await supervisor.stop()
    line(99, "end", "-")
    return lines


def standing(supervisor: Supervisor) -> str:
    return ",".join(
        f"{k}={'up' if v is ChildState.UP else 'none'}"
        for k, v in supervisor.child_states().items()
    )


async def all_replayed(clock: Still) -> list[str]:
    """Every line of every case, one after the other in one world."""
    return [line for case in cases() for line in await replayed(case, clock)]
