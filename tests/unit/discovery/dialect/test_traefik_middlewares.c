/* Each test is a row of the table of Traefik's middlewares, and is called as the row is. */
#include "tests/unit/discovery/dialect/traefik_given.h"

#define WITH(middleware)                                                                           \
    ROUTER "r.rule=Host(`a`)\n" ROUTER "r.middlewares=m\n" MIDDLEWARE "m." middleware

static void T70_T71_redirects_are_not_passed_by(void **state)
{
    (void)state;
    TOLD(WITH("redirectscheme.scheme=https"), "host=a rank=9 > 503", "redirectscheme");
    TOLD(WITH("redirectregex.regex=x"), "host=a rank=9 > 503", "redirectregex");
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

static void T73_T75_paths_that_are_not_changed_are_told(void **state)
{
    (void)state;
    TOLD(WITH("stripprefixregex.regex=/x"), "host=a rank=9 > Test@docker:80", "stripprefixregex");
    TOLD(WITH("replacepath.path=/x"), "host=a rank=9 > Test@docker:80", "replacepath");
    TOLD(WITH("replacepathregex.regex=/x"), "host=a rank=9 > Test@docker:80", "replacepathregex");
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

static void T76_T78_T79_T80_T82_T83_T84_what_is_not_supported_is_told(void **state)
{
    static const char *const middlewares[] = {
        "headers.customrequestheaders.X-A=b",
        "ratelimit.average=1",
        "inflightreq.amount=1",
        "compress=true",
        "retry.attempts=2",
        "circuitbreaker.expression=x",
        "buffering.maxrequestbodybytes=1",
    };
    (void)state;
    for (size_t i = 0; i < COUNT(middlewares); i++) {
        char text[256];
        snprintf(text, sizeof(text), WITH("%s"), middlewares[i]);
        TOLD(text, "host=a rank=9 > Test@docker:80", "is not supported");
    }
}

static void T77_T86_nothing_is_served_without_its_protection(void **state)
{
    static const char *const middlewares[] = {"basicauth.users=a:b", "basicauth.usersfile=/x",
                                              "digestauth.users=a:b",
                                              "forwardauth.address=http://x", "plugin.mine.x=1"};
    (void)state;
    for (size_t i = 0; i < COUNT(middlewares); i++) {
        char text[256];
        snprintf(text, sizeof(text), WITH("%s"), middlewares[i]);
        TOLD(text, "host=a rank=9 > 503", "nothing is served without it");
    }
    TOLD(WITH("addprefix.prefix=/x\n" MIDDLEWARE "m.basicauth.users=a:b"), "host=a rank=9 > 503",
         "two types");
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
        cmocka_unit_test(T70_T71_redirects_are_not_passed_by),
        cmocka_unit_test(T72_strip_prefix),
        cmocka_unit_test(T73_T75_paths_that_are_not_changed_are_told),
        cmocka_unit_test(T74_add_prefix),
        cmocka_unit_test(T76_T78_T79_T80_T82_T83_T84_what_is_not_supported_is_told),
        cmocka_unit_test(T77_T86_nothing_is_served_without_its_protection),
        cmocka_unit_test(T81_ip_allow_list),
        cmocka_unit_test(T85_chain),
        cmocka_unit_test(T87_middleware_that_is_not_defined),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
