"""Backends that speak TLS: the recording one behind a handshake, and what it saw of that."""

import json
import ssl
import threading
from dataclasses import dataclass, field

from support.backend import OK, RecordingBackend
from support.discovery import endpoint, line_of
from support.http import Wire


@dataclass
class Handshake:
    """One that was begun. `error`: it failed."""
    server_name: str = None
    is_resumed: bool = False
    client: dict = field(default_factory=dict)
    error: str = ""


def server_context(folder, identity, **options):
    """`identity` of support/certificates.py. `options` are attributes of ssl.SSLContext."""
    path = folder / f"server-{abs(hash((identity.certificate, str(options))))}.pem"
    path.write_text(identity.full_chain + identity.key, encoding="utf-8")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    for name, value in options.items():
        setattr(context, name, value)
    return context


class SecureBackend(RecordingBackend):
    """`context` may change: for the next connection."""

    def __init__(self, context, script=OK, **options):
        self.handshakes = []
        self.context = context
        self.gate = threading.Event()  # hands are shaken once it is set
        self.gate.set()
        super().__init__(script, **options)

    def _serve(self, connection):
        seen = Handshake()
        self.gate.wait(30)
        context = self.context

        def on_name(_, name, __):
            seen.server_name = name
        context.sni_callback = on_name
        try:
            connection.sock = context.wrap_socket(connection.sock, server_side=True)
        except OSError as error:
            seen.error = str(error)
            self.handshakes.append(seen)
            connection.close()
            return
        seen.is_resumed = connection.sock.session_reused
        seen.client = connection.sock.getpeercert() or {}
        self.handshakes.append(seen)
        connection.wire = Wire(connection.sock, keep_raw=True)
        super()._serve(connection)

    def good(self):
        return [seen for seen in self.handshakes if not seen.error]

    def bad(self):
        return [seen for seen in self.handshakes if seen.error]


def say_end(connection):
    """close_notify, and then the end of the connection."""
    try:
        connection.sock.unwrap()
    except OSError:
        pass


def https_line(*backends, service="appserver", **options):
    """A line with these backends by https; `options` of the service, with "_" for "-"."""
    listed = [endpoint(f"b{number}", backend.address, protocol="https") for number, backend in enumerate(backends)]
    line = line_of(listed, service=service)
    line["v"] = 2
    if options:
        line["services"][0]["options"] = {word.replace("_", "-"): value for word, value in options.items()}
    return line


def write_config(path, **settings):
    path.write_text(json.dumps(settings), encoding="utf-8")
    return f"--config={path}"
