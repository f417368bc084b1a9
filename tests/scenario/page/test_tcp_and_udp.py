"""TCP and UDP services and listeners on the page, in Chromium."""

from support.page import go, is_live

ROWS = """[...document.querySelectorAll("#passing-services tbody tr")].map(row => [
    row.children[0].children[1].textContent, row.children[1].children[1].textContent,
    ...[...row.children].slice(2).map(cell => cell.children[0].textContent)])"""
LISTENERS = """[...document.querySelectorAll("#listener-table tbody tr")].map(row =>
    [...row.children].map(cell => cell.children[0].textContent))"""


def test_services_and_listeners(start_passing, open_page):
    passing = start_passing("--udp-idle-timeout=1s")
    page = is_live(open_page(passing.lb))
    page.wait(f"{ROWS}.length === 2")
    assert [row[:2] for row in page.run(ROWS)] == [["db", "1 of 2 ready"], ["dns", "1 of 1 ready"]]
    passing.talk(b"x" * 5000)
    passing.ask(b"one")
    page.wait(f"{ROWS}.every(row => row[4] !== '0 B' && row[4] === row[5])")
    with passing.connect() as sock:
        sock.sendall(b"y")
        page.wait(f"{ROWS}[0][3] === '1'")
    go(page, "#/service/db%2Ftcp")
    page.wait("document.querySelectorAll('#endpoints tbody tr').length === 2")
    assert page.text("#service-name") == "db"
    go(page, "#/listeners")
    page.wait(f"{LISTENERS}.some(row => row[2] === 'all → db')")
    rows = page.run(LISTENERS)
    assert ["tcp %s:%d" % passing.tcp, "open", "all → db"] in rows and ["udp %s:%d" % passing.udp, "open", "all → dns"] in rows
    assert page.text("#listener-count") == f"{len(rows)} listeners"
    assert page.complaints() == []


def test_where_there_is_none_nothing_is_shown(start_lb, start_backend, open_page):
    page = is_live(open_page(start_lb(backends=[start_backend()])))
    assert page.run("document.querySelector('#passing-services').hidden")
