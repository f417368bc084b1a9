"""What a client says of itself does not reach an application that turns field names into variables:
a real WSGI server (PEP 3333, as CGI, Rack and PHP do it) makes one of what is spelled alike."""

import json
import threading
import wsgiref.simple_server

import pytest


class Quiet(wsgiref.simple_server.WSGIRequestHandler):
    def log_message(self, *args):
        pass


def tell_environ(environ, start_response):
    body = json.dumps({key: value for key, value in environ.items()
                       if isinstance(value, str)}).encode()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]


@pytest.fixture(name="environ")
def make_environ(start_lb, connect, cleanup):
    """environ(*flags, fields=[…]): the variables that the application got."""
    server = wsgiref.simple_server.make_server("127.0.0.1", 0, tell_environ, handler_class=Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    cleanup.callback(thread.join)
    cleanup.callback(server.server_close)
    cleanup.callback(server.shutdown)

    def ask(*flags, fields, host="shop.example:8080"):
        lb = start_lb(*flags, backends=[server.server_address])
        return json.loads(connect(lb).get(fields=fields, host=host).body)
    return ask


ALIASES = ["X_Forwarded_Proto: https", "x-forwarded_for: 6.6.6.6", "X_FORWARDED-HOST: evil",
           "X-Forwarded_Port: 443", "X-Real_IP: 6.6.6.6", "X_Forwarded_User: root",
           "x_scheme: https", "Front_End-Https: on", "X_Request_Id: mine"]
OTHERS = ["X-Forwarded-Port: 443", "X-Forwarded-Ssl: on", "X-Forwarded-Scheme: https",
          "X-Forwarded-Prefix: /admin", "X-Forwarded-Server: evil", "X-Forwarded-User: root",
          "X-Forwarded-Protocol: https", "X-Scheme: https", "X-Url-Scheme: https",
          "Front-End-Https: on", "X-Client-IP: 6.6.6.6", "True-Client-IP: 6.6.6.6",
          "CF-Connecting-IP: 6.6.6.6", "Client-IP: 6.6.6.6", "X-Original-Host: evil"]
OWN = {"HTTP_X_FORWARDED_FOR": "127.0.0.1", "HTTP_X_FORWARDED_PROTO": "http",
       "HTTP_X_FORWARDED_HOST": "shop.example:8080", "HTTP_X_FORWARDED_PORT": "8080",
       "HTTP_X_REAL_IP": "127.0.0.1", "HTTP_VIA": "1.1 lb"}


def said(environ):
    """What the application is told beside what every request has."""
    usual = ("HTTP_HOST", "HTTP_X_REQUEST_ID", "HTTP_X_OWN", "HTTP_API_KEY")
    return {key: value for key, value in environ.items()
            if key.startswith("HTTP_") and key not in usual}


@pytest.mark.parametrize("fields", [ALIASES, OTHERS, ALIASES + OTHERS])
def test_claims_of_a_stranger_do_not_reach_the_application(fields, environ):
    got = environ(fields=[*fields, "api_key: 1", "X-Own: 2"])
    assert said(got) == OWN
    assert (got["HTTP_API_KEY"], got["HTTP_X_OWN"]) == ("1", "2")
    assert got["HTTP_X_REQUEST_ID"] != "mine" and "," not in got["HTTP_X_REQUEST_ID"]


def test_a_trusted_proxy_is_believed_but_not_what_it_passes_on_in_other_spellings(environ):
    got = environ("--trusted-proxies=127.0.0.1", fields=[
        "X-Forwarded-Proto: https", "X-Forwarded-Prefix: /a", "CF-Connecting-IP: 192.0.2.1",
        "X-Forwarded-For: 192.0.2.1", *ALIASES])
    assert said(got) == {**OWN, "HTTP_X_FORWARDED_PROTO": "https", "HTTP_X_FORWARDED_SSL": "on", "HTTP_X_REAL_IP": "192.0.2.1",
                         "HTTP_X_FORWARDED_FOR": "192.0.2.1, 127.0.0.1",
                         "HTTP_X_FORWARDED_PREFIX": "/a", "HTTP_CF_CONNECTING_IP": "192.0.2.1"}


def test_claims_in_trailers_go_too(start_lb, start_backend, connect):
    backend = start_backend()
    client = connect(start_lb(backends=[backend]))
    client.send(b"POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n"
                b"1\r\na\r\n0\r\nX_Forwarded_Proto: https\r\nX-Forwarded-Ssl: on\r\nMine: 1\r\n\r\n")
    assert client.read_response().status == 200
    assert backend.requests[0].trailers == [b"Mine: 1\r\n"]
