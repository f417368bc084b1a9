"""Certificates that change while lb runs: all ways to swap one, bad ones, and what goes and comes back."""

import threading
import time

import pytest

from support.certificates import write_both, write_file, write_live, write_pair
from support.program import sanitizer


def test_one_that_comes_changes_and_goes(start, made, folder):
    first, second = made("a.test"), made("a.test", turn=1)
    lb = start()
    assert lb.shows("a.test", None)
    write_pair(folder, "a.test", first)
    lb.wait_shown("a.test", first)
    write_pair(folder, "a.test", second)
    lb.wait_shown("a.test", second)
    for path in folder.iterdir():
        path.unlink()
    lb.wait_shown("a.test", None)


def test_open_connections_are_not_touched(start, made, folder):
    write_pair(folder, "a.test", made("a.test"))
    lb = start()
    with lb.connect("a.test") as client:
        write_pair(folder, "a.test", made("a.test", turn=1))
        lb.wait_shown("a.test", made("a.test", turn=1))
        assert client.get(host="a.test").status in (200, 308)


def by_rename(folder, identity):
    write_pair(folder, "a.test", identity)


def in_place(folder, identity):
    (folder / "a.test.key").write_text(identity.key)
    (folder / "a.test.crt").write_text(identity.full_chain)


def as_one_file(folder, identity):
    write_both(folder / "a.test.pem", identity)


def by_certbot(folder, identity):
    """Symlinks, one after the other."""
    turn = time.monotonic_ns()
    for name, text in (("privkey", identity.key), ("fullchain", identity.full_chain)):
        write_file(folder / "archive" / "a.test" / f"{name}{turn}.pem", text)
    for name in ("privkey", "fullchain"):
        link = folder / "live" / "a.test" / f"{name}.pem"
        link.parent.mkdir(parents=True, exist_ok=True)
        new = link.with_suffix(".new")
        new.symlink_to(f"../../archive/a.test/{name}{turn}.pem")
        new.rename(link)


def by_kubernetes(folder, identity):
    """One symlink to a folder with both."""
    turn = f"..{time.monotonic_ns()}"
    write_pair(folder / turn, "a.test", identity)
    (folder / "..new").symlink_to(turn)
    (folder / "..new").rename(folder / "..data")
    for name in ("a.test.key", "a.test.crt"):
        if not (folder / name).is_symlink():
            (folder / name).symlink_to(f"..data/{name}")


ALL = (by_rename, in_place, as_one_file, by_certbot, by_kubernetes)


@pytest.mark.parametrize("swap", ALL)
def test_each_way_to_swap(start, made, folder, swap):
    swap(folder, made("a.test"))
    lb = start()
    assert lb.shows("a.test", made("a.test"))
    for turn in (1, 2, 0):
        swap(folder, made("a.test", turn=turn))
        lb.wait_shown("a.test", made("a.test", turn=turn))


class Load:
    """Handshakes, one after another, in some threads."""

    def __init__(self, lb, expected, count=3):
        self.lb, self.expected, self.done, self.failed, self.seen = lb, expected, 0, [], set()
        self.is_over = threading.Event()
        self.threads = [threading.Thread(target=self.run) for _ in range(count)]
        for thread in self.threads:
            thread.start()

    def run(self):
        while not self.is_over.is_set():
            try:
                shown = self.lb.shown("a.test")
                if shown not in self.expected:
                    self.failed.append(shown)
                self.seen.add(shown)
            except OSError as error:
                self.failed.append(error)
            self.done += 1

    def end(self):
        self.is_over.set()
        for thread in self.threads:
            thread.join()


@pytest.mark.slow("six seconds of swaps each")
@pytest.mark.parametrize("swap", ALL)
def test_a_hundred_swaps_a_second_under_load(start, made, folder, swap):
    identities = [made("a.test", turn=turn) for turn in range(3)]
    swap(folder, identities[0])
    lb = start()
    load = Load(lb, {identity.certificate for identity in identities})
    begin, count = time.monotonic(), 0
    while time.monotonic() < begin + 6 or count <= 200 or load.done <= 50:
        swap(folder, identities[count % 3])
        count += 1
        time.sleep(max(0, begin + count / 100 - time.monotonic()))
    load.end()
    assert not load.failed, load.failed[:3]
    swap(folder, identities[1])
    lb.wait_shown("a.test", identities[1])
    print(swap.__name__, count, "swaps", load.done, "handshakes", len(load.seen), "certificates seen")


BAD = {
    "expired": ("it is over since 20", lambda made: made("a.test", days=-1).full_chain),
    "another key": ("the key does not fit", lambda made: made("a.test", turn=1).full_chain),
    "truncated": ("is cut off or damaged", lambda made: made("a.test").full_chain[:-200]),
    "empty": ("no certificate is in it", lambda made: ""),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_one_keeps_the_one_before_and_says_why_once(start, made, folder, kind):
    why, make = BAD[kind]
    write_pair(folder, "a.test", made("a.test"))
    lb = start()
    write_file(folder / "a.test.crt", make(made))
    lb.lb.wait_message(f"a.test.crt: .*{why}.*; the one before stays in use")
    assert lb.shows("a.test", made("a.test"))
    write_pair(folder, "a.test", made("a.test", turn=2))
    lb.wait_shown("a.test", made("a.test", turn=2))
    assert sum(why in message for message in lb.lb.messages()) == 1


@pytest.mark.skipif(sanitizer() is not None, reason="there is no jail with a sanitizer")
def test_who_cannot_be_read_is_told_with_the_remedy(start, made, folder):
    write_pair(folder, "a.test", made("a.test"))
    lb = start()
    (folder / "a.test.key").unlink()
    (folder / "a.test.key").symlink_to("/etc/shadow")  # whatever lb may read, its jail has no such file
    lb.lb.wait_message("a.test.key cannot be read: Permission denied; let lb's user .*; the one before stays in use")
    assert lb.shows("a.test", made("a.test"))


def test_a_directory_that_is_gone_and_comes_back(start, made, folder):
    write_pair(folder, "a.test", made("a.test"))
    lb = start()
    away = folder.with_name("away")
    folder.rename(away)
    lb.lb.wait_message("it cannot be listed: No such file or directory; .*stays in use")
    assert lb.shows("a.test", made("a.test"))
    write_pair(away, "a.test", made("a.test", turn=1))
    away.rename(folder)
    lb.wait_shown("a.test", made("a.test", turn=1))


def test_a_reload_does_not_take_them_all_away(start, made, folder):
    write_pair(folder, "a.test", made("a.test"))
    lb = start()
    before = lb.lb.proxy_pid
    away = folder.with_name("away")
    folder.rename(away)
    lb.lb.reload(f'SIGHUP: refused, the settings in force stay: --certificates: "{folder}": No such file or directory; make it')
    folder.write_text("no directory")
    lb.lb.reload(f'SIGHUP: refused, the settings in force stay: --certificates: "{folder}" is no directory')
    assert lb.lb.proxy_pid == before and lb.shows("a.test", made("a.test"))
    folder.unlink()
    away.rename(folder)
    lb.lb.reload(r"^SIGHUP: ")
    lb.wait_shown("a.test", made("a.test"))


def test_a_directory_that_was_never_there_keeps_nothing(start_lb, start_backend, ca, folder):
    folder.rmdir()
    lb = start_lb("--listen-tls=127.0.0.1:0", f"--certificates={folder}", backends=[start_backend()])
    lb.wait_message("it cannot be listed: No such file or directory; .*SIGHUP; no certificate of it is shown")
