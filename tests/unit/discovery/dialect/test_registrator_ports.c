/* Each test is a row of the table of registrator's words, and is called as the row is. */
#include "discovery/dialect/registrator_ports.h"

#include "lb/base/memory.h"

#include "tests/unit/discovery/fixture.h"

#define ONE "{\"8001/tcp\":{}}"
#define TWO "{\"443/tcp\":{},\"80/tcp\":{}}"

struct given {
    const char *environment; /* a JSON array */
    const char *labels, *ports;
    bool is_explicit;
};

/* "name id [tags]" of each, with "; " between them. */
static char *write(const struct registrator_ports *ports)
{
    struct text out = TEXT_INIT;
    text_append_str(&out, "");
    for (size_t i = 0; i < ports->count; i++) {
        const struct registrator_entry *entry = &ports->items[i];
        text_appendf(&out, "%s%s %s", i > 0 ? "; " : "", entry->name, entry->id);
        for (size_t j = 0; j < json_array_size(entry->tags); j++)
            text_appendf(&out, " [%s]", json_string_value(json_array_get(entry->tags, j)));
    }
    char *copy = memory_copy(text_str(&out), out.len);
    text_fini(&out);
    return copy;
}

static void read_given(const struct given *given, struct registrator_ports *out)
{
    json_t *environment = json_loads(given->environment ? given->environment : "[]", 0, NULL);
    json_t *labels = json_loads(given->labels ? given->labels : "{}", 0, NULL);
    json_t *ports = json_loads(given->ports ? given->ports : ONE, 0, NULL);
    registrator_ports_read(
        &(struct registrator_subject){.from = {.labels = labels, .environment = environment},
                                      .ports = ports,
                                      .image_name = "shop",
                                      .host = "h1",
                                      .container = "web1",
                                      .is_explicit = given->is_explicit},
        out);
    json_decref(environment);
    json_decref(labels);
    json_decref(ports);
}

static void check(struct given given, const char *expected)
{
    struct registrator_ports ports;
    read_given(&given, &ports);
    char *got = write(&ports);
    assert_string_equal(got, expected);
    free(got);
    registrator_ports_fini(&ports);
}

static void R1_one_port(void **state)
{
    (void)state;
    check((struct given){.ports = ONE}, "shop h1:web1:8001");
    check((struct given){.ports = "{}"}, "");
    check((struct given){.ports = "[80]"}, "");
}

static void R2_two_ports(void **state)
{
    (void)state;
    check((struct given){.ports = TWO}, "shop-80 h1:web1:80; shop-443 h1:web1:443");
}

static void R3_name_of_two_ports(void **state)
{
    (void)state;
    check((struct given){.environment = "[\"SERVICE_NAME=app\"]", .ports = TWO},
          "app-80 h1:web1:80; app-443 h1:web1:443");
}

static void R4_name_of_one_of_two_ports(void **state)
{
    (void)state;
    check((struct given){.environment = "[\"SERVICE_80_NAME=web\"]", .ports = TWO},
          "web h1:web1:80; shop-443 h1:web1:443");
}

static void R5_ignored_port_counts_for_the_suffix(void **state)
{
    (void)state;
    check((struct given){.environment = "[\"SERVICE_443_IGNORE=1\"]", .ports = TWO},
          "shop-80 h1:web1:80");
}

static void R6_ignored_with_any_value(void **state)
{
    (void)state;
    check((struct given){.environment = "[\"SERVICE_IGNORE=false\"]", .ports = TWO}, "");
    check((struct given){.environment = "[\"SERVICE_IGNORE=\"]"}, "shop h1:web1:8001");
}

static void R7_tags_with_commas(void **state)
{
    (void)state;
    check((struct given){.environment = "[\"SERVICE_TAGS=a,b\\\\,c,,d\"]"},
          "shop h1:web1:8001 [a] [b,c] [d]");
    check((struct given){.environment = "[\"SERVICE_TAGS=a\\\\b,\\\\\"]"},
          "shop h1:web1:8001 [a\\b] [\\]");
    check((struct given){.environment = "[\"SERVICE_TAGS=a\",\"SERVICE_80_TAGS=b\"]", .ports = TWO},
          "shop-80 h1:web1:80 [b]; shop-443 h1:web1:443 [a]");
}

