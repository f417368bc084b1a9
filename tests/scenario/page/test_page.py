"""The page at / as a person has it, in Chromium: what it says of the pool and its traffic, and what it does when lb is
not there."""

import gzip
import os
import re
import signal

import pytest

from support.discovery import endpoint
from support.page import ENDPOINTS, SERVICES, fact, is_live
from support.traffic import Traffic
from support.waiting import wait_for

TOKEN = "0123456789abcdef-secret"
HOSTILE = "<img src=x onerror=document.title='owned'><script>alert(1)</script>"
SERVICE = "#/service/appserver"


@pytest.fixture(name="lb")
def make_lb(start_lb, start_backend):
    return start_lb(backends=[start_backend() for _ in range(3)])


@pytest.fixture(name="mixed")
def make_mixed(start_lb, discovery, start_backend):
    """Three that are ready and one each of what can go wrong."""
    lb = start_lb(*discovery.flags)
    ready = [endpoint(f"app{i}", start_backend().address) for i in (1, 2, 10)]
    address = start_backend().address
    discovery.send(*ready, endpoint("probing", ("127.0.0.1", 1)),
                   endpoint("sick", address, state="unhealthy"),
                   endpoint("stopping", address, state="draining"), endpoint(HOSTILE, address, state="paused"),
                   endpoint("x" * 200, address, state="starting"),
                   left_out=[{"id": "ff", "name": "x", "service": "y", "reason": "no_port"}])
    return lb.wait_ready(3)


# ---- the answer ----------------------------------------------------------------------------------


def test_answer(lb):
    answer = lb.ask("/")
    assert answer.status == 200
    assert answer.get("Content-Type") == "text/html; charset=utf-8"
    assert answer.get("Cache-Control") == "no-store"
    assert answer.get("X-Content-Type-Options") == "nosniff"
    policy = answer.get("Content-Security-Policy")
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert re.search(r"script-src 'sha256-[A-Za-z0-9+/]{43}='; style-src 'sha256-", policy)
    body = answer.body.decode()
    assert not re.search(r"innerHTML|insertAdjacent|document\.write|eval\(", body)
    assert set(re.findall(r"https?://[^\"]*", body)) == {"http://www.w3.org/2000/svg"}  # a name, never asked for
    assert lb.ask("/", "HEAD").get("Content-Length") == str(len(answer.body))
    assert lb.ask("/", "POST").status == 405


@pytest.mark.parametrize("accept, is_packed", (
    ("gzip, deflate, br, zstd", True), ("br;q=1.0, GZIP;q=0.5", True), ("gzip;q=0", False), ("gzip; q=0.000", False),
    ("gzip;q=0.001", True), ("br", False), ("*", False)))
def test_who_takes_gzip_gets_it(lb, accept, is_packed):
    plain = lb.ask("/")
    answer = lb.ask("/", fields=[f"Accept-Encoding: {accept}"])
    assert plain.get("Content-Encoding") is None and plain.get("Vary") == "Accept-Encoding" == answer.get("Vary")
    assert answer.get("Content-Encoding") == ("gzip" if is_packed else None)
    assert (gzip.decompress(answer.body) if is_packed else answer.body) == plain.body
    assert not is_packed or len(answer.body) < len(plain.body) / 2


def test_nothing_but_lb_is_asked_and_nothing_complains(mixed, open_page):
    page = is_live(open_page(mixed))
    page.wait(f"{SERVICES}.length === 1")
    base = "http://%s:%d/" % mixed.admin
    assert set(page.requested_urls()) <= {base + path for path in ("", "events", "history", "requests")}
    assert page.complaints() == []


# ---- numbers and states --------------------------------------------------------------------------


def requests_of(pool):
    return {e["name"]: e["requests"] for s in pool["services"] for e in s["endpoints"]}


def shown_requests(page):
    return {row[0]: int(row[2].partition("Σ ")[2].replace(",", "")) for row in page.run(ENDPOINTS)}


