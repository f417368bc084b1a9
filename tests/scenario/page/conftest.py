"""One Chromium for all tests of this folder, and one tab for each test that wants one."""

import json

import pytest

from support.browser import PROGRAM, Browser, Tab
from support.world import join


@pytest.fixture(name="browser", scope="session")
def make_browser(tmp_path_factory):
    if not PROGRAM:
        pytest.fail("Chromium is missing: apt-get install --no-install-recommends chromium")
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


@pytest.fixture
def open_page(browser):
    """open_page(lb): a Tab that shows lb's page; `view` is the fragment of one of its views."""
    tabs = []

    def start(lb, view="", **options):
        tabs.append(Tab(browser, **options))
        return tabs[-1].open("http://%s:%d/" % lb.admin + view)
    yield start
    for tab in tabs:
        tab.call("Page.close")


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


@pytest.fixture
def next_told():
    """next_told(client): the next object that lb sends, as it is."""
    def take(client):
        event = client.wire.take_until(b"\n\n")
        assert event.startswith(b"data: ") and event.count(b"\n") == 2
        return json.loads(event[6:])
    return take


@pytest.fixture
def next_frame(next_told):
    """next_frame(client): the world after the next object."""
    def take(client):
        client.world = join(getattr(client, "world", None), next_told(client))
        return client.world
    return take
