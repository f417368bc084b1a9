/* Each test is a row of the table of Traefik's middlewares, and is called as the row is. */
#include "tests/unit/discovery/dialect/traefik_given.h"

#define WITH(middleware)                                                                           \
    ROUTER "r.rule=Host(`a`)\n" ROUTER "r.middlewares=m\n" MIDDLEWARE "m." middleware

/* What a router with the middleware `m` answers, and that the remark names the type. */
static void check_told(const char *option, const char *type, const char *outcome, const char *why)
{
    char text[256], remark[128], expected[128];
    snprintf(text, sizeof(text), WITH("%s"), option);
    snprintf(remark, sizeof(remark), "(%s) is not supported%s", type, why);
    snprintf(expected, sizeof(expected), "host=a rank=9 > %s", outcome);
    TOLD(text, expected, remark);
}

/* It is served without what the middleware would do. */
static void check_passed_by(const char *option, const char *type)
{
    check_told(option, type, "Test@docker:80", "");
}

/* Nothing is served without it. */
static void check_refused(const char *option, const char *type)
{
    check_told(option, type, "503", ", and nothing is served without it");
}

static void T70_redirect_scheme(void **state)
{
    (void)state;
    check_refused("redirectscheme.scheme=https", "redirectscheme");
}

static void T71_redirect_regex(void **state)
{
    (void)state;
    check_refused("redirectregex.regex=x", "redirectregex");
}

static void T72_strip_prefix(void **state)
{
    (void)state;
    ROUTES(ROUTER "r.rule=PathPrefix(`/api`)\n" ROUTER "r.middlewares=m\n" MIDDLEWARE
                  "m.stripprefix.prefixes=/api",
           "path_start=/api rank=18 strip=/api > Test@docker:80");
    ROUTES(ROUTER "r.rule=PathPrefix(`/api`)\n" ROUTER "r.middlewares=m@docker\n" MIDDLEWARE
                  "m.stripprefix.prefixes=/x,/api",
           "path_start=/api rank=18 strip=/api > Test@docker:80");
    ROUTES(WITH("stripprefix.prefixes=/b"),
           "host=a path_start=/b rank=9 strip=/b > Test@docker:80\nhost=a rank=9 > Test@docker:80");
    ROUTES(WITH("stripprefix.prefixes[0]=/b\n" MIDDLEWARE "m.stripprefix.prefixes[1]=/bc"),
           "host=a path_start=/b rank=9 strip=/b > Test@docker:80\n"
           "host=a path_start=/bc not path_start=/b rank=9 strip=/bc > Test@docker:80\n"
           "host=a rank=9 > Test@docker:80");
    ROUTES(ROUTER "r.rule=PathRegexp(`x`)\n" ROUTER "r.middlewares=m\n" MIDDLEWARE
                  "m.stripprefix.prefixes=/b",
           "path_regex=x path_start=/b rank=15 strip=/b > Test@docker:80\n"
           "path_regex=x rank=15 > Test@docker:80");
    ROUTES(ROUTER "r.rule=Path(`/x`)\n" ROUTER "r.middlewares=m\n" MIDDLEWARE
                  "m.stripprefix.prefixes=/b",
           "path_exact=/x rank=10 > Test@docker:80");
    TOLD(WITH("stripprefix=true"), "host=a rank=9 > 404", "up to 16 prefixes");
}

static void T73_strip_prefix_regex(void **state)
{
    (void)state;
    check_passed_by("stripprefixregex.regex=/x", "stripprefixregex");
}

static void T74_add_prefix(void **state)
{
    (void)state;
    ROUTES(WITH("addprefix.prefix=/foo"), "host=a rank=9 add=/foo > Test@docker:80");
    ROUTES(WITH("addprefix.prefix=foo/"), "host=a rank=9 add=/foo > Test@docker:80");
    TOLD(WITH("addprefix.prefix="), "host=a rank=9 > 404", "has no prefix");
    ROUTES(ROUTER "r.rule=PathPrefix(`/b`)\n" ROUTER "r.middlewares=s,m,n\n" MIDDLEWARE
                  "s.stripprefix.prefixes=/b\n" MIDDLEWARE "m.addprefix.prefix=/x\n" MIDDLEWARE
                  "n.addprefix.prefix=/y",
           "path_start=/b rank=16 strip=/b add=/y/x > Test@docker:80");
    TOLD(ROUTER "r.rule=PathPrefix(`/b`)\n" ROUTER "r.middlewares=m,s\n" MIDDLEWARE
                "s.stripprefix.prefixes=/b\n" MIDDLEWARE "m.addprefix.prefix=/x",
         "path_start=/b rank=16 > 404", "before addPrefix");
}

static void T75_replace_path(void **state)
{
    (void)state;
    check_passed_by("replacepath.path=/x", "replacepath");
    check_passed_by("replacepathregex.regex=/x", "replacepathregex");
}

