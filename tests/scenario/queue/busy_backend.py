"""A backend of one thread that counts who is there at a time: connections, and requests that it has not
answered. It answers each after a while, or when it is told to."""

import heapq
import selectors
import socket
import threading
import time

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
SWITCH = b"HTTP/1.1 101 Go\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"


class BusyBackend:
    """`takes_s`: how long a request takes; None: until release(), but for a check, which is answered at once."""

    def __init__(self, takes_s=None, port=0):
        self.takes_s = takes_s
        self.listener = socket.create_server(("127.0.0.1", port), backlog=256)
        self.listener.setblocking(False)
        self.address = self.listener.getsockname()[:2]
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.listener, selectors.EVENT_READ)
        self.wake, self.woken = socket.socketpair()
        self.woken.setblocking(False)
        self.selector.register(self.woken, selectors.EVENT_READ)
        self.got = {}       # bytes by connection
        self.due = []       # (when, order, connection)
        self.unanswered = []
        self.targets = []   # in the order in which they came
        self.heads = []
        self.most_connections = self.most_requests = 0
        self.release_count = 0
        self.is_over = False
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def release(self, count=1):
        """Answers those that came first."""
        self.release_count += count
        self.wake.send(b"x")

    def close(self):
        if not self.is_over:
            self.is_over = True
            self.wake.send(b"x")
        self.thread.join()

    # ---- its thread

    def _run(self):
        while not self.is_over:
            wait_s = max(0, self.due[0][0] - time.monotonic()) if self.due else None
            ready = [key.fileobj for key, _ in self.selector.select(wait_s)]
            for sock in ready:
                if sock is self.woken:
                    self.woken.recv(4096)
                elif sock is not self.listener and sock in self.got:
                    self._read(sock)
            if self.listener in ready:
                self._accept()
            self._answer()
        for sock in [*self.got, self.listener, self.woken, self.wake]:
            sock.close()
        self.selector.close()

    def _accept(self):
        for sock in list(self.got):  # those that have ended meanwhile are not there any more
            self._read(sock)
        try:
            sock, _ = self.listener.accept()
        except OSError:
            return
        sock.setblocking(False)
        self.got[sock] = b""
        self.selector.register(sock, selectors.EVENT_READ)
        self.most_connections = max(self.most_connections, len(self.got))

    def _read(self, sock):
        try:
            data = sock.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._forget(sock)
            return
        self.got[sock] += data
        while b"\r\n\r\n" in self.got[sock]:
            head, self.got[sock] = self.got[sock].split(b"\r\n\r\n", 1)
            self.heads.append(head)
            self.targets.append(head.split(b" ")[1].decode())
            self.unanswered.append((sock, b"upgrade" in head.lower()))
            self.most_requests = max(self.most_requests, len(self.unanswered))
            is_check = self.targets[-1] == "/health"
            if self.takes_s is not None or is_check:
                heapq.heappush(self.due, (time.monotonic() + (self.takes_s or 0), len(self.heads)))

    def _forget(self, sock):
        self.selector.unregister(sock)
        sock.close()
        del self.got[sock]
        self.unanswered = [(one, is_tunnel) for one, is_tunnel in self.unanswered if one is not sock]

    def _answer(self):
        while self.due and self.due[0][0] <= time.monotonic():
            heapq.heappop(self.due)
            self.release_count += 1
        while self.release_count > 0 and self.unanswered:
            sock, is_tunnel = self.unanswered.pop(0)
            self.release_count -= 1
            try:
                sock.sendall(SWITCH if is_tunnel else ANSWER)
            except OSError:
                pass
        if self.takes_s is not None and not self.unanswered:
            self.release_count = 0
