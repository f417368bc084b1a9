"""Fixtures that start lb, appservers, backends and clients. Everything they start is ended in the
opposite order; a program that ends badly, reports through a sanitizer, or leaks (in the address
build) fails its test there."""

import contextlib

import pytest

from support.backend import OK, RecordingBackend
from support.client import RawClient
from support.discovery import FakeDiscovery
from support.lb import Lb
from support.passing import Passing
from support.program import Program, sanitizer


@pytest.fixture(name="cleanup")
def make_cleanup():
    with contextlib.ExitStack() as stack:
        yield stack


@pytest.fixture
def start_lb(cleanup):
    """start_lb(*flags, backends=[...]): an Lb with those backends in use."""
    def start(*flags, backends=None, is_ready=True, **options):
        addresses = [getattr(b, "address", b) for b in backends or []]
        lb = Lb(*flags, backends=addresses, **options)
        cleanup.callback(lb.stop)
        if backends and is_ready and lb.admin:
            lb.wait_ready(len(set(addresses)))
        return lb
    return start


@pytest.fixture
def start_appserver(cleanup):
    """start_appserver(name, *flags): a Program with `address`."""
    def start(name, *flags, port=0):
        server = Program("appserver", f"--listen=127.0.0.1:{port}", f"--name={name}", "--no-log",
                         *flags)
        cleanup.callback(server.stop)
        server.address = server.wait_listening()[0]
        return server
    return start


@pytest.fixture
def start_backend(cleanup):
    """start_backend(script): a RecordingBackend."""
    def start(script=OK, **options):
        backend = RecordingBackend(script, **options)
        cleanup.callback(backend.close)
        return backend
    return start


@pytest.fixture
def connect(cleanup):
    """connect(lb): a RawClient; an address may be given instead."""
    def start(target, **options):
        client = RawClient(getattr(target, "address", target), **options)
        cleanup.callback(client.close)
        return client
    return start


@pytest.fixture
def discovery(cleanup, tmp_path):
    """A FakeDiscovery; give its flags to start_lb."""
    fake = FakeDiscovery(tmp_path)
    cleanup.callback(fake.close)
    return fake


@pytest.fixture
def built_with():
    """"address", "thread" or None."""
    return sanitizer()


@pytest.fixture
def start_passing(cleanup, start_lb, discovery):
    """start_passing(*flags): a Passing, which is lb in front of servers of TCP and UDP."""
    def start(*flags):
        return Passing(cleanup, start_lb, discovery, *flags)
    return start



@pytest.fixture
def follow(connect):
    """follow(lb): a RawClient that has asked for /events and read the head of the answer."""
    def start(lb, fields=(), status=200, **options):
        client = connect(lb.admin, **options)
        client.request("GET", "/events", fields=fields)
        client.head = client.read_head()
        assert client.head.status == status
        return client
    return start
