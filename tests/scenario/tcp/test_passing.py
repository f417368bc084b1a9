"""A connection at a TCP listener: bytes pass both ways, all of them, and what waits is bounded."""

import json
import random
import shutil
import socket
import subprocess
import threading
import zlib

import pytest

from support.tcp import echo, is_reset, say, take
from support.free_port import free_port
from support.waiting import wait_for

GIGABYTE = 1 << 30
PIECE = random.Random(11).randbytes(1 << 20)


def test_bytes_pass_both_ways_and_each_side_may_end_first(start_server, start_tcp, dial):
    def answers_at_the_end(sock):
        said = b""
        while data := sock.recv(100):
            said += data
        sock.sendall(said[::-1])

    lb = start_tcp(start_server(answers_at_the_end))
    client = dial(lb.tcp)
    client.sendall(b"abc")
    client.sendall(b"def")
    client.shutdown(socket.SHUT_WR)
    assert take(client, 6) == b"fedcba"
    assert client.recv(1) == b""


def test_a_server_that_speaks_first(start_server, start_tcp, dial):
    client = dial(start_tcp(start_server(say(b"220 here\r\n"))).tcp)
    assert take(client, 10) == b"220 here\r\n"
    client.sendall(b"QUIT\r\n")
    assert take(client, 6) == b"QUIT\r\n"


def send_all(sock, size):
    """So many bytes; gives their checksum."""
    total, sum_ = 0, 0
    while total < size:
        start = total * 7919 % 1000 # no two windows alike for long
        piece = PIECE[start:start + min(len(PIECE) - start, size - total)]
        sock.sendall(piece)
        sum_ = zlib.crc32(piece, sum_)
        total += len(piece)
    sock.shutdown(socket.SHUT_WR)
    return sum_


def receive_all(sock):
    """Until the end: how many bytes, and their checksum."""
    total, sum_ = 0, 0
    buffer = bytearray(1 << 18)
    while count := sock.recv_into(buffer):
        sum_ = zlib.crc32(memoryview(buffer)[:count], sum_)
        total += count
    return total, sum_


def test_a_gigabyte_each_way_at_the_same_time(start_server, start_tcp, dial, built_with):
    size = GIGABYTE // 8 if built_with else GIGABYTE
    seen = {}

    def exchange(sock):
        if not sock.recv(1, socket.MSG_PEEK):
            return # lb's first contact
        sender = threading.Thread(target=lambda: seen.update(sent=send_all(sock, size)))
        sender.start()
        seen["received"] = receive_all(sock)
        sender.join()

    lb = start_tcp(start_server(exchange))
    client, sent = dial(lb.tcp), {}
    sender = threading.Thread(target=lambda: sent.update(sum=send_all(client, size)))
    sender.start()
    total, sum_ = receive_all(client)
    sender.join()
    wait_for(lambda: "sent" in seen and "received" in seen, "the server has all", 60)
    assert total == size and sum_ == seen["sent"]
    assert seen["received"] == (size, sent["sum"])


def test_who_does_not_read_costs_a_bounded_amount(start_server, start_tcp, dial, built_with):
    """Of 300 that are sent 8 MB each nobody reads; another client is served."""
    piece = b"x" * 65536

    def pours(sock):
        if sock.recv(1) == b"e":
            sock.sendall(b"e")
            return
        for _ in range(128):
            sock.sendall(piece)

    lb = start_tcp(start_server(pours), "--max-buffers=16m", "--workers=1")
    before = lb.rss_bytes()
    clients = [dial(lb.tcp) for _ in range(300)]
    for client in clients:
        client.sendall(b"p")
    wait_for(lambda: lb.pool()["services"] and lb.rss_bytes() >= before, "it has grown")
    quick = dial(lb.tcp)
    quick.sendall(b"e")
    assert take(quick, 1) == b"e"
    if not built_with:
        assert lb.rss_bytes() - before < 48 << 20


def test_many_idle_ones_hold_no_pipes(start_server, start_tcp, dial):
    lb = start_tcp(start_server(echo), "--workers=1")
    clients = [dial(lb.tcp) for _ in range(100)]
    for client in clients:
        client.sendall(PIECE[:300000])
        assert take(client, 300000) == PIECE[:300000]
    held = subprocess.run(["ls", "-l", f"/proc/{lb.proxy_pid}/fd"], capture_output=True, text=True, check=True)
    assert held.stdout.count("pipe:") <= 2 * 16 + 10


def test_a_reset_reaches_the_other_side(start_server, start_tcp, dial):
    ended = threading.Event()

    def waits(sock):
        sock.sendall(b"x")
        if is_reset(sock):
            ended.set()

    client = dial(start_tcp(start_server(waits)).tcp)
    assert take(client, 1) == b"x"
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    client.close()
    assert ended.wait(10)


def test_an_urgent_byte_holds_up_nothing(start_server, start_tcp, dial):
    """It is told apart from the stream, and not passed on; splice(2) does not get across it."""
    client = dial(start_tcp(start_server(lambda sock: sock.sendall(b"%d" % receive_all(sock)[0]))).tcp)
    for _ in range(16):
        client.sendall(PIECE)
    client.send(b"!", socket.MSG_OOB)
    client.sendall(PIECE)
    client.shutdown(socket.SHUT_WR)
    assert take(client, 8) == b"%d" % (17 * len(PIECE))


def test_silence_ends_it(start_server, start_tcp, dial):
    lb = start_tcp(start_server(), "--tcp-idle-timeout=500ms")
    client = dial(lb.tcp)
    client.sendall(b"x")
    assert take(client, 1) == b"x"
    assert is_reset(client)


def test_one_record_and_counters_that_move_as_bytes_pass(start_server, start_tcp, dial, tmp_path):
    with open(tmp_path / "access", "w", encoding="utf-8") as access:
        lb = start_tcp(start_server(), stdout=access)
    client = dial(lb.tcp)
    client.sendall(b"hello")
    take(client, 5)
    client.shutdown(socket.SHUT_WR)
    assert client.recv(1) == b""

    def records():
        return [json.loads(line) for line in (tmp_path / "access").read_text().splitlines()]
    wait_for(records, "the record is written")
    record, = records()
    assert record["lb"]["kind"] == "connection" and record["lb"]["end"] == "ok"
    assert record["source"]["bytes"] == 5 and record["destination"]["bytes"] == 5


@pytest.mark.skipif(not shutil.which("redis-server"), reason="redis-server is not installed")
def test_redis(start_tcp, cleanup, dial, tmp_path):
    port = free_port()
    server = subprocess.Popen(["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "",
                               "--dir", str(tmp_path)], stdout=subprocess.DEVNULL)
    cleanup.callback(lambda: (server.kill(), server.wait()))

    class Redis:
        address = ("127.0.0.1", port)

    client = dial(start_tcp(Redis, "--hold=10s").tcp)
    value = PIECE * 4
    for key in (b"a", b"b"):
        client.sendall(b"*3\r\n$3\r\nSET\r\n$1\r\n%s\r\n$%d\r\n" % (key, len(value)) + value + b"\r\n")
        assert take(client, 5) == b"+OK\r\n"
    client.sendall(b"*2\r\n$3\r\nGET\r\n$1\r\na\r\n" * 2)
    head = b"$%d\r\n" % len(value)
    for _ in range(2):
        assert take(client, len(head)) == head
        assert take(client, len(value) + 2) == value + b"\r\n"
