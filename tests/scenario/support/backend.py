"""A backend that keeps the bytes it got and answers what it is told to, right or wrong."""

import socket
import struct
import threading

from support.client import TIMEOUT_S
from support.http import Message, Truncated, Wire
from support.waiting import wait_for

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Connection:
    """One connection that lb made, as the backend's script sees it."""

    def __init__(self, backend, sock, number):
        self.backend = backend
        self.sock = sock
        self.number = number
        self.request_count = 0
        self.wire = Wire(sock, keep_raw=True)

    def read_head(self):
        """The next request without its body; it is recorded."""
        message = Message(self.wire.take_head())
        message.connection = self.number
        self.request_count += 1
        self.backend.requests.append(message)
        return message

    def read_body(self, message):
        self.wire.take_request_body(message)
        return message

    def read_request(self):
        return self.read_body(self.read_head())

    def send(self, data):
        self.sock.sendall(data)

    def end(self):
        """Ends it in order (FIN); unread bytes would make it a reset. For any thread: it is the
        script's thread that closes, so that it never reads from another socket of the same number."""
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def close(self):
        self.end()
        self.sock.close()

    def reset(self):
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def wait_end(self):
        """Reads until lb ends the connection; gives what still came."""
        try:
            return self.wire.take_all()
        except OSError:
            return b""


def answer_each(*answers):
    """A script: the answers in turn, the last one for ever, on as many connections as come."""
    lock = threading.Lock()
    left = list(answers)

    def serve(connection):
        while True:
            connection.read_request()
            with lock:
                answer = left.pop(0) if len(left) > 1 else left[0]
            connection.send(answer)
    return serve


def bound_socket(address):
    made = socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind(address)
    return made


class RecordingBackend:
    """Runs `script(connection)` in a thread for each connection; the connection is closed when
    the script returns. Bytes given instead of a script are the answer to every request."""

    def __init__(self, script=OK, port=0, host="127.0.0.1", is_listening=True):
        self.script = answer_each(script) if isinstance(script, bytes) else script
        self.requests = []
        self.connections = []
        self.failures = []
        self.is_closed = False
        self.acceptor = None
        self.placeholder = None
        self.listener = bound_socket((host, port))
        self.address = self.listener.getsockname()[:2]
        if is_listening:
            self.listen()

    def listen(self):
        self.listener.listen(256)
        self.acceptor = threading.Thread(target=self._accept, daemon=True)
        self.acceptor.start()

    def _accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            sock.settimeout(TIMEOUT_S)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection = Connection(self, sock, len(self.connections))
            self.connections.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            self.script(connection)
        except (Truncated, OSError):
            pass  # lb ended the connection, as it does with idle ones
        except AssertionError as failure:
            self.failures.append(failure)
        finally:
            connection.close()

    @property
    def request_count(self):
        return len(self.requests)

    def used_connections(self):
        """How many connections brought a request: a first probe is none."""
        return sum(c.request_count > 0 for c in self.connections)

    def wait_requests(self, count):
        wait_for(lambda: len(self.requests) >= count, f"{count} requests at the backend")
        return self.requests

    def stop_listening(self):
        """New connections are refused; the others stay. The port is kept: no other test's backend gets it."""
        if self.acceptor:
            self.listener.shutdown(socket.SHUT_RDWR)
            self.acceptor.join()
            self.acceptor = None
        self.listener.close()
        if not self.placeholder and not self.is_closed:
            self.placeholder = bound_socket(self.address)

    def end_connections(self):
        for connection in self.connections:
            connection.end()

    def close(self):
        if self.is_closed:
            return
        self.is_closed = True
        self.stop_listening()
        if self.placeholder:
            self.placeholder.close()
        self.end_connections()
        if self.failures:
            raise self.failures[0]
