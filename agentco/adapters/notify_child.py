"""Sends one message to one receiver, as a process of its own: Apprise takes 30 MB, and a receiver may never answer."""
# pyright: reportUnknownMemberType=false

import json
import logging
import sys


def main() -> None:
    """Reads the address, then title and text, each as a line of JSON, and prints `told` when the receiver took it."""
    from apprise import Apprise, AppriseAsset, NotifyFormat

    logging.disable()
    address, (title, text) = map(json.loads, sys.stdin)
    receiver = Apprise(
        asset=AppriseAsset(app_id="agentco", storage_mode="memory", async_mode=False)
    )
    if receiver.add(address) and receiver.notify(
        text, title, body_format=NotifyFormat.TEXT
    ):
        print("told")  # noqa: T201  whoever started us reads it


if __name__ == "__main__":
    main()
