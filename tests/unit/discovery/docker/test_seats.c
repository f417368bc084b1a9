/* Where a catalog says that containers are found: rows of the table of registrator's conventions, each test
 * called as its row. */
#include "discovery/docker/seats.h"

#include "tests/unit/discovery/docker/enlistment_case.h"

#define HTTP_CHECK "[\"SERVICE_CHECK_HTTP=/health\"]"

static void R1_one_published_port(void **state)
{
    (void)state;
    world_run('a', (struct run){.ports = PORT_8001});
    world_expect("h1:web1:8001 shop :32768");
    assert_string_equal(world.out.host, "h1");
    assert_string_equal(world.out.engine, "ENGINE");
    assert_int_equal(world.out.items[0].check, REGISTRATION_CHECK_NONE);
    assert_int_equal(world.out.items[0].container_port, 8001);
    assert_string_equal(world.out.items[0].container, fixture_id('a').text);
    assert_string_equal(world.out.items[0].container_name, "web1");
    assert_false(world.out.items[0].is_udp);
    assert_int_equal(world.out.remark_count, 0);
}

static void R1_advertised_address(void **state)
{
    (void)state;
    world.settings.advertise = "192.0.2.7";
    world_run('a', (struct run){.ports = PORT_8001});
    world_expect("h1:web1:8001 shop 192.0.2.7:32768");
}

static void R2_two_ports(void **state)
{
    (void)state;
    world_run('a', (struct run){.ports = TWO_PORTS});
    world_expect("h1:web1:443 shop-443 :8443; h1:web1:80 shop-80 :8080");
}

/* Only what counts makes a port one of several. */
static void R2_an_unpublished_port_does_not_count(void **state)
{
    (void)state;
    world_run('a', (struct run){.ports = PORT_8001,
                                .exposed = "{\"8001/tcp\":{},\"9000/tcp\":{},\"53/udp\":{}}"});
    world_expect("h1:web1:8001 shop :32768");
    assert_int_equal(world.out.remark_count, 0);
}

static void R24_internal(void **state)
{
    (void)state;
    world.settings.is_internal = true;
    world.settings.advertise = "192.0.2.7";
    world_run('a', (struct run){.ports = PORT_8001,
                                .exposed = "{\"8001/tcp\":{},\"9000/tcp\":{}}",
                                .networks = "bridge=172.17.0.2 back=10.1.0.2"});
    world_expect("h1:web1:8001 shop-8001 10.1.0.2:8001; h1:web1:9000 shop-9000 10.1.0.2:9000");
}

static void R24_internal_by_the_network_that_the_label_names(void **state)
{
    (void)state;
    world.settings.is_internal = true;
    world_run('a', (struct run){.exposed = "{\"80/tcp\":{}}",
                                .labels = "{\"lb.network\":\"web\"}",
                                .networks = "back=10.1.0.2 web=10.2.0.2"});
    world_run('b', (struct run){.name = "/none",
                                .exposed = "{\"80/tcp\":{}}",
                                .labels = "{\"lb.network\":\"gone\"}",
                                .networks = "back=10.1.0.3"});
    world_expect("h1:web1:80 shop 10.2.0.2:80");
}

/* lb in a container takes a network that it shares, else whichever others may reach. */
static void R24_internal_seen_from_a_container(void **state)
{
    (void)state;
    world.settings.is_internal = true;
    world.vantage.on_host = false;
    world.vantage.network_count = 1;
    strcpy(world.vantage.networks[0].id.text, "web");
    world_run('a',
              (struct run){.exposed = "{\"80/tcp\":{}}", .networks = "back=10.1.0.2 web=10.2.0.2"});
    world_run('b', (struct run){.name = "/far",
                                .exposed = "{\"80/tcp\":{}}",
                                .networks = "bridge=172.17.0.3 far=10.3.0.2 ingress=10.0.0.9"});
    world_run('c', (struct run){.name = "/off", .exposed = "{\"80/tcp\":{}}", .networks = "none="});
    world_expect("h1:far:80 shop 10.3.0.2:80; h1:web1:80 shop 10.2.0.2:80");
}

static void R25_address_and_port_are_of_one_pair(void **state)
{
    (void)state;
    world_run('a', (struct run){.ports = PORT_8001, .networks = "back=10.1.0.2"});
    world_expect("h1:web1:8001 shop :32768");
    world.settings.is_internal = true;
    world_expect("h1:web1:8001 shop 10.1.0.2:8001");
}

