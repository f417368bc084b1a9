"""TCP and UDP services and listeners on the page, in Chromium."""

ROWS = """[...document.querySelectorAll("#passing-rows tr")].map(row => [
    row.children[0].children[0].textContent, row.children[0].children[1].textContent,
    ...[...row.children].slice(1).map(cell => cell.textContent)])"""
LISTENERS = """[...document.querySelectorAll("#listener-rows tr")].map(row => [...row.children].map(c => c.textContent))"""


def test_services_and_listeners(start_passing, open_page):
    passing = start_passing("--udp-idle-timeout=1s")
    passing.talk(b"x" * 5000)
    passing.ask(b"one")
    page = open_page(passing.lb)
    page.wait(f"{ROWS}.length === 2 && {ROWS}[1][2] === '1 idle'")
    assert page.run(ROWS) == [["db", "tcp, 1 of 2 servers ready", "1 ok", "0", "1", "5.0 kB", "5.0 kB"],
                              ["dns", "udp, 1 of 1 server ready", "1 idle", "0", "1", "3 B", "3 B"]]
    page.wait(f"{LISTENERS}.length === 2")
    assert page.run(LISTENERS) == [["tcp %s:%d" % passing.tcp, "all → db"], ["udp %s:%d" % passing.udp, "all → dns"]]
    assert page.text("#listener-count") == "2 listeners"
    with passing.connect() as sock:
        sock.sendall(b"y")
        page.wait(f"{ROWS}[0][3] === '1'")
    names = page.run("""[...document.querySelectorAll("#rows tr th")].map(c => c.textContent)""")
    assert names == [f"db1%s:%d tcp" % passing.db.address, f"db2%s:%d tcp" % passing.db.address,
                     f"dns1%s:%d udp" % passing.dns.address]


def test_where_there_is_no_listener_nothing_is_shown(start_lb, start_backend, open_page):
    page = open_page(start_lb(backends=[start_backend()]))
    page.wait("document.querySelector('#link').textContent === 'live'")
    assert page.run("document.querySelector('#passing').hidden")
