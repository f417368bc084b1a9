/* lb explain in columns: the line that sums up, those without requests, those with, and many of them. */
#include "lb/console/explain_sheet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#define TROUBLE                                                                                    \
    "{\"name\":\"db\\u001b[2J\",\"service\":\"shop\",\"routed\":false,\"reason\":\"no_port\","     \
    "\"since\":"                                                                                   \
    "\"2026-11-30T20:10:12.6Z\",\"why\":\"it has two ports\",\"remedy\":\"Say which one with the " \
    "label lb.port.\"}"
#define READY                                                                                      \
    "{\"name\":\"web1\",\"service\":\"shop\",\"routed\":true,\"state\":\"ready\",\"weight\":1,"    \
    "\"requests\":17,"                                                                             \
    "\"address\":\"10.0.0.1:80\"}"

static const char *print(const char *answer, unsigned width)
{
    static struct text out;
    text_clear(&out);
    assert_true(
        explain_sheet_append(view_str(answer), &(struct sheet_paper){.width = width}, &out));
    return text_str(&out);
}

static void test_some(void **state)
{
    (void)state;
    assert_string_equal(print("{\"containers\":[" READY "," TROUBLE "]}", 40),
                        "1 gets requests; 1 gets none: 1 no_port\n"
                        "db\\x1b[2J in shop: no_port since 2026-11-30 20:10:12\n"
                        "    it has two ports\n"
                        "    Say which one with the label\n"
                        "    lb.port.\n"
                        "\n"
                        "SERVICE  CONTAINER  STATE  REQUESTS\n"
                        "shop     web1       ready        17\n");
}

/* A note has its remedy at its end: no width cuts it off. */
static void test_note_of_a_ready_one(void **state)
{
    (void)state;
    assert_string_equal(print("{\"containers\":[{\"name\":\"web1\",\"service\":\"shop\","
                              "\"routed\":true,\"state\":\"ready\",\"weight\":1,\"requests\":"
                              "17,\"remark\":\"it asks for a certificate in vain. Start lb with "
                              "--acme\"}]}",
                              40),
                        "1 gets requests\n"
                        "web1 in shop: ready, with a note\n"
                        "    it asks for a certificate in vain.\n"
                        "    Start lb with --acme\n"
                        "\n"
                        "SERVICE  CONTAINER  STATE  REQUESTS\n"
                        "shop     web1       ready        17\n");
}

static void test_ready_without_a_route(void **state)
{
    (void)state;
    assert_string_equal(print("{\"containers\":[{\"name\":\"web1\",\"service\":\"shop\","
                              "\"routed\":false,\"state\":\"ready\",\"why\":\"no route\"}]}",
                              0),
                        "0 get requests; 1 gets none: 1 no_route\n"
                        "web1 in shop: no_route\n"
                        "    no route\n");
}

static void test_many(void **state)
{
    struct text answer = TEXT_INIT;
    (void)state;
    text_append_str(&answer, "{\"containers\":[");
    for (unsigned i = 0; i < 13; i++)
        text_append_str(&answer, READY ",");
    text_append_str(&answer, TROUBLE "]}");
    const char *out = print(text_str(&answer), 0);
    assert_non_null(strstr(out, "13 get requests; 1 gets none: 1 no_port\n"));
    assert_non_null(strstr(out, "SERVICE  READY  REQUESTS\nshop        13       221\n"));
    assert_null(strstr(out, "web1"));
    text_fini(&answer);
}

static void test_discovery(void **state)
{
    const char *out = print("{\"discovery\":{\"problem\":\"no right\",\"remedy\":\"Add a "
                            "group.\"},\"losses\":[\"networks\"],"
                            "\"containers\":[" TROUBLE "]}",
                            0);
    (void)state;
    assert_non_null(
        strstr(out, "lb-discovery does not follow its source:\n    no right\n    Add a group.\n"));
    assert_non_null(
        strstr(out, "lb-discovery is not told all:\n    networks\n0 get requests; 1 gets"));
}

static void test_what_has_no_columns(void **state)
{
    static const char *const texts[] = {"", "a: routed", "{}", "{\"containers\":[]}",
                                        "{\"containers\":1}"};
    struct text out = TEXT_INIT;
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_false(explain_sheet_append(view_str(texts[i]), &(struct sheet_paper){0}, &out));
    assert_int_equal(out.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_some),
                                       cmocka_unit_test(test_note_of_a_ready_one),
                                       cmocka_unit_test(test_ready_without_a_route),
                                       cmocka_unit_test(test_many),
                                       cmocka_unit_test(test_discovery),
                                       cmocka_unit_test(test_what_has_no_columns)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