def test_numbers_agree_with_pool(lb, open_page, connect):
    page = is_live(open_page(lb, SERVICE))
    client = connect(lb)
    for total in (7, 1234):
        for _ in range(total):
            client.get()
        lb.wait_idle()
        pool = lb.pool()
        wait_for(lambda: shown_requests(page) == requests_of(pool), "the page says what /pool says")
    for row, told in zip(page.run(ENDPOINTS), sorted(pool["services"][0]["endpoints"], key=lambda e: e["name"])):
        assert row[:2] == [told["name"], told["state"]]
        numbers = {"in flight": row[7], "failures": row[8], "weight": row[-1]}
        assert numbers == {"in flight": f"{told['inflight']}|", "failures": f"{told['failures']}|", "weight": f"{told['weight']}|"}
    page.run("location.hash = '#/'")
    page.wait("document.querySelector('#self').textContent.includes('In all 1,241 requests: 1,241 2xx, 0 3xx, 0 4xx, 0 5xx, ')")
    assert float(page.run(fact("traffic", "Requests/s")).replace(",", "")) > 0
    assert re.match(r"[\d.]+ ms$", page.run(fact("traffic", "p99")))
    assert page.text("#summary") == "3 of 3 endpoints get requests."
    assert page.run("document.title").startswith("3/3 ")


def test_numbers_agree_with_pool_under_load(lb, open_page):
    """Each number that is shown lies between what /pool said before and after it."""
    page = is_live(open_page(lb, SERVICE))
    with Traffic(lb.address, kept=2, fresh=1) as traffic:
        for _ in range(3):
            traffic.wait_more(300)
            before = requests_of(lb.pool())
            wait_for(lambda: all(shown_requests(page)[name] >= before[name] for name in before), "it comes to the page")
            shown, after = shown_requests(page), requests_of(lb.pool())
            assert all(shown[name] <= after[name] for name in after)
        rates = [float(row[2].partition("|")[0].replace(",", "")) for row in page.run(ENDPOINTS)]
        assert min(rates) > 0
        assert float(page.run(fact("service-facts", "Requests/s")).replace(",", "")) > 0


def test_failures_and_latency_are_shown(start_lb, start_appserver, open_page, connect):
    lb = start_lb(backends=[start_appserver("one")])
    page = is_live(open_page(lb, SERVICE))
    clients = [connect(lb).request("GET", "/delay/120") for _ in range(4)]
    assert [c.read_response().status for c in clients] == [200] * 4
    assert connect(lb).get("/status/500").status == 500
    page.wait(f"{ENDPOINTS}[0][4].endsWith('|20 %')")  # one of five
    p50, p99 = (float(text.split()[0]) for text in page.run(f"{ENDPOINTS}[0].slice(5, 7)"))
    assert 100 <= p50 <= p99 <= 1000


def test_states_follow(mixed, open_page, discovery):
    page = is_live(open_page(mixed, SERVICE))
    page.wait(f"{ENDPOINTS}.length === 8")
    rows = page.run(ENDPOINTS)
    assert sorted(row[:2] for row in rows) == sorted(
        [e["name"], e["state"]] for s in mixed.pool()["services"] for e in s["endpoints"])
    assert [row[0] for row in rows] == ["sick", HOSTILE, "probing", "stopping", "x" * 200, "app1", "app2", "app10"]
    body = page.text("body")
    assert "3 of 8 endpoints get requests; " in body and "1 probing" in body
    assert "connection refused" in body and "docker unpause brings it back." in body
    assert page.text("#left-out-link") == "Left out 1"
    mixed.order("/endpoints/app1/disable")
    page.wait(f"{ENDPOINTS}.find(row => row[0] === 'app1')[1] === 'disabled'")
    assert "app1 ready → disabled, by admin" in page.text("#changes li")
    assert page.run("document.querySelector('#news').textContent") == "app1 ready → disabled, by admin"  # what a screen reader says
    discovery.send()
    page.wait("document.querySelector('#summary').textContent.startsWith('No endpoint gets requests')")
    page.wait(f"{ENDPOINTS}.length === 0")


