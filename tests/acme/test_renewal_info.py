"""ARI (RFC 9773). Debian 12's pebble has none: a small server adds it, and lb-acme finds it in the directory."""
import json
import time

import pytest

from hostile import Hostile
from support.waiting import wait_for

pytestmark = pytest.mark.slow("orders of a real server, whose turns are a second each")

CLOCK = "%Y-%m-%dT%H:%M:%SZ"


def test_window(start_pebble, start_responder, start_acme, cleanup, tmp_path):
    """The authority wants it renewed at once (it was revoked): that waits for the first day to be over, and is done once."""
    pebble = start_pebble()
    asked = []

    def answer(method, path):
        if path == "/dir":
            directory = pebble.fetch(pebble.url)
            return 200, {}, json.dumps({**directory, "renewalInfo": server.base + "/info"}).encode()
        asked.append(path)
        window = {"start": time.strftime(CLOCK, time.gmtime(time.time() - 86400)),
                  "end": time.strftime(CLOCK, time.gmtime(time.time() - 3600))}
        if len(set(asked)) > 1:     # another certificate
            window = {"start": "2031-01-01T00:00:00Z", "end": "2031-01-02T00:00:00.5Z"}
        return 200, {"Retry-After": "21600"}, json.dumps({"suggestedWindow": window}).encode()

    server = Hostile(answer)
    cleanup.callback(server.close)
    server.ca = pebble.ca
    acme = start_acme(server, wished=[["i.ari.example"]])
    start_responder(pebble, tmp_path / "acme")
    acme.wait_state("i.ari.example", "valid")
    row = wait_for(lambda: asked and 80000 < acme.standing("i.ari.example")["next_s"] - time.time() < 90000
                   and acme.standing("i.ari.example"), "renewal on its second day", 30, 0.05)
    live = tmp_path / "acme/live/i.ari.example"
    before = live.readlink()
    acme.stop()
    assert live.readlink() == before and pebble.order_count() == 1
    ahead = int(row["next_s"] - time.time()) + 5
    acme = start_acme(server, f"--clock-ahead={ahead}", wished=[["i.ari.example"]])
    wait_for(lambda: live.readlink() != before, f"another one: {acme.log()}", 30, 0.05)
    wait_for(lambda: len(set(asked)) == 2, "the new one is asked about", 30, 0.05)
    acme.stop()
    assert pebble.order_count() == 2
    assert all(path.startswith("/info/") and path.count(".") == 1 for path in asked)
