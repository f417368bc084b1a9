"""Plays cases through a proxy: clients with addresses of their own on one side, a recording backend
on the other. Many cases can run at once, as each request is told by the client's address that the
proxy adds to it; what comes unmarked belongs to the request before it on that connection."""

import asyncio
import dataclasses
import socket
import struct

from case import CLOSE, HALF_CLOSE, RESET, Answer, Wait, WaitSeen
from message import Malformed, Message, take_reply, take_request, take_request_head

PROBE = b"GET /probe HTTP/1.1\r\nHost: probe\r\n\r\n"
BEFORE = b"GET /before HTTP/1.1\r\nHost: before\r\n\r\n"
PROBE_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nprobe"
BEFORE_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nbefore"
TIMEOUT_S = 10
NO_LINGER = struct.pack("ii", 1, 0)


@dataclasses.dataclass
class Outcome:
    """What one run of a case came to."""
    replies: list
    end: str            # kept, closed, truncated, waits, gone
    requests: list      # complete ones, as the backend got them
    tunnelled: bytes    # what the client got after 101
    problem: str = ""   # bytes that no proxy should send, or requests of nobody
    upstream: str = ""  # whether the next request came over the same connection: kept, closed


class Slot:
    """One case while it runs: its answers, and what the backend saw of it."""

    def __init__(self, answers, split_at=None):
        self.answers = list(answers)
        self.split_at = split_at
        self.requests = []
        self.connections = []  # the backend's, in the order they brought something
        self.probe_connection = None
        self.seen = asyncio.Event()  # of anything new

    def next_answer(self):
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def raw(self):
        return b"".join(bytes(c.raw) for c in self.connections)


class BackendConnection(asyncio.Protocol):
    def __init__(self, backend):
        self.backend = backend
        self.slot = None
        self.answer = None  # to the request whose head is there
        self.raw = bytearray()
        self.buffer = bytearray()
        self.is_busy = self.is_tunnel = self.has_ended = self.is_closed = False
        self.is_special = self.is_answered = False
        self.task = None

    def connection_made(self, transport):
        self.transport = transport
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.backend.connections.add(self)

    def data_received(self, data):
        self.raw += data
        self.buffer += data
        self._work()
        if self.slot:
            self.slot.seen.set()

    def eof_received(self):
        self.has_ended = True
        if self.slot:
            self.slot.seen.set()
        return self.is_busy  # an answer may be on its way

    def connection_lost(self, _):
        self.is_closed = True
        self.backend.connections.discard(self)
        if self.slot:
            self.slot.seen.set()

    def _work(self):
        if self.is_tunnel:
            self.transport.write(self.buffer)
            self.buffer.clear()
        elif not self.is_busy:
            try:
                self._read()
            except Malformed as problem:
                self.backend.problems.append(f"{problem} after {bytes(self.raw)[:300]!r}")
                self.transport.abort()

    def _read(self):
        if self.answer is None:
            taken = take_request_head(self.buffer)
            if taken is None:
                return
            self._begin(taken[0])
        if self.answer.early and not self.is_answered:
            self._start_answer()
            return
        taken = take_request(self.buffer)
        if taken is None:
            return
        del self.buffer[:taken[1]]
        if not self.is_special:
            self.slot.requests.append(taken[0])
        if self.is_answered:
            self.answer = None
            self._work()
        else:
            self._start_answer()

    def _start_answer(self):
        answer = self.answer
        if answer.early:
            self.is_answered = True
        else:
            self.answer = None
        self.is_busy = True
        self.task = asyncio.ensure_future(self._send(answer))

    def _begin(self, message):
        """Whose request it is, and what it gets."""
        slot = self.backend.slot_of(message) or self.slot
        if slot is None:
            raise Malformed(f"a request of nobody: {message.head!r}")
        if slot is not self.slot:
            slot.connections.append(self)
            self.raw = bytearray(self.buffer)
        self.slot = slot
        known = {b"/probe": PROBE_ANSWER, b"/before": BEFORE_ANSWER}.get(message.target)
        self.is_special = known is not None
        if message.target == b"/probe":
            slot.probe_connection = self
        self.answer = Answer(known) if known else slot.next_answer()
        self.is_answered = False
        if self.answer.at_head:
            self.transport.write(self.answer.at_head)

    async def _send(self, answer):
        at = None if self.is_special else self.slot.split_at
        if at is not None and at < len(answer.data):
            self.transport.write(answer.data[:at])
            await self.backend.barrier()
            self.transport.write(answer.data[at:])
        else:
            self.transport.write(answer.data)
        self.is_busy = False
        if answer.then == "reset":
            sock = self.transport.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
            self.transport.abort()
        elif answer.then == "close":
            self.transport.close()
        elif answer.is_tunnel:
            self.is_tunnel = True
        if self.has_ended and not self.is_closed:
            self._work()
            self.transport.close()
        elif not self.is_closed:
            self._work()


