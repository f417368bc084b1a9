/* Each test is a row of the table of fabio's tags, and is called as the row is. */
#include "discovery/dialect/fabio.h"

#include "discovery/listener_order.h"
#include "tests/unit/discovery/dialect/claims_text.h"

/* `remark`: words in what is told; NULL: nothing is. */
static void check_tag(const char *tag, const char *expected, const char *remark)
{
    struct claims claims = {0};
    fabio_read_tag(&claims, view_str(tag), 80, "SERVICE_80_TAGS");
    char *got = claims_text(&claims), *told = claims_take_remark(&claims);
    if (strcmp(got, expected) != 0)
        fail_msg("%s:\n%s\nexpected:\n%s\ntold: %s", tag, got, expected, told ? told : "nothing");
    if (!told != !remark || (told && remark && !strstr(told, remark)))
        fail_msg("%s: told: %s, expected: %s", tag, told ? told : "nothing",
                 remark ? remark : "nothing");
    free(got);
    free(told);
    claims_fini(&claims);
}

#define ROUTES(tag, expected)       check_tag(tag, expected, NULL)
#define TOLD(tag, expected, remark) check_tag(tag, expected, remark)

static void check_container(const char *environment, const char *exposed, const char *expected)
{
    json_t *e = json_loads(environment, 0, NULL), *x = json_loads(exposed, 0, NULL);
    struct statement said;
    statement_init(&said);
    fabio_read(&(struct statement_source){.environment = e, .exposed = x}, &said);
    char *got = claims_text(&said.claims);
    assert_string_equal(got, expected);
    free(got);
    statement_fini(&said);
    json_decref(e);
    json_decref(x);
}

static void F1_host_and_path(void **state)
{
    (void)state;
    ROUTES("urlprefix-WWW.x.com/", "host=www.x.com > www.x.com:80");
    ROUTES("urlprefix-x.com/Foo", "host=x.com path_start=/Foo > x.com/Foo:80");
    ROUTES("urlprefix-*.x.com/", "host=*.x.com > *.x.com:80");
    ROUTES("other", "");
    TOLD("urlprefix-x.com", "", "no / behind the host");
}

static void F2_path_alone(void **state)
{
    (void)state;
    ROUTES("urlprefix-/foo", "path_start=/foo > /foo:80");
    ROUTES("urlprefix-/", "> /:80");
}

static void F6_strip(void **state)
{
    (void)state;
    ROUTES("urlprefix-/foo strip=/foo", "path_start=/foo strip=/foo > /foo:80");
    TOLD("urlprefix-/foo strip=/bar", "path_start=/foo > /foo:80", "does not begin with it");
}

static void F7_prepend(void **state)
{
    (void)state;
    ROUTES("urlprefix-/foo prepend=/p", "path_start=/foo add=/p > /foo:80");
}

static void F8_https(void **state)
{
    (void)state;
    ROUTES("urlprefix-/foo proto=https", "path_start=/foo > /foo:80 https");
    ROUTES("urlprefix-/foo proto=https tlsskipverify=true", "path_start=/foo > /foo:80 https");
    TOLD("urlprefix-/foo proto=https tlsskipverify=x", "path_start=/foo > /foo:80 https",
         "tlsskipverify= takes true or false");
}

static void F9_grpc(void **state)
{
    (void)state;
    ROUTES("urlprefix-/foo proto=grpc", "path_start=/foo > /foo:80 h2c");
    TOLD("urlprefix-/foo proto=grpcs", "", "proto= is not supported");
}

/* Rules and servers as text: "tcp 3306 > :3306:80 tcp". */
static void check_stream(const char *tag, const char *expected, const char *remark)
{
    struct claims claims = {0};
    struct text got = TEXT_INIT;
    fabio_read_tag(&claims, view_str(tag), 80, "SERVICE_80_TAGS");
    char *told = claims_take_remark(&claims);
    for (size_t i = 0; i < claims.listener_count; i++) {
        listener_order_append_name(&claims.listeners[i].rule, &got);
        text_append_str(&got, " > ");
        text_append(&got, claims.listeners[i].rule.service);
        claims_text_servers(&got, &claims, claims.listeners[i].rule.service);
        claims_text_wishes(&got, &claims, claims.listeners[i].rule.service);
    }
    assert_string_equal(text_str(&got), expected);
    if (!told != !remark || (told && remark && !strstr(told, remark)))
        fail_msg("%s: told: %s, expected: %s", tag, told ? told : "nothing",
                 remark ? remark : "nothing");
    assert_true(claims.asks_listener);
    assert_false(claims.is_asked);
    free(told);
    text_fini(&got);
    claims_fini(&claims);
}