static void R8_udp(void **state)
{
    (void)state;
    check((struct given){.ports = "{\"53/udp\":{}}", .environment = "[\"SERVICE_TAGS=a\"]"},
          "shop h1:web1:53:udp [a] [udp]");
    check((struct given){.ports = "{\"53/udp\":{},\"53/tcp\":{}}"},
          "shop-53 h1:web1:53; shop-53 h1:web1:53:udp [udp]");
}

static void R9_id(void **state)
{
    (void)state;
    check((struct given){.environment = "[\"SERVICE_ID=x\",\"SERVICE_80_ID=y\"]", .ports = TWO},
          "shop-80 y; shop-443 x");
}

static void assert_meta(const struct registrator_entry *entry, const char *key, const char *value)
{
    const char *got = json_string_value(json_object_get(entry->meta, key));
    if (value && got)
        assert_string_equal(got, value);
    else
        assert_true(!value && !got);
}

static void R10_other_words_are_meta(void **state)
{
    static const char *const orders[] = {"[\"SERVICE_80_REGION=eu\",\"SERVICE_REGION=us\"]",
                                         "[\"SERVICE_REGION=us\",\"SERVICE_80_REGION=eu\"]"};
    (void)state;
    for (size_t i = 0; i < COUNT(orders); i++) {
        struct registrator_ports ports;
        read_given(&(struct given){.environment = orders[i], .ports = TWO}, &ports);
        assert_meta(&ports.items[0], "region", "eu");
        assert_meta(&ports.items[1], "region", "us");
        registrator_ports_fini(&ports);
    }
}

static void R22_words_for_checks_are_meta_too(void **state)
{
    struct registrator_ports ports;
    (void)state;
    read_given(&(struct given){.environment = "[\"SERVICE_CHECK_HTTP=/h\",\"SERVICE_NAME=n\","
                                              "\"SERVICE_80_CHECK_INTERVAL=1s\","
                                              "\"SERVICE_80_TAGS=t\",\"X=1\"]",
                               .ports = TWO},
               &ports);
    assert_meta(&ports.items[0], "check_http", "/h");
    assert_meta(&ports.items[1], "check_http", "/h");
    assert_meta(&ports.items[0], "check_interval", "1s");
    assert_meta(&ports.items[1], "check_interval", NULL);
    assert_int_equal(json_object_size(ports.items[0].meta), 2);
    assert_int_equal(json_object_size(ports.items[1].meta), 1);
    registrator_ports_fini(&ports);
}

static void R11_labels_win_over_variables(void **state)
{
    struct registrator_ports ports;
    (void)state;
    read_given(&(struct given){.environment = "[\"SERVICE_NAME=a\",\"SERVICE_REGION=x\"]",
                               .labels = "{\"SERVICE_NAME\":\"b\",\"SERVICE_REGION\":\"y\"}"},
               &ports);
    assert_string_equal(ports.items[0].name, "b");
    assert_meta(&ports.items[0], "region", "y");
    registrator_ports_fini(&ports);
}

static void R12_keys_that_consul_refuses(void **state)
{
    struct registrator_ports ports;
    (void)state;
    read_given(&(struct given){.environment = "[\"SERVICE_FOO.BAR=1\",\"SERVICE_OK-1=2\"]"},
               &ports);
    assert_meta(&ports.items[0], "foo.bar", NULL);
    assert_meta(&ports.items[0], "ok-1", "2");
    assert_non_null(strstr(text_str(&ports.remark), "SERVICE_FOO.BAR"));
    registrator_ports_fini(&ports);
}

