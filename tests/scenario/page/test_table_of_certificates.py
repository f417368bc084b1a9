"""Certificates on the page, in Chromium."""

import pytest

from support.certificates import issue, make_ca, write_file, write_pair
from support.tls import TlsLb

ROWS = """[...document.querySelectorAll("#certificates tbody tr")].map(row => [
    row.children[0].children[0].textContent, row.children[1].children[0].textContent, row.children[3].children[0].textContent])"""
FAULTS = """[...document.querySelectorAll("#certificate-faults li")].map(item => item.textContent)"""


@pytest.fixture(name="ca", scope="module")
def fixture_ca(tmp_path_factory):
    return make_ca(tmp_path_factory.mktemp("ca") / "root")


@pytest.fixture(name="folder")
def fixture_folder(tmp_path):
    (tmp_path / "certificates").mkdir()
    return tmp_path / "certificates"


@pytest.fixture(name="start")
def fixture_start(start_lb, start_backend, ca, folder):
    return lambda: TlsLb(start_lb, folder, ca, names=(), backends=[start_backend()]).lb


def test_who_runs_out_first_stands_first(start, folder, ca, open_page):
    write_pair(folder, "a.test", issue(ca, ("a.test", "www.a.test")))
    write_pair(folder, "near.test", issue(ca, ("near.test",), begins=-80, days=3))
    write_pair(folder, "soon.test", issue(ca, ("soon.test",), begins=-80, days=10))
    write_file(folder / "bad.test.crt", "nonsense")
    page = open_page(start(), "#/certificates")
    page.wait(f"{ROWS}.length === 3 && {FAULTS}.length === 1")
    rows = page.run(ROWS)
    assert [row[:2] for row in rows] == [["near.test", "runs out now"], ["soon.test", "runs out soon"],
                                         ["a.test, www.a.test", "valid"]]
    assert rows[0][2] == "2" and rows[1][2] == "9" and int(rows[2][2]) > 80
    assert page.text("#certificates caption small").startswith("3 files")
    (fault,) = page.run(FAULTS)
    assert fault.startswith(f"{folder}/bad.test.crt: no certificate is in it")
    # renewed, and what was bad is good
    write_pair(folder, "near.test", issue(ca, ("near.test",), days=89))
    write_pair(folder, "bad.test", issue(ca, ("bad.test",)))
    page.wait(f"{ROWS}.length === 4 && {FAULTS}.length === 0 && {ROWS}[0][0] === 'soon.test'")
    assert page.complaints() == []


@pytest.mark.parametrize("width", (360, 1200))
def test_layout_of_certificates(width, start, folder, ca, open_page, tmp_path):
    for i in range(30):
        write_pair(folder, f"a{i}.test", issue(ca, (f"a{i}.a-name-that-is-rather-long.test",)))
    page = open_page(start(), "#/certificates", width=width)
    page.wait(f"{ROWS}.length === 20")
    assert page.text("#certificates caption small") == "30 files, the first to run out first; 10 more at /certificates"
    page.screenshot(tmp_path / "page.png")
    assert page.run("document.documentElement.scrollWidth") <= width


def test_without_certificates_nothing_is_shown(start_lb, start_backend, open_page):
    page = open_page(start_lb(backends=[start_backend()]), "#/certificates")
    page.wait("document.querySelector('#link').textContent === 'live'")
    assert page.run(ROWS) == []
    assert not any("certificates" in url for url in page.requested_urls())
