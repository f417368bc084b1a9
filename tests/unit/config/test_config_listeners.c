/* What settings of several listeners mean together, by whole command lines. */
#include "lb/config/config_listeners.h"

#include "tests/unit/config/load_case.h"

#define LOAD(args) (out = load((struct input){args, "", NULL}))

static void test_good_together(void **state)
{
    static const char *const rows[] = {
        "--tcp 443/a.test=a --tcp 443/b.test=b --tcp 443=c --tcp 443#h2=d",
        "--tcp 53=dns --udp 53=dns",
        "--tcp 127.0.0.1:0=a --tcp 127.0.0.1:0=b",
        "--tcp 10.0.0.1:80=a --tcp 10.0.0.2:80=b",
        "--tcp [::1]:80=a --tcp 127.0.0.1:80=b",
        "--listen 127.0.0.1:80 --tcp 127.0.0.2:80=a --udp 127.0.0.1:80=a",
        "--tcp 10000=a --dynamic-ports 10000-10999",
        "--dynamic-ports 10.0.0.1:8000-8100",
        "--dynamic-ports 8000-8100 --admin off",
        "--listen 80 --listen-also 81 --tcp 82=a",
        "--listen 80 --tcp 443=a",
        "--listen-tls 443 --tcp 443/a.test=a --tcp 443/*.b.test=b",
        "--listen-tls 10.0.0.1:443 --listen-tls 10.0.0.2:443 --udp 443=a",
        "--listen-tls 127.0.0.1:0 --listen-tls 127.0.0.1:0",
    };
    struct output out;
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        LOAD(rows[i]);
        if (!out.is_good)
            fail_msg("%s: %s", rows[i], text_str(&out.problem));
        output_fini(&out);
    }
}

static void test_refusals(void **state)
{
    static const struct {
        const char *args, *problem;
    } rows[] = {
        {"--tcp 5432=a --tcp 5432=b",
         "--tcp: \"0.0.0.0:5432=b\" is for the same as \"0.0.0.0:5432=a\"; give each address and "
         "name once, or a name to one of them"},
        {"--tcp 443/a.test=a --tcp 443/A.test=b",
         "--tcp: \"0.0.0.0:443/A.test=b\" is for the same as \"0.0.0.0:443/a.test=a\"; give each "
         "address and name once, or a name to one of them"},
        {"--tcp 5432 --tcp 5432=b",
         "--tcp: \"0.0.0.0:5432=b\" is for the same as \"0.0.0.0:5432\"; give each address and "
         "name once, or a name to one of them"},
        {"--udp 53=a --udp 127.0.0.1:53=b",
         "--udp: \"127.0.0.1:53=b\" takes what comes to \"0.0.0.0:53=a\"; give rules of one port "
         "the same address, or other ports"},
        {"--tcp 443/a.test=a --tcp [::]:443/b.test=b",
         "--tcp: \"[::]:443/b.test=b\" takes what comes to \"0.0.0.0:443/a.test=a\"; give rules of "
         "one port the same address, or other ports"},
        {"--tcp [::ffff:10.0.0.1]:443=a --tcp 10.0.0.1:443=b",
         "--tcp: \"10.0.0.1:443=b\" takes what comes to \"[::ffff:10.0.0.1]:443=a\"; give rules of "
         "one port the same address, or other ports"},
        {"--listen 80 --tcp 127.0.0.1:80=a",
         "--tcp: \"127.0.0.1:80=a\" has the port of --listen 0.0.0.0:80; give one of them another"},
        {"--listen 80 --listen-also 81 --tcp 81=a",
         "--tcp: \"0.0.0.0:81=a\" has the port of --listen-also 0.0.0.0:81; give one of them "
         "another"},
        {"--listen-tls 443 --tcp 443=a",
         "--tcp: \"0.0.0.0:443=a\" has the port of --listen-tls 0.0.0.0:443; give one of them "
         "another, or the rule the same address and a name (443/NAME=SERVICE)"},
        {"--listen-tls 443 --tcp 443#h2=a",
         "--tcp: \"0.0.0.0:443#h2=a\" has the port of --listen-tls 0.0.0.0:443; give one of them "
         "another, or the rule the same address and a name (443/NAME=SERVICE)"},
        {"--listen-tls 443 --tcp 127.0.0.1:443/a.test=a",
         "--tcp: \"127.0.0.1:443/a.test=a\" has the port of --listen-tls 0.0.0.0:443; give one of "
         "them another, or the rule the same address and a name (443/NAME=SERVICE)"},
        {"--listen 443 --listen-tls 443",
         "--listen-tls: \"0.0.0.0:443\" has the port of --listen 0.0.0.0:443; give one of them "
         "another"},
        {"--listen 80 --listen-also 81 --listen-tls 127.0.0.1:81",
         "--listen-tls: \"127.0.0.1:81\" has the port of --listen-also 0.0.0.0:81; give one of "
         "them another"},
        {"--listen-tls 443 --listen-tls 127.0.0.1:443",
         "--listen-tls: \"127.0.0.1:443\" has the port of --listen-tls 0.0.0.0:443; give one of "
         "them another"},
        {"--listen-tls 8001",
         "--listen-tls: \"0.0.0.0:8001\" has the port of --admin 127.0.0.1:8001; give one of them "
         "another"},
        {"--tcp 8001=a",
         "--tcp: \"0.0.0.0:8001=a\" has the port of --admin 127.0.0.1:8001; give one of them "
         "another"},
        {"--dynamic-ports 8001-8100",
         "--dynamic-ports: \"0.0.0.0:8001-8100\" has the port of --admin, 8001, which is for no "
         "container; leave it out, or give --admin another"},
        {"--tcp 80=a/b", "--tcp: \"80=a/b\" has a service whose name has a character that is not "
                         "allowed; give IP:PORT[/NAME][#ALPN][=SERVICE], for example "
                         "0.0.0.0:5432=db"},
        {"--tcp 80/=a", "--tcp: \"80/=a\" is empty; give IP:PORT[/NAME][#ALPN][=SERVICE], for "
                        "example 0.0.0.0:5432=db"},
        {"--udp 53/a=b", "--udp: \"53/a=b\" asks for a name, which datagrams do not say; give "
                         "IP:PORT[=SERVICE], for example 0.0.0.0:53=dns"},
        {"--dynamic-ports 9-8", "--dynamic-ports: \"9-8\" is no range of ports; give LOW-HIGH or "
                                "IP:LOW-HIGH, for example 10000-10999, or off"},
    };
    struct output out;
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        LOAD(rows[i].args);
        assert_false(out.is_good);
        assert_string_equal(text_str(&out.problem), rows[i].problem);
        output_fini(&out);
    }
}

/* A port 0 is another address each time. */
static void test_addresses_are_counted_once(void **state)
{
    static const struct {
        const char *args;
        unsigned count;
    } rows[] = {
        {"--listen 80", 0},
        {"--tcp 443/a.test=a --tcp 443/b.test=b --tcp 444=c", 2},
        {"--tcp 53=a --udp 53=a", 2},
        {"--tcp 127.0.0.1:0=a --tcp 127.0.0.1:0=b", 2},
    };
    struct output out;
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        LOAD(rows[i].args);
        assert_true(out.is_good);
        assert_int_equal(config_listeners_count(&out.config), rows[i].count);
        output_fini(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_together),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_addresses_are_counted_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
