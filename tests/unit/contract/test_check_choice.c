/* Which check is done, of all that is said. */
#include "lb/contract/check_choice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct check make(const char *mode, const char *path, const char *send)
{
    struct check check = {0};
    assert_true(!mode || check_set(&check, VIEW("mode"), view_str(mode)));
    assert_true(!path || check_set(&check, VIEW("path"), view_str(path)));
    assert_true(!send || check_set(&check, VIEW("send"), view_str(send)));
    return check;
}

/* Flags below, labels above: what is done in the end. */
static void test_merge(void **state)
{
    static const struct {
        const char *mode, *path, *label_mode, *label_path;
        enum check_mode repeated, first;
    } rows[] = {
        {"auto", NULL, NULL, NULL, CHECK_OFF, CHECK_TCP},
        {"auto", NULL, NULL, "/a", CHECK_HTTP, CHECK_HTTP},
        {"off", "/a", NULL, NULL, CHECK_OFF, CHECK_HTTP},
        {"tcp", NULL, NULL, "/a", CHECK_HTTP, CHECK_HTTP},
        {"http", NULL, "off", NULL, CHECK_OFF, CHECK_TCP},
        {"auto", NULL, "tcp", NULL, CHECK_TCP, CHECK_TCP},
        {"auto", "/a", NULL, NULL, CHECK_HTTP, CHECK_HTTP},
        {"off", NULL, NULL, "/a", CHECK_HTTP, CHECK_HTTP},
        {"tcp", "/a", NULL, NULL, CHECK_TCP, CHECK_TCP},
        {"http", NULL, NULL, NULL, CHECK_HTTP, CHECK_HTTP},
        {"auto", "/a", "off", NULL, CHECK_OFF, CHECK_HTTP},
        {"tcp", NULL, "off", "/a", CHECK_OFF, CHECK_HTTP},
        {"https", NULL, NULL, NULL, CHECK_HTTPS, CHECK_HTTPS},
        {"auto", "/a", "https", NULL, CHECK_HTTPS, CHECK_HTTPS},
        {"redis", NULL, NULL, NULL, CHECK_REDIS, CHECK_REDIS},
        {"redis", "/a", NULL, NULL, CHECK_REDIS, CHECK_REDIS},
        {"redis", NULL, NULL, "/a", CHECK_HTTP, CHECK_HTTP},
        {"auto", "/a", "postgres", NULL, CHECK_POSTGRES, CHECK_POSTGRES},
        {"redis", NULL, "off", NULL, CHECK_OFF, CHECK_TCP},
        {NULL, NULL, NULL, NULL, CHECK_OFF, CHECK_TCP},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct check check = make(rows[i].mode, rows[i].path, NULL);
        struct check label = make(rows[i].label_mode, rows[i].label_path, NULL);
        check_merge(&check, &label);
        if (check_choice_repeated(&check, false) != rows[i].repeated ||
            check_choice_first(&check, false) != rows[i].first)
            fail_msg("row %zu", i);
    }
}

/* Of who is reached by UDP, and of who by TCP. */
static void test_what_is_to_be_sent_asks_for_a_check_that_sends(void **state)
{
    static const struct {
        const char *mode, *path, *send, *label_mode, *label_path, *label_send;
        bool is_udp;
        enum check_mode repeated, first;
    } rows[] = {
        {"auto", NULL, NULL, NULL, NULL, NULL, true, CHECK_OFF, CHECK_UDP},
        {"auto", NULL, NULL, NULL, NULL, "x", true, CHECK_UDP, CHECK_UDP},
        {"auto", NULL, NULL, NULL, NULL, "x", false, CHECK_TCP, CHECK_TCP},
        {"off", NULL, "x", NULL, NULL, NULL, true, CHECK_OFF, CHECK_UDP},
        {"off", NULL, NULL, NULL, NULL, "x", true, CHECK_UDP, CHECK_UDP},
        {"http", "/a", NULL, NULL, NULL, "x", false, CHECK_TCP, CHECK_TCP},
        {"auto", "/a", NULL, NULL, NULL, "x", true, CHECK_UDP, CHECK_UDP},
        {"auto", NULL, "x", NULL, "/a", NULL, true, CHECK_HTTP, CHECK_HTTP},
        {"auto", NULL, NULL, NULL, "/a", "x", false, CHECK_HTTP, CHECK_HTTP},
        {"tcp", NULL, NULL, NULL, NULL, "x", true, CHECK_TCP, CHECK_TCP},
        {"udp", NULL, NULL, NULL, NULL, "x", false, CHECK_UDP, CHECK_UDP},
        {"redis", NULL, NULL, NULL, NULL, "x", false, CHECK_TCP, CHECK_TCP},
        {"auto", NULL, NULL, "dns", NULL, "x", true, CHECK_DNS, CHECK_DNS},
        {"auto", NULL, "x", "off", NULL, NULL, true, CHECK_OFF, CHECK_UDP},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct check check = make(rows[i].mode, rows[i].path, rows[i].send);
        struct check label = make(rows[i].label_mode, rows[i].label_path, rows[i].label_send);
        check_merge(&check, &label);
        if (check_choice_repeated(&check, rows[i].is_udp) != rows[i].repeated ||
            check_choice_first(&check, rows[i].is_udp) != rows[i].first)
            fail_msg("row %zu", i);
    }
}

