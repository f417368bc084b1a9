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

#define OPTION(middleware, options)                                                                \
    ROUTES(WITH(middleware), "host=a rank=9 " options "> Test@docker:80")
#define TOLD_OPTION(middleware, options, remark)                                                   \
    TOLD(WITH(middleware), "host=a rank=9 " options "> Test@docker:80", remark)
#define REFUSED(middleware, status, remark)                                                        \
    TOLD(WITH(middleware), "host=a rank=9 > " status, remark)

/* Another option of m; another middleware. */
#define ALSO              "\n" MIDDLEWARE "m."
#define THEN(middlewares) ROUTER "r.rule=Host(`a`)\n" ROUTER "r.middlewares=" middlewares "\n"
#define M(text)           MIDDLEWARE text "\n"

static void T70_redirect_scheme(void **state)
{
    (void)state;
    OPTION("redirectscheme.scheme=https", "redirect=302 https ");
    OPTION("redirectscheme.scheme=HTTPS" ALSO "redirectscheme.permanent=true" ALSO
           "redirectscheme.port=443",
           "redirect=301 https ");
    OPTION("redirectscheme.scheme=https" ALSO "redirectscheme.port=8443",
           "redirect=302 https:8443 ");
    OPTION("redirectscheme.scheme=http" ALSO "redirectscheme.port=80", "redirect=302 http ");
    REFUSED("redirectscheme.scheme=ws", "404", "the scheme https or http");
    REFUSED("redirectscheme.permanent=true", "404", "the scheme https or http");
    REFUSED("redirectscheme.scheme=https" ALSO "redirectscheme.port=no", "404", "1 to 65535");
    TOLD(THEN("s,m") M("s.addprefix.prefix=/b") M("m.redirectscheme.scheme=https"),
         "host=a rank=9 add=/b redirect=302 https > Test@docker:80", "as the client has sent it");
}

