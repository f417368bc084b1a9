"""What lb-discovery registers is in Consul's DNS, too: other programs find the appservers by it."""
import dns
import pytest
from registrar import Host, cid, container
from support.waiting import wait_for


@pytest.mark.quick
def test_dns_tells_the_appservers(start_agent, tmp_path, cleanup):
    agent = start_agent(is_dev=True)
    host = Host(tmp_path / "host", agent)
    cleanup.callback(host.close)
    web = [container(cid(number), f"web{number}", image="appserver:1", ports={"8484/tcp": 32000 + number},
                     health="healthy") for number in (1, 2)]
    for inspect in web:
        host.engine.add(inspect)
    host.start("--host-name=h1")
    name = "appserver.service.consul"
    wait_for(lambda: sorted(port for _, _, port, _ in dns.ask(agent.address, name, dns.SRV)) == [32001, 32002],
             "both ports")
    assert set(dns.ask(agent.address, name)) == {"192.0.2.1"}
    host.set_health(web[0], "unhealthy")
    wait_for(lambda: [port for _, _, port, _ in dns.ask(agent.address, name, dns.SRV)] == [32002], "only the well one")
