"""What clients get when lb answers by itself: the operator's page, JSON for programs, else a line."""

import json

import pytest

from support.program import run


@pytest.fixture(name="page")
def make_page(tmp_path):
    path = tmp_path / "503.html"
    path.write_text("<h1>Back at nine</h1>\n" * 2000)
    return path


def ask(lb, connect, fields=(), method="GET"):
    return connect(lb).request(method, fields=fields).read_response(to_head=method == "HEAD")


def test_plain_line_with_the_request_id(start_lb, connect):
    lb = start_lb("--file=/dev/null")
    response = ask(lb, connect, ["X-Request-Id: abc-1"])
    assert response.status == 503
    assert response.get("content-type") == "text/plain; charset=utf-8"
    assert response.get("x-request-id") == "abc-1"
    assert response.body == \
        b"503 Service Unavailable: No server is available at the moment. (request abc-1)\n"


def test_json_when_asked_for(start_lb, connect):
    lb = start_lb("--file=/dev/null")
    response = ask(lb, connect, ["Accept: application/json", "X-Request-Id: abc-1"])
    assert response.get("content-type") == "application/json"
    assert json.loads(response.body) == {
        "status": 503, "error": "Service Unavailable", "request_id": "abc-1",
        "message": "No server is available at the moment."}
    browser = ask(lb, connect, ["Accept: text/html,application/json;q=0.9,*/*;q=0.8"])
    assert browser.get("content-type") == "text/plain; charset=utf-8"


def test_page_of_the_operator(page, start_lb, connect):
    lb = start_lb("--file=/dev/null", f"--error-page=503={page}")
    response = ask(lb, connect)
    assert (response.status, response.body) == (503, page.read_bytes())
    assert response.get("content-type") == "text/html; charset=utf-8"
    head = ask(lb, connect, method="HEAD")
    assert (head.status, head.body) == (503, b"")
    assert head.get("content-length") == str(page.stat().st_size)
    program = ask(lb, connect, ["Accept: application/json"])
    assert json.loads(program.body)["status"] == 503
    other = connect(lb).send(b"GET / HTTP/1.1\r\n\r\n").read_response()  # no Host
    assert other.status == 400 and other.body.startswith(b"400 Bad Request")


def test_json_page_is_for_programs_too(tmp_path, start_lb, connect):
    path = tmp_path / "503.json"
    path.write_text('{"sorry":true}')
    lb = start_lb("--file=/dev/null", f"--error-page=503={path}")
    assert ask(lb, connect, ["Accept: application/json"]).body == b'{"sorry":true}'


@pytest.mark.parametrize("value, problem", [
    ("503=/no/such/file", "No such file"),
    ("200=/dev/null", "from 400 to 599"),
    ("503", "from 400 to 599"),
    ("503=/dev/zero", "larger than 64k"),
])
def test_page_that_cannot_be_used(value, problem):
    done = run("lb", "--check", f"--error-page={value}")
    assert done.returncode == 2
    assert problem in done.stderr


def test_print_config_gives_it_back(page):
    done = run("lb", "--print-config", f"--error-page=503={page}", f"--error-page=502={page}")
    assert json.loads(done.stdout)["error-page"] == [f"503={page}", f"502={page}"]
