"""Idle connections are let go a little before the backend would close them."""

import time

from support.waiting import wait_for

SAYS_ONE_SECOND = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nKeep-Alive: timeout=1, max=9\r\n\r\nok"


def note_end(connection):
    """How long lb kept the connection after its last answer, and whether it ended it."""
    begun = time.monotonic()
    connection.sock.settimeout(connection.backend.limit_s)
    try:
        byte = connection.sock.recv(1)
        ended_by = "request" if byte else "lb"
    except TimeoutError:
        ended_by = "backend"
    connection.backend.ends.append((ended_by, time.monotonic() - begun))


def test_the_backend_says_its_limit(start_lb, start_backend, connect):
    def script(connection):
        connection.read_request()
        connection.send(SAYS_ONE_SECOND)
        note_end(connection)

    backend = start_backend(script)
    backend.limit_s, backend.ends = 5, []
    lb = start_lb("--workers=1", backends=[backend])
    assert connect(lb).get().status == 200
    wait_for(lambda: backend.ends, "the connection ends")
    ended_by, idle_s = backend.ends[0]
    assert ended_by == "lb" and 0.5 < idle_s < 1.0


def test_a_limit_of_zero_means_no_reuse(start_lb, start_backend, connect):
    backend = start_backend(SAYS_ONE_SECOND.replace(b"timeout=1", b"timeout=0"))
    lb = start_lb("--workers=1", backends=[backend])
    client = connect(lb)
    for _ in range(3):
        assert client.get().status == 200
    assert backend.used_connections() == 3
