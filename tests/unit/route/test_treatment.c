/* What rules ask for, made of options as they are written. */
#include "lb/contract/route_check.h"
#include "lb/route/treatment.h"

#include "tests/unit/route/table_case.h"

static struct regexes regexes;

static struct rule_box *box_of(const struct route_option *options, unsigned count)
{
    const struct route route = {.service = VIEW("s"), .options = options, .option_count = count};
    struct text problem = TEXT_INIT;
    if (!route_check(&route, &problem))
        fail_msg("%s", text_str(&problem));
    text_fini(&problem);
    return rule_box_new(&route, &regexes, NULL);
}

static void forget(struct rule_box *box)
{
    rule_box_unref(box);
    regexes_fini(&regexes);
}

static void test_a_rule_that_asks_for_nothing_is_plain(void **state)
{
    const struct route_option off = {ROUTE_OPTION_ACCESS_LOG, VIEW("off")};
    (void)state;
    struct rule_box *box = box_of(NULL, 0);
    assert_null(box->rule.treatment);
    assert_true(box->rule.is_plain);
    forget(box);
    box = box_of(&off, 1);
    assert_false(box->rule.is_plain);
    assert_true(box->rule.treatment->is_unlogged);
    assert_int_equal(box->rule.treatment->retries_max, WAITS_UNGIVEN);
    assert_ptr_equal(box->rule.treatment->route, &box->rule.route);
    forget(box);
}

static void test_denied_is_before_allowed(void **state)
{
    const struct route_option options[] = {{ROUTE_OPTION_ALLOW, VIEW("10.0.0.0/8, fd00::/8")},
                                           {ROUTE_OPTION_DENY, VIEW("10.1.0.0/16")}};
    static const struct {
        const char *ip;
        bool is_let_in;
    } rows[] = {{"10.2.0.1", true},        {"10.1.0.1", false}, {"192.0.2.1", false},
                {"::ffff:10.2.0.1", true}, {"fd00::7", true},   {"fe80::1", false}};
    struct address address;
    (void)state;
    struct rule_box *box = box_of(options, COUNT(options));
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_true(address_parse_ip(view_str(rows[i].ip), 0, &address));
        if (treatment_admits(box->rule.treatment, &address) != rows[i].is_let_in)
            fail_msg("%s", rows[i].ip);
    }
    forget(box);
}

/* One after the other, all in one. */
static void test_edits_of_heads(void **state)
{
    static const struct {
        const char *text, *cut, *lines;
    } rows[] = {
        {"X-A: v", "X-A ", "X-A: v\r\n"},
        {"add X-A: v", "", "X-A: v\r\n"},
        {"remove X-A", "X-A ", ""},
        {"X-A: v | add x-a: w | add X-B: x", "X-A ", "X-A: v\r\nx-a: w\r\nX-B: x\r\n"},
        {"add X-A: v | add X-B: w | set x-a: x", "x-a ", "X-B: w\r\nx-a: x\r\n"},
        {"X-A: v | remove X-A", "X-A X-A ", ""},
        {"X-A:a:b | X-B: w ; x", "X-A X-B ", "X-A: a:b\r\nX-B: w ; x\r\n"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct route_option option = {ROUTE_OPTION_RESPONSE_HEADERS, view_str(rows[i].text)};
        struct rule_box *box = box_of(&option, 1);
        const struct treatment_edits *edits = &box->rule.treatment->response_edits;
        struct text cut = TEXT_INIT;
        for (unsigned j = 0; j < edits->cut_count; j++) {
            text_append(&cut, edits->cut_names[j]);
            text_append_char(&cut, ' ');
        }
        assert_string_equal(text_str(&cut), rows[i].cut);
        assert_true(view_eq(edits->lines, view_str(rows[i].lines)));
        text_fini(&cut);
        forget(box);
    }
}

static void test_numbers(void **state)
{
    const struct route_option options[] = {{ROUTE_OPTION_MAX_BODY, VIEW("off")},
                                           {ROUTE_OPTION_BODY_TIMEOUT, VIEW("90s")},
                                           {ROUTE_OPTION_STREAM_TIMEOUT, VIEW("off")},
                                           {ROUTE_OPTION_RETRIES, VIEW("0")},
                                           {ROUTE_OPTION_ACCESS_LOG, VIEW("on")}};
    (void)state;
    struct rule_box *box = box_of(options, COUNT(options));
    const struct treatment *treatment = box->rule.treatment;
    assert_true(treatment->has_max_body);
    assert_int_equal(treatment->max_body_bytes, 0);
    assert_true(treatment->has_waits);
    assert_int_equal(treatment->wait_ms[WAIT_RESPONSE], WAITS_UNGIVEN);
    assert_int_equal(treatment->wait_ms[WAIT_BODY], 90000);
    assert_int_equal(treatment->wait_ms[WAIT_STREAM], 0);
    assert_int_equal(treatment->retries_max, 0);
    assert_false(treatment->is_unlogged);
    forget(box);
}

/* What captures and what does not are two, and each stays as long as its rule. */
static void test_its_regexes_stay(void **state)
{
    const struct route_option options[] = {{ROUTE_OPTION_REDIRECT, VIEW("~^/(a) /$1")},
                                           {ROUTE_OPTION_REPLACE_PATH, VIEW("~^/(b) /$1")}};
    const struct route route = {.path = PATH_REGEX("^/(a)"),
                                .service = VIEW("s"),
                                .options = options,
                                .option_count = COUNT(options)};
    struct view parts[PATTERN_PARTS_MAX];
    (void)state;
    struct rule_box *box = rule_box_new(&route, &regexes, NULL);
    assert_int_equal(box->regexes.count, 3);
    struct regexes others = {0};
    assert_true(regexes_add(&others, &regexes));
    assert_int_equal(others.count, 3);
    regexes_fini(&others);
    regexes_fini(&regexes);
    assert_int_equal(
        pattern_find(box->rule.treatment->redirect->pattern, VIEW("/ax"), scratch, parts),
        TRUTH_YES);
    assert_true(view_eq(parts[1], VIEW("a")));
    assert_null(parts[2].ptr);
    assert_int_equal(pattern_matches(box->rule.treatment->swap->pattern, VIEW("/b"), scratch),
                     TRUTH_YES);
    forget(box);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_rule_that_asks_for_nothing_is_plain),
        TEST(test_denied_is_before_allowed),
        TEST(test_edits_of_heads),
        TEST(test_numbers),
        TEST(test_its_regexes_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
