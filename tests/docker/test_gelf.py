"""Docker's own gelf driver carries the access log to a collector: one message for each request, each
of them a whole line of JSON, whatever clients put into it."""
import gzip
import json
import socket
import threading
import zlib

import pytest
from conftest import docker, wait_for

CHUNK_MAGIC = b"\x1e\x0f"  # then 8 bytes of id, number, count


class GelfCollector:
    """Takes GELF over UDP as its specification says: compressed or not, whole or in chunks."""

    def __init__(self, host):
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.sock.bind((host, 0))
        self.address = f"udp://{host}:{self.sock.getsockname()[1]}"
        self.messages, self.chunks, self.chunked_count, self.first_bytes = [], {}, 0, set()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while True:
            datagram = self.sock.recv(65536)
            if datagram == b"end":
                return
            if datagram.startswith(CHUNK_MAGIC):
                datagram = self.join(datagram)
            if datagram:
                self.take(datagram)

    def join(self, datagram):
        identity, number, count = datagram[2:10], datagram[10], datagram[11]
        parts = self.chunks.setdefault(identity, {})
        parts[number] = datagram[12:]
        if len(parts) < count:
            return None
        self.chunked_count += 1
        del self.chunks[identity]
        return b"".join(parts[i] for i in range(count))

    def take(self, packed):
        self.first_bytes.add(packed[:2])
        if packed.startswith(b"\x1f\x8b"):
            packed = gzip.decompress(packed)
        elif packed.startswith(b"\x78"):
            packed = zlib.decompress(packed)
        self.messages.append(json.loads(packed))

    def access_lines(self):
        """What lb wrote on standard output (level 6); its operator log is level 3."""
        return [json.loads(message["short_message"]) for message in self.messages
                if message["level"] == 6]

    def close(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.sendto(b"end", self.sock.getsockname())
        self.thread.join(5)
        self.sock.close()


@pytest.fixture
def collector(network):
    gateway = docker("network", "inspect", "--format", "{{(index .IPAM.Config 0).Gateway}}", network)
    made = GelfCollector(gateway)
    yield made
    made.close()


def ask(host, port, target, agent):
    with socket.create_connection((host, port), timeout=10) as sock:
        sock.sendall(b"GET " + target + b" HTTP/1.1\r\nHost: shop.example\r\nUser-Agent: " + agent +
                     b"\r\nReferer: http://from.example/\r\nConnection: close\r\n\r\n")
        answer = b""
        while more := sock.recv(65536):
            answer += more
    return int(answer.split()[1])


AGENTS = [b"plain", b'quo"te \\ {"a":1}', b"\xff\xfe\xc2\x9b31m", "é€😀".encode(), b"x" * 6000,
          b"\xff" * 5000]
TARGETS = [b"/", b"/a?b=\"c\"", b"/" + b"y" * 7500, b"/%0a%0d", b"/\xff"]


@pytest.mark.parametrize("compression, magic", [
    ("gzip", b"\x1f\x8b"), ("zlib", b"\x78\x01"), ("none", b'{"')])
def test_one_message_for_each_request(bench, network, collector, compression, magic):
    appserver = bench.appserver(network)
    balancer = bench.lb(network, options=(
        "--log-driver=gelf", f"--log-opt=gelf-address={collector.address}",
        f"--log-opt=gelf-compression-type={compression}", "--log-opt=tag=lb"))
    balancer.wait_for_active([appserver.name])
    asked = []
    for number in range(60):
        target = TARGETS[number % len(TARGETS)]
        agent = b"%d-" % number + AGENTS[number % len(AGENTS)]
        asked.append((target, agent, ask(balancer.host, balancer.port, target, agent)))
    wait_for("a message for each request", lambda: len(collector.access_lines()) >= len(asked))

    lines = {line["user_agent"]["original"].split("-")[0]: line
             for line in collector.access_lines() if "user_agent" in line}
    for number, (target, agent, status) in enumerate(asked):
        if status == 400:
            continue  # such bytes are no request; what it was is not repeated
        line = lines[str(number)]
        assert line["http"]["response"]["status_code"] == status
        assert line["http"]["request"]["method"] == "GET"
        assert line["url"]["domain"] == "shop.example"
        assert same_beginning(line["url"]["original"], target)
        assert same_beginning(line["user_agent"]["original"], agent)
        assert line["http"]["request"]["referrer"] == "http://from.example/"
        assert line["lb"]["upstream"]["name"] == appserver.name
        assert line["lb"]["upstream"]["id"].startswith(appserver.short_id)
    assert len(collector.access_lines()) == len(asked)
    assert len(lines) > 40
    assert collector.first_bytes == {magic}
    assert collector.chunked_count > 0 or compression != "none"  # a datagram has 1420 bytes
    assert all(message["_tag"] == "lb" for message in collector.messages)
    # The other lines are lb's operator log.
    others = [json.loads(m["short_message"]) for m in collector.messages if m["level"] != 6]
    assert any("listening on" in other["message"] for other in others)
    # Docker keeps the same lines for `docker logs`.
    assert balancer.logs().count('"dataset":"lb.access"') == len(asked)


def same_beginning(logged, sent):
    """Equal up to where one of them is cut; bytes that are no UTF-8 are one mark each."""
    text = "".join(c if not 0xDC80 <= ord(c) <= 0xDCFF else "\ufffd"
                   for c in sent.decode("utf-8", "surrogateescape"))
    return logged == text or (logged.endswith("…") and text.startswith(logged[:-1]))
