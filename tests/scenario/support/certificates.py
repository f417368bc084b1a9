"""Certificates for tests, by the openssl program: authorities, what they issue, and how it lies in directories."""

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

DAY_S = 86400
CURVES = {"ecdsa": "P-256", "ecdsa384": "P-384"}

CONFIG = """\
[ca]
default_ca = this
[this]
dir = {folder}
database = $dir/index
serial = $dir/serial
crlnumber = $dir/crlnumber
new_certs_dir = $dir
certificate = $dir/ca.crt
private_key = $dir/ca.key
default_md = sha256
default_crl_days = 30
policy = any
unique_subject = no
[any]
commonName = optional
organizationName = optional
[req]
distinguished_name = none
[none]
"""


def openssl(*arguments, text=None):
    """What it says; a failure has its own words."""
    done = subprocess.run(["openssl", *map(str, arguments)], input=text, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@dataclass(frozen=True)
class Authority:
    """Who signs. `certificate` is a file; `chain`: PEM of its own certificate up to, but without, the root."""
    folder: Path
    chain: str
    root: Path

    @property
    def certificate(self):
        return self.folder / "ca.crt"

    def crl(self, seconds=None):
        """PEM of what it has revoked, as of now; good for so long, else for 30 days."""
        life = () if seconds is None else ("-crlsec", seconds)
        return openssl("ca", "-config", self.folder / "config", "-gencrl", "-batch", *life)


@dataclass(frozen=True)
class Identity:
    """A certificate and its key, as PEM."""
    names: tuple
    certificate: str
    chain: str
    key: str

    @property
    def full_chain(self):
        return self.certificate + self.chain


def _stamp(seconds):
    return time.strftime("%Y%m%d%H%M%SZ", time.gmtime(seconds))


def _new_key(key):
    kind = ("-newkey", f"rsa:{key.removeprefix('rsa') or 2048}") if key.startswith("rsa") else (
        "-newkey", "ec", "-pkeyopt", f"ec_paramgen_curve:{CURVES[key]}")
    return (*kind, "-nodes")


def make_ca(folder, name="lb test CA", parent=None):
    """A root, or an intermediate that `parent` has signed."""
    folder = Path(folder)
    folder.mkdir(parents=True)
    (folder / "config").write_text(CONFIG.format(folder=folder), encoding="utf-8")
    (folder / "index").write_text("", encoding="utf-8")
    for counter in ("serial", "crlnumber"):
        (folder / counter).write_text("%032x\n" % int.from_bytes(b"\1" + os.urandom(15), "big"), encoding="utf-8")
    ca = Authority(folder, "", folder / "ca.crt")
    if parent:
        made = issue(parent, (), subject=name, extensions=("basicConstraints=critical,CA:TRUE",))
        (folder / "ca.key").write_text(made.key, encoding="utf-8")
        ca.certificate.write_text(made.certificate, encoding="utf-8")
        return Authority(folder, made.full_chain, parent.root)
    openssl("req", "-x509", *_new_key("ecdsa"), "-days", 3650, "-subj", f"/CN={name}", "-config", folder / "config",
            "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "subjectKeyIdentifier=hash",
            "-keyout", folder / "ca.key", "-out", ca.certificate)
    return ca


def issue(ca, names, key="ecdsa", days=90, begins=-1, subject=None, extensions=()):
    """For these names ("*.a.test", "192.0.2.1"); `key`: "ecdsa", "ecdsa384", "rsa" or "rsa4096". It begins and ends so
    many days from now, either of which may be negative. `subject`: the common name, else the first name."""
    work = ca.folder / os.urandom(8).hex()
    lines = ["basicConstraints=CA:FALSE"] if not extensions else []
    if names:
        kinds = ("IP" if n.replace(".", "").isdigit() or ":" in n else "DNS" for n in names)
        lines.append("subjectAltName=" + ",".join(f"{kind}:{name}" for kind, name in zip(kinds, names)))
    lines += [*extensions, "subjectKeyIdentifier=hash", "authorityKeyIdentifier=keyid"]
    work.with_suffix(".ext").write_text("\n".join(lines) + "\n", encoding="utf-8")
    openssl("req", "-new", *_new_key(key), "-subj", f"/CN={subject or names[0]}", "-config", ca.folder / "config",
            "-keyout", work.with_suffix(".key"), "-out", work.with_suffix(".csr"))
    now = time.time()
    openssl("ca", "-config", ca.folder / "config", "-batch", "-notext", "-in", work.with_suffix(".csr"),
            "-extfile", work.with_suffix(".ext"), "-out", work.with_suffix(".crt"),
            "-startdate", _stamp(now + min(begins, days - 1) * DAY_S), "-enddate", _stamp(now + days * DAY_S))
    made = Identity(tuple(names), work.with_suffix(".crt").read_text(encoding="utf-8"), ca.chain,
                    work.with_suffix(".key").read_text(encoding="utf-8"))
    for suffix in (".ext", ".csr", ".crt", ".key"):
        work.with_suffix(suffix).unlink()
    return made


def self_signed(names, key="ecdsa", days=90):
    """By nobody but itself."""
    kinds = ",".join(f"DNS:{name}" for name in names)
    both = openssl("req", "-x509", *_new_key(key), "-days", days, "-subj", f"/CN={names[0]}", "-addext",
                   f"subjectAltName={kinds}", "-keyout", "-", "-out", "-")
    at = both.index("-----BEGIN CERTIFICATE")
    return Identity(tuple(names), both[at:], "", both[:at])


def revoke(ca, identity):
    """It is in the next ca.crl()."""
    path = ca.folder / (os.urandom(8).hex() + ".crt")
    path.write_text(identity.certificate, encoding="utf-8")
    openssl("ca", "-config", ca.folder / "config", "-batch", "-revoke", path)


# ---- how it lies in a directory: each file is there whole, or not at all ----------------------------------------------------


def write_file(path, text, mode=0o644):
    """By a rename, as programs for certificates do it."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{os.urandom(4).hex()}")
    new.write_text(text, encoding="utf-8")
    new.chmod(mode)
    new.rename(path)
    return path


def write_pair(folder, name, identity, mode=0o644):
    """As nginx-proxy has it: NAME.crt with the chain, NAME.key."""
    write_file(Path(folder) / f"{name}.key", identity.key, mode)
    return write_file(Path(folder) / f"{name}.crt", identity.full_chain)


def write_live(folder, name, identity, mode=0o644):
    """As certbot has it: live/NAME/fullchain.pem and privkey.pem."""
    write_file(Path(folder) / "live" / name / "privkey.pem", identity.key, mode)
    return write_file(Path(folder) / "live" / name / "fullchain.pem", identity.full_chain)


def write_both(path, identity, mode=0o644):
    """All in one file."""
    return write_file(path, identity.full_chain + identity.key, mode)