class Backend:
    """Listens, tells requests apart, and answers each as its case wants."""

    def __init__(self):
        self.slots = {}
        self.connections = set()
        self.problems = []
        self.barrier = None  # a coroutine function: the proxy has read all that was sent to it

    async def open(self):
        loop = asyncio.get_running_loop()
        self.server = await loop.create_server(lambda: BackendConnection(self), "127.0.0.1", 0,
                                               backlog=1024)
        self.address = self.server.sockets[0].getsockname()
        return self

    def slot_of(self, message):
        """By the last address of X-Forwarded-For: the one that the proxy itself saw."""
        values = message.all(b"x-forwarded-for")
        return self.slots.get(values[-1].split(b",")[-1].strip().decode()) if values else None

    async def close(self):
        self.server.close()
        for connection in list(self.connections):
            connection.transport.abort()
        await self.server.wait_closed()


class Ping:
    """Tells when lb has read what was sent to it before: its answers of its own, over a connection
    that it knows, come after everything that its only worker had to read by then. A connection
    that is new to it takes a turn of the loop more to be read, hence three in a row."""

    REQUEST = b"OPTIONS * HTTP/1.1\r\nHost: ping\r\nMax-Forwards: 0\r\n\r\n"

    def __init__(self, address):
        self.address = address
        self.lock = asyncio.Lock()
        self.streams = None
        self.asked = self.answered = 0

    async def __call__(self):
        self.asked += 1
        mine = self.asked
        async with self.lock:
            if self.answered >= mine:
                return  # one that began after this call was made is enough
            covers = self.asked
            await self._ask()
            self.answered = covers

    async def _ask(self):
        if not self.streams:
            self.streams = await asyncio.open_connection(*self.address)
        reader, writer = self.streams
        for _ in range(3):
            writer.write(self.REQUEST)
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), TIMEOUT_S)
            assert head.startswith(b"HTTP/1.1 200 "), head
            lengths = Message(head).all(b"content-length")
            await reader.readexactly(int(lengths[0]))


