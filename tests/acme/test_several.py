"""Several lb-acmes: one orders, all answer, all have the certificate; when it goes, the next one does."""
import json

import pytest

from support.waiting import wait_for

pytestmark = pytest.mark.slow("orders of a real server, whose turns are a second each")


def test_one_folder(start_pebble, start_responder, start_acme, tmp_path):
    pebble, folder = start_pebble(), tmp_path / "acme"
    start_responder(pebble, folder)
    wished = [[f"n{i}.shared.example"] for i in range(3)]
    both = [start_acme(pebble, folder=folder, wished=wished) for _ in range(2)]
    for acme in both:
        for names in wished:
            acme.wait_state(names[0], "valid")
    assert pebble.order_count() == 3
    assert pebble.text().count("accounts in memory") == 1
    holder = next(acme for acme in both if acme.find_message("ordered"))
    other = next(acme for acme in both if acme is not holder)
    holder.process.kill()
    holder.process.wait()
    holder.is_judged = True
    other.wish(*wished, ["late.shared.example"])
    other.wait_state("late.shared.example", "valid")
    assert pebble.order_count() == 4


def test_by_consul(start_pebble, start_responder, start_acme, start_consul, tmp_path):
    """Two folders; the one that is asked by the authority is not the one that orders. The other takes over, without an account
    of its own being in its way."""
    pebble, consul = start_pebble(), start_consul()
    folders = [tmp_path / "one", tmp_path / "two"]
    wished = [["a.consul.example", "b.consul.example"], ["c.consul.example"]]
    flags = (f"--consul={consul.url}",)
    first = start_acme(pebble, *flags, folder=folders[0], wished=wished)
    start_responder(pebble, folders[1])
    wait_for(lambda: "lock" in str(first.messages()) or first.standing("a.consul.example"), "the first one's turn", 30)
    second = start_acme(pebble, *flags, folder=folders[1], wished=wished)
    for acme in (first, second):
        for names in wished:
            acme.wait_state(names[0], "valid")
    assert pebble.order_count() == 2
    for name in ("a.consul.example", "c.consul.example"):
        pairs = [[(folder / "live" / name / file).read_text() for file in ("fullchain.pem", "privkey.pem")]
                 for folder in folders]
        assert pairs[0] == pairs[1]
    wait_for(lambda: not list((folders[1] / "challenges").iterdir()), "copied challenges go", 30)
    first.stop()
    second.wish(*wished, ["d.consul.example"])
    second.wait_state("d.consul.example", "valid", 90)
    assert pebble.order_count() == 3