def test_rows_that_stay_are_the_same_elements(lb, open_page, connect):
    page = is_live(open_page(lb, SERVICE))
    page.wait(f"{ENDPOINTS}.length === 3")
    page.run("window.nodes = [...document.querySelectorAll('#endpoints tr, #changes li')]")
    connect(lb).get()
    page.wait(f"{ENDPOINTS}.some(row => row[2].endsWith('Σ 1'))")
    assert page.run("nodes.length > 3 && nodes.every(node => node.isConnected)")


def test_hostile_names_are_text(mixed, open_page):
    page = is_live(open_page(mixed, SERVICE))
    page.wait(f"{ENDPOINTS}.length === 8")
    assert HOSTILE in [row[0] for row in page.run(ENDPOINTS)]
    assert page.run("document.querySelectorAll('img, main script').length") == 0
    page.run("location.hash = '#/service/' + encodeURIComponent('<img src=x>')")
    page.wait("document.querySelector('#no-service').textContent === 'There is no service <img src=x>.'")
    assert page.run("document.title") != "owned" and page.complaints() == []


# ---- lb goes and comes ---------------------------------------------------------------------------


def test_lb_goes_and_comes_back(start_lb, start_backend, open_page):
    backend = start_backend()
    lb = start_lb(backends=[backend])
    page = is_live(open_page(lb))
    admin = "%s:%d" % lb.admin
    lb.stop()
    page.wait("document.querySelector('#link').textContent.includes("
              "'connection to lb lost, trying again')")
    assert page.run(f"{SERVICES}.length") == 1  # the last that was known, and from when it is
    assert re.search(r"What is shown is of \d\d:\d\d:\d\d\.", page.text("#link"))
    page.wait("getComputedStyle(document.querySelector('main')).opacity < 0.6")
    start_lb(f"--admin={admin}", backends=[backend])
    is_live(page)
    page.wait("getComputedStyle(document.querySelector('main')).opacity == 1")


@pytest.mark.slow("the page waits five seconds for the next object")
def test_silence_is_noticed(lb, open_page):
    """lb hangs, and so the connection stays."""
    page = is_live(open_page(lb))
    serving = lb.proxy_pid
    os.kill(serving, signal.SIGSTOP)
    try:
        page.wait("document.querySelector('#link').textContent.includes('connection to lb lost')")
    finally:
        os.kill(serving, signal.SIGCONT)
    is_live(page)


def test_token(start_lb, start_backend, open_page):
    lb = start_lb(f"--admin-token={TOKEN}", backends=[start_backend()], is_ready=False)
    page = open_page(lb)
    page.wait("!document.querySelector('#login').hidden && document.activeElement.id === 'token'")
    assert page.run("document.querySelector('#view').hidden")
    page.type("wrong")
    page.press_enter()
    page.wait("document.querySelector('#refused').textContent.includes('not the right one')")
    page.type(TOKEN)
    page.press_enter()
    is_live(page)
    assert page.run("document.querySelector('#login').hidden")
    assert page.run("document.cookie + localStorage.length") == "0"
    page.reload()
    is_live(page)  # this tab still has it
    assert TOKEN not in page.run("document.documentElement.outerHTML + location.href")


def test_links_work_with_a_token(start_lb, start_backend, open_page):
    lb = start_lb(f"--admin-token={TOKEN}", backends=[start_backend()], is_ready=False)
    page = open_page(lb)
    page.wait("document.activeElement.id === 'token'")
    page.type(TOKEN)
    page.press_enter()
    is_live(page)
    for path, words in (("pool", '"services"'), ("explain", "routed"), ("metrics", "# TYPE"),
                        ("config", '"listen"')):
        page.run(f"document.querySelector('#footer a[href={path}]').click()")
        page.wait(f"document.querySelector('#answer-of').textContent === '/{path}' && "
                  f"document.querySelector('#answer-text').textContent.includes('{words}')")


def test_too_many_pages(lb, open_page, follow):
    for _ in range(16):
        follow(lb)
    page = open_page(lb)
    page.wait("document.querySelector('#link').textContent.includes('close a page')")


def test_without_javascript(lb, open_page):
    page = open_page(lb)
    page.call("Emulation.setScriptExecutionDisabled", value=True)
    page.reload()
    assert "needs JavaScript" in page.text("body")
    assert "/pool" in page.text("noscript") and "/explain" in page.text("noscript")
