"""pebble, Let's Encrypt's own test server, with its DNS: processes on a loopback address of their own."""
import json
import os
import random
import shutil
import socket
import ssl
import subprocess
import urllib.request

from support.waiting import wait_for

ACME_PORT, CONTROL_PORT, DNS_PORT, DNS_CONTROL_PORT = 14000, 15000, 8053, 8055
HTTP_PORT, TLS_PORT = 5002, 5001
PORTS = (ACME_PORT, CONTROL_PORT, DNS_PORT, DNS_CONTROL_PORT, HTTP_PORT, TLS_PORT)


def free_address():
    for _ in range(200):
        address = f"127.{random.randint(20, 99)}.{random.randint(1, 250)}.{random.randint(1, 250)}"
        try:
            for port in PORTS:
                with socket.socket() as probe:
                    probe.bind((address, port))
            return address
        except OSError:
            continue
    raise AssertionError("no free loopback address among 200 tried")


def missing():
    """What is not installed here; "": nothing."""
    return " ".join(name for name in ("pebble", "pebble-challtestsrv", "openssl") if not shutil.which(name))


class Pebble:
    """Names lead to `self.address`, where validation asks `HTTP_PORT` and `TLS_PORT`."""

    def __init__(self, folder, nonce_reject=0, env=None, config=None, binding_keys=None):
        self.folder, self.address = folder, free_address()
        self.url = f"https://{self.address}:{ACME_PORT}/dir"
        folder.mkdir(parents=True, exist_ok=True)
        self.ca = folder / "pebble.pem"
        self.log = folder / "log"
        self.nonce_reject, self.env = nonce_reject, env or {}
        self._make_certificate()
        settings = {"listenAddress": f"{self.address}:{ACME_PORT}",
                    "managementListenAddress": f"{self.address}:{CONTROL_PORT}",
                    "certificate": str(self.ca), "privateKey": str(folder / "key.pem"),
                    "httpPort": HTTP_PORT, "tlsPort": TLS_PORT, "ocspResponderURL": "",
                    "externalAccountBindingRequired": bool(binding_keys), **(config or {})}
        if binding_keys:
            settings["externalAccountMACKeys"] = binding_keys
        (folder / "config.json").write_text(json.dumps({"pebble": settings}), encoding="ascii")
        self.processes = []
        self.start()

    def _make_certificate(self):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-keyout", self.folder / "key.pem", "-out", self.ca, "-days", "2", "-subj", "/CN=pebble",
                        "-addext", f"subjectAltName=IP:{self.address}"],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def _spawn(self, *words, env=None):
        with open(self.log, "ab") as log:
            self.processes.append(subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *words], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={**os.environ, **(env or {})}))

    def start(self):
        self._spawn("pebble-challtestsrv", "-dns01", f"{self.address}:{DNS_PORT}",
                    "-management", f"{self.address}:{DNS_CONTROL_PORT}", "-http01", "", "-https01", "",
                    "-tlsalpn01", "", "-defaultIPv4", self.address, "-defaultIPv6", "")
        self._spawn("pebble", "-config", str(self.folder / "config.json"), "-dnsserver", f"{self.address}:{DNS_PORT}",
                    env={"PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": str(self.nonce_reject),
                         "PEBBLE_AUTHZREUSE": "0", **self.env})
        self.wait_well()

    def wait_well(self):
        def is_well():
            try:
                return self.fetch(self.url).get("newOrder")
            except OSError:
                return False
        try:
            wait_for(is_well, "pebble answers", 30, 0.05)
        except AssertionError as reason:
            raise AssertionError(f"{reason}: {self.text()[-2000:]}") from None

    def fetch(self, url):
        context = ssl.create_default_context(cafile=str(self.ca))
        with urllib.request.urlopen(url, timeout=10, context=context) as answer:
            return json.load(answer)

    def root(self):
        """The PEM of the authority that signs."""
        context = ssl.create_default_context(cafile=str(self.ca))
        with urllib.request.urlopen(f"https://{self.address}:{CONTROL_PORT}/roots/0", timeout=10,
                                    context=context) as answer:
            return answer.read().decode()

    def lead(self, name, address):
        """The name's address in its DNS."""
        for word, values in (("clear-a", {}), ("add-a", {"addresses": [address]})):
            body = json.dumps({"host": name, **values}).encode()
            urllib.request.urlopen(f"http://{self.address}:{DNS_CONTROL_PORT}/{word}", body, timeout=10).close()

    def text(self):
        return self.log.read_text(errors="replace")

    def order_count(self):
        """How many orders there were."""
        return self.text().count("Added order ")

    def kill(self):
        for process in self.processes:
            process.kill()
            process.wait()
        self.processes = []

    close = kill
