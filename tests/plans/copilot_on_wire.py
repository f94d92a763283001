"""Stands between agentco and the real program of Copilot, so that it can be tried without an account.

Run as `python copilot_on_wire.py ADDRESS PROGRAM ARGUMENT…`. Sessions get the model server at ADDRESS as
their provider, and whoever asks hears that somebody is signed in; all else goes through as it is.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any, BinaryIO, cast

PROVIDER = {"type": "openai", "wireApi": "completions", "apiKey": "none"}
SIGNED_IN = {"isAuthenticated": True, "authType": "user", "login": "founder"}


def messages(source: BinaryIO) -> Iterator[dict[str, Any]]:
    while True:
        length = 0
        while line := source.readline().strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        if not length:
            return
        yield json.loads(source.read(length))


def send(target: BinaryIO, message: dict[str, Any]) -> None:
    body = json.dumps(message).encode()
    target.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
    target.flush()


def main() -> None:
    address, *command = sys.argv[1:]
    program = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    to_program = cast("BinaryIO", program.stdin)
    from_program = cast("BinaryIO", program.stdout)
    asked_for_login = set[int]()

    def back(source: BinaryIO) -> None:
        for message in messages(source):
            if "method" not in message and message.get("id") in asked_for_login:
                message["result"] = SIGNED_IN
            send(sys.stdout.buffer, message)

    threading.Thread(target=back, args=(from_program,), daemon=True).start()
    for message in messages(sys.stdin.buffer):
        if message.get("method") == "auth.getStatus":
            asked_for_login.add(message["id"])
        if message.get("method") == "session.create":
            params = message["params"]
            model = {"modelId": params["model"], "wireModel": params["model"]}
            params["provider"] = {**PROVIDER, "baseUrl": address, **model}
        send(to_program, message)
    to_program.close()
    program.wait()


if __name__ == "__main__":
    main()
