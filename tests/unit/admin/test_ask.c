/* One question to an admin listener: what is sent, which answers count, and what is said of others.
 */
#include "lb/admin/ask.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "tests/unit/support/answerer.h"

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

static struct answerer answerer;
static struct config config;
static struct text body, problem;

static int open_ask(void **state)
{
    (void)state;
    answerer_open(&answerer, "");
    config =
        (struct config){.admin = answerer.address, .admin_enabled = true, .admin_is_named = true};
    body = (struct text)TEXT_INIT;
    problem = (struct text)TEXT_INIT;
    return 0;
}

static int close_ask(void **state)
{
    (void)state;
    answerer_close(&answerer);
    text_fini(&body);
    text_fini(&problem);
    return 0;
}

static unsigned ask_it(const char *method, const char *path)
{
    text_clear(&body);
    text_clear(&problem);
    return ask_lb(&config, &(struct ask){.method = method, .path = path}, &body, &problem);
}

static void test_what_is_sent(void **state)
{
    static char secret[] = "0123456789abcdef";
    char want[300], host[ADDRESS_TEXT_BYTES];
    (void)state;
    answerer.answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    address_format(&answerer.address, host);
    assert_int_equal(ask_it("POST", "/endpoints/a%20b/drain?value=1"), 200);
    snprintf(want, sizeof(want),
             "POST /endpoints/a%%20b/drain?value=1 HTTP/1.1\r\nHost: %s\r\n"
             "Content-Length: 0\r\nConnection: close\r\n\r\n",
             host);
    assert_string_equal(answerer.asked, want);
    config.admin_secret = secret;
    assert_int_equal(ask_it("GET", "/pool"), 200);
    assert_non_null(strstr(answerer.asked, "\r\nAuthorization: Bearer 0123456789abcdef\r\n"));
}

static void test_answers(void **state)
{
    static const struct {
        const char *answer;
        unsigned status;
        const char *body;
    } rows[] = {
        {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, "ok"},
        {"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnone", 404, "none"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", 200, "ok"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok", 0, NULL}, /* cut off */
        {"HTTP/1.1 200 OK\r\n\r\nok", 0, NULL}, /* lb's answers say how long they are */
        {"HTTP/1.1 200 OK\r\nContent-Le", 0, NULL},
        {"SSH-2.0-OpenSSH\r\n\r\n", 0, NULL},
        {"", 0, NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        answerer.answer = rows[i].answer;
        unsigned status = ask_it("GET", "/pool");
        if (status != rows[i].status)
            fail_msg("row %zu: %u", i, status);
        if (rows[i].body)
            assert_string_equal(text_str(&body), rows[i].body);
        assert_int_equal(problem.len > 0, status == 0);
        if (status == 0)
            assert_non_null(strstr(text_str(&problem), "does not answer"));
    }
}

static void test_nobody_is_there(void **state)
{
    (void)state;
    close_ask(state);
    assert_int_equal(ask_it("GET", "/pool"), 0);
    assert_non_null(strstr(text_str(&problem), ": Connection refused; where lb's admin listener "
                                               "is, --admin says"));
    text_fini(&problem);
    open_ask(state);
}

/* It listens on all addresses, and is asked on loopback. */
static void test_a_wildcard_is_asked_on_loopback(void **state)
{
    struct address any;
    char text[40];
    (void)state;
    answerer.answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    snprintf(text, sizeof(text), "0.0.0.0:%u", address_port(&answerer.address));
    assert_true(address_parse(view_str(text), &any));
    config.admin = any;
    assert_int_equal(ask_it("GET", "/pool"), 200);
    assert_non_null(strstr(answerer.asked, "\r\nHost: 127.0.0.1:"));
}

static void test_an_admin_listener_that_is_off(void **state)
{
    bool is_well = true;
    (void)state;
    config.admin_enabled = false;
    assert_int_equal(ask_it("GET", "/pool"), 0);
    assert_string_equal(text_str(&problem), "no admin listener to ask (--admin off)");
    text_clear(&problem);
    assert_true(ask_without_admin(&config, &problem, &is_well));
    assert_false(is_well); /* of this user, no other program of this name runs */
    assert_string_equal(text_str(&problem), "no lb runs here");
    text_clear(&problem);
    config.admin_enabled = true;
    assert_false(ask_without_admin(&config, &problem, &is_well));
    assert_int_equal(problem.len, 0);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, open_ask, close_ask)
    const struct CMUnitTest tests[] = {
        TEST(test_what_is_sent),
        TEST(test_answers),
        TEST(test_nobody_is_there),
        TEST(test_a_wildcard_is_asked_on_loopback),
        TEST(test_an_admin_listener_that_is_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