/* Of what is said of a whole service that serves by HTTP, TCP and UDP: what its endpoints take of it. */
static void test_what_is_said_for_all_is_for_those_it_can_be_meant_for(void **state)
{
    static const struct {
        const char *mode, *path, *send, *port;
        enum check_mode http, h2c, tcp, udp;
    } rows[] = {
        {"auto", "/up", NULL, NULL, CHECK_HTTP, CHECK_OFF, CHECK_OFF, CHECK_OFF},
        {"http", NULL, NULL, NULL, CHECK_HTTP, CHECK_OFF, CHECK_OFF, CHECK_OFF},
        {"http", NULL, NULL, "9000", CHECK_HTTP, CHECK_HTTP, CHECK_HTTP, CHECK_HTTP},
        {"tcp", NULL, NULL, NULL, CHECK_TCP, CHECK_TCP, CHECK_TCP, CHECK_OFF},
        {"tcp", NULL, "x", NULL, CHECK_TCP, CHECK_TCP, CHECK_TCP, CHECK_OFF},
        {"tcp", NULL, NULL, "53", CHECK_TCP, CHECK_TCP, CHECK_TCP, CHECK_TCP},
        {"postgres", NULL, NULL, NULL, CHECK_POSTGRES, CHECK_POSTGRES, CHECK_POSTGRES, CHECK_OFF},
        {"redis", NULL, NULL, NULL, CHECK_REDIS, CHECK_REDIS, CHECK_REDIS, CHECK_OFF},
        {"smtp", "/up", NULL, NULL, CHECK_SMTP, CHECK_SMTP, CHECK_SMTP, CHECK_OFF},
        {"udp", NULL, NULL, NULL, CHECK_OFF, CHECK_OFF, CHECK_OFF, CHECK_UDP},
        {"udp", NULL, "x", NULL, CHECK_OFF, CHECK_OFF, CHECK_OFF, CHECK_UDP},
        {"dns", NULL, NULL, NULL, CHECK_OFF, CHECK_OFF, CHECK_OFF, CHECK_DNS},
        {"dns", NULL, NULL, "53", CHECK_DNS, CHECK_DNS, CHECK_DNS, CHECK_DNS},
        {"auto", NULL, "x", NULL, CHECK_TCP, CHECK_TCP, CHECK_TCP, CHECK_UDP},
        {"off", "/up", NULL, NULL, CHECK_OFF, CHECK_OFF, CHECK_OFF, CHECK_OFF},
    };
    static const enum protocol protocols[] = {PROTOCOL_HTTP, PROTOCOL_H2C, PROTOCOL_TCP,
                                              PROTOCOL_UDP};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const enum check_mode wants[] = {rows[i].http, rows[i].h2c, rows[i].tcp, rows[i].udp};
        for (size_t j = 0; j < COUNT(protocols); j++) {
            struct check check = make(rows[i].mode, rows[i].path, rows[i].send);
            assert_true(!rows[i].port || check_set(&check, VIEW("port"), view_str(rows[i].port)));
            check_choice_narrow(&check, protocols[j]);
            if (check_choice_repeated(&check, protocols[j] == PROTOCOL_UDP) != wants[j])
                fail_msg("row %zu, protocol %s", i, protocol_word(protocols[j]));
        }
    }
}

/* An operator's "off" with a path still makes the first contact by HTTP, but not of who speaks none. */
static void test_a_first_contact_is_by_what_it_speaks(void **state)
{
    struct check http = make("off", "/up", NULL), tcp = http, udp = http;
    (void)state;
    check_choice_narrow(&http, PROTOCOL_HTTP);
    check_choice_narrow(&tcp, PROTOCOL_TCP);
    check_choice_narrow(&udp, PROTOCOL_UDP);
    assert_int_equal(check_choice_first(&http, false), CHECK_HTTP);
    assert_int_equal(check_choice_first(&tcp, false), CHECK_TCP);
    assert_int_equal(check_choice_first(&udp, true), CHECK_UDP);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_merge),
        cmocka_unit_test(test_what_is_to_be_sent_asks_for_a_check_that_sends),
        cmocka_unit_test(test_what_is_said_for_all_is_for_those_it_can_be_meant_for),
        cmocka_unit_test(test_a_first_contact_is_by_what_it_speaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
