"""One Chromium for all tests of this folder, and one tab for each test that wants one."""

import pytest

from support.browser import PROGRAM, Browser, Tab


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
