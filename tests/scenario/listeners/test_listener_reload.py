"""SIGHUP: TCP and UDP listeners come and go, and nobody else notices."""

import contextlib
import socket
import threading

from listeners.conftest import answer_at, greet, is_refused, listening_at, name_at
from support.free_port import free_port
from support.waiting import wait_for


def backends_of(tcp=(), udp=()):
    return ([f"{s.name}=tcp://{s.address[0]}:{s.address[1]}" for s in tcp] +
            [f"{s.name}=udp://{s.address[0]}:{s.address[1]}" for s in udp])


class Load:
    """Clients that connect, say something, hear it and leave, one after the other; what went wrong is kept."""

    def __init__(self, address, name, count=4):
        self.address, self.name = address, name
        self.failures, self.served, self.is_over = [], 0, False
        self.threads = [threading.Thread(target=self._run, daemon=True) for _ in range(count)]
        for thread in self.threads:
            thread.start()

    def _run(self):
        while not self.is_over:
            try:
                sock, name = greet(self.address)
                with sock:
                    sock.sendall(b"ping")
                    said = sock.recv(100)
                if name != self.name or said != b"ping":
                    self.failures.append((name, said))
            except OSError as error:
                self.failures.append(error)
            self.served += 1

    def wait_more(self, count=50):
        goal = self.served + count
        wait_for(lambda: self.served >= goal or self.failures, f"{count} more are served")

    def end(self):
        self.is_over = True
        for thread in self.threads:
            thread.join()
        assert not self.failures, self.failures[:3]


def test_listeners_come_and_go_under_load_of_another(settings, start_lb, start_tcp, start_udp):
    a, b, c = start_tcp("a"), start_tcp("b"), start_udp("c")
    ports = [free_port() for _ in range(3)]
    usual = {"backend": backends_of([a, b], [c])}
    stays = [f"127.0.0.1:{ports[0]}=a"]
    settings.write(tcp=stays, **usual)
    lb = start_lb(settings.flag)
    open_sock, _ = greet(("127.0.0.1", ports[0]))
    load = Load(("127.0.0.1", ports[0]), "a")
    for _ in range(5):
        settings.write(tcp=stays + [f"127.0.0.1:{ports[1]}=b"],
                       udp=[f"127.0.0.1:{ports[2]}=c"], **usual)
        lb.reload()
        assert name_at(("127.0.0.1", ports[1])) == "b"
        assert answer_at(("127.0.0.1", ports[2])) == "c"
        load.wait_more()
        settings.write(tcp=stays, **usual)
        lb.reload()
        wait_for(lambda: is_refused(("127.0.0.1", ports[1])), "the listener is gone")
        load.wait_more()
    load.end()
    open_sock.sendall(b"from before")
    assert open_sock.recv(100) == b"from before"
    open_sock.close()


def test_another_service_touches_no_socket(settings, start_lb, start_tcp):
    """Each connection is one of the old or the new service; none is lost."""
    a, b = start_tcp("a"), start_tcp("b")
    usual = {"backend": backends_of([a, b])}
    settings.write(tcp=["127.0.0.1:0=a"], **usual)
    lb = start_lb(settings.flag)
    address = listening_at(lb, "tcp")
    old, name = greet(address)
    assert name == "a"
    seen, failures, is_over = set(), [], threading.Event()

    def run():
        while not is_over.is_set():
            try:
                seen.add(name_at(address))
            except OSError as error:
                failures.append(error)

    threads = [threading.Thread(target=run, daemon=True) for _ in range(4)]
    for thread in threads:
        thread.start()
    for service in "babab":
        settings.write(tcp=[f"127.0.0.1:0={service}"], **usual)
        lb.reload()
        wait_for(lambda: name_at(address) == service, f"new ones go to {service}")
    is_over.set()
    for thread in threads:
        thread.join()
    assert not failures, failures[:3]
    assert seen == {"a", "b"}
    old.sendall(b"the old one")
    assert old.recv(100) == b"the old one"
    old.close()
    assert len([m for m in lb.messages() if m.startswith("listening on tcp ")]) == 1


