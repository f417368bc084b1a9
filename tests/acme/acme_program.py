"""lb-acme as the master starts it: two keepsakes as its descriptors 3 and 4."""
import os
import subprocess
import threading

from keepsake import Keepsake
from support.program import BIN_DIR, Program, environment
from support.waiting import wait_for


class Acme(Program):
    def __init__(self, *flags, folder, env=None, wished=(), before=()):
        self.folder = folder
        self.name, self.stderr_lines, self.expected_status, self.is_judged = "lb-acme", [], 0, False
        self.wishes, self.bulletin = Keepsake("wishes"), Keepsake("ordered")
        if wished:
            self.wish(*wished)
        wishes, bulletin = self.wishes.fd, self.bulletin.fd
        words = f'exec "$@" 3<&{wishes} 4<&{bulletin} {wishes}<&- {bulletin}<&-'
        self.process = subprocess.Popen(
            ["bash", "-c", words, "bash", *before, BIN_DIR / "lb-acme", "--log-format=json", "--log-level=debug",
             f"--dir={folder}", *map(str, flags)],
            pass_fds=(wishes, bulletin), env=environment(env or {}), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.pid = self.process.pid
        self.reader = threading.Thread(target=self._read_stderr, daemon=True)
        self.reader.start()

    def wish(self, *certificates):
        """Each a list of names."""
        self.wishes.write({"version": 1, "certificates": [{"names": list(names), "email": ""}
                                                          for names in certificates]})

    def standing(self, first):
        """What is told of the certificate whose first name that is; {}: nothing."""
        told = self.bulletin.read() or {"certificates": []}
        for row in told["certificates"]:
            if row["names"][0] == first:
                return row
        return {}

    def wait_state(self, first, state, timeout=60):
        def look():
            assert self.process.poll() is None, "lb-acme has ended"
            return self.standing(first).get("state") == state and self.standing(first)
        try:
            return wait_for(look,
                            f"{first} is {state}", timeout, 0.05)
        except AssertionError as reason:
            raise AssertionError(f"{reason}; it is {self.standing(first)}\n{self.log()}") from None

    def log(self):
        return "\n".join(self.stderr_lines)


def by_hand(*flags, folder, env=None, status=0):
    """What it prints."""
    done = subprocess.run([BIN_DIR / "lb-acme", f"--dir={folder}", *map(str, flags)], env=environment(env or {}),
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          timeout=90, check=False)
    assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
    return done.stdout


def mode_of(path):
    return os.stat(path).st_mode & 0o777
