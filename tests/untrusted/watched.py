"""Runs commands in a folder, each in a process of its own, and tells what each of them did.

Run as `python watched.py NOTES`, with a line of JSON for each command on stdin and one of its answer
on stdout. Everything that costs time to load is loaded once, and each command is a fork of that.
What Python itself is asked to do is heard by an audit hook, which no code of the product can leave.
"""

import gc
import json
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Any

PATIENCE_S = 15
HEARD = {
    "os.exec": "process",
    "os.fork": "process",
    "os.forkpty": "process",
    "os.posix_spawn": "process",
    "os.spawn": "process",
    "os.startfile": "process",
    "os.system": "process",
    "pty.spawn": "process",
    "subprocess.Popen": "process",
    "socket.connect": "connection",
    "socket.getaddrinfo": "connection",
    "socket.gethostbyname": "connection",
    "socket.sendto": "connection",
    "urllib.Request": "connection",
}


def main() -> None:
    from agentco.wiring import load_run_modules

    load_run_modules()
    gc.freeze()
    notes = Path(sys.argv[1])
    for line in sys.stdin:
        sys.stdout.write(json.dumps(watch(json.loads(line), notes)) + "\n")
        sys.stdout.flush()


def watch(order: dict[str, Any], notes: Path) -> dict[str, Any]:
    """What a command did: its exit code, what it said, its seconds, its memory, and whom it asked."""
    said, heard = notes / "said", notes / "heard"
    said.write_bytes(b"")
    heard.write_bytes(b"")
    pid = os.fork()
    if not pid:
        code = 99
        try:
            os.chdir(order["folder"])
            os.environ["HOME"] = order["home"]
            code = run(order["command"], str(said), str(heard))
        finally:
            os._exit(code)
    _, status, used = os.wait4(pid, 0)
    return {
        "command": order["command"],
        "code": os.waitstatus_to_exitcode(status),
        "said": said.read_bytes()[-2000:].decode("utf-8", "replace"),
        "heard": heard.read_text().splitlines(),
        "seconds": used.ru_utime + used.ru_stime,
        "megabytes": used.ru_maxrss // 1024,
    }


def run(command: list[str], said: str, heard: str) -> int:
    """Be the process of a command."""
    out = os.open(said, os.O_WRONLY | os.O_APPEND)
    ear = os.open(heard, os.O_WRONLY | os.O_APPEND)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(out, 1)
    os.dup2(out, 2)
    resource.setrlimit(resource.RLIMIT_CPU, (PATIENCE_S, PATIENCE_S))
    signal.alarm(PATIENCE_S)

    def hear(event: str, args: tuple[object, ...]) -> None:
        if event in HEARD:
            os.write(ear, f"{HEARD[event]} {event} {args!r:.200}\n".encode())

    sys.addaudithook(hear)
    sys.argv = ["agentco", *command]
    from agentco.__main__ import run as run_agentco

    try:
        run_agentco()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(bool(ended.code))
    return 0


if __name__ == "__main__":
    main()
