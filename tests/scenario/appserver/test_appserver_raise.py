"""GET /raise: an exception, its frames and its trace, in the answer and in what appserver says."""

import json

import pytest

from appserver_under_test import Appserver, get, run, wait_until

ID = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"traceparent: 00-{ID}-b7ad6b7169203331-01"
CALLS = ["exception_happen", "exception_find_price", "exception_serve_order", "exception_raise"]


def raised(server, path, *fields):
    """The answer's body, and the line on standard error."""
    answer = server.ask(get(path, *fields))
    assert answer.status == 500 and answer.fields["content-type"] == "application/json"
    body = json.loads(answer.body)

    def line():
        lines = [json.loads(line)["message"] for line in server.errors().splitlines()]
        return next((line for line in lines if body["event_id"] in line), None)

    wait_until(line, "the exception is in the log")
    return body, line()


def test_answer_and_log():
    with Appserver() as server:
        body, line = raised(server, "/raise", PARENT)
        assert body == {"error": "AppserverError", "message": "GET /raise asked for this",
                        "event_id": body["event_id"], "trace_id": ID, "is_reported": False}
        assert len(body["event_id"]) == 32
        calls = line.split("; at ")[1].split(" < ")
        assert calls[:4] == CALLS and calls[-1] == "_start" and "main" in calls
        assert f"trace {ID};" in line
        entry = server.log_line("/raise")
        assert entry["status"] == 500 and entry["trace"] == {"id": ID}


@pytest.mark.parametrize("query, message", [
    ("message=out%20of+paper%21", "out of paper!"), ("a=b&message=x&message=y", "x"), ("message=", "GET /raise asked for this"),
    ("message=%", "%"), ("message=%zz%4", "%zz%4"), ("message=%00%0a%22%3c", "\0\n\"<"), ("message=%ff%c3%a9", "�é"),
    ("message=" + "long" * 100, "long" * 50), ("messages=x", "GET /raise asked for this")])
def test_message(query, message, server):
    answer = server.ask(get(f"/raise?{query}"))
    assert json.loads(answer.body)["message"] == message


def test_head_and_next_request(server):
    with server.client() as client:
        client.send(get("/raise", method="HEAD"))
        assert client.answer(head_only=True).status == 500
        client.send(get("/"))
        assert client.answer().status == 200


@pytest.mark.parametrize("dsn", ["nonsense", "http://SECRET@", "ftp://SECRET@host/1", "http://SECRET@host/"])
@pytest.mark.parametrize("by_flag", [True, False])
def test_bad_dsn(dsn, by_flag):
    done = run("--sentry-dsn", dsn) if by_flag else run(SENTRY_DSN=dsn)
    assert done.returncode == 2
    assert ("--sentry-dsn" if by_flag else "SENTRY_DSN") in done.stderr and "SECRET" not in done.stderr


def test_nobody_there_is_told_so_and_waits_for_nobody():
    with Appserver(SENTRY_DSN="http://PUBLICKEY@127.0.0.1:9/42") as server:
        body, _ = raised(server, "/raise")
        assert body["is_reported"] is True and "trace_id" not in body
        assert server.ask(get("/")).status == 200
        wait_until(lambda: "127.0.0.1:9" in server.errors().split("exceptions go to", 1)[1].split("\n", 1)[1],
                   "that nobody is there is said")
        assert "PUBLICKEY" not in server.errors()