static void T76_headers(void **state)
{
    (void)state;
    check_passed_by("headers.customrequestheaders.X-A=b", "headers");
    check_passed_by("headers.stsseconds=1", "headers");
}

static void T77_basic_auth(void **state)
{
    (void)state;
    check_refused("basicauth.users=a:b", "basicauth");
    check_refused("basicauth.usersfile=/x", "basicauth");
    check_refused("digestauth.users=a:b", "digestauth");
    TOLD(WITH("addprefix.prefix=/x\n" MIDDLEWARE "m.basicauth.users=a:b"), "host=a rank=9 > 503",
         "two types");
}

static void T78_rate_limit(void **state)
{
    (void)state;
    check_passed_by("ratelimit.average=1", "ratelimit");
}

static void T79_requests_in_flight(void **state)
{
    (void)state;
    check_passed_by("inflightreq.amount=1", "inflightreq");
}

static void T80_compress(void **state)
{
    (void)state;
    check_passed_by("compress=true", "compress");
}

static void T81_ip_allow_list(void **state)
{
    (void)state;
    ROUTES(WITH("ipallowlist.sourcerange=10.0.0.7/8, ::1"),
           "host=a client=10.0.0.0/8 rank=9 > Test@docker:80\n"
           "host=a client=::1/128 rank=9 > Test@docker:80\n"
           "host=a rank=9 > 403");
    ROUTES(WITH("ipwhitelist.sourcerange=10.0.0.0/8"),
           "host=a client=10.0.0.0/8 rank=9 > Test@docker:80\nhost=a rank=9 > 403");
    TOLD(WITH("ipallowlist.sourcerange=10.0.0.0/8\n" MIDDLEWARE "m.ipallowlist.ipstrategy.depth=1"),
         "host=a rank=9 > 503", "ipStrategy");
    TOLD(WITH("ipallowlist.sourcerange=10.0.0.0/8,nonsense"), "host=a rank=9 > 503", "ranges");
    TOLD(WITH("ipallowlist=true"), "host=a rank=9 > 503", "ranges");
}

static void T82_retry(void **state)
{
    (void)state;
    check_passed_by("retry.attempts=2", "retry");
}

static void T83_circuit_breaker(void **state)
{
    (void)state;
    check_passed_by("circuitbreaker.expression=x", "circuitbreaker");
}

static void T84_buffering(void **state)
{
    (void)state;
    check_passed_by("buffering.maxrequestbodybytes=1", "buffering");
}

static void T85_chain(void **state)
{
    (void)state;
    ROUTES(WITH("chain.middlewares=x,y\n" MIDDLEWARE "x.stripprefix.prefixes=/b\n" MIDDLEWARE
                "y.addprefix.prefix=/c"),
           "host=a path_start=/b rank=9 strip=/b add=/c > Test@docker:80\n"
           "host=a rank=9 add=/c > Test@docker:80");
    TOLD(WITH("chain.middlewares=m"), "host=a rank=9 > 404", "too long");
    TOLD(WITH("chain.middlewares=x\n" MIDDLEWARE "x.basicauth.users=a:b"), "host=a rank=9 > 503",
         "basicauth");
}

static void T86_forward_auth(void **state)
{
    (void)state;
    check_refused("forwardauth.address=http://x", "forwardauth");
}

static void test_plugins_may_be_protections(void **state)
{
    (void)state;
    check_refused("plugin.mine.x=1", "plugin");
}

static void T87_middleware_that_is_not_defined(void **state)
{
    (void)state;
    TOLD(ROUTER "r.rule=Host(`a`)\n" ROUTER "r.middlewares=nope", "host=a rank=9 > 404",
         "no label of a container defines the middleware nope");
    TOLD(ROUTER "r.rule=Host(`a`)\n" ROUTER "r.middlewares=auth@file", "host=a rank=9 > 404",
         "auth@file");
    TOLD(ROUTER "r.rule=Host(`a`) || Host(`b`)\n" ROUTER "r.middlewares=nope",
         "host=a rank=22 > 404\nhost=b rank=22 > 404", "nope");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(T70_redirect_scheme),
        cmocka_unit_test(T71_redirect_regex),
        cmocka_unit_test(T72_strip_prefix),
        cmocka_unit_test(T73_strip_prefix_regex),
        cmocka_unit_test(T74_add_prefix),
        cmocka_unit_test(T75_replace_path),
        cmocka_unit_test(T76_headers),
        cmocka_unit_test(T77_basic_auth),
        cmocka_unit_test(T78_rate_limit),
        cmocka_unit_test(T79_requests_in_flight),
        cmocka_unit_test(T80_compress),
        cmocka_unit_test(T81_ip_allow_list),
        cmocka_unit_test(T82_retry),
        cmocka_unit_test(T83_circuit_breaker),
        cmocka_unit_test(T84_buffering),
        cmocka_unit_test(T85_chain),
        cmocka_unit_test(T86_forward_auth),
        cmocka_unit_test(test_plugins_may_be_protections),
        cmocka_unit_test(T87_middleware_that_is_not_defined),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
