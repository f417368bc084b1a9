"""Who is believed to be a backend by https, and what people are told of those that are not."""

import subprocess

import pytest

from secure_backend import https_line
from support.backend import OK

VERIFIES = ("--backend-ca=ca.pem", "--backend-name=b.test")


def test_without_any_word_whoever_answers_is_believed(start_https, start_secure, connect):
    backend = start_secure("own")
    lb = start_https(backends=[backend])
    assert connect(lb).get().body == b"ok"
    assert backend.requests[0].get("Host") == "test"
    assert backend.requests[0].get("X-Forwarded-Proto") == "http"
    assert not backend.bad()
    found = next(iter(lb.endpoints().values()))
    assert (found["protocol"], found["tls"]) == ("https", {"verified": False, "name": "127.0.0.1"})
    said = lb.ask("/explain/" + found["id"]).body.decode()
    assert "By https: its certificate is not verified; it is asked for 127.0.0.1" in said


def test_a_good_certificate(start_https, start_secure, papers, connect):
    backend = start_secure()
    lb = start_https(papers.flag, *VERIFIES, backends=[backend])
    assert connect(lb).get().status == 200
    assert {seen.server_name for seen in backend.good()} == {"b.test"}
    found = next(iter(lb.endpoints().values()))
    assert found["tls"] == {"verified": True, "ca": "ca.pem", "name": "b.test"}
    said = lb.ask("/explain/" + found["id"]).body.decode()
    assert "By https: its certificate is verified, by ca.pem, for b.test" in said


@pytest.mark.parametrize("flags, is_good", [
    (["--backend-ca=ca.pem"], True),                                    # for 127.0.0.1, by --backend
    (["--backend-ca=ca.pem", "--backend-name=127.0.0.1"], True),
    (["--backend-ca=ca.pem", "--backend-name=127.0.0.2"], False),
    (["--backend-ca=ca.pem", "--backend-name=other.test"], False),
    (["--backend-ca=stranger.pem", "--backend-name=b.test"], False),
    (["--backend-name=b.test"], False),                                 # the system does not know that CA
    (["--backend-verify=yes"], False),
    (["--backend-verify=no", "--backend-ca=stranger.pem", "--backend-name=other.test"], True),
])
def test_what_is_asked_for(flags, is_good, start_https, start_secure, papers, connect):
    backend = start_secure()
    lb = start_https(papers.flag, *flags, backends=[backend], is_ready=is_good)
    if not is_good:
        lb.wait_problem("")
        lb.wait_states(**{f"127.0.0.1:{backend.address[1]}": "probing"})
    assert connect(lb).get().status == (200 if is_good else 503)
    assert (backend.request_count > 0) == is_good


@pytest.mark.parametrize("identity, words", [
    ("other", ["is for other.test, not b.test"]),
    ("expired", ["over since"]),
    ("early", ["not valid before"]),
    ("stranger", ["unknown CA, a stranger"]),
    ("own", ["signed by itself"]),
])
def test_a_bad_certificate_gets_no_request(identity, words, start_lb, start_secure, papers, discovery, connect):
    """One that is good beside it gets them all; why it is not ready is told."""
    good, bad = start_secure(), start_secure(identity)
    lb = start_lb(papers.flag, *discovery.flags)
    discovery.send_line(https_line(good, bad, backend_ca="ca.pem", backend_name="b.test"))
    lb.wait_states(b0="ready", b1="probing")
    lb.wait_problem("certificate")
    problem = lb.endpoints()["b1"]["problem"]
    assert any(word in problem for word in words), problem
    assert problem in lb.ask("/explain/b1").body.decode()
    assert [connect(lb).get().status for _ in range(4)] == [200] * 4
    assert bad.request_count == 0 and good.request_count == 4
    told = [text for text in lb.messages() if "gets no requests" in text]  # though it was asked again and again
    assert len(told) == 1 and told[0].startswith("b1 (") and problem in told[0] and "name what it is for" in told[0]
    bad.context = papers.context("good")
    lb.wait_ready(2)


