"""Checks with a text in the body, which Consul itself cannot make: lb-discovery asks, and tells the result."""

import pytest
from registering_host import cid, id_of, owned, web


@pytest.fixture
def answering(start_backend):
    """A backend that is web1, and says `page`."""
    class Answering:
        page = b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nHello World\n"

    state = Answering()

    def script(connection):
        while True:
            connection.read_request()
            connection.send(state.page)

    state.backend = start_backend(script)
    state.port = state.backend.address[1]
    return state


WORDS = ["SERVICE_CHECK_HTTP=/hello", "SERVICE_CHECK_TEXT=Hello World", "SERVICE_CHECK_INTERVAL=1s",
         "SERVICE_CHECK_TIMEOUT=1s"]


def start(host, answering):
    """Gives the entry's id."""
    host.add(web(1, env=WORDS, ip="127.0.0.1", port=answering.port))
    host.start()
    return id_of(1, answering.port)


def test_text_that_is_there_and_not(agent, host, answering):
    entry = start(host, answering)
    agent.wait_for(lambda: agent.output(entry) == '200, and "Hello World" in its body')
    assert agent.status(entry) == "passing"
    assert answering.backend.requests[0].head.start_line.startswith("GET /hello ")
    answering.page = b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nGoodbye\n"
    agent.wait_for(lambda: agent.output(entry) == '200, but no "Hello World" in its body')
    assert agent.status(entry) == "critical"
    answering.page = b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nHello World\n"
    agent.wait_for(lambda: agent.status(entry) == "passing")
    answering.page = b"HTTP/1.1 503 X\r\nContent-Length: 12\r\n\r\nHello World\n"
    agent.wait_for(lambda: agent.output(entry) == "503")
    assert agent.status(entry) == "critical"


def test_a_page_without_end(agent, host, answering):
    """Of which the first 64 KiB count, and no more is waited for."""
    answering.page = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\nHello World\n" + 70000 * b"x"
    entry = start(host, answering)
    agent.wait_for(lambda: agent.status(entry) == "passing")
    answering.page = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n" + 70000 * b"x" + b"Hello World\n"
    agent.wait_for(lambda: agent.output(entry) == '200, but no "Hello World" in its body')


def test_nobody_answers(agent, host, answering):
    answering.page = b""
    entry = start(host, answering)
    agent.wait_for(lambda: agent.status(entry) == "critical" and agent.output(entry) == "no answer came in time")
    host.end_container(1)
    agent.wait_for(lambda: not agent.services)
    count = len(answering.backend.requests)
    host.start_container(web(2))
    agent.wait_for(lambda: owned(agent) == {id_of(2)})
    assert len(answering.backend.requests) <= count + 1


def test_started_anew_it_does_not_say_critical_in_between(agent, host, answering):
    entry = start(host, answering)
    agent.wait_for(lambda: agent.status(entry) == "passing")
    host.kill()
    told = len(agent.requests)
    host.start()
    agent.wait_for(lambda: any("/check/update/" in path for _, path, *_ in agent.requests[told:]))
    assert not any(b"critical" in body for *_, body in agent.requests[told:])
    assert agent.services[entry]["Meta"]["lb-container"] == cid(1)


def test_not_yet_ready_at_the_start(agent, host, answering):
    """It is asked again soon, and not only after the interval."""
    answering.page = b"HTTP/1.1 503 X\r\nContent-Length: 2\r\n\r\nno"
    host.add(web(1, env=WORDS[:2] + ["SERVICE_CHECK_INTERVAL=5m"], ip="127.0.0.1", port=answering.port))
    host.start()
    entry = id_of(1, answering.port)
    agent.wait_for(lambda: agent.output(entry) == "503")
    answering.page = b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nHello World\n"
    agent.wait_for(lambda: agent.status(entry) == "passing")
