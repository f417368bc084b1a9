"""An ACME server that answers what it is told to."""
import http.server
import json
import threading


class Hostile:
    """`answer(method, path)` gives (status, headers, body)."""

    def __init__(self, answer):
        owner = self
        self.asked = []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do(self):
                length = int(self.headers.get("Content-Length") or 0)
                self.rfile.read(length)
                owner.asked.append((self.command, self.path))
                status, headers, body = answer(self.command, self.path)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    try:
                        self.wfile.write(body)
                    except OSError:
                        pass

            do_GET = do_POST = do_HEAD = do  # noqa: N815

            def log_message(self, *words):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.base = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.url = self.base + "/dir"
        self.ca = "/dev/null"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def good_directory(base, **other):
    return json.dumps({"newNonce": base + "/nonce", "newAccount": base + "/account", "newOrder": base + "/order",
                       "keyChange": base + "/change", **other}).encode()
