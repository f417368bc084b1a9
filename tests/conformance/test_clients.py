"""Real clients: curl, Python's, Node's, a WebSocket library; against the appserver, and against a
backend of Python's standard library that knows ranges."""

import asyncio
import functools
import hashlib
import http.client
import http.server
import json
import os
import re
import shutil
import subprocess
import threading
import urllib.request

import pytest

websockets = pytest.importorskip("websockets", reason="python3-websockets is not installed")

DATA = bytes(i * i % 251 for i in range(100_000))
CURL = ["curl", "--silent", "--show-error", "--max-time", "20", "--noproxy", "*", "--include"]


@pytest.fixture(name="lb")
def make_lb(start_lb, start_appserver):
    return start_lb(backends=[start_appserver("one"), start_appserver("two")])


def url(lb, path="/"):
    return f"http://127.0.0.1:{lb.address[1]}{path}"


class Curl:
    """One run; `status` and `heads` of what it got, `body` of the last answer."""

    def __init__(self, *arguments, data=None):
        self.body = subprocess.run([*CURL, *arguments], input=data, check=True,
                                   stdout=subprocess.PIPE, timeout=30).stdout
        self.heads = []
        while self.body.startswith(b"HTTP/"):
            head, _, self.body = self.body.partition(b"\r\n\r\n")
            self.heads.append(head.decode())
        self.status = int(self.heads[-1].split()[1])

    def field(self, name):
        found = re.findall(rf"(?im)^{name}: *([^\r\n]*)", self.heads[-1])
        return found[0] if found else None


# ---- curl ----------------------------------------------------------------------------------------

@pytest.mark.parametrize("version", ["--http1.0", "--http1.1", "--http2"])
def test_curl_gets(version, lb):
    got = Curl(version, url(lb, "/bytes/300000"))
    assert (got.status, len(got.body)) == (200, 300000)
    assert got.heads[-1].startswith("HTTP/1.1 200")  # what --http2 asks for in vain


@pytest.mark.parametrize("version", ["--http1.0", "--http1.1"])
def test_curl_gets_chunks(version, lb):
    got = Curl(version, url(lb, "/slow/5/1"))
    assert got.status == 200 and len(got.body) > 0
    assert got.field("Transfer-Encoding") == (None if version == "--http1.0" else "chunked")


def test_curl_uses_one_connection(lb):
    done = subprocess.run([*CURL, "--write-out", "%{num_connects} ", url(lb), url(lb), url(lb)],
                          check=True, stdout=subprocess.PIPE, timeout=30)
    assert re.findall(rb"(\d) (?=HTTP|$)", done.stdout) == [b"1", b"0", b"0"]


def test_curl_head(lb):
    got = Curl("--head", url(lb, "/bytes/1000"))
    assert (got.status, got.field("Content-Length"), got.body) == (200, "1000", b"")


@pytest.mark.parametrize("expect", ["Expect: 100-continue", "Expect:"])
def test_curl_uploads(expect, lb):
    got = Curl("--header", expect, "--data-binary", "@-", url(lb, "/upload"), data=DATA)
    assert got.status == 200 and str(len(DATA)).encode() in got.body
    assert (len(got.heads) == 2) == (expect == "Expect: 100-continue")


def test_curl_uploads_chunks(lb):
    got = Curl("--header", "Transfer-Encoding: chunked", "--upload-file", "-",
               url(lb, "/upload"), data=DATA)
    assert got.status == 200 and str(len(DATA)).encode() in got.body


def test_curl_other_expectation(lb):
    assert Curl("--header", "Expect: miracles", url(lb)).status == 417


def test_curl_through_lb_as_a_proxy(lb):
    """Absolute-form targets."""
    got = Curl("--noproxy", "", "--proxy", url(lb), "http://shop.example/echo")
    assert got.status == 200 and b"GET /echo HTTP/1.1" in got.body
    assert b"Host: shop.example" in got.body and b"Proxy-Connection" not in got.body


# ---- ranges --------------------------------------------------------------------------------------

