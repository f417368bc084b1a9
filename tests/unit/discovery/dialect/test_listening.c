#include "discovery/dialect/listening.h"

#include "tests/unit/discovery/dialect/listening_case.h"

/* ---- requests, connections and datagrams ---------------------------------------------------- */

static void test_nobody_guesses_a_port_for_requests_beside_listeners(void **state)
{
    (void)state;
    IS("", "80/tcp", "image:80 http");
    IS("lb.tcp=5432:5432", "80/tcp", "image:5432 tcp; tcp 5432 > image");
    IS("lb.udp=53:53", "80/tcp", "image:53 udp; udp 53 > image");
    IS("lb.tcp=5432:5432\nlb.host=a", "80/tcp", "a:80 http, image:5432 tcp; tcp 5432 > image");
    IS("lb.tcp=5432:5432\nVIRTUAL_HOST=a", "80/tcp", "a:80 http, image:5432 tcp; tcp 5432 > image");
    IS("lb.tcp=5432:5432\ntraefik.http.routers.r.rule=Host(`a`)", "80/tcp",
       "c1@docker:80 http, image:5432 tcp; tcp 5432 > image");
}

static void test_port_of_a_listener_is_the_last_for_requests(void **state)
{
    (void)state;
    IS("lb.host=a\nlb.tcp=5432", "5432/tcp 8080/tcp",
       "a:8080 http, image:5432 tcp; tcp 5432 > image");
    IS("lb.host=a\nlb.tcp=80", "80/tcp", "image+a:80 http; tcp 80 > image");
}

static void test_named_port_speaks_tcp_where_a_listener_is_for_it(void **state)
{
    (void)state;
    IS("lb.port=5432\nlb.tcp=10432", "", "image:5432 tcp; tcp 10432 > image");
    IS("SERVICE_5432_NAME=db\nlb.tcp=5432", "", "db:5432 tcp; tcp 5432 > db");
    IS("lb.port=5432\nlb.tcp=10432:5432\nlb.protocol=http", "",
       "image:5432 http; tcp 10432 > image");
    IS("lb.port=8080\nlb.tcp=5432:5432", "", "image:8080 http, image:5432 tcp; tcp 5432 > image");
}

static void test_protocol_of_its_own_port(void **state)
{
    (void)state;
    IS("lb.protocol=tcp", "80/tcp 53/udp", "image:80 tcp, image:53 udp");
    IS("lb.protocol=udp", "80/tcp 53/udp 54/udp", "image:53 udp");
    IS("lb.protocol=UDP\nlb.port=99", "80/tcp", "image:99 udp");
    IS("lb.db.port=5432\nlb.db.protocol=tcp\nlb.port=80", "", "image:80 http, db:5432 tcp");
    IS("lb.dns.port=53\nlb.dns.protocol=udp", "53/tcp", "image:53 http, dns:53 udp");
    TELLS("lb.x.host=a\nlb.x.protocol=tcp", "80/tcp", "bad_label", "beside a host or a path");
}

static void test_ports_of_one_service_are_not_mixed(void **state)
{
    (void)state;
    IS("lb.service=mqtt\nlb.tcp=1883,8883", "1883/tcp 8883/tcp",
       "mqtt:1883 tcp, mqtt-8883:8883 tcp; tcp 1883 > mqtt; tcp 8883 > mqtt-8883");
    IS("lb.tcp=8883,1883", "1883/tcp 8883/tcp",
       "image:8883 tcp, image-1883:1883 tcp; tcp 8883 > image; tcp 1883 > image-1883");
    IS("lb.tcp=1883,8883\nSERVICE_8883_NAME=tls", "1883/tcp 8883/tcp",
       "image:1883 tcp, tls:8883 tcp; tcp 1883 > image; tcp 8883 > tls");
    IS("lb.host=a\nlb.tcp=80,81", "80/tcp 81/tcp",
       "image+a:80 http, image-81:81 tcp; tcp 80 > image; tcp 81 > image-81");
}

/* ---- ports of UDP --------------------------------------------------------------------------- */

static void test_lowest_port_of_udp_is_offered(void **state)
{
    (void)state;
    IS("", "53/udp", "image:53 udp");
    IS("", "80/tcp 5353/udp 53/udp", "image:80 http, image:53 udp");
    IS("lb.service=x\nlb.host=a", "80/tcp 53/udp", "x:80 http, x:53 udp");
    IS("SERVICE_53_IGNORE=1", "80/tcp 53/udp 54/udp", "image:80 http, image:54 udp");
    IS("", "", "no_port");
    IS("lb.udp=5353", "5353/udp 53/udp", "image:5353 udp; udp 5353 > image");
}

