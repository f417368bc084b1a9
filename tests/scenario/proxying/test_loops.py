"""A request that comes back to an lb that it has passed is ended there (RFC 9110 § 7.6.3)."""

from support.free_port import free_port


def test_an_lb_that_is_its_own_backend_ends_the_loop(start_lb, connect):
    address = ("127.0.0.1", free_port())
    lb = start_lb(f"--listen={address[0]}:{address[1]}",
                  backends=[address])
    assert connect(lb).get().status == 508
    lb.wait_idle()
    assert lb.pool()["totals"]["requests"] <= 3


def test_a_loop_through_two_is_ended(start_lb, connect):
    addresses = [("127.0.0.1", free_port()) for _ in range(2)]
    lbs = [start_lb("--listen=%s:%d" % own, backends=[other], is_ready=False)
           for own, other in (addresses, addresses[::-1])]
    for lb in lbs:
        lb.wait_ready()
    for address in addresses:
        response = connect(address).get()
        assert response.status == 508 and b"has been here before" in response.body


def test_several_lbs_in_a_chain_are_no_loop(start_lb, start_backend, connect):
    backend = start_backend()
    lb = backend
    for _ in range(5):
        lb = start_lb(backends=[lb])
    assert connect(lb).get().status == 200
    lines = [line for line in backend.requests[0].head.raw.split(b"\r\n") if line.startswith(b"Via:")]
    assert len(lines) == 5 and lines[0] == b"Via: 1.1 lb" and len(set(lines)) == 5


def test_a_request_that_names_lb_twice_gets_508(start_lb, start_backend, connect):
    backend = start_backend()
    client = connect(start_lb(backends=[backend]))
    assert client.get(fields=["Via: 1.1 lb"]).status == 200
    assert client.get(fields=["Via: 1.1 other, 1.1 lb, 1.0 third", "Via: HTTP/1.1 LB"]).status == 508
    assert client.get().status == 200
    assert len(backend.requests) == 2