class RangeHandler(http.server.SimpleHTTPRequestHandler):
    """The standard library's file server, taught single ranges (RFC 9110 § 14.2)."""
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        found = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range", ""))
        if not found:
            self.answer(200, DATA)
            return
        first, last = found[1], found[2]
        if first:
            part = DATA[int(first):int(last) + 1 if last else None]
        else:
            part = DATA[-int(last):]
        if not part:
            self.answer(416, b"", f"bytes */{len(DATA)}")
            return
        start = int(first) if first else len(DATA) - len(part)
        self.answer(206, part, f"bytes {start}-{start + len(part) - 1}/{len(DATA)}")

    def answer(self, status, body, content_range=None):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Accept-Ranges", "bytes")
        if content_range:
            self.send_header("Content-Range", content_range)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture(name="ranges")
def make_ranges(start_lb, cleanup):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), RangeHandler)
    server.daemon_threads = True
    server.block_on_close = False
    cleanup.callback(server.server_close)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    cleanup.callback(server.shutdown)
    return start_lb(backends=[server.server_address])


@pytest.mark.parametrize("wish, part", [("0-9", slice(0, 10)), ("500-", slice(500, None)),
                                        ("-7", slice(-7, None)), ("99999-", slice(99999, None))])
def test_curl_ranges(wish, part, ranges):
    got = Curl("--range", wish, url(ranges))
    assert (got.status, got.body) == (206, DATA[part])
    assert got.field("Content-Range").endswith(f"/{len(DATA)}")


def test_curl_range_out_of_reach(ranges):
    got = Curl("--range", "100000-", url(ranges))
    assert (got.status, got.field("Content-Range")) == (416, f"bytes */{len(DATA)}")


def test_curl_resumes_a_download(ranges, tmp_path):
    file = tmp_path / "file"
    file.write_bytes(DATA[:1234])
    subprocess.run([*CURL[:-1], "--continue-at", "-", "--output", str(file), url(ranges)],
                   check=True, timeout=30)
    assert file.read_bytes() == DATA


# ---- Python --------------------------------------------------------------------------------------

def test_python_http_client(lb):
    connection = http.client.HTTPConnection(*lb.address, timeout=15)
    for _ in range(3):
        connection.request("GET", "/")
        answer = connection.getresponse()
        assert (answer.status, answer.version) == (200, 11)
        assert answer.read().startswith(b"Hello World")
        assert connection.sock is not None  # it stays open
    connection.request("POST", "/upload", body=iter([DATA[:100], DATA[100:5000]]),
                       headers={"Transfer-Encoding": "chunked"}, encode_chunked=True)
    assert b"5000" in connection.getresponse().read()
    connection.request("PUT", "/upload", body=DATA)
    assert str(len(DATA)).encode() in connection.getresponse().read()
    connection.request("HEAD", "/bytes/70000")
    answer = connection.getresponse()
    assert (answer.getheader("Content-Length"), answer.read()) == ("70000", b"")
    connection.request("GET", "/slow/3/1")
    assert connection.getresponse().read()
    connection.close()


def test_python_urllib(lb):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url(lb, "/bytes/12345"), timeout=15) as answer:
        assert len(answer.read()) == 12345
    with pytest.raises(urllib.error.HTTPError) as caught:
        opener.open(url(lb, "/status/404"), timeout=15)
    assert caught.value.code == 404
    with opener.open(url(lb, "/upload"), data=DATA, timeout=15) as answer:
        assert str(len(DATA)).encode() in answer.read()


# ---- Node ----------------------------------------------------------------------------------------

