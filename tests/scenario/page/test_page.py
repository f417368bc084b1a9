"""The page at / as a person has it: in Chromium, at the width of a desk and of a phone, in light and
dark. Screenshots are left in pytest's folder for the test, to be looked at."""

import itertools
import os
import re
import signal

import pytest

from support.discovery import endpoint
from support.waiting import wait_for

TOKEN = "0123456789abcdef-secret"
HOSTILE = "<img src=x onerror=document.title='owned'><script>alert(1)</script>"

# The rows as the page shows them: name, state, and the numbers behind it.
ROWS = """[...document.querySelectorAll("#rows tr")].map(row => [
    row.children[0].children[0].textContent, row.children[1].children[0].textContent,
    ...[...row.children].slice(2).map(cell => cell.textContent)])"""


def rows_of(pool):
    """What the page must show of /pool, but for the rates."""
    return sorted([e["name"], e["state"], str(e["inflight"]), f"{e['requests']:,}", str(e["failures"]),
                   str(e["weight"])] for s in pool["services"] for e in s["endpoints"])


def shown_rows(page):
    return sorted([row[0], row[1], *row[3:]] for row in page.run(ROWS))


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


def is_live(page):
    page.wait("document.querySelector('#link').textContent === 'live'")
    return page


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
    assert not re.search(r"innerHTML|insertAdjacent|document\.write|https?://|eval\(", body)
    assert lb.ask("/", "HEAD").get("Content-Length") == str(len(answer.body))
    assert lb.ask("/", "POST").status == 405


def test_numbers_agree_with_pool(lb, open_page, connect):
    page = is_live(open_page(lb))
    client = connect(lb)
    for total in (7, 1234):
        for _ in range(total):
            client.get()
        lb.wait_idle()
        pool = lb.pool()
        want = f"{pool['totals']['requests']:,}"
        page.wait(f"document.querySelector('#requests').textContent === '{want}'")
        assert shown_rows(page) == rows_of(pool)
        assert page.text("#class-2xx") == want and page.text("#class-5xx") == "0"
    assert sum(int(row[4].replace(",", "")) for row in page.run(ROWS)) == 1241
    assert float(page.text("#rate").replace(",", "")) > 0
    assert re.match(r"[\d.]+ ms$", page.text("#p99"))
    assert page.text("#summary") == "3 of 3 endpoints get requests."
    assert page.run("document.title") == "3/3 appserver – lb"


def test_states_follow(mixed, open_page, discovery, connect):
    page = is_live(open_page(mixed))
    page.wait(f"{ROWS}.length === 8")
    assert shown_rows(page) == rows_of(mixed.pool())
    names = [row[0] for row in page.run(ROWS)]
    assert names.index("app2") < names.index("app10")
    body = page.text("body")
    assert "3 of 8 endpoints get requests; 1 probing" in body
    assert "connection refused" in body and "docker unpause brings it back." in body
    assert "1 container left out" in body
    mixed.order("/endpoints/app1/disable")
    page.wait(f"{ROWS}.find(row => row[0] === 'app1')[1] === 'disabled'")
    assert page.text("#list li").endswith("app1: ready → disabled, by admin")
    assert page.text("#news") == "app1: ready → disabled, by admin"  # what a screen reader says
    discovery.send()
    page.wait(f"{ROWS}.length === 0")
    assert "No endpoint gets requests" in page.text("#summary")
    assert shown_rows(page) == rows_of(mixed.pool()) == []


def test_rows_that_stay_are_the_same_elements(lb, open_page, connect):
    page = is_live(open_page(lb))
    page.run("window.kept = [...document.querySelectorAll('#rows tr, #list li')]")
    connect(lb).get()
    page.wait("document.querySelector('#requests').textContent === '1'")
    assert page.run("kept.length > 3 && kept.every(node => node.isConnected)")
    assert page.run("JSON.stringify(kept) === "
                    "JSON.stringify([...document.querySelectorAll('#rows tr, #list li')])")


def test_hostile_name_is_text(mixed, open_page):
    page = is_live(open_page(mixed))
    page.wait(f"{ROWS}.length === 8")
    assert HOSTILE in [row[0] for row in page.run(ROWS)]
    assert page.run("document.querySelectorAll('img, #view script').length") == 0
    assert page.run("document.title") != "owned"
    assert HOSTILE in page.text("#list")
    assert page.complaints() == []


def test_nothing_but_lb_is_asked_and_nothing_complains(mixed, open_page):
    page = is_live(open_page(mixed))
    page.wait(f"{ROWS}.length === 8")
    base = "http://%s:%d/" % mixed.admin
    assert page.requested_urls() == [base, base + "events"]
    assert page.complaints() == []


@pytest.mark.parametrize("width, scheme", itertools.product((360, 768, 1200), ("light", "dark")))
def test_layout(width, scheme, mixed, open_page, connect, tmp_path):
    page = is_live(open_page(mixed, width=width, scheme=scheme))
    client = connect(mixed)
    for _ in range(30):
        client.get()
    page.wait("document.querySelector('#requests').textContent === '30'")
    page.screenshot(tmp_path / f"page-{width}-{scheme}.png")
    assert page.run("document.documentElement.scrollWidth") <= width
    assert page.run(SMALLEST_CONTRAST) >= 4.5
    assert page.run("document.querySelectorAll('#rows th[role=rowheader]').length") == 8


# WCAG 2.1 § 1.4.3: the contrast of each text with the ground behind it; the least of all.
SMALLEST_CONTRAST = """(() => {
    const parse = color => color.match(/[\\d.]+/g).map(Number);
    const light = color => {
        const [r, g, b] = parse(color).slice(0, 3).map(c => c / 255)
            .map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ground = node => {
        for (; node; node = node.parentElement) {
            const color = getComputedStyle(node).backgroundColor;
            if (parse(color)[3] !== 0)
                return color;
        }
        return "rgb(255, 255, 255)";
    };
    let least = 21;
    for (const node of document.querySelectorAll("body *")) {
        const hasText = [...node.childNodes].some(n => n.nodeType === 3 && n.data.trim());
        if (!hasText || node.matches("script, noscript, noscript *"))
            continue;
        const [a, b] = [light(getComputedStyle(node).color), light(ground(node))];
        least = Math.min(least, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
    }
    return least;
})()"""


def test_lb_goes_and_comes_back(start_lb, start_backend, open_page):
    backend = start_backend()
    lb = start_lb(backends=[backend])
    page = is_live(open_page(lb))
    admin = "%s:%d" % lb.admin
    lb.stop()
    page.wait("document.querySelector('#link').textContent.includes("
              "'connection to lb lost, trying again')")
    assert page.run(f"{ROWS}.length") == 1  # the last that was known, and from when it is
    assert re.search(r"What is shown is of \d\d:\d\d:\d\d\.", page.text("#link"))
    start_lb(f"--admin={admin}", backends=[backend])
    is_live(page)


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