static void T71_redirect_regex(void **state)
{
    (void)state;
    OPTION("redirectregex.regex=^https?://www\\.(.+)" ALSO "redirectregex.replacement=https://${1}",
           "redirect=302 ~^https?://www\\.(.+) https://${1} ");
    OPTION("redirectregex.regex=^http://(?P<host>[^/]+)/(.*)$" ALSO
           "redirectregex.replacement=https://$host/$2?a=$$" ALSO "redirectregex.permanent=true",
           "redirect=301 ~^http://(?P<host>[^/]+)/(.*)$ https://${1}/${2}?a=$$ ");
    TOLD_OPTION("redirectregex.regex=www\\." ALSO "redirectregex.replacement=ww.",
                "redirect=302 ~www\\. ww. ", "replaced once");
    REFUSED("redirectregex.replacement=x", "404", "a regex, and a replacement");
    TOLD(THEN("s,m") M("s.addprefix.prefix=/b") M("m.redirectregex.regex=^(.*)$")
             M("m.redirectregex.replacement=https://b/$1"),
         "host=a rank=9 > 503", "before those that change the path");
    TOLD(THEN("m,n") M("m.redirectscheme.scheme=https") M("n.redirectregex.regex=^(.*)$")
             M("n.redirectregex.replacement=https://b/$1"),
         "host=a rank=9 > 503", "one redirect of a router");
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

/* As a path that is replaced by what is left of it. */
static void T73_strip_prefix_regex(void **state)
{
    (void)state;
    OPTION("stripprefixregex.regex=/foo/[a-z0-9]+",
           "replace-path=~^(?:(?:/foo/[a-z0-9]+))/?(.*)$ /${1} ");
    OPTION("stripprefixregex.regex[0]=/(a|b)/([(])" ALSO "stripprefixregex.regex[1]=/c",
           "replace-path=~^(?:(?:/(a|b)/([(]))|(?:/c))/?(.*)$ /${3} ");
    REFUSED("stripprefixregex=true", "404", "a list of regexes");
    TOLD(THEN("m,s") M("m.stripprefixregex.regex=/a") M("s.stripprefix.prefixes=/b"),
         "host=a rank=9 > 503", "behind one that replaces paths by a regex");
    ROUTES(THEN("m,s") M("m.stripprefixregex.regex=/a") M("s.addprefix.prefix=/b"),
           "host=a rank=9 add=/b replace-path=~^(?:(?:/a))/?(.*)$ /${1} > Test@docker:80");
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
    OPTION("replacepath.path=/x", "replace-path=/x ");
    OPTION("replacepath.path=x", "replace-path=/x ");
    REFUSED("replacepath=true", "404", "has no path");
    OPTION("replacepathregex.regex=^/foo/(.*)" ALSO "replacepathregex.replacement=/bar/$1",
           "replace-path=~^/foo/(.*) /bar/${1} ");
    TOLD_OPTION("replacepathregex.regex=_" ALSO "replacepathregex.replacement=-",
                "replace-path=~_ - ", "replaced once");
    REFUSED("replacepathregex.replacement=/x", "404", "a regex, and a replacement");
}

/* What others make of a path that is known is known, too. */
static void test_path_is_changed_in_the_order_of_the_router(void **state)
{
    (void)state;
    ROUTES(THEN("m,s,p") M("m.replacepath.path=/b/c") M("s.stripprefix.prefixes=/x,/b")
               M("p.addprefix.prefix=/d"),
           "host=a rank=9 replace-path=/d/c > Test@docker:80");
    ROUTES(THEN("s,p,m") M("m.replacepath.path=/c") M("s.stripprefix.prefixes=/b")
               M("p.addprefix.prefix=/d"),
           "host=a rank=9 replace-path=/c > Test@docker:80");
    ROUTES(THEN("m,s") M("m.replacepath.path=/c") M("s.stripprefix.prefixes=/x"),
           "host=a rank=9 replace-path=/c > Test@docker:80");
    TOLD(THEN("s,m") M("m.replacepathregex.regex=^/foo/(.*)")
             M("m.replacepathregex.replacement=/bar/$1") M("s.stripprefix.prefixes=/b"),
         "host=a rank=9 > 503", "the first of those that change them");
}

static void T76_headers(void **state)
{
    (void)state;
    OPTION("headers.customrequestheaders.X-Real-User=b" ALSO "headers.customrequestheaders.x-a=",
           "request-headers=remove X-A | set X-Real-User: b ");
    OPTION("headers.customresponseheaders.server=" ALSO "headers.customrequestheaders.a=b",
           "request-headers=set A: b response-headers=remove Server ");
    OPTION("headers.framedeny=true" ALSO "headers.contenttypenosniff=true" ALSO
           "headers.browserxssfilter=true" ALSO "headers.referrerpolicy=same-origin",
           "response-headers=set X-Frame-Options: DENY | set X-Content-Type-Options: nosniff | "
           "set X-XSS-Protection: 1; mode=block | set Referrer-Policy: same-origin ");
    OPTION("headers.framedeny=false" ALSO "headers.customframeoptionsvalue=SAMEORIGIN" ALSO
           "headers.contentsecuritypolicy=default-src 'self'; img-src *" ALSO
           "headers.permissionspolicy=camera=()",
           "response-headers=set X-Frame-Options: SAMEORIGIN | set Content-Security-Policy: "
           "default-src 'self'; img-src * | set Permissions-Policy: camera=() ");
    REFUSED("headers.allowedhosts=a", "503", "allowedhosts is not supported");
    REFUSED("headers.customrequestheaders.x-a=b|c", "503", "a | in it");
    TOLD_OPTION("headers.isdevelopment=true", "", "headers.isdevelopment is not supported");
}

/* Browsers take it by TLS alone. */
static void T76_transport_security(void **state)
{
    (void)state;
    OPTION("headers.stsseconds=1", "hsts=max-age=1 ");
    OPTION("headers.stsseconds=0", "");
    OPTION("headers.stsseconds=31536000" ALSO "headers.stsincludesubdomains=true" ALSO
           "headers.stspreload=true" ALSO "headers.forcestsheader=true",
           "response-headers=set Strict-Transport-Security: max-age=31536000; includeSubDomains; "
           "preload ");
}

static void T76_other_sites(void **state)
{
    (void)state;
    OPTION("headers.accesscontrolalloworiginlist=https://b.test" ALSO
           "headers.accesscontrolallowcredentials=true" ALSO
           "headers.accesscontrolexposeheaders=X-A, X-B",
           "response-headers=set Access-Control-Allow-Origin: https://b.test | "
           "set Access-Control-Allow-Credentials: true | "
           "set Access-Control-Expose-Headers: X-A,X-B ");
    TOLD_OPTION("headers.accesscontrolalloworiginlist=*" ALSO
                "headers.accesscontrolallowmethods=GET,PUT" ALSO
                "headers.accesscontrolallowheaders=X-A" ALSO "headers.accesscontrolmaxage=100",
                "response-headers=set Access-Control-Allow-Origin: * | "
                "set Access-Control-Allow-Headers: X-A | "
                "set Access-Control-Allow-Methods: GET,PUT | set Access-Control-Max-Age: 100 ",
                "preflight requests (OPTIONS) are answered by the backend");
    TOLD_OPTION("headers.accesscontrolalloworiginlist=https://b.test,https://c.test", "",
                "one origin in");
    TOLD_OPTION("headers.accesscontrolalloworiginlistregex=.*", "", "one origin in");
}

static void test_headers_are_joined(void **state)
{
    (void)state;
    ROUTES(THEN("m,n") M("m.headers.customrequestheaders.a=b") M("m.headers.framedeny=true")
               M("n.headers.customrequestheaders.c=d"),
           "host=a rank=9 request-headers=set A: b | set C: d "
           "response-headers=set X-Frame-Options: DENY > Test@docker:80");
}

#define APR1 "$apr1$H6uskkkW$IgXLP6ewTrSuBkTrqE8wj/"

static void T77_basic_auth(void **state)
{
    (void)state;
    OPTION("basicauth.users=a:" APR1, "auth=a:" APR1 " auth-realm=traefik auth-keep=true ");
    OPTION("basicauth.users=a:" APR1 ", b:" APR1 ALSO "basicauth.realm=Mine" ALSO
           "basicauth.removeheader=true" ALSO "basicauth.headerfield=X-User",
           "auth=a:" APR1 ",b:" APR1 " auth-realm=Mine auth-header=X-User ");
    OPTION("basicauth.usersfile=mine", "auth-file=mine auth-realm=traefik auth-keep=true ");
    REFUSED("basicauth.usersfile=/users/mine", "503", "the name, without a path");
    REFUSED("basicauth.usersfile=mine" ALSO "basicauth.users=a:" APR1, "503",
            "either users or usersfile");
    REFUSED("basicauth=true", "503", "nothing is served without it");
    TOLD(THEN("m,n") M("m.basicauth.users=a:" APR1) M("n.basicauth.users=b:" APR1),
         "host=a rank=9 > 503", "one of a router is supported");
    REFUSED("basicauth.users=a:no-hash", "503", "answers 503: the middleware m: auth ");
    check_refused("digestauth.users=a:b", "digestauth");
    TOLD(WITH("addprefix.prefix=/x\n" MIDDLEWARE "m.basicauth.users=a:b"), "host=a rank=9 > 503",
         "two types");
}

static void T78_rate_limit(void **state)
{
    (void)state;
    OPTION("ratelimit.average=100", "rate=100/1s burst 1 ");
    OPTION("ratelimit.average=100" ALSO "ratelimit.burst=50", "rate=100/1s burst 50 ");
    OPTION("ratelimit.average=6" ALSO "ratelimit.period=1m30s" ALSO "ratelimit.burst=2",
           "rate=6/90s burst 2 ");
    OPTION("ratelimit.average=6" ALSO "ratelimit.period=10", "rate=6/10s burst 1 ");
    OPTION("ratelimit.average=5" ALSO "ratelimit.period=500ms", "rate=10/1s burst 1 ");
    OPTION("ratelimit.average=0" ALSO "ratelimit.burst=5", "");
    OPTION("ratelimit.burst=5", "");
    TOLD_OPTION("ratelimit.average=1" ALSO "ratelimit.sourcecriterion.requesthost=true",
                "rate=1/1s burst 1 ", "the rate is that of each client's address");
    REFUSED("ratelimit.average=1" ALSO "ratelimit.period=48h", "503", "a period of up to 24h");
    REFUSED("ratelimit.average=-1", "503", "an average and a burst");
    REFUSED("ratelimit.average=1" ALSO "ratelimit.period=soon", "503", "a period of up to 24h");
    REFUSED("ratelimit.average=9999999", "503", "of up to 1000000 requests");
    TOLD(THEN("m,n") M("m.ratelimit.average=1") M("n.ratelimit.average=2"), "host=a rank=9 > 503",
         "one rate of a router");
    ROUTES(THEN("m,n") M("m.ratelimit.average=1") M("n.ratelimit.average=1"),
           "host=a rank=9 rate=1/1s burst 1 > Test@docker:80");
}

static void T79_requests_in_flight(void **state)
{
    (void)state;
    check_passed_by("inflightreq.amount=1", "inflightreq");
    TOLD_OPTION("inflightreq.amount=1", "", "lb.max-inflight limits");
}

static void T80_compress(void **state)
{
    (void)state;
    check_passed_by("compress=true", "compress");
    TOLD_OPTION("compress=true", "", "lb does not compress");
}

static void T81_ip_allow_list(void **state)
{
    (void)state;
    OPTION("ipallowlist.sourcerange=10.0.0.7/8, ::1", "allow=10.0.0.0/8, ::1/128 ");
    OPTION("ipwhitelist.sourcerange=10.0.0.0/8", "allow=10.0.0.0/8 ");
    REFUSED("ipallowlist.sourcerange=10.0.0.0/8" ALSO "ipallowlist.ipstrategy.depth=1", "503",
            "ipStrategy");
    REFUSED("ipallowlist.sourcerange=10.0.0.0/8,nonsense", "503", "ranges");
    REFUSED("ipallowlist=true", "503", "ranges");
    TOLD(THEN("m,n") M("m.ipallowlist.sourcerange=10.0.0.0/8")
             M("n.ipallowlist.sourcerange=10.0.0.0/9"),
         "host=a rank=9 > 503", "one list");
    TOLD_OPTION("ipallowlist.sourcerange=10.0.0.0/8" ALSO "ipallowlist.rejectstatuscode=404",
                "allow=10.0.0.0/8 ", "rejectstatuscode is always 403");
}

static void T82_retry(void **state)
{
    (void)state;
    OPTION("retry.attempts=2", "retries=1 ");
    OPTION("retry.attempts=1", "retries=0 ");
    TOLD_OPTION("retry.attempts=20", "retries=7 ", "8 attempts are the most");
    TOLD_OPTION("retry.attempts=2" ALSO "retry.initialinterval=100ms", "retries=1 ",
                "retry.initialinterval is not supported");
    REFUSED("retry=true", "404", "attempts from 1 on");
    TOLD(THEN("m,n") M("m.retry.attempts=2") M("n.retry.attempts=3"),
         "host=a rank=9 retries=1 > Test@docker:80", "an earlier one's");
}

static void T83_circuit_breaker(void **state)
{
    (void)state;
    check_passed_by("circuitbreaker.expression=x", "circuitbreaker");
}

static void T84_buffering(void **state)
{
    (void)state;
    OPTION("buffering.maxrequestbodybytes=2000000", "max-body=2000000 ");
    OPTION("buffering.maxrequestbodybytes=0", "");
    TOLD_OPTION("buffering.memrequestbodybytes=1", "",
                "buffering.memrequestbodybytes is not supported");
    REFUSED("buffering.maxrequestbodybytes=2m", "404", "a number of bytes");
    ROUTES(THEN("m,n") M("m.buffering.maxrequestbodybytes=9")
               M("n.buffering.maxrequestbodybytes=10"),
           "host=a rank=9 max-body=9 > Test@docker:80");
    ROUTES(THEN("m,n") M("m.buffering.maxrequestbodybytes=10")
               M("n.buffering.maxrequestbodybytes=9"),
           "host=a rank=9 max-body=9 > Test@docker:80");
}

static void T85_chain(void **state)
{
    (void)state;
    ROUTES(WITH("chain.middlewares=x,y\n" MIDDLEWARE "x.stripprefix.prefixes=/b\n" MIDDLEWARE
                "y.addprefix.prefix=/c"),
           "host=a path_start=/b rank=9 strip=/b add=/c > Test@docker:80\n"
           "host=a rank=9 add=/c > Test@docker:80");
    TOLD(WITH("chain.middlewares=m"), "host=a rank=9 > 404", "too long");
    TOLD(WITH("chain.middlewares=x\n" MIDDLEWARE "x.digestauth.users=a:b"), "host=a rank=9 > 503",
         "digestauth");
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
        cmocka_unit_test(test_path_is_changed_in_the_order_of_the_router),
        cmocka_unit_test(T76_headers),
        cmocka_unit_test(T76_transport_security),
        cmocka_unit_test(T76_other_sites),
        cmocka_unit_test(test_headers_are_joined),
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
