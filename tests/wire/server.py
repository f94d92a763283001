"""A model server for tests: OpenAI chat completions and Anthropic messages on loopback, with every fault.

It is told what to answer by a script, remembers every request, and keeps a bill of its own, which no client
can falsify by being killed. In a test: `with WireServer({"m": [Say(text="hi")]}) as server:`. As a process:
`python tests/wire/server.py SCRIPT.json` prints its address and answers until it is killed; POST /script
gives it another script, GET /bill tells what it billed, GET /requests what it was asked.

A script's keys are a model's name, `~` before words that occur in what is sent, or `*` for all else; the
longest words win over a model's name. The answers of a key are given in their order, the last one for ever; with
`by_turn` the n-th answer is for a request with n messages of an assistant, whoever asks and however often.
"""

import asyncio
import contextlib
import hashlib
import hmac
import itertools
import json
import re
import sys
import threading
from collections.abc import AsyncIterator, Callable, Generator, Iterator, Mapping
from enum import StrEnum
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec
from msgspec import Struct

PATIENCE = 20.0
MICRO = 1_000_000
TURNS = 3
"""How often a loop turns until it talks to a connection that it has just taken, and can close it."""
LOAD = "/api/generate"
SHOW = "/api/show"
AT_ONCE = {"retry-after": "0"}
"""The headers of a failure after which nobody waits for the next try."""


class Fault(StrEnum):
    """What goes wrong on the wire; everything in the middle happens after half of the pieces."""

    NONE = ""
    DROP = "drop"  # closes before it answers
    NO_HEAD = "no-head"  # never answers
    STALL_FIRST = "stall-first"  # sends the status line, never a piece
    STALL = "stall"  # stops sending in the middle
    CUT = "cut"  # closes in the middle of the body
    NO_FINISH = "no-finish"  # ends the body well, in the middle
    STALL_LAST = "stall-last"  # stops before the end of the body, all said
    CUT_LAST = "cut-last"  # closes before the end of the body, all said
    GARBAGE = "garbage"  # sends no JSON in the middle
    ERROR = "error"  # sends an error in the middle
    ERROR_FIRST = "error-first"  # sends an error in place of the first piece
    PAGE = "page"  # a page for browsers with status 200
    FLOOD = "flood"  # sends for ever


class Call(Struct, kw_only=True):
    """A tool to be used; `arguments` is sent exactly as it stands."""

    name: str
    arguments: str = "{}"
    id: str | None = None


class Say(Struct, kw_only=True):
    """One answer. `usage` is None for the true counts, {} for none, else what is claimed.

    `delay` passes before the first byte, `think` after the first piece of a stream, `pause` before each next.
    """

    text: str = ""
    calls: list[Call] = []
    stop: str = ""
    status: int = 200
    headers: dict[str, str] = {}
    error: str = "as the script says"
    kind: str = "error_of_the_script"
    body: str | None = None
    delay: float = 0.0
    think: float = 0.0
    pause: float = 0.0
    fault: Fault = Fault.NONE
    usage: dict[str, Any] | None = None
    stream: bool = True
    done: bool = True
    forbids: list[str] = []


class Script(Struct, kw_only=True):
    """What is answered to whom, and what it costs in micro-dollars for a million tokens.

    `cache` is for tokens read from the cache and written to it, which only Anthropic's protocol has.
    `about` is what a GET of each path says, `loaded` what it says once a POST went to `/api/generate`.
    """

    answers: dict[str, list[Say]] = {}
    by_turn: bool = False
    key: str = ""
    rates: tuple[int, int] = (1_000_000, 2_000_000)
    cache: tuple[int, int] = (100_000, 1_250_000)
    billed_when_read: bool = False
    about: dict[str, Any] = {}
    loaded: dict[str, Any] = {}


