"""Many sites behind one lb: who answers for which host and path. The servers are appservers with a name of
their own, which is in their greeting at /.

An lb sees the containers of all tests, so each test has a domain of its own, and what a request finds under
no host that is known is said by --default-route (bench.lb gives one)."""
import http.client
import json

from conftest import docker, server_in, wait_for


class Answer:
    def __init__(self, response):
        self.status, self.headers, self.body = response.status, response.headers, response.read().decode()

    def __repr__(self):
        return f"{self.status} {dict(self.headers)} {self.body[:200]!r}"


def ask(balancer, host, path="/", method="GET", timeout=20, port=None, fields=()):
    """One request, its target sent as it stands."""
    connection = http.client.HTTPConnection(balancer.host, port or balancer.port, timeout=timeout)
    try:
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        connection.putheader("Host", host)
        for name, value in dict(fields).items():
            connection.putheader(name, value)
        connection.endheaders()
        return Answer(connection.getresponse())
    finally:
        connection.close()


def who(balancer, url):
    """The name of the server that answers at HOST/PATH, where that is its /; else the status."""
    host, slash, path = url.partition("/")
    answer = ask(balancer, host, slash + path or "/")
    return server_in(answer.body) if answer.status == 200 and "served from" in answer.body else answer.status


def who_by_now(balancer, url):
    """The same of one that may just be starting."""
    try:
        return who(balancer, url)
    except ConnectionError as failure:
        return repr(failure)


def wait_for_sites(balancer, wanted, seconds=60):
    """`wanted` is {"HOST/PATH": a name, a status, or a set of names that answer in turn}: until all of it is so."""
    def differing():
        found = {}
        for url, right in wanted.items():
            if isinstance(right, set):
                got = {who_by_now(balancer, url) for _ in range(2 * len(right))}
            else:
                got = who_by_now(balancer, url)
            if got != right:
                found[url] = got
        return found

    try:
        wait_for("all sites", lambda: not differing(), seconds)
    except AssertionError as failure:
        raise AssertionError(f"{failure}: {differing()} instead of {wanted}\n{explain(balancer, '--routes')}\n"
                             f"{json.dumps(balancer.pool())}\n{operator_log(balancer)[-4000:]}")


def operator_log(container):
    return "\n".join(line for line in container.logs().splitlines() if '"logger":"access"' not in line)


def explain(balancer, *words):
    return docker("exec", balancer.name, "lb", "explain", "--admin", f"127.0.0.1:{balancer.admin_port}", *words, check=False)


def targets(container):
    """What the server was asked for, as it came."""
    return [json.loads(line)["path"] for line in container.logs().splitlines() if line.startswith('{"time"')]