static void F10_connections(void **state)
{
    (void)state;
    check_stream("urlprefix-:3306 proto=tcp", "tcp 3306 > :3306:80 tcp", NULL);
    check_stream("urlprefix-:3306/ proto=tcp", "tcp 3306 > :3306:80 tcp", NULL);
    check_stream("urlprefix-:3306 proto=tcp pxyproto=true",
                 "tcp 3306 > :3306:80 tcp proxy-protocol=v1", NULL);
    check_stream("urlprefix-:3306 proto=tcp pxyproto=false", "tcp 3306 > :3306:80 tcp", NULL);
    check_stream("urlprefix-A.test/ proto=tcp+sni", "tcp 443 for a.test > a.test:443:80 tcp", NULL);
    check_stream("urlprefix-*.a.test:8443/ proto=tcp+sni",
                 "tcp 8443 for *.a.test > *.a.test:8443:80 tcp", NULL);
    check_stream("urlprefix-:3306 proto=tcp weight=0.5", "tcp 3306 > :3306:80 tcp",
                 "not supported for connections");
}

static void F10_connections_that_cannot_be_followed(void **state)
{
    (void)state;
    check_stream("urlprefix-a.test/ proto=tcp", "", "proto=tcp takes :PORT");
    check_stream("urlprefix-a.test:3306 proto=tcp", "", "proto=tcp takes :PORT");
    check_stream("urlprefix-/ proto=tcp", "", "proto=tcp takes :PORT");
    check_stream("urlprefix-:x proto=tcp", "", "its port is no number");
    check_stream("urlprefix-:0 proto=tcp", "", "its port is no number");
    check_stream("urlprefix-:3306/x proto=tcp", "", "no connection has a path");
    check_stream("urlprefix-1.2.3.4/ proto=tcp+sni", "", "no name that a TLS client");
    check_stream("urlprefix-/ proto=tcp+sni", "", "no name that a TLS client");
    check_stream("urlprefix-:3306 proto=tcp allow=ip:10.0.0.0/8", "", "allow= and deny=");
    TOLD("urlprefix-:3306", "", "for proto=tcp");
}

static void F11_redirect(void **state)
{
    (void)state;
    ROUTES("urlprefix-/ redirect=301,https://x.com$path", "redirect=301 https://x.com > /:80");
    ROUTES("urlprefix-/ redirect=302,http://x.com:81/$path", "redirect=302 http://x.com:81 > /:80");
    ROUTES("urlprefix-/ redirect=301,https://x.com", "redirect=301 https://x.com/ > /:80");
    ROUTES("urlprefix-/ redirect=301,https://x.com/a", "redirect=301 https://x.com/a > /:80");
    ROUTES("urlprefix-/ redirect=308,https://x.com/a$path",
           "redirect=308 ~^[^/]+//[^/?]+ https://x.com/a > /:80");
    ROUTES("urlprefix-/ redirect=301,https://$host$path", "redirect=301 https > /:80");
    TOLD("urlprefix-/ redirect=301", "> /:80", "passed by");
    TOLD("urlprefix-/ redirect=https://x.com", "> /:80", "passed by");
    TOLD("urlprefix-/ redirect=301,https://$path/x", "> 503", "nothing is served");
    TOLD("urlprefix-/ redirect=301,x.com", "> 503", "nothing is served");
    TOLD("urlprefix-/a strip=/a redirect=301,https://x.com$path", "path_start=/a strip=/a > 503",
         "beside strip=");
}

static void F12_host(void **state)
{
    (void)state;
    TOLD("urlprefix-/a host=dst", "path_start=/a > /a:80", "\"urlprefix-/a host=dst\"");
    ROUTES("urlprefix-/a host=b.test", "path_start=/a request-headers=set Host: b.test > /a:80");
}

static void F13_weight(void **state)
{
    (void)state;
    ROUTES("urlprefix-/a weight=0.05", "path_start=/a > /a@5%:80 weight=5");
    ROUTES("urlprefix-/a weight=.5", "path_start=/a > /a@50%:80 weight=50");
    ROUTES("urlprefix-/a weight=1", "path_start=/a > /a@100%:80 weight=100");
    ROUTES("urlprefix-/a weight=0.0500", "path_start=/a > /a@5%:80 weight=5");
    ROUTES("urlprefix-/a weight=0", "path_start=/a > /a:80");
    TOLD("urlprefix-/a weight=0.005", "path_start=/a > /a:80", "weight= is not followed");
    TOLD("urlprefix-/a weight=1.01", "path_start=/a > /a:80", "weight= is not followed");
    TOLD("urlprefix-/a weight=", "path_start=/a > /a:80", "weight= is not followed");
    TOLD("urlprefix-/a weight=-1", "path_start=/a > /a:80", "weight= is not followed");
    TOLD("urlprefix-/a weight=0.5 auth=", "path_start=/a > 503", "--htpasswd-dir");
}