class Seen(Struct, kw_only=True):
    """A request as it came in."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


class Billed(Struct, kw_only=True):
    """One answer that must be paid."""

    model: str
    input: int
    output: int
    micro_usd: int
    read: int = 0
    written: int = 0


class Bill(Struct, kw_only=True):
    """What the server knows: answers paid, clients that left before the end, requests at once."""

    requests: int = 0
    connections: int = 0
    open: int = 0
    most_open: int = 0
    gone: int = 0
    rows: list[Billed] = []

    @property
    def calls(self) -> int:
        return len(self.rows)

    @property
    def micro_usd(self) -> int:
        return sum(row.micro_usd for row in self.rows)


def tokens(text: str) -> int:
    """The tokens of a text: one for every four bytes begun."""
    return -(-len(text.encode()) // 4)


class Left(Exception):
    """The client is gone."""


class Line:
    """One connection: requests in, pieces out, and whether the other side is still there."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.reader = reader
        self.writer = writer

    async def request(self) -> tuple[str, str, dict[str, str], bytes] | None:
        """The next request, None when there is no other."""
        try:
            head = await self.reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        first, *rest = head.decode("latin-1").strip().split("\r\n")
        method, path, _ = first.split(" ", 2)
        headers = {
            k.strip().lower(): v.strip()
            for k, _, v in (line.partition(":") for line in rest)
        }
        try:
            body = await self.reader.readexactly(
                int(headers.get("content-length", "0"))
            )
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        return method, path, headers, body

    async def wait(self, seconds: float | None) -> None:
        """Let time pass, for ever with None. Raises Left when the client hangs up meanwhile."""
        if seconds == 0:
            return
        try:
            async with asyncio.timeout(seconds):
                await self.reader.read(1)
        except TimeoutError:
            return
        except ConnectionError as error:
            raise Left from error
        raise Left

    async def send(self, data: bytes) -> None:
        """Hand bytes to the socket. Raises Left."""
        if self.reader.at_eof():
            raise Left
        try:
            self.writer.write(data)
            await self.writer.drain()
        except ConnectionError as error:
            raise Left from error

    async def head(self, status: int, headers: Mapping[str, str]) -> None:
        """The status line and the headers."""
        reason = HTTPStatus(status).phrase if status in set(HTTPStatus) else "Said So"
        lines = [
            f"HTTP/1.1 {status} {reason}",
            *(f"{k}: {v}" for k, v in headers.items()),
        ]
        await self.send("\r\n".join([*lines, "", ""]).encode())

    async def whole(
        self, status: int, body: bytes, kind: str, headers: Mapping[str, str]
    ) -> None:
        """A whole answer at once."""
        await self.head(
            status, {"content-type": kind, "content-length": str(len(body)), **headers}
        )
        await self.send(body)

    async def piece(self, data: bytes) -> None:
        """One chunk of a body without a known length; an empty one ends it."""
        await self.send(f"{len(data):x}\r\n".encode() + data + b"\r\n")


class Asked(Struct, kw_only=True):
    """A request for an answer, and the answer that the script has for it."""

    anthropic: bool
    body: dict[str, Any]
    say: Say
    row: Billed

    @property
    def model(self) -> str:
        return str(self.body.get("model", ""))


