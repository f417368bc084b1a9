#include "lb/follow/unread.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "lb/base/text.h"
#include "lb/follow/membership.h"

#define E(id, source) "{\"id\":\"" id "\",\"name\":\"" id "\",\"source\":\"" source "\"}"
#define PORT(id, container, source)                                                                \
    "{\"id\":\"" id "\",\"container\":\"" container "\",\"name\":\"" id "\",\"source\":\"" source  \
    "\"}"
#define S(name, endpoints) "{\"name\":\"" name "\",\"endpoints\":[" endpoints "]}"
#define R(container, path)                                                                         \
    "{\"host\":\"a.test\",\"path\":\"" path "\",\"service\":\"a\",\"container\":\"" container "\"" \
    "}"
#define WISH "{\"names\":[\"%s\"],\"container\":\"%s\"}"
#define LINE(unread, services, routes)                                                             \
    "{\"v\":2,\"source\":\"swarm+docker+consul\",\"unread\":[" unread "],\"services\":[" services  \
    "],\"routes\":[" routes "]}"

static void expect(const char *line, const char *before, const char *services, const char *routes)
{
    json_t *now = json_loads(line, 0, NULL), *then = json_loads(before, 0, NULL);
    json_t *whole = unread_complete(now, then);
    json_t *wanted_services = json_loads(services, 0, NULL);
    json_t *wanted_routes = json_loads(routes, 0, NULL);
    assert_non_null(whole);
    char *got = json_dumps(json_object_get(whole, "services"), JSON_COMPACT);
    if (!json_equal(json_object_get(whole, "services"), wanted_services))
        fail_msg("services: %s", got);
    free(got);
    got = json_dumps(json_object_get(whole, "routes"), JSON_COMPACT);
    if (!json_equal(json_object_get(whole, "routes"), wanted_routes))
        fail_msg("routes: %s", got);
    free(got);
    json_decref(wanted_services);
    json_decref(wanted_routes);
    json_decref(whole);
    json_decref(now);
    json_decref(then);
}

#define BEFORE                                                                                     \
    LINE("", S("a", E("n/1", "consul") "," E("x", "docker")) "," S("b", E("n/2", "consul")),       \
         R("n/1", "/one") "," R("x", "/x"))

static void test_what_an_unread_source_had_stays(void **state)
{
    (void)state;
    expect(LINE("\"consul\"", S("a", E("y", "docker")), R("y", "/y")), BEFORE,
           "[" S("a", E("n/1", "consul") "," E("y", "docker")) "," S("b", E("n/2", "consul")) "]",
           "[" R("y", "/y") "," R("n/1", "/one") "]");
}

static void test_certificates_stay_as_routes_do(void **state)
{
    (void)state;
    json_t *now = json_loads(LINE("\"consul\"", S("a", E("y", "docker")), ""), 0, NULL);
    json_t *then = json_loads(BEFORE, 0, NULL);
    struct text of_now = TEXT_INIT, of_then = TEXT_INIT;
    text_append_char(&of_now, '[');
    text_appendf(&of_now, WISH, "y.test", "y");
    text_append_char(&of_now, ']');
    text_append_char(&of_then, '[');
    text_appendf(&of_then, WISH, "one.test", "n/1");
    text_append_char(&of_then, ',');
    text_appendf(&of_then, WISH, "x.test", "x");
    text_append_char(&of_then, ']');
    json_object_set_new(now, "certificates", json_loads(text_str(&of_now), 0, NULL));
    json_object_set_new(then, "certificates", json_loads(text_str(&of_then), 0, NULL));
    json_t *whole = unread_complete(now, then);
    char *got = json_dumps(json_object_get(whole, "certificates"), JSON_COMPACT);
    assert_string_equal(got, "[{\"names\":[\"y.test\"],\"container\":\"y\"},"
                             "{\"names\":[\"one.test\"],\"container\":\"n/1\"}]");
    free(got);
    json_decref(whole);
    json_decref(now);
    json_decref(then);
    text_fini(&of_now);
    text_fini(&of_then);
}