def test_what_speaks_no_tls(start_lb, start_backend, discovery):
    plain = start_backend(lambda connection: connection.send(b"HTTP/1.1 400 Bad Request\r\n\r\n"))
    silent = start_backend()
    lb = start_lb("--check-timeout=300ms", *discovery.flags)
    discovery.send_line(https_line(plain, silent))
    lb.wait_problem("no TLS")
    lb.wait_problem("no connection with TLS in time")
    assert lb.states() == {"b0": "probing", "b1": "probing"}
    assert plain.request_count == silent.request_count == 0


@pytest.mark.parametrize("options, problem", [
    ({"backend_ca": "none.pem"}, "none.pem is not in --backend-certificates"),
    ({"backend_ca": "empty.pem"}, "empty.pem"),
    ({"backend_ca": "../ca.pem"}, "cannot be used"),
    ({"backend_name": "*"}, "cannot be used"),
    ({"backend_verify": "perhaps"}, "cannot be used"),
    ({"backend_verify": "yes"}, "nothing says for which name"),
    ({"backend_certificate": "none.pem"}, "none.pem is not in --backend-certificates"),
])
def test_what_cannot_be_used_trusts_nobody(options, problem, start_lb, start_secure, papers, discovery, connect):
    backend = start_secure()
    lb = start_lb(papers.flag, *discovery.flags)
    discovery.send_line(https_line(backend, **options))
    lb.wait_problem(problem)
    assert lb.states() == {"b0": "probing"}
    assert connect(lb).get().status == 503
    assert backend.request_count == 0


@pytest.mark.parametrize("variable, value", [("SSL_CERT_FILE", "ca.pem"), ("SSL_CERT_DIR", "hashed")])
def test_the_authorities_of_the_system(variable, value, start_lb, start_secure, papers, discovery, connect):
    """Read from inside the jail."""
    hashed = papers.folder / "hashed"
    if not hashed.exists():
        hashed.mkdir()
        (hashed / "ca.crt").write_bytes((papers.files / "ca.pem").read_bytes())
        subprocess.run(["openssl", "rehash", hashed], check=True, timeout=60)
    where = hashed if value == "hashed" else papers.files / value
    good, other = start_secure(), start_secure("other")
    lb = start_lb(*discovery.flags, env={variable: str(where)})
    discovery.send_line(https_line(good, other, backend_verify="yes", backend_name="b.test"))
    lb.wait_states(b0="ready", b1="probing")
    assert connect(lb).get().status == 200
    assert "verified, by the authorities of the system, for b.test" in lb.ask("/explain/b0").body.decode()


def test_any_name_of_the_own_authority(start_lb, start_secure, papers, discovery, connect):
    """Of a container nobody knows a name: who has the CA's certificate is good."""
    good, other, stranger = start_secure(), start_secure("other"), start_secure("stranger")
    lb = start_lb(papers.flag, *discovery.flags)
    discovery.send_line(https_line(good, other, stranger, backend_ca="ca.pem"))
    lb.wait_states(b0="ready", b1="ready", b2="probing")
    assert [connect(lb).get().status for _ in range(4)] == [200] * 4
    assert {seen.server_name for seen in good.good()} == {None}
    assert "verified, by ca.pem, for any name" in lb.ask("/explain/b0").body.decode()


def test_lb_shows_who_it_is(start_lb, start_secure, papers, discovery, connect):
    strict = start_secure(context={"verify_mode": 2}.items())
    strict.context.load_verify_locations(papers.files / "ca.pem")
    lb = start_lb(papers.flag, *discovery.flags)
    discovery.send_line(https_line(strict, backend_certificate="lb.pem"))
    lb.wait_ready()
    assert connect(lb).get().body == OK[-2:]
    assert strict.good()[-1].client["subject"][-1] == (("commonName", "lb.test"),)


def test_a_file_that_changes(start_lb, start_secure, papers, discovery, connect, tmp_path):
    """Connections by the old file are not used again, and backends are believed by the new one."""
    backend = start_secure()
    file = tmp_path / "ca.pem"
    file.write_bytes((papers.files / "stranger.pem").read_bytes())
    lb = start_lb(f"--backend-certificates={tmp_path}", *discovery.flags)
    discovery.send_line(https_line(backend, backend_ca="ca.pem", backend_name="b.test"))
    lb.wait_problem("certificate")
    file.write_bytes((papers.files / "ca.pem").read_bytes())
    lb.wait_ready()
    assert connect(lb).get().status == 200
