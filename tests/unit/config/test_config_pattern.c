#include "lb/config/config_pattern.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <jansson.h>
#include <regex.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>

#include "lb/config/config_kind.h"
#include "lb/config/config.h"

/* The patterns are extended regular expressions for POSIX, too. */
static bool matches(const struct text *pattern, const char *text)
{
    struct text anchored = TEXT_INIT;
    regex_t regex;
    text_appendf(&anchored, "^(%s)$", text_str(pattern));
    assert_int_equal(regcomp(&regex, text_str(&anchored), REG_EXTENDED | REG_NOSUB), 0);
    bool is_match = regexec(&regex, text, 0, NULL, 0) == 0;
    regfree(&regex);
    text_fini(&anchored);
    return is_match;
}

static void check_range(uint64_t low, uint64_t high, uint64_t probe)
{
    char digits[24];
    struct text pattern = TEXT_INIT;
    config_pattern_append_range(low, high, &pattern);
    snprintf(digits, sizeof(digits), "%" PRIu64, probe);
    if (matches(&pattern, digits) != (probe >= low && probe <= high))
        fail_msg("%s in %" PRIu64 "-%" PRIu64 ": %s", digits, low, high, text_str(&pattern));
    text_fini(&pattern);
}

static void test_small_ranges_are_exact(void **state)
{
    (void)state;
    for (uint64_t low = 0; low <= 120; low += 7)
        for (uint64_t high = low; high <= 1300; high = high * 3 + 1)
            for (uint64_t probe = 0; probe <= 1400; probe += 1 + probe / 40)
                check_range(low, high, probe);
}

static void test_edges_of_large_ranges(void **state)
{
    static const uint64_t edges[] = {0,          1,           9,          10,
                                     99,         100,         599,        1024,
                                     65535,      86400000,    1ull << 40, (1ull << 50) - 1,
                                     1ull << 50, 999999999999};
    (void)state;
    for (size_t i = 0; i < sizeof(edges) / sizeof(edges[0]); i++) {
        for (size_t j = 0; j < sizeof(edges) / sizeof(edges[0]); j++) {
            if (edges[i] > edges[j])
                continue;
            for (int step = -1; step <= 1; step++) {
                check_range(edges[i], edges[j], edges[i] + (uint64_t)(edges[i] ? step : 0));
                check_range(edges[i], edges[j], edges[j] + (uint64_t)(edges[j] ? step : 0));
                check_range(edges[i], edges[j], edges[i] * 10);
                check_range(edges[i], edges[j], edges[j] / 10);
            }
        }
    }
}

/* That of the text, which stands alone or as the last choice. */
static const char *find_pattern(const json_t *schema)
{
    const json_t *choices = json_object_get(schema, "anyOf");
    const json_t *text = choices ? json_array_get(choices, json_array_size(choices) - 1) : schema;
    const char *pattern = json_string_value(json_object_get(text, "pattern"));
    assert_non_null(pattern);
    return pattern;
}

static void test_numbers_as_the_parser_has_them(void **state)
{
    static const char *const texts[] = {"",
                                        "0",
                                        "1",
                                        "0s",
                                        "1ms",
                                        "1MS",
                                        "1h",
                                        "24h",
                                        "25h",
                                        "024h",
                                        "86400s",
                                        "86401s",
                                        "1440m",
                                        "1441m",
                                        "86400000ms",
                                        "86400001ms",
                                        "5",
                                        "5d",
                                        "-1s",
                                        "1.5s",
                                        "1k",
                                        "1K",
                                        "64k",
                                        "65k",
                                        "65536",
                                        "65537",
                                        "1023",
                                        "1024",
                                        "256",
                                        "255",
                                        "1g",
                                        "1m",
                                        "1t",
                                        "1kb",
                                        "100",
                                        "128",
                                        "129",
                                        "00128",
                                        " 1",
                                        "1 ",
                                        "99999999999999999999",
                                        "99999999999999999999s",
                                        "1125899906842624",
                                        "1125899906842625"};
    const struct config_setting *setting;
    (void)state;
    for (size_t i = 0; (setting = config_table_at(&config_root, i)); i++) {
        if (setting->kind != &kind_count && setting->kind != &kind_duration &&
            setting->kind != &kind_size)
            continue;
        struct text pattern = TEXT_INIT;
        json_t *schema = setting->kind->schema(setting);
        text_append_str(&pattern, find_pattern(schema));
        for (size_t j = 0; j < sizeof(texts) / sizeof(texts[0]); j++) {
            uint64_t value;
            struct text problem = TEXT_INIT;
            bool is_good = setting->kind->parse(setting, view_str(texts[j]), &value, &problem);
            if (matches(&pattern, texts[j]) != is_good)
                fail_msg("%s: \"%s\": %s", setting->word, texts[j], text_str(&pattern));
            text_fini(&problem);
        }
        json_decref(schema);
        text_fini(&pattern);
    }
}

static void test_addresses_as_inet_pton_has_them(void **state)
{
    static const char *const texts[] = {"0.0.0.0",
                                        "255.255.255.255",
                                        "256.0.0.1",
                                        "1.2.3",
                                        "1.2.3.4.5",
                                        "01.2.3.4",
                                        "1.2.3.4 ",
                                        "::",
                                        "::1",
                                        "1::",
                                        "1:2:3:4:5:6:7:8",
                                        "1:2:3:4:5:6:7::",
                                        "::2:3:4:5:6:7:8",
                                        "1:2:3:4:5:6:7:8:9",
                                        "1:2:3:4:5:6:7",
                                        "1::2::3",
                                        ":::",
                                        "12345::",
                                        "g::",
                                        "fe80::1%eth0",
                                        "::ffff:1.2.3.4",
                                        "::1.2.3.4",
                                        "1:2:3:4:5:6:1.2.3.4",
                                        "1:2:3:4:5::1.2.3.4",
                                        "1:2:3:4:5:6::1.2.3.4",
                                        "1::2:3:4:5:6:1.2.3.4",
                                        "1:2:3:4:5:6:7:1.2.3.4",
                                        "::1.2.3.4:5",
                                        "FE80::aBcD",
                                        "1:2:3:4::5:6:7:8",
                                        "1:2:3:4::6:7:8",
                                        ":1::2",
                                        "1::2:",
                                        "::1.2.3.256",
                                        ""};
    struct text v4 = TEXT_INIT, v6 = TEXT_INIT;
    struct in6_addr into;
    (void)state;
    config_pattern_append_ipv4(&v4);
    config_pattern_append_ipv6(&v6);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (matches(&v4, texts[i]) != (inet_pton(AF_INET, texts[i], &into) == 1))
            fail_msg("IPv4 \"%s\"", texts[i]);
        if (matches(&v6, texts[i]) != (inet_pton(AF_INET6, texts[i], &into) == 1))
            fail_msg("IPv6 \"%s\"", texts[i]);
    }
    text_fini(&v4);
    text_fini(&v6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_small_ranges_are_exact),
        cmocka_unit_test(test_edges_of_large_ranges),
        cmocka_unit_test(test_numbers_as_the_parser_has_them),
        cmocka_unit_test(test_addresses_as_inet_pton_has_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
