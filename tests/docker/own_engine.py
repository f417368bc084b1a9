"""The engine of this machine once more: its dockerd with a network, folders and a socket of its own, so that it
can be a swarm without anybody else's noticing. Whatever enters `inside()` is on that engine's host.
"""
import subprocess

from second_engine import SecondEngine

ADDRESS = "192.0.2.1"  # of its host, which nobody else reaches

# $1: its folder, $2: the group of the socket. A swarm wants an address that is not the loopback's.
START = f"""
ip link set lo up
ip link add lbtest0 type bridge
ip address add {ADDRESS}/24 dev lbtest0
ip link set lbtest0 up
mount -t tmpfs tmpfs "$1/data"
exec dockerd --host "unix://$1/docker.sock" --exec-root "$1/exec" --pidfile "$1/docker.pid" \\
    --data-root "$1/data" --group "$2"
"""


class OwnEngine(SecondEngine):
    start = START

    def __init__(self, folder, group):
        # pylint: disable=super-init-not-called  # it is the same engine, unpacked elsewhere
        self.folder = folder
        self.socket = folder / "docker.sock"
        self.host = f"unix://{self.socket}"
        self.log = folder / "log"
        (folder / "data").mkdir()
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL",  # no engine outlives the tests
                 "unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc",
                 "sh", "-euc", self.start, "sh", str(folder), str(group)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        try:
            self.wait_until_it_answers(60)
        except BaseException:
            self.end()
            raise
