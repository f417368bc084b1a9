/* A tree of tables of the test's own: rows inlined from another table, an object, objects by name
 * with lists and choices of their own; read from JSON, printed, described, changed by another
 * layer. */
#include "lb/config/config_table.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "lb/config/config.h"
#include "lb/config/config_apply.h"
#include "lb/config/config_field.h"
#include "lb/config/config_json.h"
#include "lb/config/config_kind.h"
#include "lb/config/config_policy.h"
#include "lb/config/config_print.h"
#include "lb/config/config_schema.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct site {
    char *name;
    unsigned answer_ms;
    unsigned source; /* 1: a file, 2: backends */
    char *file;
    struct config_backend *backends;
    unsigned backend_count;
    struct config_policy policy;
};

struct bounds {
    uint64_t body_bytes;
    unsigned header_count;
};

struct house {
    char *owner;
    struct bounds bounds;
    struct site *sites;
    unsigned site_count;
    struct config_policy policy;
};

static const struct config_choice source = {.offset = offsetof(struct site, source),
                                            .advice = "name one"};

static const struct config_setting site_rows[] = {
    {.word = "answer",
     .kind = &kind_duration,
     .max = 60000,
     .default_text = "5s",
     .value_name = "TIME",
     .help = "how fast",
     CONFIG_FIELD(struct site, answer_ms)},
    {.word = "file",
     .kind = &kind_path,
     .choice = &source,
     .chosen = 1,
     .value_name = "PATH",
     .help = "from a file",
     CONFIG_FIELD(struct site, file)},
    {.word = "backend",
     .kind = &kind_backend,
     .choice = &source,
     .chosen = 2,
     .value_name = "HOST:PORT",
     .help = "fixed",
     CONFIG_LIST(struct site, backends, backend_count, 2, "backends")},
    {.table = &config_policy_retries, CONFIG_FIELD(struct site, policy)},
};
static const struct config_table site_table = CONFIG_TABLE(struct site, site_rows);

static const struct config_setting bounds_rows[] = {
    {.word = "body",
     .kind = &kind_size,
     .max = 1 << 20,
     .default_text = "1k",
     .value_name = "SIZE",
     .help = "bytes",
     CONFIG_FIELD(struct bounds, body_bytes)},
    {.word = "headers",
     .kind = &kind_count,
     .min = 1,
     .max = 9,
     .default_text = "3",
     .value_name = "N",
     .help = "lines",
     CONFIG_FIELD(struct bounds, header_count)},
};
static const struct config_table bounds_table = CONFIG_TABLE(struct bounds, bounds_rows);

static const struct config_setting house_rows[] = {
    {.word = "owner",
     .kind = &kind_name,
     .default_text = "me",
     .value_name = "NAME",
     .help = "whose",
     CONFIG_FIELD(struct house, owner)},
    {.word = "bounds",
     .table = &bounds_table,
     .help = "of all",
     CONFIG_FIELD(struct house, bounds)},
    {.word = "sites",
     .table = &site_table,
     .help = "by name",
     CONFIG_LIST(struct house, sites, site_count, 2, "sites")},
    {.table = &config_policy_retries, CONFIG_FIELD(struct house, policy)},
};
static const struct config_table house_table = CONFIG_TABLE(struct house, house_rows);

static void forget_places(struct text *text)
{
    struct text out = TEXT_INIT;
    const char *at = text_str(text);
    for (const char *found; (found = strstr(at, "f: line ")); at = strstr(found + 2, ": ") + 2)
        text_append(&out, view_of(at, (size_t)(found - at)));
    text_append_str(&out, at);
    text_fini(text);
    *text = out;
}

/* Lays a file over the house. */
static bool lay(struct house *house, const char *json, struct text *faults)
{
    struct config_layer layer = CONFIG_LAYER_INIT;
    bool is_good = config_json_parse(&house_table, "f", view_str(json), &layer, faults);
    is_good &= config_apply(&layer, &house_table, house, faults);
    config_layer_fini(&layer);
    return is_good;
}

static void check_printed(const struct house *house, const char *expected)
{
    struct text out = TEXT_INIT;
    config_print_tree(&house_table, house, true, &out);
    assert_string_equal(text_str(&out), expected);
    text_fini(&out);
}

