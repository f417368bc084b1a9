/* What stands in front of a connection's bytes: of whom it is expected, and what becomes of whom. */
#include "lb/front/preface.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))
#define V2_LOCAL        "\r\n\r\n\0\r\nQUIT\n\x20\0\0\0"

static struct address address_of(const char *text)
{
    struct address address;
    assert_true(address_parse(view_str(text), &address));
    return address;
}

static void test_of_whom_it_is_expected(void **state)
{
    static const struct {
        const char *peer;
        bool is_expected;
    } rows[] = {
        {"10.1.2.3:80", true},          {"192.0.2.7:1", true}, {"192.0.2.8:1", false},
        {"[::ffff:10.1.2.3]:80", true}, {"[fd00::1]:1", true}, {"[fe80::1]:1", false},
    };
    struct cidr cidrs[3];
    struct front_options options = {.prefaced = {.cidrs = cidrs, .count = 3}};
    (void)state;
    assert_true(cidr_parse(VIEW("10.0.0.0/8"), &cidrs[0]));
    assert_true(cidr_parse(VIEW("192.0.2.7"), &cidrs[1]));
    assert_true(cidr_parse(VIEW("fd00::/8"), &cidrs[2]));
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct address peer = address_of(rows[i].peer);
        options.prefaced.count = 3;
        assert_int_equal(preface_is_expected(&options, &peer), rows[i].is_expected);
        options.prefaced.count = 0;
        assert_false(preface_is_expected(&options, &peer));
    }
}

static void test_who_asks_and_who_is_refused(void **state)
{
    static const struct {
        const char *peer;
        struct view bytes;
        enum preface_result result;
        size_t len;
        const char *told; /* the client, or what is wrong */
    } rows[] = {
        {"10.0.0.1:7", VIEW(""), PREFACE_MORE, 0, "10.0.0.1:7"},
        {"10.0.0.1:7", VIEW("PROXY TCP4 192.0.2.1 1.1.1.1 99 80\r\nGET"), PREFACE_DONE, 36,
         "192.0.2.1:99"},
        {"10.0.0.1:7", VIEW("PROXY TCP6 fd00::9 fd00::1 99 80\r\n"), PREFACE_DONE, 34,
         "[fd00::9]:99"},
        {"10.0.0.1:7", VIEW("PROXY UNKNOWN\r\nGET"), PREFACE_DONE, 15, "10.0.0.1:7"},
        {"10.0.0.1:7", VIEW(V2_LOCAL "GET"), PREFACE_DONE, 16, "10.0.0.1:7"},
        {"10.0.0.1:7", VIEW("PROXY TCP4 192.0.2.1 1.1.1.1 99 80 \r\n"), PREFACE_WRONG, 0, "ports"},
        {"10.0.0.1:7", VIEW("GET / HTTP/1.1\r\n"), PREFACE_WRONG, 0, "missing"},
        {"127.0.0.1:7", VIEW("G"), PREFACE_DONE, 0, "127.0.0.1:7"}, /* a probe */
        {"[::1]:7", VIEW("G"), PREFACE_DONE, 0, "[::1]:7"},
        {"127.0.0.1:7", VIEW("P"), PREFACE_MORE, 0, "127.0.0.1:7"},
        {"127.0.0.1:7", VIEW("PROXY \r\n"), PREFACE_WRONG, 0, "protocol"},
        {"127.0.0.1:7", VIEW("PROXY TCP4 192.0.2.1 1.1.1.1 99 80\r\n"), PREFACE_DONE, 36,
         "192.0.2.1:99"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct address peer = address_of(rows[i].peer);
        struct preface preface;
        char client[ADDRESS_TEXT_BYTES];
        assert_int_equal(preface_read(rows[i].bytes, &peer, &preface), rows[i].result);
        assert_int_equal(preface.len, rows[i].len);
        if (rows[i].result == PREFACE_WRONG)
            assert_non_null(strstr(preface.problem, rows[i].told));
        else
            assert_string_equal(address_format(&preface.client, client), rows[i].told);
    }
}

static void test_where_it_was_connected_to(void **state)
{
    static const struct {
        struct view bytes;
        const char *reached; /* NULL: not said */
    } rows[] = {
        {VIEW("PROXY TCP4 192.0.2.1 1.1.1.1 99 80\r\nGET"), "1.1.1.1:80"},
        {VIEW("PROXY TCP6 fd00::9 fd00::1 99 443\r\n"), "[fd00::1]:443"},
        {VIEW("PROXY UNKNOWN\r\n"), NULL},
        {VIEW(V2_LOCAL), NULL},
        {VIEW("G"), NULL},
    };
    struct address peer = address_of("127.0.0.1:7");
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct preface preface;
        char reached[ADDRESS_TEXT_BYTES];
        assert_int_equal(preface_read(rows[i].bytes, &peer, &preface), PREFACE_DONE);
        assert_int_equal(preface.reached.socket.any.sa_family != 0, rows[i].reached != NULL);
        if (rows[i].reached)
            assert_string_equal(address_format(&preface.reached, reached), rows[i].reached);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_of_whom_it_is_expected),
        cmocka_unit_test(test_who_asks_and_who_is_refused),
        cmocka_unit_test(test_where_it_was_connected_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