static void R26_the_first_of_several_bindings(void **state)
{
    (void)state;
    world_run('a', (struct run){.ports = "{\"80/tcp\":[{\"HostIp\":\"0.0.0.0\",\"HostPort\":\"1\"},"
                                         "{\"HostIp\":\"0.0.0.0\",\"HostPort\":\"2\"},"
                                         "{\"HostIp\":\"::\",\"HostPort\":\"1\"}]}"});
    world_run('b',
              (struct run){.name = "/b",
                           .ports = "{\"80/tcp\":[{\"HostIp\":\"127.0.0.1\",\"HostPort\":\"3\"},"
                                    "{\"HostIp\":\"192.0.2.9\",\"HostPort\":\"4\"}]}"});
    world_run('c', (struct run){.name = "/c",
                                .environment = HTTP_CHECK,
                                .ports = "{\"80/tcp\":[{\"HostIp\":\"::\",\"HostPort\":\"5\"}]}"});
    world_run('d', (struct run){
                       .name = "/d",
                       .environment = HTTP_CHECK,
                       .ports = "{\"80/tcp\":[{\"HostIp\":\"2001:db8::1\",\"HostPort\":\"6\"}]}"});
    world_expect("h1:b:80 shop 192.0.2.9:4; "
                 "h1:c:80 shop :5 {\"HTTP\":\"http://[::1]:5/health\",\"Interval\":\"10s\"}; "
                 "h1:d:80 shop 2001:db8::1:6 "
                 "{\"HTTP\":\"http://[2001:db8::1]:6/health\",\"Interval\":\"10s\"}; "
                 "h1:web1:80 shop :1");
    assert_int_equal(world.out.remark_count, 0);
}

/* It may be all that is needed; who wonders is told. */
static void R26_a_binding_of_the_loopback_alone(void **state)
{
    (void)state;
    world_run(
        'a', (struct run){.ports = "{\"80/tcp\":[{\"HostIp\":\"127.0.0.1\",\"HostPort\":\"1\"}]}"});
    world_expect("h1:web1:80 shop :1");
    world_expect_remark("web1", "port 80 is published on the loopback address alone");
}

static void R27_the_network_of_another_container(void **state)
{
    (void)state;
    world_run('a', (struct run){.name = "/pod",
                                .ports = TWO_PORTS,
                                .networks = "back=10.1.0.2",
                                .environment = "[\"SERVICE_IGNORE=1\"]"});
    world_run('b',
              (struct run){.mode = "container:pod", .exposed = "{\"80/tcp\":{},\"9000/tcp\":{}}"});
    world_run(
        'c', (struct run){.name = "/lost", .mode = "container:gone", .exposed = "{\"80/tcp\":{}}"});
    world_expect("h1:web1:80 shop :8080");
    world.settings.is_internal = true;
    world_expect("h1:web1:80 shop-80 10.1.0.2:80; h1:web1:9000 shop-9000 10.1.0.2:9000");
    world_event(DOCKER_EVENT_KILL, 'a', 0);
    world_expect("h1:web1:80 shop-80 10.1.0.2:80 draining; "
                 "h1:web1:9000 shop-9000 10.1.0.2:9000 draining");
    world_event(DOCKER_EVENT_DIE, 'a', 0);
    world_expect("");
}

static void R28_the_network_of_the_host(void **state)
{
    (void)state;
    world_run('a', (struct run){.mode = "host", .exposed = "{\"80/tcp\":{},\"53/udp\":{}}"});
    world_expect("h1:web1:53:udp shop-53 :53 [udp]; h1:web1:80 shop-80 :80");
    world.settings.is_internal = true;
    world.settings.advertise = "192.0.2.7";
    world_run('a', (struct run){.mode = "host", .exposed = "{\"80/tcp\":{}}"});
    world_expect("h1:web1:80 shop 192.0.2.7:80");
}

#define ROW(test) cmocka_unit_test_setup_teardown(test, world_open, world_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROW(R1_one_published_port),
        ROW(R1_advertised_address),
        ROW(R2_two_ports),
        ROW(R2_an_unpublished_port_does_not_count),
        ROW(R24_internal),
        ROW(R24_internal_by_the_network_that_the_label_names),
        ROW(R24_internal_seen_from_a_container),
        ROW(R25_address_and_port_are_of_one_pair),
        ROW(R26_the_first_of_several_bindings),
        ROW(R26_a_binding_of_the_loopback_alone),
        ROW(R27_the_network_of_another_container),
        ROW(R28_the_network_of_the_host),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
