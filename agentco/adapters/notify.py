"""Sends one message to one receiver of `notify`, by a child process; Apprise knows how."""

import os
import sys
from subprocess import DEVNULL, PIPE, TimeoutExpired, run

from msgspec.json import encode

from agentco.adapters import notify_child


def send_message(receiver: str, title: str, text: str, limit_s: float) -> bool:
    """Whether a receiver, as the settings name it, took a message within `limit_s` seconds."""
    lines = encode(receiver_address(receiver)) + b"\n" + encode((title, text))
    command = (sys.executable, "-P", notify_child.__file__)
    try:
        child = run(
            command,
            input=lines,
            stdout=PIPE,
            stderr=DEVNULL,
            timeout=limit_s,
            check=False,
        )
    except TimeoutExpired:
        return False
    return notify_child.DELIVERED.encode() in child.stdout


def receiver_address(receiver: str) -> str:
    """Return the address of a receiver; `env:NAME` keeps it in a variable."""
    variable = receiver.removeprefix("env:")
    return receiver if variable == receiver else os.environ.get(variable, "")
