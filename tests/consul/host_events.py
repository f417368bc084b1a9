"""What happens to the hosts of hosts.py, what may fail while it does, and how long it takes until all know."""
import time
from collections import defaultdict

from agent import ApiError
from support.waiting import wait_for

KINDS = ("scale", "kill", "crash", "cut", "leader", "agents", "wipe", "discovery", "lb")

class Event:
    """`known`: when each host's lb had seen the loss, which is what excuses a GET that was sent there before. Of a
    cable that is when it sends nothing more to who is lost; of an lb that is killed, when there is another one.
    What happens to containers, agents and lb-discovery excuses nothing."""

    def __init__(self, kind, sentence):
        self.kind, self.sentence = kind, sentence
        self.began, self.ended = time.monotonic(), None
        self.known = {}     # name of the host → when

    def excuses(self, sent, host):
        return sent < self.known.get(host, 0)

    def told(self, begun):
        return {"kind": self.kind, "what": self.sentence, "at": self.began - begun,
                "known_after_s": {host: at - self.began for host, at in self.known.items()}}


class Events:
    def __init__(self, machines, arguments, tell):
        self.machines, self.arguments, self.tell = machines, arguments, tell
        self.log = []
        self.figures = defaultdict(list)    # what → seconds

    def happen(self, kind, drawn):
        time.sleep(0.3)     # what failed is to be told apart
        getattr(self, "_" + kind)(drawn)
        self.log[-1].ended = time.monotonic()
        wait_for(self.all_is_served, f"every lb serves all containers after: {self.log[-1].sentence}; "
                 f"{self.differences()}", 120, 0.02)
        took = time.monotonic() - self.log[-1].ended
        self.tell(f"{self.log[-1].sentence}; all is served again {took:.2f} s after its end")

    def near(self, failed):
        """The events that began before that failed, the last one first."""
        return [event for event in reversed(self.log) if event.began <= failed]

    def note(self, kind, sentence):
        self.log.append(Event(kind, sentence))
        return self.log[-1]

    # ---- what every lb must have -----------------------------------------------------------------

    def wanted(self, machine):
        """How this one's lb reaches all containers: its own by their addresses, the others' by published ports."""
        remote = {(other.address, other.port_of(name)) for other in self.machines if other is not machine
                  for name in other.containers}
        return len(machine.containers), remote

    def served(self, machine):
        addresses = {other.address for other in self.machines}
        found = {key: one for key, one in machine.endpoints().items() if one["state"] == "ready"}
        remote = {key for key in found if key[0] in addresses and key[0] != machine.address}
        return len(found) - len(remote), remote

    def all_is_served(self):
        return all(self.served(machine) == self.wanted(machine) for machine in self.machines)

    def differences(self):
        return {machine.name: (self.served(machine), self.wanted(machine)) for machine in self.machines
                if self.served(machine) != self.wanted(machine)}

    def others(self, machine):
        return [other for other in self.machines if other is not machine]

    def measure(self, what, begun, condition, seconds=90):
        wait_for(condition, what, seconds, 0.003)
        self.figures[what].append(time.monotonic() - begun)

    def measure_consul(self, what, begun, condition, seconds=60):
        """On a busy machine its servers may be without a leader for long; that is not lb's."""
        try:
            self.measure(what, begun, condition, seconds)
        except AssertionError:
            self.tell(f"{what}: not within {seconds} s")

    # ---- the kinds -------------------------------------------------------------------------------

    def _scale(self, drawn):
        """Up on one host; the first requests from the others count; and down again in order."""
        machine = drawn.choice(self.machines)
        self.note("scale", f"{machine.name} scales by one and back")
        name = machine.run(self.arguments.image)
        begun = time.monotonic()
        key = (machine.address, machine.port_of(name))
        for other in self.others(machine):
            self.measure("started on one host → requests from the others", begun,
                         lambda: other.endpoints().get(key, {}).get("requests", 0) > 0)  # noqa: B023
        begun = time.monotonic()
        machine.end(drawn.choice(sorted(machine.containers)), "stop")
        self.figures["docker stop"].append(time.monotonic() - begun)

    def _lose(self, drawn, how):
        machine = drawn.choice(self.machines)
        machine.run(self.arguments.image)
        wait_for(self.all_is_served, "the third container", 60, 0.02)
        name = drawn.choice(sorted(machine.containers))
        key = (machine.address, machine.port_of(name))
        self.note(how, f"{name} on {machine.name}: {how}")
        begun = time.monotonic()
        machine.end(name, how)
        for other in self.others(machine):
            self.measure(f"{how} on one host → out of the others' pools", begun,
                         lambda: key not in other.endpoints())  # noqa: B023

    def _kill(self, drawn):
        self._lose(drawn, "kill")

    def _crash(self, drawn):
        self._lose(drawn, "crash")

    def _cut(self, drawn):
        """The cable is out: the others find out by connects that fail, and Consul says so later."""
        machine = drawn.choice(self.machines)
        self.wait_voters()
        before = {one: {key: endpoint["failures"] for key, endpoint in one.endpoints().items()} for one in self.machines}
        event = self.note("cut", f"{machine.name} is cut off for {self.arguments.cut:g} s")
        event.known = {one.name: event.began + 60 for one in self.machines}     # until it is measured
        machine.set_cable(False)
        try:
            self.wait_known(event, machine, before)
            said = self.others(machine)[0]
            self.measure_consul("cut off → Consul says so", event.began, lambda: self.is_critical(said, machine))
            time.sleep(max(0, event.began + self.arguments.cut - time.monotonic()))
        finally:
            machine.set_cable(True)
        begun = time.monotonic()
        self.measure_consul("cable back → Consul says so", begun, lambda: not self.is_critical(said, machine))
        self.measure("cable back → all is served by all", begun, self.all_is_served, 150)

    def wait_known(self, event, machine, before):
        """Until each lb knows who is lost: the own one of that host the others', the others' its own. Three attempts
        in a row that fail say so (--eject-after), also where no more may be ejected (--eject-max)."""
        lost = {one: ({one.address for one in self.others(machine)} if one is machine else {machine.address})
                for one in self.machines}
        while lost and time.monotonic() < event.began + 60:
            for one in list(lost):
                if all(endpoint["state"] != "ready" or endpoint["failures"] >= before[one][key] + 3
                       for key, endpoint in one.endpoints().items() if key[0] in lost[one]):
                    event.known[one.name] = time.monotonic()
                    what = "that one's lb" if one is machine else "the others' lb"
                    self.figures[f"cut off → known by {what}"].append(event.known[one.name] - event.began)
                    del lost[one]
            time.sleep(0.003)
        assert not lost, f"{event.sentence}: not known after a minute"

    @staticmethod
    def is_critical(said, machine):
        try:
            checks = said.agent.get(f"/v1/health/node/{machine.name}")
            return any(one["CheckID"] == "serfHealth" and one["Status"] == "critical" for one in checks)
        except (OSError, ApiError):
            return False

    def wait_voters(self):
        """A server that was wiped is a follower without a vote for ten seconds; one more loss, and there is no quorum."""
        def look():
            try:
                servers = self.machines[0].agent.get("/v1/operator/raft/configuration")["Servers"]
                return [one["Voter"] for one in servers] == [True] * len(self.machines)
            except (OSError, ApiError):
                return False
        wait_for(look, "all servers have a vote", 90, 0.1)

    def _leader(self, drawn):
        self.wait_voters()
        address = self.machines[0].agent.get("/v1/status/leader").partition(":")[0]
        machine = next(one for one in self.machines if one.address == address)
        event = self.note("leader", f"the leader on {machine.name} is killed, and started after 4 s")
        machine.agent.kill()
        said = self.others(machine)[0].agent

        def has_another():
            try:
                return said.get("/v1/status/leader").partition(":")[0] not in ("", address)
            except (OSError, ApiError):
                return False
        self.measure_consul("leader killed → another one", event.began, has_another)
        time.sleep(max(0, event.began + 4 - time.monotonic()))
        machine.agent.start().wait_well(60)

    def _agents(self, drawn):
        """Nobody learns of other hosts; what happens on the own host is known by Docker all the same."""
        self.wait_voters()
        self.note("agents", f"all agents are down for {self.arguments.down:g} s, and one host scales meanwhile")
        for machine in self.machines:
            machine.agent.kill()
        machine = drawn.choice(self.machines)
        name = machine.run(self.arguments.image)
        time.sleep(self.arguments.down)
        assert name in machine.containers
        for one in self.machines:
            one.agent.start()
        for one in self.machines:
            one.agent.wait_well(60)
        begun = time.monotonic()
        key = (machine.address, machine.port_of(name))
        for other in self.others(machine):
            self.measure("agents are back → the others serve what was started meanwhile", begun,
                         lambda: other.endpoints().get(key, {}).get("state") == "ready", 120)  # noqa: B023
        machine.end(name, "stop")

    def _wipe(self, drawn):
        """A server that has lost its disk comes back under its name: it knows of none of its services."""
        self.wait_voters()
        machine = drawn.choice(self.machines)
        self.note("wipe", f"the agent on {machine.name} is killed, wiped and started")
        machine.agent.kill()
        machine.agent.wipe()
        time.sleep(1)
        machine.agent.start().wait_well(90)
        begun = time.monotonic()
        self.measure("wiped and back → its containers are registered again", begun,
                     lambda: len([one for one in machine.agent.services().values()
                                  if one["Service"] == "appserver"]) == len(machine.containers), 120)

    def _discovery(self, drawn):
        machine = drawn.choice(self.machines)
        self.note("discovery", f"lb-discovery on {machine.name}: kill -9")
        machine.kill_discovery()

    def _lb(self, drawn):
        machine = drawn.choice(self.machines)
        event = self.note("lb", f"lb on {machine.name}: kill -9, and started anew")
        event.known[machine.name] = event.began + 60
        machine.kill_lb()
        event.known[machine.name] = time.monotonic() + 0.05
