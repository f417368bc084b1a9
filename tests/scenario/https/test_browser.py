"""Chromium at a host that sends who comes by http to https, and that says Strict-Transport-Security."""

import base64
import hashlib
import subprocess

import pytest

from support.backend import answer_each
from support.browser import PROGRAM, Browser, Tab
from support.waiting import wait_for

PAGE = b"<!doctype html><title>shop</title><p id=words>Welcome</p>"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s" % (len(PAGE), PAGE)


def pin_of(certificate):
    """What Chromium calls a key by: SHA-256 of SubjectPublicKeyInfo (RFC 5280 § 4.1), in base64."""
    public = subprocess.run(["openssl", "x509", "-noout", "-pubkey"], input=certificate.encode(), capture_output=True, check=True)
    key = base64.b64decode(b"".join(public.stdout.split(b"\n")[1:-2]))
    return base64.b64encode(hashlib.sha256(key).digest()).decode()


@pytest.fixture
def open_browser(tmp_path):
    """open_browser(site): a Tab of a Chromium that finds a.test at lb, and trusts its certificate."""
    browsers = []

    def start(site):
        if not PROGRAM:
            pytest.fail("Chromium is missing: apt-get install --no-install-recommends chromium")
        ports = {80: site.lb.address[1], 443: site.tls.address[1]}
        rules = ", ".join(f"MAP a.test:{port} 127.0.0.1:{at}" for port, at in ports.items())
        pin = pin_of((site.tls.certificates / "a.test.crt").read_text(encoding="ascii"))
        browsers.append(Browser(tmp_path / "profile", f"--host-resolver-rules={rules}",
                                f"--ignore-certificate-errors-spki-list={pin}"))
        return Tab(browsers[-1])
    yield start
    for browser in browsers:
        browser.close()


def go(page, url, final):
    page.call("Page.navigate", url=url)
    page.wait(f"document.readyState === 'complete' && location.href === '{final}'")


def schemes_of(site, path, count):
    """How the requests for it came, as the access log has them."""
    def find():
        return [line["url"]["scheme"] for line in site.logged() if line["url"]["path"] == path]
    wait_for(lambda: len(find()) >= count, f"{count} lines of the log")
    return find()


def test_it_comes_by_https_and_by_nothing_else_from_then_on(start_site, open_browser):
    site = start_site()
    site.backend.script = answer_each(ANSWER)
    site.route(("a.test", {"hsts": "max-age=86400"}))
    page = open_browser(site)
    go(page, "http://a.test/first?q=1", "https://a.test/first?q=1")
    assert page.run("document.title") == "shop" and page.text("#words") == "Welcome"
    assert schemes_of(site, "/first", 2) == ["http", "https"]
    go(page, "http://a.test/second", "https://a.test/second")  # Chromium itself goes to https now
    assert page.text("#words") == "Welcome"
    assert schemes_of(site, "/second", 1) == ["https"]
