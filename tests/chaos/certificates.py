"""Certificates of the proxy under test, which change all the time: each is another one than the one before."""
import os
import subprocess
import threading

NAME = "chaos"          # what the load asks for, by TLS and by Host
FLAGS = ("--https-method", "noredirect")
EVERY_S = 0.5
COUNT = 4


def make(folder):
    """(certificate, key), as PEM."""
    key, chain = folder / "key", folder / "chain"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc", "-days", "30",
                    "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}", "-keyout", key, "-out", chain],
                   check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return chain.read_bytes(), key.read_bytes()


class Certificates:
    """A folder of one certificate, which is replaced twice a second: its two files one after the other, so that for a moment
    they do not belong together."""

    def __init__(self, folder):
        self.folder, work = folder / "lb-certificates", folder / "made"
        self.folder.mkdir()
        work.mkdir()
        self.all = [make(work) for _ in range(COUNT)]
        self.swaps = 0
        self.over = threading.Event()
        self.swap()
        self.thread = threading.Thread(target=self.go_on, daemon=True)

    def put(self, name, content):
        new = self.folder / f".{name}.new"
        new.write_bytes(content)
        new.chmod(0o644)
        os.replace(new, self.folder / name)

    def swap(self):
        chain, key = self.all[self.swaps % COUNT]
        self.put(f"{NAME}.key", key)
        self.put(f"{NAME}.crt", chain)
        self.swaps += 1

    def go_on(self):
        while not self.over.wait(EVERY_S):
            self.swap()

    def start(self):
        self.thread.start()

    def end(self):
        """Gives how often they were replaced."""
        self.over.set()
        if self.thread.is_alive():
            self.thread.join(5)
        return self.swaps
