"""What people are told of certificates: explain, /certificates, metrics, the log."""

import json

from support.certificates import issue, write_file, write_live, write_pair
from support.waiting import wait_for


def page_of(lb):
    return json.loads(lb.lb.ask("/certificates", fields=("Accept: application/json",)).body)


def text_of(lb, path):
    return lb.lb.ask(path).body.decode()


def test_the_page_tells_of_each(start, made, folder):
    write_pair(folder, "a.test", made("a.test", "www.a.test"))
    write_live(folder, "b.test", made("b.test", key="rsa"))
    write_pair(folder, "default", made("d.test"))
    write_file(folder / "bad.test.crt", "nonsense")
    lb = start()
    wait_for(lambda: page_of(lb)["refused_count"] == 1, what="the bad one to be refused")
    page = page_of(lb)
    first, second, default = page["certificates"]
    assert (first["name"], first["names"], first["key"], first["key_bits"]) == ("a.test", ["a.test", "www.a.test"],
                                                                               "ECDSA", 256)
    assert first["issuer"] == "lb test CA" and first["state"] == "valid" and first["shown"] is True
    assert first["not_after"].endswith("Z") and len(first["sha256"]) == 64
    assert (second["name"], second["key"], second["file"]) == ("b.test", "RSA", str(folder / "live/b.test/fullchain.pem"))
    assert default["default"] is True
    assert page["count"] == 3 and page["acme"] == []
    assert [fault["file"] for fault in page["refused"]] == [str(folder / "bad.test.crt")]
    assert "PRIVATE" not in json.dumps(page)
    said = text_of(lb, "/certificates")
    assert "a.test.crt (ECDSA 256) for a.test, www.a.test, by lb test CA, until 20" in said
    assert "bad.test.crt: no certificate is in it" in said


def test_explain_says_which_one_and_why(start, made, folder):
    write_pair(folder, "a.test", made("a.test"))
    write_live(folder, "w", made("*.w.test"))
    lb = start()
    assert "a.test.crt (ECDSA 256) for a.test, by lb test CA, until 20" in text_of(lb, "/explain/a.test")
    assert "it is the one of this name" in text_of(lb, "/explain/a.test")
    assert "a wildcard in it is for this name" in text_of(lb, "/explain/x.w.test")
    parent = text_of(lb, "/explain/www.a.test")
    assert "called as the host one label above, and its names are others: clients are warned of it" in parent
    assert "certificate: " in text_of(lb, "/explain?url=https%3A%2F%2Fa.test%2F")
    assert "none is there for this name" in text_of(lb, "/explain?url=https%3A%2F%2Fno.example%2F")
    assert "certificate: " not in text_of(lb, "/explain?url=http%3A%2F%2Fa.test%2F")
    assert lb.lb.ask("/explain/no.example").status == 404


def test_explain_names_the_file_that_is_refused(start, made, folder):
    write_pair(folder, "a.test", made("a.test"))
    write_file(folder / "bad.test.crt", "nonsense")
    lb = start()
    wait_for(lambda: page_of(lb)["refused_count"] == 1, what="the bad one to be refused")
    for path in ("/explain/bad.test", "/explain?url=https%3A%2F%2Fbad.test%2F"):
        assert "bad.test.crt cannot be used: no certificate is in it" in text_of(lb, path)


def test_explain_says_it_as_json(start, made, folder):
    write_pair(folder, "a.test", made("a.test"))
    lb = start()

    def told(path, status=200):
        answer = lb.lb.ask(path, fields=("Accept: application/json",))
        assert answer.status == status
        return json.loads(answer.body)

    (own,) = told("/explain/a.test")["certificates"]
    assert (own["why"], own["covers"], own["state"]) == ("it is the one of this name", True, "valid")
    (parent,) = told("/explain?url=https%3A%2F%2Fwww.a.test%2F")["certificates"]
    assert parent["covers"] is False and parent["file"] == own["file"]
    assert told("/explain?url=https%3A%2F%2Fno.example%2F")["certificates"] == []
    assert "certificates" not in told("/explain?url=http%3A%2F%2Fa.test%2F")
    told("/explain/no.example", status=404)


def test_explain_tells_of_a_newer_one_that_is_refused(start, made, folder):
    write_pair(folder, "a.test", made("a.test"))
    lb = start()
    write_file(folder / "a.test.crt", "nonsense")
    wait_for(lambda: "a newer one is not used: no certificate is in it" in text_of(lb, "/explain/a.test"),
             what="explain to tell of it")


def test_metrics(start, made, folder, ca):
    write_pair(folder, "a.test", made("a.test"))
    write_file(folder / "bad.test.crt", "nonsense")
    lb = start()
    wait_for(lambda: lb.lb.metrics().value("lb_certificates_refused") == 1, what="the bad one to be refused")
    metrics = lb.lb.metrics()
    shown = metrics.value("lb_certificate_not_after_seconds", name="a.test", file=str(folder / "a.test.crt"))
    assert 80 * 86400 < shown - metrics.value("lb_certificates_changed_timestamp_seconds") < 91 * 86400
    assert metrics.value("lb_certificates") == 1
    assert metrics.value("lb_certificate_reads_total") >= 2


def test_who_runs_out_is_told_and_when_it_is_renewed(start, made, folder, ca):
    write_pair(folder, "soon.test", issue(ca, ("soon.test",), begins=-80, days=10))
    write_pair(folder, "near.test", issue(ca, ("near.test",), begins=-80, days=2))
    write_pair(folder, "far.test", made("far.test"))
    lb = start()
    lb.lb.wait_message("the certificate .*soon.test.crt runs out in 9 days, on 20")
    lb.lb.wait_message("the certificate .*near.test.crt runs out in 47 hours, on 20.*; renew it")
    write_pair(folder, "near.test", made("near.test"))
    lb.lb.wait_message("the certificate .*near.test.crt runs out no more")
    assert not any("far.test.crt runs" in message for message in lb.lb.messages())


def test_one_that_is_not_valid_yet(start, made, folder):
    now, later = made("a.test"), made("a.test", begins=2, days=300)
    write_pair(folder, "a.test", now)
    write_live(folder, "b", made("b.test", begins=2, days=300))
    lb = start()
    lb.lb.wait_message("live/b/fullchain.pem: the certificate of b.test is not valid yet, from 20.*Z; until then it is shown only")
    assert lb.shows("b.test", made("b.test", begins=2, days=300))
    assert ", by lb test CA, not valid yet, from 20" in text_of(lb, "/explain/b.test")
    write_pair(folder, "a.test", later)
    lb.lb.wait_message("a.test.crt: the certificate of a.test is not valid yet, from 20.*Z; the one before is shown until then")
    assert lb.shows("a.test", now)
    assert ", not valid yet, from" not in text_of(lb, "/explain/a.test")
    (late,) = [line for line in text_of(lb, "/certificates").splitlines() if "for a.test" in line and "not valid yet" in line]
    assert late.endswith("; shown to nobody, as another one is")
    write_live(folder, "b", made("b.test"))
    lb.wait_shown("b.test", made("b.test"))