/* What is meant for a site is not mixed with what else has the same image. */
static void test_site_alone_is_not_in_the_service_of_its_image(void **state)
{
    (void)state;
    IS("lb.host=a", "443/tcp 443/udp", "a:443 http");
    IS("traefik.http.routers.r.rule=Host(`a`)", "443/tcp 443/udp", "c1@docker:443 http");
    IS("lb.host=a", "53/udp", "no_port");
}

static void R8_ports_of_udp_with_names(void **state)
{
    (void)state;
    IS("SERVICE_53_NAME=dns", "53/udp 80/tcp", "image:80 http, dns:53 udp");
    IS("SERVICE_53_NAME=dns\nSERVICE_54_NAME=dns2\nSERVICE_NAME=x", "53/udp 54/udp 55/udp 80/tcp",
       "x:80 http, dns:53 udp, dns2:54 udp");
    IS("SERVICE_53_NAME=dns", "53/udp 53/tcp", "dns:53 http, dns:53 udp");
    IS("SERVICE_NAME=x", "53/udp 54/udp", "x:53 udp");
    IS("SERVICE_53_NAME=dns\nSERVICE_54_NAME=dns", "53/udp 54/udp", "dns:53 udp");
    IS("SERVICE_53_NAME=dns\nSERVICE_53_IGNORE=1", "53/udp 54/udp", "image:54 udp");
    IS("SERVICE_53_NAME=dns\nlb.host=a", "53/udp 80/tcp", "a:80 http, dns:53 udp");
    IS("SERVICE_53_NAME=dns\nlb.service=mine", "53/udp 80/tcp", "mine:80 http, mine:53 udp");
}

/* ---- what cannot be ------------------------------------------------------------------------- */

static void test_service_with_too_long_a_name(void **state)
{
    char labels[400];
    struct offers offers;
    (void)state;
    for (int len = 255; len < 257; len++) {
        snprintf(labels, sizeof(labels), "{\"lb.tcp\":\"1\",\"lb.service\":\"%0*d\"}", len, 1);
        read_words(&(struct words){.labels = labels}, &offers);
        assert_int_equal(offers.listener_count, len == 255);
        assert_int_equal(offers.fault == LEFT_OUT_BAD_LABEL, len == 256);
        offers_fini(&offers);
    }
}

static void test_container_that_is_left_out_has_no_listeners(void **state)
{
    struct offers offers;
    (void)state;
    read_words(&(struct words){.labels = "{\"lb.tcp\":\"1\",\"lb.enable\":\"no\"}"}, &offers);
    assert_non_null(offers.disabled_by);
    assert_int_equal(offers.listener_count, 0);
    offers_fini(&offers);
}

static void test_listener_is_a_word_that_is_required(void **state)
{
    struct dialect_settings settings = {.requires_words = true};
    struct offers offers;
    (void)state;
    read_words_by(&settings, &(struct words){.labels = "{\"lb.udp\":\"53\"}"}, &offers);
    assert_null(offers.disabled_by);
    offers_fini(&offers);
}

/* Options of the container and of its services are those of its listeners, too. */
static void test_options(void **state)
{
    struct offers offers;
    (void)state;
    read_words(&(struct words){.labels = "{\"lb.db.tcp\":\"1\",\"lb.weight\":\"7\",\"lb.balance\":"
                                         "\"hash client\",\"lb.db.tcp.drain\":\"reset\",\"lb.proxy-"
                                         "protocol\":\"v2\",\"lb.db.udp.idle-timeout\":\"9s\"}",
                               .exposed = "{}"},
               &offers);
    assert_int_equal(offers.count, 1);
    assert_int_equal(offers.items[0].options->weight, 7);
    assert_int_equal(offers.wish_count, 1);
    assert_string_equal(offers.wishes[0].service, "db");
    struct view *values = offers.wishes[0].options.values;
    assert_true(view_eq(values[SERVICE_OPTION_TCP_DRAIN], VIEW("reset")));
    assert_true(view_eq(values[SERVICE_OPTION_UDP_IDLE_TIMEOUT], VIEW("9s")));
    assert_int_equal(values[SERVICE_OPTION_PROXY_PROTOCOL].len, 0);
    offers_fini(&offers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nobody_guesses_a_port_for_requests_beside_listeners),
        cmocka_unit_test(test_port_of_a_listener_is_the_last_for_requests),
        cmocka_unit_test(test_named_port_speaks_tcp_where_a_listener_is_for_it),
        cmocka_unit_test(test_protocol_of_its_own_port),
        cmocka_unit_test(test_ports_of_one_service_are_not_mixed),
        cmocka_unit_test(test_lowest_port_of_udp_is_offered),
        cmocka_unit_test(test_site_alone_is_not_in_the_service_of_its_image),
        cmocka_unit_test(R8_ports_of_udp_with_names),
        cmocka_unit_test(test_service_with_too_long_a_name),
        cmocka_unit_test(test_container_that_is_left_out_has_no_listeners),
        cmocka_unit_test(test_listener_is_a_word_that_is_required),
        cmocka_unit_test(test_options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
