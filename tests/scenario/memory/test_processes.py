"""What each process takes when nothing happens: these are the figures that the manual names."""

import pytest

from support import processes

MIB = 1 << 20
MOST = {"lb": 2 * MIB, "lb-proxy": 8 * MIB, "lb-discovery": 12 * MIB}


def test_idle_memory(start_lb, start_backend, tmp_path, built_with, record_property):
    if built_with:
        pytest.skip("a sanitizer keeps memory of its own for each byte")
    backend = start_backend()
    path = tmp_path / "services.json"
    path.write_text('{"services":[{"name":"appserver","endpoints":[{"address":"%s","port":%d}]}]}' % backend.address)
    lb = start_lb(f"--file={path}").wait_ready(1)
    pids = {"lb": lb.pid, "lb-proxy": lb.proxy_pid, "lb-discovery": lb.discovery_pid}
    found = {name: processes.status_bytes(pid, "VmRSS") for name, pid in pids.items()}
    for name, count in found.items():
        record_property(name, count)
    print({name: f"{count / MIB:.1f} MiB" for name, count in found.items()})
    assert all(found[name] <= most for name, most in MOST.items()), found
