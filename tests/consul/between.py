"""Between lb and a Consul agent: passes requests on, or does to them what an agent in trouble does."""
import http.client
import json
import socket
import threading



def answer(status, body, fields=b""):
    return b"HTTP/1.1 %s\r\n%sContent-Length: %d\r\n\r\n%s" % (status, fields, len(body), body)


BAD = {
    "500": answer(b"500 Internal Server Error", b"rpc error making call: No cluster leader"),
    "429": answer(b"429 Too Many Requests", b"Your IP is issuing too many concurrent connections"),
    "403": answer(b"403 Forbidden", b"ACL not found"),
    "no json": answer(b"200 OK", b"[{{{", b"Content-Type: application/json\r\nX-Consul-Index: 5\r\n"),
    "not http": b"\x15\x03\x01\x00\x02\x02\x46",
}


class Between:
    """`does` is how the next requests fare: "pass", a word of BAD, "empty" (200 and no instance), "hang",
    "cut" (half of the body), "close" (without a word). What waits for an answer goes on waiting; break_off() ends it."""

    def __init__(self, agent):
        self.agent = agent
        self.does = "pass"
        self.requests = []      # (method, path, what was done)
        self.bodies = []        # (path, body) of those that had one, when the agent had answered
        self.sockets = set()
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.url = "http://127.0.0.1:%d" % self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.break_off()

    def turn(self, does):
        """From now on, also for what waits."""
        self.does = does
        self.break_off()

    def break_off(self):
        with self.lock:
            sockets = list(self.sockets)
        for sock in sockets:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def count(self, does):
        with self.lock:
            return sum(1 for _, _, done in self.requests if done == does)

    def _accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            with self.lock:
                self.sockets.add(sock)
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock):
        stream = sock.makefile("rb")
        try:
            while True:
                line = stream.readline().split()
                if len(line) < 2:
                    return
                fields = http.client.parse_headers(stream)
                body = stream.read(int(fields.get("Content-Length", 0)))
                self._answer(sock, line[0].decode(), line[1].decode(), fields, body)
        except (OSError, http.client.HTTPException):
            pass
        finally:
            with self.lock:
                self.sockets.discard(sock)
            stream.close()
            sock.close()

    def _answer(self, sock, method, path, fields, body):
        does = self.does
        with self.lock:
            self.requests.append((method, path, does))
        if does in BAD:
            sock.sendall(BAD[does])
        if does == "hang":
            sock.recv(1)        # until the other side, or break_off(), ends it
        if does in ("hang", "close", "not http"):
            raise OSError(does)
        if does not in BAD:
            status, headers, text = self._ask(method, path, fields, body)
            if body:
                self.bodies.append((path, body))
            if does == "empty":
                text = json.dumps(type(json.loads(text))()).encode()
            head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(text)}\r\n" + "".join(
                f"{name}: {value}\r\n" for name, value in headers) + "\r\n"
            sock.sendall(head.encode() + (text[:len(text) // 2] if does == "cut" else text))
            if does == "cut":
                raise OSError(does)

    def _ask(self, method, path, fields, body):
        connection = http.client.HTTPConnection(self.agent.address, 8500, timeout=700)
        try:
            token = fields.get("X-Consul-Token")
            connection.request(method, path, body or None, {"X-Consul-Token": token} if token else {})
            connection.sock.settimeout(700)
            with self.lock:
                self.sockets.add(connection.sock)
            upstream = connection.sock
            answer = connection.getresponse()
            text = answer.read()
            with self.lock:
                self.sockets.discard(upstream)
        finally:
            connection.close()
        kept = [(name, value) for name, value in answer.getheaders()
                if name.startswith("X-Consul") or name == "Content-Type"]
        return answer.status, kept, text
