"""TCP and UDP services and listeners on the page, in Chromium."""

from support.page import go, is_live

ROWS = """[...document.querySelectorAll("#services tbody tr")].map(row => [
    row.children[0].children[1].textContent, row.children[1].children[1].textContent, row.lastChild.children[0].textContent,
    row.children[0].children[2].textContent])"""
LISTENERS = """[...document.querySelectorAll("#listeners tbody tr")].map(row =>
    [...row.children].map(cell => cell.children[0].textContent))"""


def test_services_and_listeners(start_passing, open_page):
    passing = start_passing("--udp-idle-timeout=1s")
    page = is_live(open_page(passing.lb))
    page.wait(f"{ROWS}.length === 2")
    assert [row[:2] for row in page.run(ROWS)] == [["db", "1 of 2 ready"], ["dns", "1 of 1 ready"]]
    passing.talk(b"x" * 5000)
    passing.ask(b"one")
    page.wait(f"{ROWS}.every(row => !row[3].includes(' 0 B/s'))")
    with passing.connect() as sock:
        sock.sendall(b"y")
        page.wait(f"{ROWS}[0][2] === '1'")
    go(page, "#/service/db%2Ftcp")
    page.wait("document.querySelectorAll('#endpoints tbody tr').length === 2")
    assert page.text("#service-name") == "db"
    go(page, "#/listeners")
    page.wait(f"{LISTENERS}.some(row => row[2] === 'all → db')")
    rows = page.run(LISTENERS)
    assert ["tcp %s:%d" % passing.tcp, "open", "all → db"] in rows and ["udp %s:%d" % passing.udp, "open", "all → dns"] in rows
    assert len(rows) == 4
    assert page.complaints() == []
