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


def write(path, **content):
    path.write_text(json.dumps(content))


def site(*ports, **words):
    return {"name": "web", "endpoints": [{"address": "127.0.0.1", "port": port} for port in ports], **words}


def test_routes_of_a_file_are_in_the_line(tmp_path):
    path = tmp_path / "services.json"
    write(path, services=[site(1), {"name": "empty"}],
          routes=[{"host": ["a.test", "b.test"], "path": "/api", "strip": True, "service": "web"},
                  {"host": "c.test", "service": "empty"}])
    with Watcher("--file", path) as w:
        line = w.next()
        api = {"path": "/api", "service": "web", "strip": "/api", "dialect": "file", "label": "routes[0]"}
        assert line["routes"] == [{"host": "a.test", **api}, {"host": "b.test", **api},
                                  {"host": "c.test", "service": "empty", "dialect": "file", "label": "routes[1]"}]
        assert "remarks" not in line
        write(path, services=[site(1)], routes=[{"host": "d.test", "answer": 503}])
        w.wait(lambda w: [r["host"] for r in w.last["routes"]] == ["d.test"], 3)


def test_a_wrong_route_keeps_the_last_good_world(tmp_path):
    path = tmp_path / "services.json"
    write(path, services=[site(1)], routes=[{"host": "a.test", "service": "web"}])
    with Watcher("--file", path) as w:
        w.next()
        path.write_text('{"services":[],\n "routes":[{"host":"a b","service":"web"}]}')
        w.wait_message('line 2, column 13: routes[0].host: host \\"a b\\" has a blank inside')
        path.write_text('{"services":[],\n "services":[]}')
        w.wait_message("line 2, column 11: duplicate object key")
        w.no_line(0.3)


def test_words_that_are_not_known_are_told_and_hold_up_nothing_else(tmp_path):
    path = tmp_path / "services.json"
    write(path, services=[site(1, blance="least-requests")],
          routes=[{"host": "a.test", "service": "web"}, {"host": "b.test", "clinet": "10.0.0.0/8", "service": "web"},
                  {"host": "c.test", "service": "wbe"}])
    with Watcher("--file", path) as w:
        line = w.next()
        assert ports(w) == [1]
        assert [route.get("answer") for route in line["routes"]] == [None, 503, None]
        for told in ("services[0].blance: this word is not known", "did you mean client?",
                     "routes[2].service: the file has no service"):
            w.wait_message(told)
            assert told in line["remarks"]["file"]


def test_a_line_is_a_file(tmp_path):
    path = tmp_path / "services.json"
    write(path, services=[site(1, weight=3, check={"path": "/h"})], routes=[{"host": "a.test", "path": "/x", "service": "web"}])
    with Watcher("--file", path) as w:
        first = w.next()
        (tmp_path / "new").write_text(json.dumps(first))
        os.rename(tmp_path / "new", path)
        w.no_line(1)
        assert not any("not known" in message for message in w.messages)


def test_hostile_files_are_refused_in_few_words(tmp_path):
    path = tmp_path / "services.json"
    many = [{"host": f"h{i}.test", "service": "s"} for i in range(100_000)]
    hostile = {
        json.dumps({"routes": many}): "routes[65536]: at most 65536 routes",
        json.dumps({"routes": [{"host": [f"h{i}" for i in range(1000)], "path": [f"/{i}" for i in range(1000)],
                                "service": "s"}]}): "routes[0]: at most 65536 routes",
        "[" * 1_000_000: "maximum parsing depth",
        json.dumps({"routes": [{"host": "a" * 1_000_000, "service": "s"}]}): "routes[0].host: host",
        json.dumps({"routes": [{"path_regex": "(" * 1000, "service": "s"}]}): "routes[0].path_regex: path_regex",
        '{"services":[' + '{"name":"a","name":"a"},' * 50_000 + "1]}": "duplicate object key",
    }
    write(path, services=[site(1)])
    with Watcher("--file", path) as w:
        w.next()
        for content, told in hostile.items():
            path.write_text(content)
            w.wait_message(told, 30)
            assert all(len(message) < 4096 for message in w.messages)
        write(path, services=[site(2)], **{f"x{i}": 1 for i in range(20_000)})
        w.wait(lambda w: ports(w) == [2], 10)
        w.wait_message("and so on, 19992 times more")
        assert len(w.last["remarks"]["file"]) <= 1024
