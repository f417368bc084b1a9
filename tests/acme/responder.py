"""Answers challenges as lb-proxy does: files of challenges/ by HTTP, certificates of alpn/ by TLS with ALPN acme-tls/1."""
import http.server
import socket
import ssl
import threading

PREFIX = "/.well-known/acme-challenge/"


class Responder:
    def __init__(self, address, port, folders):
        self.asked, folders = [], [folder / "challenges" for folder in folders]
        asked = self.asked

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):  # noqa: N802
                asked.append((self.headers["Host"], self.path))
                found = [folder / self.path[len(PREFIX):] for folder in folders]
                found = [path for path in found if self.path.startswith(PREFIX) and path.is_file()]
                content = found[0].read_bytes() if found else b"no such challenge"
                self.send_response(200 if found else 404)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *words):
                pass

        self.server = http.server.ThreadingHTTPServer((address, port), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class AlpnResponder:
    def __init__(self, address, port, folder):
        self.folder, self.served = folder / "alpn", []
        self.socket = socket.create_server((address, port))
        threading.Thread(target=self._run, daemon=True).start()

    def _choose(self, sock, name, _context):
        path = self.folder / f"{name}.pem"
        if not path.is_file():
            return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        context.set_alpn_protocols(["acme-tls/1"])
        sock.context = context
        self.served.append(name)
        return None

    def _run(self):
        while True:
            try:
                client, _ = self.socket.accept()
            except OSError:
                return
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.set_alpn_protocols(["acme-tls/1"])
            context.sni_callback = self._choose
            try:
                client.settimeout(5)
                context.wrap_socket(client, server_side=True).close()
            except OSError:
                client.close()

    def close(self):
        self.socket.close()
