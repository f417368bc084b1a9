import pytest

from terminal import Terminal


@pytest.fixture
def open_terminal(cleanup):
    """open_terminal("top", "--admin=…"): a Terminal with lb at it."""
    def start(*words, **options):
        terminal = Terminal(*words, **options)
        cleanup.callback(terminal.close)
        return terminal
    return start