static void F14_allow_and_deny(void **state)
{
    (void)state;
    TOLD("urlprefix-/a allow=ip:10.0.0.0/8,ip:fe80::/10",
         "path_start=/a allow=10.0.0.0/8, fe80::/10 > /a:80", "not all that X-Forwarded-For has");
    TOLD("urlprefix-/a deny=ip:10.0.0.7/8,ip:1.2.3.4",
         "path_start=/a deny=10.0.0.0/8, 1.2.3.4/32 > /a:80", "not all that X-Forwarded-For has");
    TOLD("urlprefix-/a allow=10.0.0.0/8", "path_start=/a > 503", "nothing is served");
    TOLD("urlprefix-/a deny=ip:x", "path_start=/a > 503", "nothing is served");
    TOLD("urlprefix-/a deny=", "path_start=/a > 503", "nothing is served");
}

static void F15_auth_is_a_file_of_the_operator(void **state)
{
    (void)state;
    ROUTES("urlprefix-/a auth=mine", "path_start=/a auth-file=mine auth-keep=true > /a:80");
    TOLD("urlprefix-/a auth=mine?", "path_start=/a > 503", "--htpasswd-dir");
    TOLD("urlprefix-/a auth=", "path_start=/a > 503", "--htpasswd-dir");
}

static void F16_what_stands_for_the_environment(void **state)
{
    (void)state;
    TOLD("urlprefix-$DOMAIN/", "", "environment is not supported");
}

static void F17_several_tags(void **state)
{
    (void)state;
    check_container("[\"SERVICE_80_TAGS=http,urlprefix-a.com/,urlprefix-b.com/x strip=/x\"]",
                    "{\"80/tcp\":{},\"443/tcp\":{}}",
                    "host=a.com > a.com:80\nhost=b.com path_start=/x strip=/x > b.com/x:80");
    check_container("[\"SERVICE_TAGS=urlprefix-a.com/\"]", "{\"80/tcp\":{},\"443/tcp\":{}}",
                    "host=a.com > a.com:0");
    check_container("[\"SERVICE_TAGS=urlprefix-a.com/\",\"SERVICE_443_TAGS=urlprefix-b.com/\"]",
                    "{\"80/tcp\":{},\"443/tcp\":{}}",
                    "host=a.com > a.com:80\nhost=b.com > b.com:443");
    check_container("[\"SERVICE_8080_TAGS=urlprefix-b.com/\",\"SERVICE_53_TAGS=urlprefix-u.com/\"]",
                    "{\"53/udp\":{}}", "host=b.com > b.com:8080");
    check_container("[\"SERVICE_443_TAGS=urlprefix-b.com/\",\"SERVICE_443_IGNORE=1\"]",
                    "{\"443/tcp\":{}}", "");
    check_container("[\"SERVICE_TAGS=urlprefix-b.com/\",\"SERVICE_IGNORE=1\"]", "{\"443/tcp\":{}}",
                    "");
}

/* It is fabio's own setting. */
static void F20_strategies(void **state)
{
    (void)state;
    TOLD("urlprefix-/a strategy=rr", "path_start=/a > /a:80", "does not know");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(F1_host_and_path),
        cmocka_unit_test(F2_path_alone),
        cmocka_unit_test(F6_strip),
        cmocka_unit_test(F7_prepend),
        cmocka_unit_test(F8_https),
        cmocka_unit_test(F10_connections),
        cmocka_unit_test(F10_connections_that_cannot_be_followed),
        cmocka_unit_test(F9_grpc),
        cmocka_unit_test(F11_redirect),
        cmocka_unit_test(F12_host),
        cmocka_unit_test(F13_weight),
        cmocka_unit_test(F14_allow_and_deny),
        cmocka_unit_test(F15_auth_is_a_file_of_the_operator),
        cmocka_unit_test(F16_what_stands_for_the_environment),
        cmocka_unit_test(F17_several_tags),
        cmocka_unit_test(F20_strategies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