#define SHOP                                                                                       \
    "{\n"                                                                                          \
    "  \"owner\": \"me\",\n"                                                                       \
    "  \"bounds\": {\n"                                                                            \
    "    \"body\": \"2k\",\n"                                                                      \
    "    \"headers\": 3\n"                                                                         \
    "  },\n"                                                                                       \
    "  \"sites\": {\n"                                                                             \
    "    \"shop\": {\n"                                                                            \
    "      \"answer\": \"1s\",\n"                                                                  \
    "      \"backend\": [\"a:1\",\"b:2\"],\n"                                                      \
    "      \"retry-budget\": 7\n"                                                                  \
    "    },\n"                                                                                     \
    "    \"blog\": {\n"                                                                            \
    "      \"answer\": \"5s\",\n"                                                                  \
    "      \"file\": \"/x\",\n"                                                                    \
    "      \"retry-budget\": 20\n"                                                                 \
    "    }\n"                                                                                      \
    "  },\n"                                                                                       \
    "  \"retry-budget\": 30\n"                                                                     \
    "}\n"

static void test_defaults(void **state)
{
    struct house house = {0};
    (void)state;
    config_field_init_all(&house_table, &house);
    check_printed(&house, "{\n  \"owner\": \"me\",\n  \"bounds\": {\n    \"body\": \"1k\",\n"
                          "    \"headers\": 3\n  },\n  \"retry-budget\": 20\n}\n");
    assert_int_equal(house.policy.retry_budget_percent, 20);
    config_field_fini_all(&house_table, &house);
}

static void test_reading_and_printing(void **state)
{
    struct house house = {0};
    struct text faults = TEXT_INIT;
    (void)state;
    config_field_init_all(&house_table, &house);
    assert_true(lay(&house,
                    "{\"sites\":{\"shop\":{\"answer\":\"1s\",\"backend\":[\"a:1\",\"b:2\"],"
                    "\"retry-budget\":7},\"blog\":{\"file\":\"/x\"}},\"bounds\":{\"body\":2048},"
                    "\"retry-budget\":\"30\"}",
                    &faults));
    assert_string_equal(text_str(&faults), "");
    assert_int_equal(house.site_count, 2);
    assert_string_equal(house.sites[0].name, "shop");
    assert_string_equal(house.sites[0].backends[1].host, "b");
    assert_int_equal(house.sites[0].policy.retry_budget_percent, 7);
    assert_int_equal(house.sites[1].policy.retry_budget_percent, 20);
    assert_int_equal(house.sites[1].source, 1);
    assert_int_equal(house.policy.retry_budget_percent, 30);
    assert_int_equal(house.bounds.body_bytes, 2048);
    check_printed(&house, SHOP);
    config_field_fini_all(&house_table, &house);
    assert_null(house.sites);
    assert_int_equal(house.site_count, 0);
}

static void test_what_is_printed_is_read_as_the_same(void **state)
{
    struct house house = {0};
    struct text faults = TEXT_INIT;
    (void)state;
    config_field_init_all(&house_table, &house);
    assert_true(lay(&house, SHOP, &faults));
    check_printed(&house, SHOP);
    assert_true(lay(&house, SHOP, &faults)); /* over itself */
    check_printed(&house, SHOP);
    config_field_fini_all(&house_table, &house);
}

static void test_a_layer_takes_the_place_of_all_objects_by_name(void **state)
{
    struct house house = {0};
    struct text faults = TEXT_INIT;
    (void)state;
    config_field_init_all(&house_table, &house);
    assert_true(lay(&house, SHOP, &faults));
    assert_true(lay(&house, "{\"sites\":{\"new\":{}},\"bounds\":{\"headers\":9}}", &faults));
    check_printed(&house, "{\n  \"owner\": \"me\",\n  \"bounds\": {\n    \"body\": \"2k\",\n"
                          "    \"headers\": 9\n  },\n  \"sites\": {\n    \"new\": {\n"
                          "      \"answer\": \"5s\",\n      \"retry-budget\": 20\n    }\n  },\n"
                          "  \"retry-budget\": 30\n}\n");
    config_field_fini_all(&house_table, &house);
}

