"""Containers come and go by the hundred beside lb-discovery --register: afterwards the catalog has what runs, and
nothing that does not."""
import random
import time

import pytest
from agent import Agent
from registrar import Host, cid, container
from support.waiting import wait_for

STARTS = 500
SETTLED_SECONDS = 1.0   # on a machine that has time; what a run took is printed


def number_of(inspect):
    return int(inspect["Id"], 16)


class Storm:
    def __init__(self, host, seed=1):
        self.host, self.random, self.running, self.made = host, random.Random(seed), [], 0

    def start(self):
        self.made += 1
        inspect = container(cid(self.made), f"web{self.made}", ports={"80/tcp": 20000 + self.made},
                            health=self.random.choice([None, "healthy"]))
        self.running.append(self.host.run(inspect))

    def stop(self):
        inspect = self.running.pop(self.random.randrange(len(self.running)))
        if self.random.random() < 0.5:
            self.host.stop_signal(inspect)
        self.host.end(inspect)

    def go(self, starts, keep=20):
        """So many starts, and as many stops but for `keep` that stay."""
        end = self.made + starts
        while self.made < end:
            if len(self.running) >= keep and self.random.random() < 0.6:
                self.stop()
            else:
                self.start()
            time.sleep(self.random.expovariate(1 / 0.002))

    def wanted(self):
        return {f"h1:{inspect['Name'][1:]}:80" for inspect in self.running}

    def all_pass(self):
        """Also lb's checks of those that have a HEALTHCHECK."""
        checks = [check for check in self.host.agent.checks().values() if check["ServiceID"] in self.wanted()]
        with_one = [one for one in self.running if "Health" in one["State"]]
        return len(checks) == len(with_one) and all(check["Status"] == "passing" for check in checks)

    def settle(self):
        """Seconds until the catalog has what runs, and nothing else."""
        begun = time.monotonic()
        try:
            wait_for(lambda: set(self.host.entries()) == self.wanted() and self.all_pass(), "the catalog has what runs", 70)
        except AssertionError as failure:
            found = set(self.host.entries())
            raise AssertionError(f"{failure}: stale {sorted(found - self.wanted())[:5]}, missing "
                                 f"{sorted(self.wanted() - found)[:5]}; {self.host.program.messages()[-5:]}") from None
        return time.monotonic() - begun


@pytest.fixture
def storm(start_agent, tmp_path, cleanup):
    """storm(**of the agent): a Storm on a host of its own."""
    def start(**options):
        host = Host(tmp_path / "host", start_agent(**options), "h1")
        cleanup.callback(host.close)
        return Storm(host)
    return start


@pytest.mark.slow("five hundred starts and stops")
def test_the_catalog_is_what_runs(storm, record_property):
    made = storm(is_dev=True)
    made.host.agent.register("nobody-s", "other", 80)
    made.host.start()
    made.go(STARTS)
    took = made.settle()
    print(f"\nafter {STARTS} starts: the catalog has what runs after {1000 * took:.0f} ms")
    record_property("settled_s", took)
    assert took < SETTLED_SECONDS * 5   # a promise of a machine with time: see what is printed
    while made.running:
        made.stop()
    made.settle()
    assert set(made.host.agent.services()) == {"nobody-s"}


@pytest.mark.slow("a storm, and lb-discovery is killed in it")
def test_killed_in_the_storm(storm):
    """What it had registered and what ended meanwhile is known by the mark in the catalog."""
    made = storm(is_dev=True)
    made.host.start()
    for _ in range(3):
        made.go(60)
        made.host.kill()
        for _ in range(10):     # nobody is told of these
            made.stop()
            made.start()
        made.host.start()
    made.go(20)
    print(f"\nafter three kills: {1000 * made.settle():.0f} ms")


@pytest.mark.slow("a storm, and the agent is restarted in it")
@pytest.mark.parametrize("is_dev", [True, False])
def test_agent_restarted_in_the_storm(is_dev, storm):
    """Without a data folder it has lost all, with one it has what was true before."""
    made = storm(is_dev=is_dev)
    made.host.start()
    made.go(60)
    made.host.agent.kill()
    made.go(60)
    made.host.agent.start().wait_well()
    made.go(20)
    print(f"\nafter the agent's restart: {made.settle():.1f} s")
