"""lb-discovery with a file of services."""

import json
import os

from watcher import Watcher


def services(*ports):
    return json.dumps({"services": [{"name": "web", "endpoints": [{"address": "127.0.0.1", "port": port}
                                                                 for port in ports]}]})


def ports(w):
    return sorted(e["port"] for e in w.endpoints().values())


def test_a_file_is_followed(tmp_path):
    path = tmp_path / "services.json"
    path.write_text(services(1))
    with Watcher("--file", path) as w:
        line = w.next()
        assert line["source"] == "file" and ports(w) == [1]
        assert w.endpoints()["127.0.0.1:1"]["cause"] == "file"
        path.write_text(services(1, 2))
        w.wait(lambda w: ports(w) == [1, 2], 2)
        (tmp_path / "new").write_text(services(3))
        os.rename(tmp_path / "new", path)
        w.wait(lambda w: ports(w) == [3], 2)
        path.write_text(services(3))
        w.no_line(1.3)


def test_a_bad_file_is_refused_whole(tmp_path):
    path = tmp_path / "services.json"
    path.write_text(services(1))
    with Watcher("--file", path) as w:
        w.next()
        path.write_text(services(2, 70000))
        w.wait_message("services[0].endpoints[1].port")
        w.wait_message("the last good state is kept")
        path.unlink()
        w.wait_message("No such file or directory")
        w.no_line(0.3)
        path.write_text(services(2))
        w.wait(lambda w: ports(w) == [2], 3)


def test_waits_for_a_missing_file(tmp_path):
    with Watcher("--file", tmp_path / "later" / "services.json") as w:
        w.wait_message("waiting for it")
        w.no_line(0.3)
        (tmp_path / "later").mkdir()
        (tmp_path / "later" / "services.json").write_text(services(5))
        w.wait(lambda w: ports(w) == [5], 5)


def test_a_file_does_not_start_libcurl(tmp_path):
    path = tmp_path / "services.json"
    path.write_text(services(1))
    with Watcher("--file", path) as w:
        w.next()
        folder = f"/proc/{w.process.pid}/fd"
        beyond_stdio = {os.readlink(f"{folder}/{fd}") for fd in os.listdir(folder) if int(fd) > 2}
        assert beyond_stdio == {"anon_inode:[signalfd]", "anon_inode:inotify"}  # none to wake libcurl
