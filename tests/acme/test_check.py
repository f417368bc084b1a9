"""--check: only what leads here is ordered."""
import pytest

from pebble import HTTP_PORT

pytestmark = pytest.mark.slow("orders of a real server, whose turns are a second each")


def test_check(start_pebble, start_responder, start_acme, tmp_path):
    """One name leads here, one elsewhere, one nowhere: its own /etc/hosts says so."""
    pebble = start_pebble()
    hosts = tmp_path / "hosts"
    hosts.write_text(f"{pebble.address} here.check.example\n127.0.0.99 there.check.example\n", encoding="ascii")
    acme = start_acme(pebble, "--check", f"--check-port={HTTP_PORT}", "--jail=off",
                      wished=[["here.check.example"], ["there.check.example"], ["nowhere.check.example"]],
                      before=["unshare", "--mount", "sh", "-c", f'mount --bind {hosts} /etc/hosts && exec "$@"', "sh"])
    responder = start_responder(pebble, tmp_path / "acme")
    acme.wait_state("here.check.example", "valid")
    there = acme.wait_state("there.check.example", "failed")
    nowhere = acme.wait_state("nowhere.check.example", "failed")
    assert "is not asked for" in there["problem"] and "--acme-check" in there["problem"]
    assert "is not asked for" in nowhere["problem"]
    assert pebble.order_count() == 1
    assert any("lb-check-" in path for _, path in responder.asked)
