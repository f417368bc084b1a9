/* Where GELF goes: what is such an address, what is none, and why. */
#include "lb/gelf/gelf_url.h"

#include <string.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "lb/config/config_kind.h"

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

static void test_accepted(void **state)
{
    static const struct {
        const char *text;
        enum gelf_transport transport;
        const char *host;
        uint16_t port;
    } cases[] = {
        {"udp://logs", GELF_UDP, "logs", 12201},
        {"udp://logs:1", GELF_UDP, "logs", 1},
        {"tcp://logs.example.com:65535", GELF_TCP, "logs.example.com", 65535},
        {"tcp://Logs_1-a/", GELF_TCP, "Logs_1-a", 12201},
        {"udp://10.0.0.2:12201", GELF_UDP, "10.0.0.2", 12201},
        {"udp://[fd00::1]", GELF_UDP, "fd00::1", 12201},
        {"tcp://[::1]:12202/", GELF_TCP, "::1", 12202},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct gelf_url url;
        const char *problem = NULL;
        if (!gelf_url_parse(cases[i].text, &url, &problem))
            fail_msg("%s: %s", cases[i].text, problem);
        assert_int_equal(url.transport, cases[i].transport);
        assert_string_equal(url.host, cases[i].host);
        assert_int_equal(url.port, cases[i].port);
    }
}

static void test_refused(void **state)
{
    static const struct {
        const char *text, *problem;
    } cases[] = {
        {"", "begins neither"},
        {"logs:12201", "begins neither"},
        {"http://logs", "begins neither"},
        {"UDP://logs", "begins neither"},
        {"udp://", "no host"},
        {"udp:///", "no host"},
        {"udp://:12201", "no host"},
        {"udp://logs:", "a port"},
        {"udp://logs:0", "a port"},
        {"udp://logs:65536", "a port"},
        {"udp://logs:12a", "a port"},
        {"udp://fd00::1", "stands in []"},
        {"udp://::1:12201", "stands in []"},
        {"udp://[fd00::1", "no IPv6"},
        {"udp://[10.0.0.1]:1", "no IPv6"},
        {"udp://[]:1", "no IPv6"},
        {"udp://[fd00::1]12201", "a port"},
        {"udp://me@logs", "neither a name"},
        {"udp://lo gs", "neither a name"},
        {"udp://.logs", "neither a name"},
        {"udp://logs/path", "neither a name"},
        {"udp://lo\ngs", "neither a name"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct gelf_url url = {.port = 7};
        const char *problem = "";
        if (gelf_url_parse(cases[i].text, &url, &problem) || url.port != 7)
            fail_msg("\"%s\" was taken", cases[i].text);
        if (!strstr(problem, cases[i].problem))
            fail_msg("\"%s\": %s", cases[i].text, problem);
    }
}

static void test_length(void **state)
{
    char text[300] = "udp://";
    struct gelf_url url;
    const char *problem = "";
    (void)state;
    memset(text + 6, 'a', 255);
    assert_true(gelf_url_parse(text, &url, &problem));
    assert_int_equal(strlen(url.host), 255);
    text[6 + 255] = 'a';
    assert_false(gelf_url_parse(text, &url, &problem));
    assert_non_null(strstr(problem, "longer"));
}

/* What lb's setting takes, lb-report can use. */
static void test_all_that_the_setting_takes(void **state)
{
    static const char *const texts[] = {
        "udp://logs",      "tcp://logs:65535",         "udp://_logs:1",   "udp://-a",
        "udp://10.0.0.2",  "tcp://[fd00::1]",          "udp://[::1]:007", "udp://a.b.",
        "udp://a..b:0080", "tcp://[::ffff:1.2.3.4]:1",
    };
    static const struct config_setting setting = {.word = "gelf", .kind = &kind_gelf};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct text refusal = TEXT_INIT;
        struct gelf_url url;
        const char *problem;
        char *taken = NULL;
        assert_true(kind_gelf.parse(&setting, view_str(texts[i]), &taken, &refusal));
        assert_true(gelf_url_parse(taken, &url, &problem));
        kind_gelf.fini(&taken);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accepted),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_length),
        cmocka_unit_test(test_all_that_the_setting_takes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
