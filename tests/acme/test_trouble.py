"""What does not work: told with the remedy, tried again later and not before, whatever is restarted; the others go on."""
import json
import time

import pytest

from acme_program import by_hand
from support.waiting import wait_for

pytestmark = pytest.mark.slow("orders of a real server, whose turns are a second each")


def test_failed_validation(start_pebble, start_responder, start_acme, tmp_path):
    """One name leads elsewhere; the other gets its certificate. A restart does not order the failed one again."""
    pebble = start_pebble()
    pebble.lead("bad.test.example", "127.0.0.99")
    acme = start_acme(pebble, wished=[["bad.test.example"], ["good.test.example"]])
    start_responder(pebble, tmp_path / "acme")
    begun = time.time()
    bad = acme.wait_state("bad.test.example", "failed")
    acme.wait_state("good.test.example", "valid")
    assert bad["problem"].startswith("bad.test.example: ") and pebble.address in bad["problem"]
    assert "has to lead to this lb" in bad["problem"]
    assert begun + 59 <= bad["next_s"] <= time.time() + 70, bad
    assert not list((tmp_path / "acme" / "challenges").iterdir())
    count = pebble.order_count()
    acme.stop()
    acme = start_acme(pebble, wished=[["bad.test.example"], ["good.test.example"]])
    again = acme.wait_state("bad.test.example", "failed")
    assert again["next_s"] == bad["next_s"] and again["problem"] == bad["problem"]
    acme.wait_state("good.test.example", "valid")
    time.sleep(4)   # two turns and more
    assert pebble.order_count() == count
    printed = by_hand("--dry-run", f"--directory={pebble.url}", folder=tmp_path / "acme")
    lines = dict(line.split("  ", 1) for line in printed.splitlines())
    assert lines["bad.test.example"].startswith("not ordered yet: the last try failed; next try ")
    assert lines["good.test.example"].startswith("not ordered: it is on the disk and valid; renewed from ")
    acme.stop()
    pebble.lead("bad.test.example", pebble.address)
    acme = start_acme(pebble, "--clock-ahead=100", wished=[["bad.test.example"]])
    acme.wait_state("bad.test.example", "valid")


def test_backoff_grows(start_pebble, start_acme, tmp_path):
    """Failures in a row: a minute, three, nine; the clock is ahead as far as that."""
    pebble = start_pebble()
    ahead, waits = 0, []
    for _ in range(3):
        acme = start_acme(pebble, f"--clock-ahead={ahead}", wished=[["no.test.example"]])
        row = wait_for(lambda a=acme, n=len(waits) + 1: state_of(tmp_path, "no.test.example").get("failures") == n
                       and a.standing("no.test.example").get("state") == "failed" and a.standing("no.test.example"),
                       "another failure", 30, 0.05)
        waits.append(row["next_s"] - time.time() - ahead)
        acme.stop()
        ahead = int(row["next_s"] - time.time()) + 1
    assert 55 < waits[0] < 70 and 170 < waits[1] < 210 and 530 < waits[2] < 620, waits


def state_of(tmp_path, name):
    try:
        state = json.loads((tmp_path / "acme" / "state.json").read_text())
    except (OSError, ValueError):
        return {}
    return next((one for one in state["certificates"] if one["names"][0] == name), {})


def test_killed_in_the_middle(start_pebble, start_acme, tmp_path):
    """SIGKILL while it orders, again and again: one order for each back-off, not for each start."""
    pebble = start_pebble(env={"PEBBLE_VA_NOSLEEP": "0", "PEBBLE_VA_SLEEPTIME": "20"})
    for _ in range(4):
        acme = start_acme(pebble, wished=[["slow.test.example"]])
        wait_for(lambda a=acme: a.standing("slow.test.example").get("state") in ("ordering", "failed"), "a beginning", 30, 0.02)
        wait_for(lambda: pebble.order_count() > 0, "an order", 30, 0.005)
        acme.process.kill()
        acme.process.wait()
        acme.is_judged = True
    assert pebble.order_count() == 1
    assert state_of(tmp_path, "slow.test.example")["failures"] == 1


def test_renewal(start_pebble, start_responder, start_acme, tmp_path):
    """Two thirds of five years: not a day before 57, and then once."""
    pebble = start_pebble()
    acme = start_acme(pebble, wished=[["r.test.example"]])
    start_responder(pebble, tmp_path / "acme")
    row = acme.wait_state("r.test.example", "valid")
    acme.stop()
    life = row["not_after_s"] - time.time()
    assert 0.62 * life < row["next_s"] - time.time() < 0.67 * life
    early, late = int(row["next_s"] - time.time()) - 100, int(row["next_s"] - time.time()) + 5
    live = tmp_path / "acme" / "live" / "r.test.example"
    before = live.readlink()
    acme = start_acme(pebble, f"--clock-ahead={early}", wished=[["r.test.example"]])
    acme.wait_state("r.test.example", "valid")
    time.sleep(4)
    acme.stop()
    assert live.readlink() == before and pebble.order_count() == 1
    acme = start_acme(pebble, f"--clock-ahead={late}", wished=[["r.test.example"]])
    wait_for(lambda: live.readlink() != before, "another version", 30, 0.05)
    assert (live / "privkey.pem").read_text() != (live.parent / before / "privkey.pem").read_text()
    acme.stop()
    assert pebble.order_count() == 2


def test_server_goes(start_pebble, start_responder, start_acme, tmp_path):
    """The server ends in the middle; later there is another one, that knows nothing of the account."""
    pebble = start_pebble(env={"PEBBLE_VA_NOSLEEP": "0", "PEBBLE_VA_SLEEPTIME": "20"})
    acme = start_acme(pebble, wished=[["g.test.example"]])
    start_responder(pebble, tmp_path / "acme")
    acme.wait_state("g.test.example", "ordering")
    wait_for(lambda: "Pulled a task" in pebble.text() or "challenge" in pebble.text().lower(), "a challenge", 20, 0.05)
    pebble.kill()
    row = acme.wait_state("g.test.example", "failed", 90)
    assert "cannot be asked" in row["problem"] and pebble.address in row["problem"], row
    assert not list((tmp_path / "acme" / "challenges").iterdir())
    acme.stop()
    pebble.env = {}
    pebble.start()
    acme = start_acme(pebble, "--clock-ahead=100", wished=[["g.test.example"]])
    acme.wait_state("g.test.example", "valid")


def test_what_no_certificate_is_for(start_pebble, start_acme, tmp_path):
    pebble = start_pebble()
    acme = start_acme(pebble, wished=[["*.wild.example"], ["127.0.0.1"], ["../../x"]])
    acme.wait_message(r'"\*\.wild\.example" stands for many names.*DNS-01')
    acme.wait_message(r'"127\.0\.0\.1" is an address')
    acme.wait_message(r'is no name of a host')
    wait_for(lambda: acme.bulletin.read() == {"version": 1, "certificates": []}, "an empty bulletin")
