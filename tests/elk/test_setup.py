"""deploy/stack/elasticsearch/setup.sh against servers of this test's: it waits, puts the same again, and says what went wrong."""

import http.server
import json
import os
import subprocess
import threading

import pytest
from stack import POLICY, STACK, TEMPLATE

SETUP = STACK / "elasticsearch/setup.sh"
IMPORTED = b'{"successCount":10,"success":true}'


class Elastic(http.server.ThreadingHTTPServer):
    """Both servers in one: what was asked, and what is answered: {(method, path): [(status, body), …]}, the last one again
    and again."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked, self.answers = [], {
            ("GET", "/_cluster/health"): [(200, b'{"cluster_name":"x","status":"yellow"}')],
            ("GET", "/api/status"): [(200, b'{"status":{"overall":{"level":"available"}}}')],
            ("PUT", "/_ilm/policy/lb-logs"): [(200, b'{"acknowledged":true}')],
            ("PUT", "/_index_template/lb-logs"): [(200, b'{"acknowledged":true}')],
            ("POST", "/api/saved_objects/_import?overwrite=true"): [(200, IMPORTED)],
        }
        self.url = "http://127.0.0.1:%d" % self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        key = (self.command, self.path)
        self.server.asked.append((key, dict(self.headers), body))
        answers = self.server.answers.get(key, [(404, b"no such thing")])
        status, text = answers.pop(0) if len(answers) > 1 else answers[0]
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_PUT = do_POST = answer

    def log_message(self, *args):
        pass


@pytest.fixture(name="elastic")
def start_elastic():
    server = Elastic()
    yield server
    server.shutdown()
    server.server_close()


def set_up(elastic, patience=20):
    return subprocess.run([SETUP], env={"PATH": os.environ["PATH"], "ELASTICSEARCH_URL": elastic.url, "KIBANA_URL": elastic.url,
                                        "SETUP_PATIENCE_SECONDS": str(patience)},
                          capture_output=True, text=True, timeout=60, check=False)


def bodies(elastic, method):
    return {path: (headers, body) for (how, path), headers, body in elastic.asked if how == method}


def test_all_is_put(elastic):
    for _ in range(2):
        done = set_up(elastic)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == "Elasticsearch knows lb's lines\nKibana has the dashboard lb\n"
    put = bodies(elastic, "PUT")
    assert json.loads(put["/_ilm/policy/lb-logs"][1]) == POLICY
    assert json.loads(put["/_index_template/lb-logs"][1]) == TEMPLATE
    assert put["/_index_template/lb-logs"][0]["Content-Type"] == "application/json"
    headers, body = bodies(elastic, "POST")["/api/saved_objects/_import?overwrite=true"]
    assert headers["kbn-xsrf"] and headers["Content-Type"].startswith("multipart/form-data")
    assert (STACK / "kibana/lb.ndjson").read_bytes() in body
    assert b'filename="lb.ndjson"' in body
    order = [path for (method, path), _, _ in elastic.asked if method != "GET"][:3]
    assert order[0] == "/_ilm/policy/lb-logs"  # before the template that names it


def test_it_waits(elastic):
    elastic.answers[("GET", "/_cluster/health")][:0] = [(503, b""), (200, b'{"status":"red"}')]
    elastic.answers[("GET", "/api/status")][:0] = [
        (503, b"Kibana server is not ready yet"),
        (200, b'{"status":{"overall":{"level":"degraded"},"core":{"elasticsearch":{"level":"available"}}}}')]
    assert set_up(elastic).returncode == 0
    paths = [path for (_, path), _, _ in elastic.asked]
    assert paths.count("/_cluster/health") == 3 and paths.count("/api/status") == 3


def test_it_does_not_wait_for_ever(elastic):
    elastic.answers[("GET", "/_cluster/health")] = [(503, b"")]
    done = set_up(elastic, patience=1)
    assert done.returncode == 1
    assert done.stderr == f"setup.sh: Elasticsearch at {elastic.url}/_cluster/health is not ready after 1 s\n"


@pytest.mark.parametrize("key, what", [
    (("PUT", "/_ilm/policy/lb-logs"), "the policy lb-logs"), (("PUT", "/_index_template/lb-logs"), "the template lb-logs"),
    (("POST", "/api/saved_objects/_import?overwrite=true"), "Kibana's objects")])
def test_a_refusal(elastic, key, what):
    elastic.answers[key] = [(400, b'{"error":"unknown setting"}')]
    done = set_up(elastic)
    assert done.returncode == 1
    assert done.stderr == f'setup.sh: {what}: status 400: {{"error":"unknown setting"}}\n'


def test_kibana_takes_a_part(elastic):
    elastic.answers[("POST", "/api/saved_objects/_import?overwrite=true")] = [
        (200, b'{"successCount":9,"success":false,"errors":[{"id":"lb"}]}')]
    done = set_up(elastic)
    assert done.returncode == 1
    assert "Kibana did not take all of lb.ndjson" in done.stderr and '"id":"lb"' in done.stderr
