/* Rules of listeners as flags have them: read, refused with a reason, written again. */
#include "lb/contract/listener_rule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void test_what_is_read_is_written_whole(void **state)
{
    static const struct {
        const char *text, *written;
        enum service_kind kind;
    } rows[] = {
        {"5432", "0.0.0.0:5432", SERVICE_TCP},
        {":5432=db", "0.0.0.0:5432=db", SERVICE_TCP},
        {"000005432=db", "0.0.0.0:5432=db", SERVICE_TCP},
        {"0.0.0.0:05432=db", "0.0.0.0:5432=db", SERVICE_TCP},
        {"[::]:443/a.test=shop", "[::]:443/a.test=shop", SERVICE_TCP},
        {"443/*.b.test#h2=rpc", "0.0.0.0:443/*.b.test#h2=rpc", SERVICE_TCP},
        {"443#http/1.1=web", "0.0.0.0:443#http/1.1=web", SERVICE_TCP},
        {"127.0.0.1:0=x", "127.0.0.1:0=x", SERVICE_TCP},
        {"53=dns", "0.0.0.0:53=dns", SERVICE_UDP},
        {"[fd00::1]:53", "[fd00::1]:53", SERVICE_UDP},
    };
    struct listener_rule rule;
    struct text problem = TEXT_INIT, written = TEXT_INIT;
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        text_clear(&written);
        if (!listener_rule_parse(view_str(rows[i].text), rows[i].kind, &rule, &problem))
            fail_msg("%s: %s", rows[i].text, text_str(&problem));
        listener_rule_format(&rule, &written);
        assert_string_equal(text_str(&written), rows[i].written);
        assert_int_equal(rule.kind, rows[i].kind);
        assert_int_equal(rule.port, address_port(&rule.at));
    }
    text_fini(&written);
    text_fini(&problem);
}

static void test_parts(void **state)
{
    struct listener_rule rule;
    struct text problem = TEXT_INIT;
    (void)state;
    assert_true(listener_rule_parse(VIEW("443/*.b.test#h2=rpc"), SERVICE_TCP, &rule, &problem));
    assert_true(view_eq(rule.server_name, VIEW("*.b.test")));
    assert_true(view_eq(rule.alpn, VIEW("h2")));
    assert_true(view_eq(rule.service, VIEW("rpc")));
    assert_int_equal(rule.port, 443);
    assert_int_equal(rule.listener.len, 0);
}

static void test_refusals_name_what_is_wrong(void **state)
{
    static const struct {
        const char *text;
        enum service_kind kind;
        const char *begins;
    } rows[] = {
        {"", SERVICE_TCP, "names no address to listen at; IP:PORT, and behind it /SERVER-NAME"},
        {"x", SERVICE_TCP, "names no address"},
        {"65536", SERVICE_TCP, "names no address"},
        {"localhost:80=a", SERVICE_TCP, "names no address"},
        {"::1:80=a", SERVICE_TCP, "names no address"},
        {"1.2.3.4=a", SERVICE_TCP, "names no address"},
        {"80=", SERVICE_TCP, "names no service behind its ="},
        {"80/a.test", SERVICE_TCP, "names no service behind its ="},
        {"80#h2", SERVICE_TCP, "names no service behind its ="},
        {"80=a b", SERVICE_TCP, "names no service behind its ="},
        {"80/=a", SERVICE_TCP, "is empty"},
        {"80/*=a", SERVICE_TCP, "is no name that a TLS client asks for"},
        {"80/www.*=a", SERVICE_TCP, "is no name that a TLS client asks for"},
        {"80/10.0.0.1=a", SERVICE_TCP, "is no name that a TLS client asks for"},
        {"80/a_b c=a", SERVICE_TCP, "has a blank inside"},
        {"80#=a", SERVICE_TCP, "is no protocol of ALPN"},
        {"80#h 2=a", SERVICE_TCP, "is no protocol of ALPN"},
        {"80#h,2=a", SERVICE_TCP, "is no protocol of ALPN"},
        {"53/a.test=dns", SERVICE_UDP, "asks for a name, which datagrams do not say"},
        {"53#h3=dns", SERVICE_UDP, "asks for a name, which datagrams do not say"},
        {"x", SERVICE_UDP, "names no address to listen at; IP:PORT and =SERVICE"},
    };
    struct listener_rule rule;
    struct text problem = TEXT_INIT;
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        text_clear(&problem);
        if (listener_rule_parse(view_str(rows[i].text), rows[i].kind, &rule, &problem) ||
            !view_starts_with(text_view(&problem), view_str(rows[i].begins)))
            fail_msg("%s: %s", rows[i].text, text_str(&problem));
    }
    text_fini(&problem);
}

static void test_lengths_are_bounded(void **state)
{
    char text[400];
    struct listener_rule rule;
    struct text problem = TEXT_INIT;
    (void)state;
    memset(text, 'a', sizeof(text));
    memcpy(text, "80=", 3);
    assert_true(listener_rule_parse(view_of(text, 3 + 255), SERVICE_TCP, &rule, &problem));
    assert_false(listener_rule_parse(view_of(text, 3 + 256), SERVICE_TCP, &rule, &problem));
    memcpy(text, "80#", 3);
    text[3 + 64] = '=';
    assert_true(listener_rule_parse(view_of(text, 70), SERVICE_TCP, &rule, &problem));
    text[3 + 64] = 'a';
    text[3 + 65] = '=';
    assert_false(listener_rule_parse(view_of(text, 71), SERVICE_TCP, &rule, &problem));
    memcpy(text, "80/", 3);
    text[3 + 65] = 'a';
    text[3 + 256] = '=';
    assert_false(listener_rule_parse(view_of(text, 300), SERVICE_TCP, &rule, &problem));
    text_fini(&problem);
}

/* Names without regard to case, protocols with it. */
static void test_alike(void **state)
{
    static const struct {
        const char *one, *other;
        bool is_alike;
    } rows[] = {
        {"80=a", "80=b", true},
        {"80/a.test=a", "80/A.TEST=b", true},
        {"80/a.test=a", "80/b.test=a", false},
        {"80/a.test=a", "80=a", false},
        {"80#h2=a", "80#H2=a", false},
        {"80#h2=a", "80#h2=b", true},
    };
    struct listener_rule one, other;
    struct text problem = TEXT_INIT;
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_true(listener_rule_parse(view_str(rows[i].one), SERVICE_TCP, &one, &problem));
        assert_true(listener_rule_parse(view_str(rows[i].other), SERVICE_TCP, &other, &problem));
        assert_int_equal(listener_rule_is_alike(&one, &other), rows[i].is_alike);
    }
    other.kind = SERVICE_UDP;
    assert_false(listener_rule_is_alike(&one, &other));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_read_is_written_whole),
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_refusals_name_what_is_wrong),
        cmocka_unit_test(test_lengths_are_bounded),
        cmocka_unit_test(test_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
