"""trace.id in appserver's log: of a valid traceparent, else of sentry-trace. More of it: tests/scenario/trace."""

import pytest

from appserver_under_test import Appserver, get

ID = "0af7651916cd43dd8448eb211c80319c"
SPAN = "b7ad6b7169203331"


@pytest.mark.parametrize("fields, trace", [
    ([], None), ([f"traceparent: 00-{ID}-{SPAN}-01"], ID), ([f"Sentry-Trace: {ID}-{SPAN}"], ID),
    ([f"traceparent: 01-{ID}-{SPAN}-01-x"], ID), ([f"traceparent: 00-{ID}-{SPAN}-01-x"], None),
    ([f"traceparent: 00-{ID}-{SPAN}-01"] * 2, None), ([f"sentry-trace: {ID}-{SPAN}-2"], None),
    ([f"traceparent: 00-{'0' * 32}-{SPAN}-01"], None), ([f"traceparent: 00-{ID.upper()}-{SPAN}-01"], None)])
def test_trace_id(fields, trace):
    with Appserver() as server:
        assert server.ask(get("/", *fields)).status == 200
        assert server.log_line("/").get("trace") == ({"id": trace} if trace else None)
