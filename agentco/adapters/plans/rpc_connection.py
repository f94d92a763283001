"""JSON-RPC with a program over its input and output, as Copilot's SDK speaks it.

One call waits for its answer at a time; what else arrives meanwhile is kept in its order.
"""

from collections import deque
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Raw, Struct

from agentco.adapters.models.http_client import MAX_ANSWER_BYTES
from agentco.adapters.models.streamed_reply import UnreadableAnswer
from agentco.adapters.plans.program_process import ProgramProcess

_END_OF_HEAD = b"\r\n\r\n"
_LENGTH = b"content-length:"


class RpcMessage(Struct):
    """What arrives: the answer to a call, or a notification or request of the program's own."""

    id: Any = None
    method: str = ""
    params: Raw = Raw()
    result: Raw = Raw()
    error: Raw = Raw()


class _Refusal(Struct):
    message: str = "it did not say why"


class RpcError(Exception):
    """The program refused a call; the message is its own."""


class RpcConnection:
    """The two ends of a program, as calls and messages."""

    def __init__(self, process: ProgramProcess) -> None:
        self.process = process
        self._rest = b""
        self._kept = deque[RpcMessage]()
        self._last_id = 0

    async def call(self, method: str, params: Mapping[str, Any]) -> Raw:
        """Call a method. Raises RpcError, UnreadableAnswer."""
        self._last_id += 1
        message = {"jsonrpc": "2.0", "id": self._last_id, "method": method}
        body = msgspec.json.encode({**message, "params": params})
        await self.process.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        while True:
            message = await self._read_message()
            if message.method or message.id != self._last_id:
                self._kept.append(message)
            elif message.error:
                refusal = msgspec.json.decode(message.error, type=_Refusal)
                raise RpcError(refusal.message)
            else:
                return message.result

    async def next_message(self) -> RpcMessage:
        """What the program says by itself. Raises UnreadableAnswer."""
        return self._kept.popleft() if self._kept else await self._read_message()

    def forget_kept(self) -> None:
        """Drop what is kept: it belongs to a session that is over."""
        self._kept.clear()

    async def _read_message(self) -> RpcMessage:
        head = await self._read_until(_END_OF_HEAD)
        length = 0
        for line in head.split(b"\r\n"):
            if line.lower().startswith(_LENGTH):
                length = int(line[len(_LENGTH) :])
        if not 0 < length <= MAX_ANSWER_BYTES:
            raise UnreadableAnswer("what arrived is not a message")
        while len(self._rest) < length:
            await self._read_more()
        body, self._rest = self._rest[:length], self._rest[length:]
        try:
            return msgspec.json.decode(body, type=RpcMessage)
        except (ValueError, RecursionError) as error:
            raise UnreadableAnswer("what arrived is not a message") from error

    async def _read_until(self, mark: bytes) -> bytes:
        while mark not in self._rest:
            if len(self._rest) > MAX_ANSWER_BYTES:
                raise UnreadableAnswer("what arrived is not a message")
            await self._read_more()
        found, _, self._rest = self._rest.partition(mark)
        return found

    async def _read_more(self) -> None:
        piece = await self.process.read()
        if not piece:
            words = self.process.last_words
            raise UnreadableAnswer(f"the program ended: {words}".rstrip(": "))
        self._rest += piece
