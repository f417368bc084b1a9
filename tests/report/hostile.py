"""A server that takes requests of Sentry's protocol and does what a test says with them."""

import json
import socket
import ssl
import threading


class Hostile:
    """`answer` is bytes, or called with the connection; None: nothing is answered, and the connection stays."""

    def __init__(self, answer, tls=None):
        self.answer, self.tls = answer, tls
        self.requests, self.connections, self.kept = [], 0, []
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.dsn = f"http{'s' if tls else ''}://PUBLICKEY:SECRETKEY@127.0.0.1:{self.port}/42"
        self.thread = threading.Thread(target=self._accept, daemon=True)
        self.thread.start()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
            while request := read_request(connection):
                with self.lock:
                    self.requests.append(request)
                if self.answer is None:
                    self.kept.append(connection)
                    return
                if callable(self.answer):
                    if not self.answer(connection):
                        break
                else:
                    connection.sendall(self.answer)
        except (OSError, ssl.SSLError):
            pass
        connection.close()

    def events(self):
        """The events of all requests, in order."""
        with self.lock:
            return [event_of(body) for _, body in self.requests]

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(10)
        for connection in self.kept:
            connection.close()


def read_request(connection):
    """(head, body) or None."""
    data = b""
    while b"\r\n\r\n" not in data:
        got = connection.recv(65536)
        if not got:
            return None
        data += got
    head, _, body = data.partition(b"\r\n\r\n")
    length = int(next(line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")).split(b":")[1])
    while len(body) < length:
        got = connection.recv(65536)
        if not got:
            return None
        body += got
    return head.decode(), body


def event_of(envelope):
    """Reads it as its headers say."""
    header, item, rest = envelope.split(b"\n", 2)
    length = json.loads(item)["length"]
    event = json.loads(rest[:length])
    assert json.loads(header)["event_id"] == event["event_id"]
    assert rest[length:] == b"\n"
    return event


def plain(status, *headers, body=b"{}"):
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body