def test_who_has_come_to_one_that_goes_is_served(settings, start_lb, start_tcp):
    """Connections are begun until they are refused; each that was accepted by the kernel has a server."""
    a, port = start_tcp("a"), free_port()
    usual = {"backend": backends_of([a])}
    settings.write(tcp=[f"127.0.0.1:{port}=a"], **usual)
    lb = start_lb(settings.flag)
    assert name_at(("127.0.0.1", port)) == "a"
    socks, failures, is_over = [], [], threading.Event()

    def run():
        while not is_over.is_set():
            sock = socket.socket()
            sock.settimeout(30)
            try:
                sock.connect(("127.0.0.1", port))
            except OSError:
                sock.close()
                return
            socks.append(sock)
            try:
                if sock.recv(100) != b"a\n":
                    failures.append("ended")
            except OSError as error:
                failures.append(error)

    threads = [threading.Thread(target=run, daemon=True) for _ in range(4)]
    for thread in threads:
        thread.start()
    wait_for(lambda: len(socks) > 50, "some have come")
    settings.write(**usual)
    lb.reload()
    for thread in threads:
        thread.join(30)
    is_over.set()
    assert not failures, failures[:3]
    for sock in socks:
        sock.close()
    wait_for(lambda: is_refused(("127.0.0.1", port)), "it is gone")


def test_flows_of_a_listener_that_stays(settings, start_lb, start_udp):
    """A flow keeps its server while other listeners come and go."""
    a, b = start_udp("a"), start_udp("b")
    usual = {"backend": backends_of(udp=[a, b])}
    settings.write(udp=["127.0.0.1:0=a"], **usual)
    lb = start_lb(settings.flag)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(10)
        sock.connect(listening_at(lb, "udp"))
        wait_for(lambda: lb.metrics().value("lb_endpoints", service="a", protocol="udp", state="ready") == 1, "a is there")
        for i in range(6):
            sock.send(b"x")
            assert sock.recv(100) == b"a x"
            extra = [f"127.0.0.1:{free_port()}=b"] if i % 2 else []
            settings.write(udp=["127.0.0.1:0=a", *extra], **usual)
            lb.reload()


def test_one_that_cannot_be_had_is_told_and_had_later(settings, start_lb, start_tcp):
    a = start_tcp("a")
    usual = {"backend": backends_of([a])}
    settings.write(tcp=["127.0.0.1:0=a"], **usual)
    lb = start_lb(settings.flag)
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        settings.write(tcp=["127.0.0.1:0=a", f"127.0.0.1:{port}=a"], **usual)
        lb.reload()
        lb.wait_message(f"cannot listen on tcp 127.0.0.1:{port}: address already in use; something else has it .*; "
                        "it is tried again")
        assert name_at(listening_at(lb, "tcp")) == "a"
    lb.wait_message(f"listening on tcp 127.0.0.1:{port}")
    assert name_at(("127.0.0.1", port)) == "a"


def test_one_that_comes_again_at_once(settings, start_lb, start_tcp):
    """While workers are still closing it."""
    a, b, port = start_tcp("a"), start_tcp("b"), free_port()
    usual = {"backend": backends_of([a, b])}
    settings.write(tcp=[f"127.0.0.1:{port}=a"], **usual)
    lb = start_lb(settings.flag)
    assert name_at(("127.0.0.1", port)) == "a"
    settings.write(**usual)
    lb.reload()
    settings.write(tcp=[f"127.0.0.1:{port}=b"], **usual)
    lb.reload()

    def is_back():
        with contextlib.suppress(OSError):
            return name_at(("127.0.0.1", port)) == "b"
    wait_for(is_back, "it is there again, for the other service")
    assert lb.find_message("cannot listen") is None
