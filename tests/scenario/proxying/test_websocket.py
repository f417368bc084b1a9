"""The appserver's WebSocket (RFC 6455) through lb, with a real library as the client."""

import asyncio
import os

import pytest

websockets = pytest.importorskip("websockets")

HANDSHAKE = (b"GET /ws HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
             b"Sec-WebSocket-Version: %b\r\nSec-WebSocket-Key: %b\r\n\r\n")
KEY = b"dGhlIHNhbXBsZSBub25jZQ=="    # RFC 6455 § 1.3
CLOSE_1002 = bytes.fromhex("880203ea")


async def talk(lb, number):
    """Texts, bytes, fragments, pings, and a closing handshake."""
    url = f"ws://127.0.0.1:{lb.address[1]}/ws?n={number}"
    async with websockets.connect(url, max_size=None) as socket:
        for message in ("hello", "", "é" * 1000, b"\x00\xff", os.urandom(70000),
                        os.urandom(1 << 20)):
            await socket.send(message)
            assert await asyncio.wait_for(socket.recv(), 10) == message
        await socket.send(["in ", "three ", "pieces"])
        await asyncio.wait_for(await socket.ping(b"are you there"), 10)
        assert await asyncio.wait_for(socket.recv(), 10) == "in three pieces"
        await socket.close(4000, "that was all")
    assert socket.close_code == 4000


def test_conversations(start_lb, start_appserver):
    lb = start_lb(backends=[start_appserver("one"), start_appserver("two")])

    async def run():
        await asyncio.wait_for(asyncio.gather(*(talk(lb, n) for n in range(8))), 60)
    asyncio.run(run())
    lb.wait_total("ends", {"ok": 8})


def test_a_frame_that_is_too_large(start_lb, start_appserver):
    lb = start_lb(backends=[start_appserver("one")])

    async def run():
        async with websockets.connect(f"ws://127.0.0.1:{lb.address[1]}/ws") as socket:
            await socket.send(b"a" * ((1 << 20) + 1))
            with pytest.raises(websockets.ConnectionClosed):
                await asyncio.wait_for(socket.recv(), 10)
            assert socket.close_code == 1009
    asyncio.run(run())


def test_handshake_of_the_rfc(start_lb, start_appserver, connect):
    client = connect(start_lb(backends=[start_appserver("one")]))
    head = client.send(HANDSHAKE % (b"13", KEY)).read_head()
    assert (head.status, head.get("Upgrade")) == (101, "websocket")
    assert head.get("Sec-WebSocket-Accept") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    client.send(bytes.fromhex("818537fa213d7f9f4d5158"))    # § 5.7: a masked "Hello"
    assert client.wire.take_exactly(7) == b"\x81\x05Hello"


def test_an_unmasked_frame_ends_it(start_lb, start_appserver, connect):
    lb = start_lb(backends=[start_appserver("one")])
    client = connect(lb).send(HANDSHAKE % (b"13", KEY) + b"\x81\x05Hello")
    assert client.read_head().status == 101
    assert client.wire.take_exactly(4) == CLOSE_1002
    assert client.ends()
    client.half_close()
    lb.wait_total("ends", {"ok": 1})


@pytest.mark.parametrize("version, key, status", [(b"8", KEY, 426), (b"13", b"short", 400)])
def test_handshakes_that_are_refused(start_lb, start_appserver, connect, version, key, status):
    client = connect(start_lb(backends=[start_appserver("one")]))
    response = client.send(HANDSHAKE % (version, key)).read_response()
    assert response.status == status
    assert response.get("Sec-WebSocket-Version") == ("13" if status == 426 else None)
    assert client.get().status == 200
