#include "discovery/dialect/lb_listeners.h"

#include "tests/unit/discovery/dialect/listening_case.h"

static void test_listener_and_port(void **state)
{
    (void)state;
    IS("lb.tcp=5432", "5432/tcp", "image:5432 tcp; tcp 5432 > image");
    IS("lb.tcp=10432:5432", "", "image:5432 tcp; tcp 10432 > image");
    IS("lb.tcp= 10432 : 5432 ,", "", "image:5432 tcp; tcp 10432 > image");
    IS("lb.tcp=db:5432", "", "image:5432 tcp; tcp db > image");
    IS("lb.udp=10053:53", "", "image:53 udp; udp 10053 > image");
    IS("lb.tcp=5432,10432:5432", "5432/tcp", "image:5432 tcp; tcp 5432 > image; tcp 10432 > image");
    IS("lb.tcp=53\nlb.udp=53", "53/tcp 53/udp",
       "image:53 tcp, image:53 udp; tcp 53 > image; udp 53 > image");
}

static void test_port_that_is_not_said(void **state)
{
    (void)state;
    /* lb.port, that of the listener, the lowest of its kind, that of the listener */
    IS("lb.tcp=10432\nlb.port=5432", "80/tcp", "image:5432 tcp; tcp 10432 > image");
    IS("lb.tcp=80\nlb.port=8080", "80/tcp", "image:8080 tcp; tcp 80 > image");
    IS("lb.tcp=5432", "80/tcp 5432/tcp", "image:5432 tcp; tcp 5432 > image");
    IS("lb.tcp=10432", "5432/tcp 9000/tcp 53/udp",
       "image:5432 tcp, image:53 udp; tcp 10432 > image");
    IS("lb.udp=10053", "53/udp 5353/udp 80/tcp", "image:53 udp; udp 10053 > image");
    IS("lb.tcp=5432", "53/udp", "image:5432 tcp, image:53 udp; tcp 5432 > image");
    IS("lb.tcp=db", "5432/tcp", "image:5432 tcp; tcp db > image");
    TELLS("lb.tcp=db", "", "bad_label", "exposes no such port");
    /* lb.port is for requests, or of the other kind, or both are there */
    IS("lb.port=8080\nlb.host=a\nlb.tcp=5432", "", "a:8080 http, image:5432 tcp; tcp 5432 > image");
    IS("lb.port=8080\nlb.protocol=http\nlb.tcp=5432", "",
       "image:8080 http, image:5432 tcp; tcp 5432 > image");
    IS("lb.port=8080\nlb.tcp=5432", "5432/tcp 8080/tcp",
       "image:8080 http, image:5432 tcp; tcp 5432 > image");
    IS("lb.port=8080\nlb.udp=53", "8080/tcp 53/udp",
       "image:8080 http, image:53 udp; udp 53 > image");
    IS("lb.port=8080\nlb.udp=53", "8080/tcp", "image:8080 http, image:53 udp; udp 53 > image");
}

static void test_names_of_servers_and_alpn(void **state)
{
    (void)state;
    IS("lb.tcp=443\nlb.tcp.sni=A.test, *.b.test", "443/tcp",
       "image:443 tcp; tcp 443 for a.test > image; tcp 443 for *.b.test > image");
    IS("lb.tcp=443\nlb.tcp.alpn=h2", "443/tcp", "image:443 tcp; tcp 443 for h2 > image");
    IS("lb.tcp=443\nlb.tcp.sni=a.test\nlb.tcp.alpn=h2,http/1.1", "443/tcp",
       "image:443 tcp; tcp 443 for a.test, h2 > image; tcp 443 for a.test, http/1.1 > image");
    IS("lb.udp=443\nlb.tcp=443\nlb.tcp.sni=a", "443/tcp 443/udp",
       "image:443 tcp, image:443 udp; tcp 443 for a > image; udp 443 > image");
    TELLS("lb.tcp=443\nlb.tcp.sni=a.test,1.2.3.4", "443/tcp",
          "image:443 tcp; tcp 443 for a.test > image", "lb.tcp.sni=\"1.2.3.4\" cannot be used");
}