/* One that was read in part: what it says counts, and what it does not say yet stays. */
static void test_what_it_says_counts(void **state)
{
    (void)state;
    expect(LINE("\"consul\"", S("c", E("n/1", "consul")), R("n/1", "/new")), BEFORE,
           "[" S("b", E("n/2", "consul")) "," S("c", E("n/1", "consul")) "]",
           "[" R("n/1", "/new") "]");
}

/* A task of a swarm is a container of Docker's, too, and the swarm knows more of it. */
static void test_of_the_same_server_the_source_counts_that_comes_first(void **state)
{
    const char *told = LINE("", S("shop", PORT("c:80", "c", "swarm")), R("c", "/of-swarm"));
    (void)state;
    expect(LINE("\"swarm\"", S("c", PORT("c:80", "c", "docker")), R("c", "/of-docker")), told,
           "[" S("shop", PORT("c:80", "c", "swarm")) "]", "[" R("c", "/of-swarm") "]");
    told = LINE("", S("shop", PORT("c:80", "c", "consul")), R("c", "/of-consul"));
    expect(LINE("\"consul\"", S("c", PORT("c:80", "c", "docker")), R("c", "/of-docker")), told,
           "[" S("c", PORT("c:80", "c", "docker")) "]", "[" R("c", "/of-docker") "]");
}

static void expect_nothing(const char *line, const char *before)
{
    json_t *now = json_loads(line, JSON_DECODE_ANY, NULL), *then = json_loads(before, 0, NULL);
    assert_null(unread_complete(now, then));
    json_decref(now);
    json_decref(then);
}

static void test_there_may_be_nothing_to_keep(void **state)
{
    (void)state;
    expect_nothing(LINE("", "", ""), BEFORE);
    expect_nothing(LINE("\"consul\"", "", ""), "");
    expect_nothing("7", BEFORE);
    expect_nothing("{\"unread\":7,\"services\":[]}", BEFORE);
    expect_nothing("{\"unread\":[\"consul\"],\"services\":[7]}", BEFORE);
    expect_nothing("{\"unread\":[\"consul\"],\"services\":[],\"routes\":7}", BEFORE);
}

/* As a reader of lines has it: the first without the one, then with it, and again without. */
static void test_the_pool_keeps_them_from_line_to_line(void **state)
{
#define SERVER(id, source)                                                                         \
    "{\"id\":\"" id "\",\"name\":\"" id "\",\"source\":\"" source                                  \
    "\",\"address\":\"10.0.0.1\",\"port\":80,\"weight\":1,\"state\":\"ready\"}"
    struct membership membership;
    struct text problem = TEXT_INIT;
    static const struct {
        const char *line;
        unsigned count;
    } lines[] = {
        {LINE("\"consul\"", S("app", SERVER("d1", "docker")), ""), 1},
        {LINE("", S("app", SERVER("d1", "docker") "," SERVER("n/1", "consul")), ""), 2},
        {LINE("\"consul\"", S("app", SERVER("d1", "docker")), ""), 2},
        {LINE("\"consul\"", S("app", SERVER("d2", "docker") "," SERVER("d3", "docker")), ""), 3},
        {LINE("\"consul\"", S("app", SERVER("d3", "docker")), ""), 2},
        {LINE("", S("app", SERVER("d3", "docker")), ""), 1},
    };
    (void)state;
    membership_init(&membership, "app");
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        enum membership_news news =
            membership_read_line(&membership, view_str(lines[i].line), &problem);
        if (news != MEMBERSHIP_CHANGED)
            fail_msg("line %zu: %s", i, text_str(&problem));
        assert_int_equal(membership.wanted.endpoint_count, lines[i].count);
    }
    membership_fini(&membership);
    text_fini(&problem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_an_unread_source_had_stays),
        cmocka_unit_test(test_what_it_says_counts),
        cmocka_unit_test(test_certificates_stay_as_routes_do),
        cmocka_unit_test(test_of_the_same_server_the_source_counts_that_comes_first),
        cmocka_unit_test(test_there_may_be_nothing_to_keep),
        cmocka_unit_test(test_the_pool_keeps_them_from_line_to_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