static void test_refusals(void **state)
{
    static const struct {
        const char *json, *faults;
    } rows[] = {
        {"{\"sites\":1}", "sites: is a number and must be an object"},
        {"{\"sites\":{\"a\":true}}", "sites.a: is true and must be an object"},
        {"{\"bounds\":[]}", "bounds: is a list and must be an object"},
        {"{\"sites\":{\"a b\":{}}}",
         "sites.a b: \"a b\" has a character that is not allowed; "
         "give letters, digits, '.', '_' or '-', for example appserver"},
        {"{\"sites\":{\"a b\":{\"answer\":\"1s\"}}}",
         "sites.a b: \"a b\" has a character that is not allowed; "
         "give letters, digits, '.', '_' or '-', for example appserver"},
        {"{\"sites\":{\"a\":{},\"b\":{},\"c\":{}}}", "sites: more than 2 sites; give fewer"},
        {"{\"sites\":{\"a\":{\"answer\":\"1h\"}}}",
         "sites.a.answer: \"1h\" is too big; give a time from 0s to 1m or off, for example 10s"},
        {"{\"sites\":{\"a\":{\"awnser\":\"1s\"}}}",
         "sites.a: \"awnser\" is not known; did you mean \"answer\"? see lb --help"},
        {"{\"sites\":{\"a\":{\"owner\":\"x\"}}}", "sites.a: \"owner\" is not known; see lb --help"},
        {"{\"answer\":\"1s\"}", "\"answer\" is not known; see lb --help"},
        {"{\"$schema\":\"x\",\"bounds\":{\"$schema\":\"x\"}}",
         "bounds: \"$schema\" is not known; see lb --help"},
        {"{\"sites\":{\"a\":{\"backend\":[\"a:1\",3]}}}",
         "sites.a.backend[1]: is a number and must be a string; "
         "give HOST:PORT, for example 10.0.0.2:8484, https://a.test:443 or db=tcp://10.0.0.3:5432"},
        {"{\"sites\":{\"a\":{\"backend\":[\"a:1\",\"A:1\"]}}}",
         "sites.a.backend[1]: \"A:1\" is given twice; give each address once"},
        {"{\"sites\":{\"a\":{\"file\":\"/x\",\"backend\":\"a:1\"}}}",
         "sites.a.backend: cannot be used together with sites.a.file; name one"},
        {"{\"sites\":{\"a\":{\"file\":\"/x\"},\"b\":{\"backend\":\"a:1\"}}}", ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct house house = {0};
        struct text faults = TEXT_INIT;
        config_field_init_all(&house_table, &house);
        assert_int_equal(lay(&house, rows[i].json, &faults), *rows[i].faults == '\0');
        forget_places(&faults);
        assert_string_equal(text_str(&faults), rows[i].faults);
        text_fini(&faults);
        config_field_fini_all(&house_table, &house);
    }
}

static void test_the_place_of_a_fault(void **state)
{
    struct house house = {0};
    struct text faults = TEXT_INIT;
    (void)state;
    config_field_init_all(&house_table, &house);
    assert_false(lay(&house, "{\"sites\":{\n \"a\":{},\n \"b\":{\n  \"answer\":\"x\"}}}", &faults));
    assert_non_null(strstr(text_str(&faults), "f: line 4, column 3: sites.b.answer: \"x\""));
    text_fini(&faults);
    config_field_fini_all(&house_table, &house);
}

static const json_t *get(const json_t *object, struct view key)
{
    char word[64] = "";
    assert_true(key.len < sizeof(word));
    memcpy(word, key.ptr, key.len);
    return json_object_get(object, word);
}

static const json_t *at(const json_t *json, const char *path)
{
    struct view rest = view_str(path);
    while (rest.len > 0) {
        struct view word = view_cut(&rest, '/');
        json = get(json, word);
    }
    return json;
}

static void test_schema(void **state)
{
    struct text out = TEXT_INIT;
    (void)state;
    config_schema_print_table(&house_table, &out);
    json_t *schema = json_loads(text_str(&out), 0, NULL);
    assert_non_null(schema);
    assert_true(json_is_false(at(schema, "properties/bounds/additionalProperties")));
    assert_int_equal(json_integer_value(at(schema, "properties/bounds/properties/headers/default")),
                     3);
    assert_int_equal(json_integer_value(at(schema, "properties/sites/maxProperties")), 2);
    const json_t *site = at(schema, "properties/sites/additionalProperties");
    assert_true(json_is_false(at(site, "additionalProperties")));
    assert_non_null(at(site, "properties/answer"));
    assert_non_null(at(site, "properties/retry-budget"));
    assert_null(at(site, "properties/$schema"));
    assert_int_equal(json_array_size(at(site, "not/anyOf")), 1);
    assert_null(at(schema, "not"));
    assert_non_null(at(schema, "properties/$schema"));
    json_decref(schema);
    text_fini(&out);
}

static void test_tables_are_no_flags(void **state)
{
    (void)state;
    assert_null(config_table_find_flag(&house_table, VIEW("sites")));
    assert_non_null(config_table_find(&house_table, VIEW("sites")));
    assert_non_null(config_table_find_flag(&house_table, VIEW("retry-budget")));
    assert_null(config_table_find(&house_table, VIEW("answer")));
    assert_null(config_table_nearest(&house_table, VIEW("site"), CONFIG_ORIGIN_FLAG));
    assert_string_equal(config_table_nearest(&house_table, VIEW("site"), CONFIG_ORIGIN_FILE)->word,
                        "sites");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_reading_and_printing),
        cmocka_unit_test(test_what_is_printed_is_read_as_the_same),
        cmocka_unit_test(test_a_layer_takes_the_place_of_all_objects_by_name),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_the_place_of_a_fault),
        cmocka_unit_test(test_schema),
        cmocka_unit_test(test_tables_are_no_flags),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