class Server:
    """The server itself; everything happens in the loop that runs `serve`."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.bill = Bill()
        self.seen: list[Seen] = []
        self.looked: list[str] = []
        self.changed = threading.Condition()
        self._given: dict[str, int] = {}
        self._cached: set[str] = set()

    def follow(self, script: Script) -> None:
        """Answer by another script, from its beginning."""
        self.script = script
        self._given.clear()

    @contextlib.contextmanager
    def change(self) -> Generator[Bill]:
        """Change the bill; whoever waits for a change looks again."""
        with self.changed:
            yield self.bill
            self.changed.notify_all()

    async def serve(self, port: int = 0) -> asyncio.Server:
        """Listen on loopback."""
        return await asyncio.start_server(self.talk, "127.0.0.1", port, backlog=1024)

    async def talk(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Everything that one connection asks."""
        line = Line(reader, writer)
        with self.change() as bill:
            bill.connections += 1
        try:
            while request := await line.request():
                if not await self.answer(line, *request):
                    break
        except Left:
            pass
        finally:
            writer.close()

    async def answer(
        self, line: Line, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> bool:
        """Answer one request; whether the connection is still of use."""
        if path == LOAD:
            self.script.about |= self.script.loaded
        if method == "HEAD":
            await line.whole(200, b"", "text/plain", {})
            return True
        if method == "GET" or path.endswith(("/script", LOAD, SHOW)):
            await self._about(line, method, path, body)
            return True
        asked = msgspec.json.decode(body, type=dict[str, Any])
        with self.change() as bill:
            self.seen.append(Seen(path=path, headers=headers, body=asked))
            bill.requests += 1
            bill.open += 1
            bill.most_open = max(bill.most_open, bill.open)
        try:
            return await self._model(line, path, headers, asked)
        except Left:
            with self.change() as bill:
                bill.gone += 1
            raise
        finally:
            with self.change() as bill:
                bill.open -= 1

    async def _about(self, line: Line, method: str, path: str, body: bytes) -> None:
        self.looked.append(path)
        if method == "POST" and path not in {LOAD, SHOW}:
            self.follow(msgspec.json.decode(body, type=Script))
        sums = {"calls": self.bill.calls, "micro_usd": self.bill.micro_usd}
        bill = msgspec.to_builtins(self.bill) | sums
        models = {
            "object": "list",
            "data": [
                {"id": name, "object": "model"} for name in ("qwen3:8b", "llama3.3")
            ],
        }
        told = {
            "/bill": bill,
            "/requests": self.seen,
            "/script": self.script,
            "/models": models,
            LOAD: {"done": True, "done_reason": "load"},
        }
        told |= {name.removeprefix("/v1"): it for name, it in self.script.about.items()}
        path = path.removeprefix("/v1")
        status = 200 if path in told else 404
        await line.whole(
            status, msgspec.json.encode(told.get(path)), "application/json", {}
        )

    async def _model(
        self, line: Line, path: str, headers: dict[str, str], body: dict[str, Any]
    ) -> bool:
        path = path.partition("?")[0]
        anthropic = path.endswith("/messages")
        given = headers.get("x-api-key") or headers.get(
            "authorization", ""
        ).removeprefix("Bearer ")
        # Gemini's own protocol has no form of ours: a script says the whole body
        if not (anthropic or path.endswith(("/chat/completions", ":generateContent"))):
            await self._fail(line, 404, f"no such path: {path}", anthropic=anthropic)
            return True
        if self.script.key and not hmac.compare_digest(
            given.encode(), self.script.key.encode()
        ):
            await self._fail(
                line, 401, f"the key {given} is wrong", anthropic=anthropic
            )
            return True
        if anthropic and (wrong := wrong_with(body)):
            await self._fail(
                line, 400, wrong, anthropic=True, kind="invalid_request_error"
            )
            return True
        say = self._chosen(body)
        forbidden = [key for key in say.forbids if key in body]
        if forbidden:
            await self._fail(
                line,
                400,
                f"Unrecognized request argument: {forbidden[0]}",
                anthropic=anthropic,
            )
            return True
        return await self._say(line, self._asked(say, body, anthropic=anthropic))

    def _chosen(self, body: dict[str, Any]) -> Say:
        text = json.dumps(
            [body.get("messages"), body.get("system")], ensure_ascii=False
        )
        words = sorted(
            (k for k in self.script.answers if k[0] == "~" and k[1:] in text),
            key=len,
            reverse=True,
        )
        key = next(
            iter(
                [
                    *words,
                    *(k for k in (body.get("model"), "*") if k in self.script.answers),
                ]
            ),
            None,
        )
        if key is None:
            return Say(
                status=404, error=f"The model `{body.get('model')}` does not exist"
            )
        answers = self.script.answers[key]
        turn = self._given.get(key, 0)
        self._given[key] = turn + 1
        if self.script.by_turn:
            turn = sum(
                message.get("role") == "assistant"
                for message in body.get("messages", [])
            )
        return answers[min(turn, len(answers) - 1)]

    def _asked(self, say: Say, body: dict[str, Any], *, anthropic: bool) -> Asked:
        if anthropic:
            sent, read, written = self._through_cache(body)
        else:
            sent, read, written = (
                tokens(json.dumps([body.get("messages"), body.get("tools")])),
                0,
                0,
            )
        said = tokens(say.text) + sum(
            tokens(call.name + call.arguments) for call in say.calls
        )
        prompt = (sent - read - written) * self.script.rates[0]
        cached = read * self.script.cache[0] + written * self.script.cache[1]
        cost = -(-(prompt + cached + said * self.script.rates[1]) // MICRO)
        row = Billed(
            model=str(body.get("model")),
            input=sent,
            output=said,
            micro_usd=cost,
            read=read,
            written=written,
        )
        return Asked(anthropic=anthropic, body=body, say=say, row=row)

    def _through_cache(self, body: dict[str, Any]) -> tuple[int, int, int]:
        """How many tokens are sent, of these read from the cache, and written to it: all up to the last mark."""
        prefix, total, read, marked = (
            str(body.get("model")),
            0,
            0,
            list[tuple[str, int]](),
        )
        for block in blocks_of(body):
            plain = json.dumps({k: v for k, v in block.items() if k != "cache_control"})
            prefix, total = (
                hashlib.sha256((prefix + plain).encode()).hexdigest(),
                total + tokens(plain),
            )
            read = total if prefix in self._cached else read
            if "cache_control" in block:
                marked.append((prefix, total))
        self._cached |= {name for name, _ in marked}
        last = marked[-1][1] if marked else 0
        read = min(read, last)
        return total, read, last - read

    async def _fail(
        self,
        line: Line,
        status: int,
        words: str,
        *,
        anthropic: bool,
        headers: Mapping[str, str] | None = None,
        kind: str = "error_of_the_script",
    ) -> None:
        error = {"type": kind, "message": words}
        body = (
            {"type": "error", "error": error}
            if anthropic
            else {"error": {**error, "code": None}}
        )
        await line.whole(
            status, json.dumps(body).encode(), "application/json", headers or {}
        )

    def _charge(self, asked: Asked) -> None:
        with self.change() as bill:
            bill.rows.append(asked.row)

    async def _say(self, line: Line, asked: Asked) -> bool:
        """Answer as the script says; whether the connection is still of use."""
        say = asked.say
        if self.script.billed_when_read and say.status == HTTPStatus.OK:
            self._charge(asked)
        await line.wait(say.delay)
        match say.fault:
            case Fault.DROP:
                return False
            case Fault.NO_HEAD:
                await line.wait(None)
            case Fault.PAGE:
                await line.whole(
                    200, b"<html>\n<body>Sign in</body>\n</html>", "text/html", {}
                )
                return True
            case _:
                pass
        if say.body is not None:
            await line.whole(
                say.status, say.body.encode(), "application/octet-stream", say.headers
            )
        elif say.status != HTTPStatus.OK:
            await self._fail(
                line,
                say.status,
                say.error,
                anthropic=asked.anthropic,
                headers=say.headers,
                kind=say.kind,
            )
        elif say.stream and asked.body.get("stream"):
            return await self._stream(line, asked)
        else:
            document = (
                anthropic_document(asked) if asked.anthropic else openai_document(asked)
            )
            await line.whole(
                200, json.dumps(document).encode(), "application/json", say.headers
            )
            if not self.script.billed_when_read:
                self._charge(asked)
        return True

    async def _stream(self, line: Line, asked: Asked) -> bool:
        say = asked.say
        pieces = list(
            anthropic_pieces(asked) if asked.anthropic else openai_pieces(asked)
        )
        if say.fault is Fault.ERROR_FIRST:
            pieces = [
                event(
                    {
                        "type": "error",
                        "error": {"type": say.kind, "message": say.error},
                    },
                    "error",
                )
            ]
        await line.head(
            200,
            {
                "content-type": "text/event-stream",
                "transfer-encoding": "chunked",
                **say.headers,
            },
        )
        if say.fault is Fault.STALL_FIRST:
            await line.wait(None)
        async for piece in self._faulty(line, pieces, say):
            await line.piece(piece)
        if say.fault in {Fault.CUT, Fault.CUT_LAST}:
            if say.fault is Fault.CUT_LAST:
                self._charge_unless_read(asked)
            line.writer.transport.abort()
            return False
        if say.fault in {Fault.NONE, Fault.STALL_LAST}:
            self._charge_unless_read(asked)
        if say.fault is Fault.STALL_LAST:
            await line.wait(None)
        await line.piece(b"")
        return True

    def _charge_unless_read(self, asked: Asked) -> None:
        if not self.script.billed_when_read:
            self._charge(asked)

    async def _faulty(
        self, line: Line, pieces: list[bytes], say: Say
    ) -> AsyncIterator[bytes]:
        """The pieces, with what goes wrong in their middle."""
        middle = len(pieces) // 2
        for number, piece in enumerate(pieces):
            if number:
                await line.wait(say.pause + (say.think if number == 1 else 0))
            if number == middle:
                match say.fault:
                    case Fault.STALL:
                        await line.wait(None)
                    case Fault.CUT | Fault.NO_FINISH:
                        return
                    case Fault.GARBAGE:
                        yield b'data: {"choices": [{"delta": \xff\xfe\n\n'
                    case Fault.ERROR:
                        yield event(
                            {
                                "type": "error",
                                "error": {"type": say.kind, "message": say.error},
                            },
                            "error",
                        )
                    case Fault.FLOOD:
                        while True:
                            yield b"data: " + b" " * 1_000_000
                    case _:
                        pass
            yield piece


def event(data: Any, name: str = "") -> bytes:
    """One server-sent event."""
    return (
        (f"event: {name}\n" if name else "").encode()
        + b"data: "
        + json.dumps(data).encode()
        + b"\n\n"
    )


def words_in(text: str) -> list[str]:
    """A text in pieces of one word each."""
    return (
        [word + " " for word in text.split(" ")[:-1]] + text.split(" ")[-1:]
        if text
        else []
    )


def _id(call: Call, number: int) -> str:
    return f"call_of_server_{number}" if call.id is None else call.id


def _openai_stop(say: Say) -> str:
    return say.stop or ("tool_calls" if say.calls else "stop")


def _openai_usage(asked: Asked) -> dict[str, Any] | None:
    sent, said = asked.row.input, asked.row.output
    counted = {
        "prompt_tokens": sent,
        "completion_tokens": said,
        "total_tokens": sent + said,
    }
    return counted if asked.say.usage is None else asked.say.usage or None


def openai_document(asked: Asked) -> dict[str, Any]:
    """A chat completion at once."""
    calls = [
        {
            "id": _id(c, n),
            "type": "function",
            "function": {"name": c.name, "arguments": c.arguments},
        }
        for n, c in enumerate(asked.say.calls)
    ]
    message = {"role": "assistant", "content": asked.say.text or None} | (
        {"tool_calls": calls} if calls else {}
    )
    choice = {"index": 0, "message": message, "finish_reason": _openai_stop(asked.say)}
    document = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": asked.model,
    }
    return document | {"choices": [choice], "usage": _openai_usage(asked)}


def openai_pieces(asked: Asked) -> Iterator[bytes]:
    """A chat completion as a stream."""
    say = asked.say

    def chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return event(
            {
                "object": "chat.completion.chunk",
                "model": asked.model,
                "choices": [choice],
            }
        )

    yield chunk({"role": "assistant", "content": ""})
    for word in words_in(say.text):
        yield chunk({"content": word})
    for n, call in enumerate(say.calls):
        half = len(call.arguments) // 2
        function = {"name": call.name, "arguments": call.arguments[:half]}
        yield chunk(
            {
                "tool_calls": [
                    {
                        "index": n,
                        "id": _id(call, n),
                        "type": "function",
                        "function": function,
                    }
                ]
            }
        )
        yield chunk(
            {
                "tool_calls": [
                    {"index": n, "function": {"arguments": call.arguments[half:]}}
                ]
            }
        )
    yield chunk({}, _openai_stop(say))
    usage = _openai_usage(asked)
    if usage and "include_usage" in (asked.body.get("stream_options") or ()):
        yield event(
            {
                "object": "chat.completion.chunk",
                "model": asked.model,
                "choices": [],
                "usage": usage,
            }
        )
    if say.done:
        yield b"data: [DONE]\n\n"


def _anthropic_stop(say: Say) -> str:
    return say.stop or ("tool_use" if say.calls else "end_turn")


def _anthropic_blocks(
    say: Say,
) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Each content block as it begins, and the deltas that fill it."""
    if say.text:
        deltas = [{"type": "text_delta", "text": word} for word in words_in(say.text)]
        yield {"type": "text", "text": ""}, deltas
    for n, call in enumerate(say.calls):
        half = len(call.arguments) // 2
        parts = [call.arguments[:half], call.arguments[half:]]
        block: dict[str, Any] = {
            "type": "tool_use",
            "id": _id(call, n),
            "name": call.name,
            "input": {},
        }
        yield (
            block,
            [{"type": "input_json_delta", "partial_json": part} for part in parts],
        )


def _anthropic_usage(asked: Asked) -> dict[str, Any]:
    row = asked.row
    counted = {
        "input_tokens": row.input - row.read - row.written,
        "output_tokens": row.output,
    }
    counted |= {
        "cache_read_input_tokens": row.read,
        "cache_creation_input_tokens": row.written,
    }
    return counted if asked.say.usage is None else asked.say.usage


def blocks_of(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Everything that a request to Anthropic says, in the order in which it is cached."""
    yield from body.get("tools", ())
    system = body.get("system", ())
    yield from [{"text": system}] if isinstance(system, str) else system
    for message in body["messages"]:
        said = message["content"]
        yield {"role": message["role"]}
        yield from [{"text": said}] if isinstance(said, str) else said


NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")


def wrong_with(body: dict[str, Any]) -> str:  # noqa: PLR0911  one for each rule
    """Why Anthropic would refuse a request; empty when it would not."""
    messages = body["messages"]
    turns: list[list[dict[str, Any]]] = [
        m["content"] for m in messages if not isinstance(m["content"], str)
    ]
    talk = [block for turn in turns for block in turn]
    if sum("cache_control" in block for block in blocks_of(body)) > 4:
        return "A maximum of 4 blocks with cache_control may be provided"
    if not messages or messages[0]["role"] != "user":
        return "messages: first message must use the user role"
    if messages[-1]["role"] != "user":
        return "This model does not support assistant message prefill"
    if any(not block["text"].strip() for block in blocks_of(body) if "text" in block):
        return "text content blocks must be non-empty"
    if any(b["type"].startswith("tool_") for b in talk) and not body.get("tools"):
        return "Requests which include `tool_use` or `tool_result` blocks must define tools"
    named = [b["name"] for b in [*talk, *body.get("tools", ())] if "name" in b]
    if not all(NAME.fullmatch(name) for name in named):
        return "tool names must match ^[a-zA-Z0-9_-]{1,128}$"
    if any(not isinstance(b["input"], dict) for b in talk if b["type"] == "tool_use"):
        return "tool_use.input: Input should be a valid dictionary"
    for before, after in itertools.pairwise([[], *turns, []]):
        used = [b["id"] for b in before if b["type"] == "tool_use"]
        if sorted(used) != sorted(b.get("tool_use_id", "") for b in after[: len(used)]):
            return "`tool_use` ids were found without `tool_result` blocks immediately after"
    return ""


def anthropic_document(asked: Asked) -> dict[str, Any]:
    """A message at once."""
    say = asked.say
    content: list[dict[str, Any]] = (
        [{"type": "text", "text": say.text}] if say.text else []
    )
    for n, call in enumerate(say.calls):
        used = {
            "type": "tool_use",
            "id": _id(call, n),
            "name": call.name,
            "input": json.loads(call.arguments),
        }
        content.append(used)
    return _message(asked) | {
        "content": content,
        "stop_reason": _anthropic_stop(say),
        "usage": _anthropic_usage(asked),
    }


def _message(asked: Asked) -> dict[str, Any]:
    message: dict[str, Any] = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": asked.model,
        "content": [],
    }
    return message | {"stop_reason": None, "stop_sequence": None}