/* By those it is told whose an entry is. */
static void R12_keys_that_are_lbs_own(void **state)
{
    struct registrator_ports ports;
    (void)state;
    read_given(&(struct given){.labels = "{\"SERVICE_lb-owner\":\"x\",\"SERVICE_LB-PORT\":\"1\"}"},
               &ports);
    assert_int_equal(json_object_size(ports.items[0].meta), 0);
    assert_non_null(strstr(text_str(&ports.remark), "SERVICE_lb-owner"));
    assert_non_null(strstr(text_str(&ports.remark), "SERVICE_LB-PORT"));
    registrator_ports_fini(&ports);
}

static void R13_more_than_consul_takes(void **state)
{
    struct registrator_ports ports;
    struct text environment = TEXT_INIT;
    (void)state;
    text_append_str(&environment, "[\"SERVICE_LONG=");
    for (int i = 0; i < 513; i++)
        text_append_char(&environment, 'x');
    text_append_str(&environment, "\"");
    for (int i = 0; i < 70; i++)
        text_appendf(&environment, ",\"SERVICE_K%d=1\"", i);
    text_append_str(&environment, "]");
    read_given(&(struct given){.environment = text_str(&environment)}, &ports);
    assert_int_equal(json_object_size(ports.items[0].meta), 61);
    assert_meta(&ports.items[0], "long", NULL);
    assert_non_null(strstr(text_str(&ports.remark), "512 bytes"));
    assert_non_null(strstr(text_str(&ports.remark), "64 pairs"));
    registrator_ports_fini(&ports);
    text_fini(&environment);
}

static void R13_names_are_fit_to_be_shown(void **state)
{
    struct registrator_ports ports;
    struct text environment = TEXT_INIT;
    (void)state;
    text_append_str(&environment, "[\"SERVICE_NAME= a\\nb \",\"SERVICE_ID=");
    for (int i = 0; i < 600; i++)
        text_append_char(&environment, 'i');
    text_append_str(&environment, "\"]");
    read_given(&(struct given){.environment = text_str(&environment)}, &ports);
    assert_string_equal(ports.items[0].name, "a?b");
    assert_int_equal(strlen(ports.items[0].id), 512);
    registrator_ports_fini(&ports);
    text_fini(&environment);
}

static void R23_explicit(void **state)
{
    (void)state;
    check((struct given){.ports = TWO, .is_explicit = true}, "");
    check(
        (struct given){.environment = "[\"SERVICE_80_NAME=a\"]", .ports = TWO, .is_explicit = true},
        "a h1:web1:80");
    check((struct given){.environment = "[\"SERVICE_NAME=a\"]", .is_explicit = true},
          "a h1:web1:8001");
}

static void R31_tags_are_verbatim(void **state)
{
    (void)state;
    check((struct given){.environment = "[\"SERVICE_TAGS=urlprefix-/foo strip=/foo\"]"},
          "shop h1:web1:8001 [urlprefix-/foo strip=/foo]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R1_one_port),
        cmocka_unit_test(R2_two_ports),
        cmocka_unit_test(R3_name_of_two_ports),
        cmocka_unit_test(R4_name_of_one_of_two_ports),
        cmocka_unit_test(R5_ignored_port_counts_for_the_suffix),
        cmocka_unit_test(R6_ignored_with_any_value),
        cmocka_unit_test(R7_tags_with_commas),
        cmocka_unit_test(R8_udp),
        cmocka_unit_test(R9_id),
        cmocka_unit_test(R10_other_words_are_meta),
        cmocka_unit_test(R22_words_for_checks_are_meta_too),
        cmocka_unit_test(R11_labels_win_over_variables),
        cmocka_unit_test(R12_keys_that_consul_refuses),
        cmocka_unit_test(R12_keys_that_are_lbs_own),
        cmocka_unit_test(R13_more_than_consul_takes),
        cmocka_unit_test(R13_names_are_fit_to_be_shown),
        cmocka_unit_test(R23_explicit),
        cmocka_unit_test(R31_tags_are_verbatim),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
