/* Where redirects send requests. */
#include "lb/contract/route_check.h"
#include "lb/route/relocation.h"

#include "tests/unit/route/table_case.h"

struct row {
    const char *redirect, *scheme, *host, *target;
    const char *location; /* NULL: see `way` */
    enum relocation_way way;
};

#define TO(redirect, host, target, location)                                                       \
    {                                                                                              \
        redirect, "http", host, target, location, RELOCATION_MADE                                  \
    }
#define NOT(redirect, host, target, way)                                                           \
    {                                                                                              \
        redirect, "http", host, target, NULL, RELOCATION_##way                                     \
    }
#define STAYS(redirect, scheme, host, target)                                                      \
    {                                                                                              \
        redirect, scheme, host, target, NULL, RELOCATION_NONE                                      \
    }

static const struct row rows[] = {
    /* schemes and ports */
    TO("https", "a.test", "/x?y=z", "https://a.test/x?y=z"),
    TO("https", "a.test:8080", "/", "https://a.test/"),
    TO("https:8443", "a.test:8080", "/", "https://a.test:8443/"),
    TO("https:8443", "[fd00::1]:8080", "/", "https://[fd00::1]:8443/"),
    TO("https", "[fd00::1]", "/", "https://[fd00::1]/"),
    STAYS("https", "https", "a.test", "/"),
    STAYS("https:8443", "https", "a.test", "/"),
    STAYS("http", "http", "a.test", "/"),
    STAYS("https", "http", "a.test", "/.well-known/acme-challenge/token"),
    STAYS("https", "http", "a.test", "/.well-known/acme-challenge/to-k_en?x=/.."),
    /* what a backend may take for another path is not let by */
    TO("https", "a.test", "/.well-known/acme-challenge/../x",
       "https://a.test/.well-known/acme-challenge/../x"),
    TO("https", "a.test", "/.well-known/acme-challenge/%2e%2e/x",
       "https://a.test/.well-known/acme-challenge/%2e%2e/x"),
    TO("https", "a.test", "/.well-known/acme-challenges",
       "https://a.test/.well-known/acme-challenges"),
    STAYS("https", "http", "a.test", "*"),
    /* hosts and paths */
    TO("https://b.test", "a.test", "/x?y", "https://b.test/x?y"),
    TO("https://b.test/", "a.test", "/x?y", "https://b.test/?y"),
    TO("https://b.test/z?w", "a.test", "/x?y", "https://b.test/z?w"),
    TO("/z", "a.test", "/x?y", "/z?y"),
    TO("https://b.test", "a.test", "//evil.test", "https://b.test//evil.test"),
    STAYS("/z", "http", "a.test", "/z"),
    STAYS("/z?w", "http", "a.test", "/z?w"),
    STAYS("http://a.test", "http", "a.test", "/x?y"),
    STAYS("http://A.test", "http", "a.TEST:80", "/x?y"),
    STAYS("https://a.test:443", "https", "a.test", "/x"),
    TO("https://a.test:8443", "a.test", "/x", "https://a.test:8443/x"),
    TO("http://www.a.test", "a.test", "/x", "http://www.a.test/x"),
    /* regexes */
    TO("~^http://(.*) https://$1", "a.test:80", "/x?y", "https://a.test:80/x?y"),
    TO("~^http://a\\.test/(\\w+)/(\\d+)$ https://b.test/${2}/$1?from=$$", "a.test", "/x/7",
       "https://b.test/7/x?from=$"),
    TO("~^http://www\\. http://", "www.a.test", "/x?y", "http://a.test/x?y"),
    TO("~/old /new", "a.test", "/old/x?y", "http://a.test/new/x?y"),
    TO("~^https?://[^/]+/go/(.*)$ /went/$1", "a.test", "/go/x", "/went/x"),
    TO("~(x)|(y) z$2", "a.test", "/x", "http://a.test/z"),
    STAYS("~^https://(.*) https://$1", "https", "a.test", "/"),
    STAYS("~^http://a.test/(.*) http://a.test/$1#top", "http", "a.test", "/x"),
    STAYS("~^http://a.test/$ http://a.test", "http", "a.test", "/"),
    STAYS("~/nothing /new", "http", "a.test", "/x"),
    /* what strangers write names no host, no scheme and no line */
    NOT("~^http://a.test/go/(.*) https://$1", "a.test", "/go/evil.test/", UNSAFE),
    NOT("~^http://a.test/go/(.*) https://b.test$1", "a.test", "/go/.evil.test/", UNSAFE),
    NOT("~^http://a.test/go/(.*) https://b.test$1", "a.test", "/go/@evil.test/", UNSAFE),
    NOT("~^http://a.test/go/(.*) https://b.test$1", "a.test", "/go/:pass@evil.test/", UNSAFE),
    NOT("~^http://a.test/go/(.*) $1", "a.test", "/go/https://evil.test/", UNSAFE),
    NOT("~^http://a.test/go/(.*) $1", "a.test", "/go/javascript:alert(1)", UNSAFE),
    NOT("~^http://a.test/go/(.*) /$1", "a.test", "/go//evil.test/", UNSAFE),
    NOT("~^http://a.test/go/(.*) $1", "a.test", "/go///evil.test/", UNSAFE),
    NOT("~^http://a.test(.*) https:$1", "a.test", "//evil.test/", UNSAFE),
    NOT("~^http://a.test(.*) https:/$1", "a.test", "/evil.test/", UNSAFE),
    NOT("~^.*$ $0$0", "a.test", "", NONE),
    TO("~^http://a.test/go/(.*) /$1", "a.test", "/go/\\evil.test/", "/%5Cevil.test/"),
    TO("~^http://a.test(.*) https://b.test$1", "a.test", "/\"<\xC3\xA4>",
       "https://b.test/%22%3C%C3%A4%3E"),
    /* doubt */
    NOT("~/(a+)+$ /b", "a.test", "/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-", IN_DOUBT),
};

static void check(const struct row *row)
{
    const struct route_option option = {ROUTE_OPTION_REDIRECT, view_str(row->redirect)};
    const struct route route = {.service = VIEW("s"), .options = &option, .option_count = 1};
    const struct relocation of = {.scheme = view_str(row->scheme),
                                  .host = view_str(row->host),
                                  .target = view_str(row->target),
                                  .scratch = scratch};
    struct regexes regexes = {0};
    struct text problem = TEXT_INIT;
    struct view out = VIEW("");
    if (!route_check(&route, &problem))
        fail_msg("%s", text_str(&problem));
    struct rule_box *box = rule_box_new(&route, &regexes, NULL);
    char *room = malloc(relocation_bound(&of));
    enum relocation_way way = relocation_find(box->rule.treatment->redirect, &of, room, &out);
    if (way != row->way || (row->location && !view_eq(out, view_str(row->location))))
        fail_msg("%s of %s%s: %d %.*s", row->redirect, row->host, row->target, (int)way,
                 (int)out.len, out.ptr);
    free(room);
    rule_box_unref(box);
    regexes_fini(&regexes);
    text_fini(&problem);
}

static void test_where_requests_are_sent(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        check(&rows[i]);
}

static void test_what_is_too_long(void **state)
{
    static char target[RELOCATION_BYTES_MAX + 2];
    const struct row row = {"https", "http", "a.test", target, NULL, RELOCATION_TOO_LONG};
    (void)state;
    memset(target, '/', RELOCATION_BYTES_MAX);
    check(&row);
    memset(target, '|', RELOCATION_BYTES_MAX);
    target[0] = '/';
    check(&row);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_where_requests_are_sent),
        TEST(test_what_is_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
