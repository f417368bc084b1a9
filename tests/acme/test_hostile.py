"""Answers of a server that lies: bounded, told, tried again later; nothing of it becomes a path or a request elsewhere."""
import json

import pytest

from hostile import Hostile, good_directory
from support.program import BIN_DIR  # noqa: F401

NONCE = {"Replay-Nonce": "abcDEF123"}
JSON = {**NONCE, "Content-Type": "application/json"}


@pytest.fixture
def start_hostile(cleanup):
    def start(answers):
        """answers(base): {path: (status, headers, body)}"""
        holder = {}

        def answer(method, path):
            table = answers(holder["server"].base)
            return table.get(path, (404, NONCE, b""))
        holder["server"] = Hostile(answer)
        cleanup.callback(holder["server"].close)
        return holder["server"]
    return start


def account(base, **more):
    return {"/dir": (200, {}, good_directory(base)), "/nonce": (200, NONCE, b""),
            "/account": (201, {**JSON, "Location": base + "/account/1"}, b"{}"), **more}


def order(base, **changes):
    return (201, {**JSON, "Location": base + "/order/1"}, json.dumps(
        {"status": "pending", "authorizations": [base + "/authz"], "finalize": base + "/finalize", **changes}).encode())


def authz(base, token="tokentoken", name="h.host.example", kind="http-01"):
    return (200, JSON, json.dumps({"status": "pending", "identifier": {"type": "dns", "value": name},
                                   "challenges": [{"type": kind, "url": base + "/challenge", "token": token}]}).encode())


TROUBLES = {
    "no server at all": (lambda base: {"/dir": (404, {}, b"<html>")}, "--acme-directory"),
    "garbage": (lambda base: {"/dir": (200, {}, b"\xff\xfe{{{")}, "is no directory"),
    "endless": (lambda base: {"/dir": (200, {}, b"x" * (2 << 20))}, "longer than any"),
    "urls elsewhere": (lambda base: {"/dir": (200, {}, good_directory("http://169.254.169.254"))}, "is no directory"),
    "redirect": (lambda base: {"/dir": (302, {"Location": "file:///etc/passwd"}, b"")}, "302"),
    "no nonce": (lambda base: {"/dir": (200, {}, good_directory(base)), "/nonce": (200, {}, b"")}, "gives no nonce"),
    "odd nonce": (lambda base: {"/dir": (200, {}, good_directory(base)), "/nonce": (200, {"Replay-Nonce": '","x":"'}, b"")},
                  "gives no nonce"),
    "always badNonce": (lambda base: account(base, **{"/account": (400, JSON, json.dumps(
        {"type": "urn:ietf:params:acme:error:badNonce", "detail": "again"}).encode())}), "badNonce"),
    "account elsewhere": (lambda base: account(base, **{"/account": (201, {**JSON, "Location": "ftp://x/"}, b"{}")}),
                          "gives no URL"),
    "rate limited": (lambda base: account(base, **{"/order": (429, {**JSON, "Retry-After": "7777"}, json.dumps(
        {"type": "urn:ietf:params:acme:error:rateLimited", "detail": "too many \x1b[31m"}).encode())}), "rateLimited"),
    "order is no object": (lambda base: account(base, **{"/order": (201, JSON, b"[]")}), "is not ACME"),
    "order without place": (lambda base: account(base, **{"/order": (201, JSON, b'{"status":"pending"}')}), "is not ACME"),
    "authorization elsewhere": (lambda base: account(base, **{
        "/order": order(base, authorizations=["http://169.254.169.254/latest"])}), "is not ACME"),
    "too many authorizations": (lambda base: account(base, **{
        "/order": order(base, authorizations=[base + "/authz"] * 5000)}), "is not ACME"),
    "token is a path": (lambda base: account(base, **{
        "/order": order(base), "/authz": authz(base, token="../../../live/x")}), "--acme-challenge"),
    "name is a path": (lambda base: account(base, **{
        "/order": order(base), "/authz": authz(base, name="../../evil")}), "is not ACME"),
    "other challenge": (lambda base: account(base, **{
        "/order": order(base), "/authz": authz(base, kind="dns-01")}), "--acme-challenge"),
    "certificate of others": (lambda base: account(base, **{
        "/order": order(base, status="ready"), "/finalize": (200, JSON, json.dumps(
            {"status": "valid", "certificate": base + "/certificate"}).encode()),
        "/certificate": (200, NONCE, b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")}), "of no use"),
}


@pytest.mark.parametrize("name", TROUBLES)
def test_trouble(name, start_hostile, start_acme, tmp_path):
    answers, why = TROUBLES[name]
    server = start_hostile(answers)
    acme = start_acme(server, wished=[["h.host.example"]])
    row = acme.wait_state("h.host.example", "failed")
    assert why in row["problem"], row
    assert "\x1b" not in row["problem"]
    if name == "rate limited":
        assert row["next_s"] > json.loads((tmp_path / "acme" / "state.json").read_text())["pause_until_s"] + 7000
    assert not list((tmp_path / "acme" / "live").iterdir())
    assert not list((tmp_path / "acme" / "challenges").iterdir())
    assert {path.name for path in tmp_path.iterdir()} == {"acme"}
    if name == "always badNonce":
        assert 15 < server.asked.count(("POST", "/account")) <= 20