NODE = r"""
const http = require('http');
const crypto = require('crypto');
const port = process.argv[2];
const agent = new http.Agent({keepAlive: true, maxSockets: 1});
function ask(options, body) {
    return new Promise((resolve, reject) => {
        const seen = {interim: []};
        const request = http.request({host: '127.0.0.1', port, agent, ...options}, response => {
            const hash = crypto.createHash('sha256');
            let length = 0;
            response.on('data', d => { hash.update(d); length += d.length; });
            response.on('end', () => resolve({status: response.statusCode, length,
                sha256: hash.digest('hex'), reused: request.reusedSocket, ...seen,
                trailers: response.trailers}));
            response.on('error', reject);
        });
        request.on('continue', () => { seen.interim.push(100); request.end(body); });
        request.on('error', reject);
        if (options.headers && options.headers.Expect) request.flushHeaders();
        else if (Array.isArray(body)) { body.forEach(b => request.write(b)); request.end(); }
        else request.end(body);
    });
}
function upgrade() {
    return new Promise((resolve, reject) => {
        const request = http.request({host: '127.0.0.1', port, path: '/ws',
            headers: {Connection: 'Upgrade', Upgrade: 'echo'}});
        request.on('upgrade', (response, socket, head) => {
            let got = head.toString();
            socket.on('data', d => { got += d; if (got === 'hello') socket.end(); });
            socket.on('close', () => resolve({status: response.statusCode, got}));
            socket.write('hello');
        });
        request.on('error', reject);
        request.end();
    });
}
(async () => {
    const out = [];
    out.push(await ask({path: '/'}));
    out.push(await ask({path: '/bytes/200000'}));
    out.push(await ask({path: '/bytes/200000', method: 'HEAD'}));
    out.push(await ask({path: '/upload', method: 'POST'}, ['a'.repeat(5000), 'b'.repeat(5000)]));
    out.push(await ask({path: '/upload', method: 'PUT', headers: {'Content-Length': 5,
        Expect: '100-continue'}}, 'hello'));
    out.push(await ask({path: '/status/204'}));
    out.push(await ask({path: '/slow/4/1'}));
    out.push(await upgrade());
    agent.destroy();
    console.log(JSON.stringify(out));
})().catch(e => { console.error(e); process.exit(1); });
"""


def test_node(lb, tmp_path):
    node = shutil.which("node", path=os.environ["PATH"] + ":/usr/bin")
    if not node:
        pytest.skip("no node here: its client is not tested")
    script = tmp_path / "client.js"
    script.write_text(NODE, encoding="ascii")
    done = subprocess.run([node, script, str(lb.address[1])], check=True, timeout=30,
                          stdout=subprocess.PIPE)
    out = json.loads(done.stdout)
    assert [answer["status"] for answer in out] == [200, 200, 200, 200, 200, 204, 200, 101]
    assert [answer["reused"] for answer in out[:7]] == [False] + [True] * 6
    expected = bytes(97 + i % 26 for i in range(200000))
    assert out[1]["sha256"] == hashlib.sha256(expected).hexdigest()
    assert (out[2]["length"], out[4]["interim"], out[7]["got"]) == (0, [100], "hello")


# ---- WebSocket -----------------------------------------------------------------------------------

async def echo(socket, _path=None):
    async for message in socket:
        await socket.send(message)


async def talk(port):
    """Texts, bytes, a message larger than any buffer, pings, and a closing handshake."""
    big = os.urandom(1 << 20)
    async with websockets.connect(f"ws://127.0.0.1:{port}/ws", max_size=None,
                                  compression=None) as socket:
        for message in ("hello", "", "é" * 1000, b"\x00\xff", big):
            await socket.send(message)
            assert await socket.recv() == message
        await asyncio.wait_for(await socket.ping(), 10)
    assert socket.close_code == 1000


def test_websocket_library(start_lb):
    async def run():
        async with websockets.serve(echo, "127.0.0.1", 0, max_size=None) as server:
            address = server.sockets[0].getsockname()
            lb = await asyncio.to_thread(functools.partial(start_lb, backends=[address]))
            await asyncio.wait_for(asyncio.gather(*(talk(lb.address[1]) for _ in range(10))), 60)
            await asyncio.to_thread(lb.wait_total, "ends", {"ok": 10})
    asyncio.run(run())


def test_websocket_with_compression(start_lb):
    async def run():
        async with websockets.serve(echo, "127.0.0.1", 0) as server:
            address = server.sockets[0].getsockname()
            lb = await asyncio.to_thread(functools.partial(start_lb, backends=[address]))
            async with websockets.connect(f"ws://127.0.0.1:{lb.address[1]}/") as socket:
                await socket.send("a" * 100000)
                assert await asyncio.wait_for(socket.recv(), 10) == "a" * 100000
                assert [e.name for e in socket.extensions] == ["permessage-deflate"]
    asyncio.run(run())