class Run:
    """One case, once."""

    def __init__(self, rig, case, host, split_at=None, answer_split_at=None, joined=False):
        self.rig = rig
        self.case = case
        self.host = host
        self.split_at = split_at
        self.joined = joined
        self.received = bytearray()
        self.changed = asyncio.Event()
        self.has_ended = self.was_reset = self.is_gone = False
        self.slot = Slot(case.answers, answer_split_at)
        self.to_head = [reply.to_head for reply in case.replies]
        if joined:
            self.to_head.insert(0, False)
        self.is_tunnel = case.tunnelled is not None
        self.problem = ""

    async def play(self):
        self.rig.backend.slots[self.host] = self.slot
        self.sock = socket.socket()
        self.sock.setblocking(False)
        try:
            self.sock.bind((self.host, 0))
            loop = asyncio.get_running_loop()
            await loop.sock_connect(self.sock, self.rig.address)
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.reading = asyncio.ensure_future(self._receive())
            try:
                await self._send_all()
                return await self._conclude()
            finally:
                self.reading.cancel()
                await asyncio.wait([self.reading])  # it lets go of the socket before that closes
        finally:
            self.sock.close()
            del self.rig.backend.slots[self.host]

    async def _receive(self):
        loop = asyncio.get_running_loop()
        while not self.has_ended:
            try:
                data = await loop.sock_recv(self.sock, 65536)
            except ConnectionError:
                data, self.was_reset = b"", True
            except OSError:
                data = b""  # closed by this side
            self.received += data
            self.has_ended = not data
            self.changed.set()

    # ---- sending ----

    async def _send_all(self):
        steps = [self.case.send] if isinstance(self.case.send, bytes) else list(self.case.send)
        if self.joined:
            data = BEFORE + b"".join(s for s in steps if isinstance(s, bytes))
            if not self.is_tunnel and not any(isinstance(s, str) for s in steps):
                data += PROBE
            steps = [data] + [s for s in steps if isinstance(s, str)]
        at = 0
        for step in steps:
            if isinstance(step, bytes):
                await self._send(step, at)
                at += len(step)
            else:
                await self._do(step)

    async def _send(self, data, at):
        cut = None if self.split_at is None else self.split_at - at
        if cut is not None and 0 < cut < len(data):
            await self._write(data[:cut])
            await self.rig.barrier()
            data = data[cut:]
        await self._write(data)

    async def _write(self, data):
        try:
            await asyncio.get_running_loop().sock_sendall(self.sock, data)
        except ConnectionError:
            pass  # an answer may have come before

    async def _do(self, step):
        if isinstance(step, (Wait, WaitSeen)):
            where = self.slot.raw if isinstance(step, WaitSeen) else lambda: self.received
            if not await self._until(lambda: step.data in where() or self.has_ended):
                self.problem = f"{step} was in vain"
        elif step == HALF_CLOSE:
            await self._until_replies(shuts=True)
            self.sock.shutdown(socket.SHUT_WR)
        elif step in (CLOSE, RESET):
            if step == RESET:
                self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
            else:
                self.sock.shutdown(socket.SHUT_RDWR)
            self.is_gone = True

    # ---- waiting ----

    async def _until(self, condition, timeout_s=None):
        """False: it did not come true in time."""
        loop = asyncio.get_running_loop()
        end = loop.time() + (timeout_s or self.rig.patience_s)
        while not condition():
            left = end - loop.time()
            if left <= 0:
                return False
            self.changed.clear()
            self.slot.seen.clear()
            waits = [asyncio.ensure_future(e.wait()) for e in (self.changed, self.slot.seen)]
            if condition():
                left = 0
            await asyncio.wait(waits, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            for wait in waits:
                wait.cancel()
        return True

    def _parse(self):
        """(replies, what follows them, whether that is a part of one)."""
        replies, at = [], 0
        while at < len(self.received):
            to_head = self.to_head[len(replies)] if len(replies) < len(self.to_head) else False
            taken = take_reply(self.received, at, to_head, self.has_ended and not self.was_reset)
            if taken is None:
                return replies, bytes(self.received[at:]), True
            replies.append(taken[0])
            at = taken[1]
            if taken[0].status == 101:
                return replies, bytes(self.received[at:]), False
        return replies, b"", False

    async def _until_replies(self, shuts=False):
        wanted = len(self.to_head)

        def is_there():
            replies, rest, _ = self._parse()
            if self.is_tunnel and replies and replies[-1].status == 101 and not shuts:
                return len(rest) >= len(self.case.tunnelled) or self.has_ended
            return len(replies) >= wanted or self.has_ended
        if shuts and not self.is_tunnel:
            return True  # a half-close does not wait for anything
        return await self._until(is_there)

    # ---- the end ----

    async def _conclude(self):
        if self.is_gone:
            self.reading.cancel()
            await asyncio.wait([self.reading])
            self.sock.close()
            is_over = await self._until(self._is_backend_rid)
            return self._outcome("gone" if is_over else "backend's connection stays")
        try:
            came = await self._until_replies()
            end = await self._find_end(came)
        except Malformed as problem:
            return Outcome([], "malformed", self.slot.requests, b"", f"to the client: {problem}")
        return self._outcome(end)

    def _is_backend_rid(self):
        """What the client left unfinished is not continued for somebody else."""
        return bool(self.slot.connections) and all(c.is_closed or c.has_ended
                                                   for c in self.slot.connections)

    async def _find_end(self, came):
        replies, rest, is_part = self._parse()
        if self.is_tunnel:
            await self._until(lambda: self.has_ended, 0.3 if self.case.end == "kept" else None)
            return "closed" if self.has_ended else "kept"
        if not came and not self.rig.is_patient:
            return "waits"
        wanted = len(self.to_head) if self.joined else len(replies)
        if not self.has_ended and not (replies and replies[-1].says_close()):
            if not self.joined:
                await self._write(PROBE)
            await self._until(lambda: self._is_probe_answered(wanted) or self.has_ended)
            replies, rest, is_part = self._parse()
            if replies and replies[-1].body == b"probe":
                return "kept"
        elif not self.has_ended:
            await self._until(lambda: self.has_ended)
            replies, rest, is_part = self._parse()
        if not self.has_ended:
            return "waits"
        return "truncated" if is_part and rest else "closed"

    def _is_probe_answered(self, count):
        replies = self._parse()[0]
        return len(replies) > count or (bool(replies) and replies[-1].body == b"probe")

    def _outcome(self, end):
        replies, rest, _ = self._parse()
        tunnelled = rest if self.is_tunnel else b""
        if replies and replies[-1].body == b"probe":
            replies.pop()
        if self.joined and replies and replies[0].body == b"before":
            replies.pop(0)
        probe = self.slot.probe_connection
        upstream = ""
        if probe and self.slot.connections:
            upstream = "kept" if probe is self.slot.connections[0] else "closed"
        problem = self.problem if self.rig.is_patient else ""
        return Outcome(replies, end, self.slot.requests, tunnelled, problem, upstream)


class Rig:
    """A proxy with the recording backend behind it. `start(backend_address)` gives the proxy, with
    `address` and stop(); `is_patient`: what does not come in time is a fault."""

    def __init__(self, start, is_patient=True, patience_s=TIMEOUT_S):
        self.start = start
        self.is_patient = is_patient
        self.patience_s = patience_s
        self.counter = 0

    async def open(self):
        self.backend = await Backend().open()
        self.proxy = self.start(self.backend.address)
        self.address = self.proxy.address
        self.barrier = self.backend.barrier = Ping(self.address)
        return self

    def next_host(self):
        """A client address that no running case has."""
        self.counter = (self.counter + 1) % 60000
        return f"127.9.{self.counter // 250 + 1}.{self.counter % 250 + 1}"

    async def play(self, case, **how):
        outcome = await Run(self, case, self.next_host(), **how).play()
        if self.backend.problems:
            outcome.problem = self.backend.problems.pop()
        return outcome

    async def play_all(self, jobs, at_once=64):
        """(case, how) pairs → outcomes in their order."""
        outcomes = [None] * len(jobs)
        queue = iter(enumerate(jobs))

        async def work():
            for index, (case, how) in queue:
                outcomes[index] = await self.play(case, **how)
        await asyncio.gather(*(work() for _ in range(at_once)))
        return outcomes

    async def close(self):
        if self.barrier.streams:
            self.barrier.streams[1].close()
        self.proxy.stop()
        await self.backend.close()
