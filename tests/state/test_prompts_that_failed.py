"""When a department gives up, its prompts have failed: those that were open, and no others."""

from claims import claim
from made import AT, begin, read, write
from msgspec.structs import replace

from agentco.engine import note_failures
from agentco.ports import StorePort, Transaction
from agentco.runs import EffectState, Remember, RunPhase


@claim("schedule:told")
def test_what_was_done_in_the_second_of_the_last_crash_stays_well_done(
    store: StorePort,
) -> None:
    def act(tx: Transaction) -> None:
        begin(tx, "open", prompt="weekly")
        begin(tx, "asked")
        begin(tx, "others", prompt="daily", agent="cto", chain=("cto",))
        done = begin(tx, "done", prompt="monthly")
        tx.save_run(replace(done, phase=RunPhase.DONE), AT)
        note_failures(tx, "cfo", AT)

    write(store, act)
    effects = read(store, lambda tx: tx.open_effects(EffectState.TODO))
    noted = [row.wanted for row in effects if isinstance(row.wanted, Remember)]
    assert [(order.prompt, order.outcome) for order in noted] == [("weekly", "failed")]
