"""The bar of the supervisor: the recordings of Erlang's supervisor, played to ours.

python benchmarks/supervisor.py
"""

import compileall
import statistics
import sys

from start import ROOT, seconds

sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from otp.replay import all_replayed, traces  # noqa: E402  the checkout is measured, not what is installed
from otp.still import still  # noqa: E402  same

ROUNDS, TRACES_S = 5, 2.0


def replay() -> bool:
    """Replay every case on the real shell; whether all lines are the same within the bar."""
    theirs, ours = traces(), list[str]()

    def play() -> None:
        ours[:] = still(all_replayed)

    taken = statistics.median(seconds(play) for _ in range(ROUNDS))
    different = sum(one != other for one, other in zip(ours, theirs, strict=True))
    print(
        f"{'1,500 traces of OTP':<44} {taken:8.2f} s, at most {TRACES_S:g}; "
        f"{different} of {len(theirs)} lines differ"
    )
    return taken <= TRACES_S and different == 0


def main() -> int:
    compileall.compile_dir(ROOT / "agentco", quiet=1)
    return 0 if replay() else 1


if __name__ == "__main__":
    raise SystemExit(main())