def anthropic_pieces(asked: Asked) -> Iterator[bytes]:
    """A message as a stream."""
    say, usage = asked.say, _anthropic_usage(asked)
    start = _message(asked) | {"usage": usage | ({"output_tokens": 1} if usage else {})}
    yield event({"type": "message_start", "message": start}, "message_start")
    for n, (block, deltas) in enumerate(_anthropic_blocks(say)):
        name = "content_block_start"
        yield event({"type": name, "index": n, "content_block": block}, name)
        for delta in deltas:
            name = "content_block_delta"
            yield event({"type": name, "index": n, "delta": delta}, name)
        yield event({"type": "content_block_stop", "index": n}, "content_block_stop")
    delta = {"stop_reason": _anthropic_stop(say), "stop_sequence": None}
    said = (
        {"usage": {k: v for k, v in usage.items() if k == "output_tokens"}}
        if usage
        else {}
    )
    yield event({"type": "message_delta", "delta": delta, **said}, "message_delta")
    if say.done:
        yield event({"type": "message_stop"}, "message_stop")


class WireServer:
    """A server in a thread of this process, for the length of a `with`."""

    def __init__(
        self, answers: Mapping[str, list[Say]] | None = None, **more: Any
    ) -> None:
        self._server = Server(Script(answers=dict(answers or {}), **more))
        self._ready = threading.Event()
        self._stop: Callable[[], object] = lambda: None
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._run()), daemon=True
        )
        self.url = ""

    async def _run(self) -> None:
        ended = asyncio.Event()
        loop = asyncio.get_running_loop()
        self._stop = lambda: loop.call_soon_threadsafe(ended.set)
        listening = await self._server.serve()
        self.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/v1"
        self._ready.set()
        await ended.wait()
        for _ in range(TURNS):
            await asyncio.sleep(0)
        listening.close()
        talks = asyncio.all_tasks() - {asyncio.current_task()}
        for talk in talks:
            talk.cancel()
        await asyncio.gather(*talks, return_exceptions=True)
        await asyncio.sleep(0)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(PATIENCE)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()
        self._thread.join(PATIENCE)

    def script(self, answers: Mapping[str, list[Say]], **more: Any) -> None:
        """Answer so from now on, from the beginning of each list."""
        with self._server.changed:
            self._server.follow(Script(answers=dict(answers), **more))

    @property
    def bill(self) -> Bill:
        """What was billed until now."""
        with self._server.changed:
            return msgspec.convert(msgspec.to_builtins(self._server.bill), Bill)

    @property
    def requests(self) -> list[Seen]:
        """What was asked until now."""
        with self._server.changed:
            return list(self._server.seen)

    @property
    def looked_at(self) -> list[str]:
        """The paths that were looked at until now, beside what was asked of a model."""
        with self._server.changed:
            return list(self._server.looked)

    def until(self, holds: Callable[[Bill], bool]) -> Bill:
        """The bill as soon as something holds of it; fails when it never does."""
        with self._server.changed:
            assert self._server.changed.wait_for(
                lambda: holds(self._server.bill), PATIENCE
            )
        return self.bill


async def main(script: bytes, port: int = 0) -> None:
    """Serve until killed; the address is the first line that is printed."""
    server = Server(msgspec.json.decode(script, type=Script))
    listening = await server.serve(port)
    sys.stdout.write(f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/v1\n")
    sys.stdout.flush()
    await listening.serve_forever()


if __name__ == "__main__":
    asyncio.run(
        main(Path(sys.argv[1]).read_bytes(), *(int(port) for port in sys.argv[2:]))
    )
