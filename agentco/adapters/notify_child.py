"""Sends one message to one receiver, as a process of its own.

Apprise takes 30 MB, and a receiver may never answer.
"""
# pyright: reportUnknownMemberType=false

import json
import logging
import sys

DELIVERED = "told"
"""What is printed once the receiver took the message."""


def main() -> None:
    """Read the address, then title and text, each as a line of JSON, and send them."""
    from apprise import Apprise, AppriseAsset, NotifyFormat

    logging.disable()
    address, (title, text) = map(json.loads, sys.stdin)
    asset = AppriseAsset(app_id="agentco", storage_mode="memory", async_mode=False)
    receiver = Apprise(asset=asset)
    if not receiver.add(address):
        return
    if receiver.notify(text, title, body_format=NotifyFormat.TEXT):
        print(DELIVERED)  # noqa: T201  whoever started us reads it


if __name__ == "__main__":
    main()