static void test_no_rule_gets_wider_than_it_was_meant(void **state)
{
    (void)state;
    TELLS("lb.tcp=443\nlb.tcp.sni=1.2.3.4", "443/tcp", "bad_label", "lb.tcp is left out");
    TELLS("lb.tcp=443\nlb.tcp.sni=*", "443/tcp", "bad_label", "lb.tcp is left out");
    TELLS("lb.tcp=443\nlb.tcp.sni=", "443/tcp", "bad_label", "lb.tcp.sni names nothing");
    TELLS("lb.tcp=443\nlb.tcp.alpn=", "443/tcp", "bad_label", "lb.tcp.alpn names nothing");
    TELLS("lb.tcp=443\nlb.tcp.alpn=h 2", "443/tcp", "bad_label", "is no protocol of ALPN");
    TELLS("lb.tcp=443\nlb.tcp.snl=a.test", "443/tcp", "bad_label", "may say which connections");
    TELLS("lb.db.tcp=443\nlb.db.tcp.snl=a.test", "443/tcp", "bad_label", "lb.db.tcp is left out");
    TELLS("lb.tcp=10432\nlb.tcp.port=5432", "443/tcp", "bad_label", "may say which connections");
    TELLS("lb.udp=53\nlb.udp.sni=a", "53/udp", "bad_label", "may say which connections");
    TELLS("lb.tcp=443\nlb.tcp.drian=reset", "443/tcp", "image:443 tcp; tcp 443 > image",
          "did you mean lb.tcp.drain?");
    TELLS("lb.tcp.sni=a.test", "443/tcp", "image:443 http", "lb.tcp.sni belongs to lb.tcp");
    TELLS("lb.db.tcp=5432\nlb.db.port=x", "5432/tcp", "bad_label", "lb.db.port=\"x\"");
}

static void test_what_is_no_listener_is_told(void **state)
{
    static const char *const wrong[] = {"0",        "65536",    "5432:0",     "5432:x",
                                        "5432:1:2", ":5432",    "0.0.0.0:53", "127.0.0.1",
                                        "a b",      "5432/tcp", "5432:-1"};
    char labels[64];
    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++) {
        snprintf(labels, sizeof(labels), "lb.tcp=%s", wrong[i]);
        TELLS(labels, "80/tcp", "bad_label", "that rule is left out");
    }
    TELLS("lb.tcp=x y,5432", "5432/tcp", "image:5432 tcp; tcp 5432 > image", "lb.tcp=\"x y\"");
    TELLS("lb.host=a\nlb.tcp=x y", "80/tcp", "a:80 http", "lb.tcp=\"x y\"");
    IS("lb.tcp=", "80/tcp", "image:80 http");
}

static void test_service_of_a_name(void **state)
{
    (void)state;
    IS("lb.db.tcp=5432", "5432/tcp 80/tcp", "db:5432 tcp; tcp 5432 > db");
    IS("lb.db.tcp=10432\nlb.db.port=5432", "80/tcp", "db:5432 tcp; tcp 10432 > db");
    IS("lb.db.tcp=5432\nlb.db.tcp.sni=a\nlb.db.udp=5432", "",
       "db:5432 tcp, db:5432 udp; tcp 5432 for a > db; udp 5432 > db");
    IS("lb.db.tcp=5432\nlb.web.host=a", "5432/tcp 80/tcp",
       "web:80 http, db:5432 tcp; tcp 5432 > db");
    IS("lb.web.host=a\nlb.web.port=8080\nlb.web.tcp=5432", "",
       "web:8080 http, web:5432 tcp; tcp 5432 > web");
    IS("lb.db.port=5432\nlb.db.tcp=5432\nlb.db.protocol=http", "", "db:5432 http; tcp 5432 > db");
}

static void test_rules_are_bounded(void **state)
{
    struct text labels = TEXT_INIT;
    struct offers offers;
    (void)state;
    text_append_str(&labels, "{\"lb.tcp\":\"443\",\"lb.tcp.sni\":\"");
    for (int i = 0; i < 1000; i++)
        text_appendf(&labels, "a%d.test,", i);
    text_append_str(&labels, "\",\"lb.udp\":\"");
    for (int i = 1; i < 1000; i++)
        text_appendf(&labels, "%d,", i);
    text_append_str(&labels, "\"}");
    read_words(&(struct words){.labels = text_str(&labels)}, &offers);
    assert_int_equal(offers.listener_count, CLAIMS_LISTENERS_MAX);
    assert_non_null(strstr(offers.remark, "more than 64 listeners"));
    offers_fini(&offers);
    text_fini(&labels);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_listener_and_port),
        cmocka_unit_test(test_port_that_is_not_said),
        cmocka_unit_test(test_names_of_servers_and_alpn),
        cmocka_unit_test(test_no_rule_gets_wider_than_it_was_meant),
        cmocka_unit_test(test_what_is_no_listener_is_told),
        cmocka_unit_test(test_service_of_a_name),
        cmocka_unit_test(test_rules_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
