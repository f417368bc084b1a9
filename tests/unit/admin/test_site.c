/* The table of the admin listener: what each path needs, and that the settings decide who asks. */
#include "lb/admin/site.h"

#include "tests/unit/admin/pages_case.h"

static char secret[] = "0123456789abcdef";
static char own_name[] = "lb.example";

static int ask_status(const char *method, const char *target, const char *fields, bool is_from_here)
{
    struct text request = TEXT_INIT;
    struct admin_answer answer = {.content_type = "text/plain", .is_asked_from_here = is_from_here};
    text_appendf(&request, "%s %s HTTP/1.1\r\n%s\r\n", method, target, fields);
    site_respond(&pages, parse(PARSER_REQUEST, text_view(&request)), &answer);
    text_fini(&request);
    parser_fini(&parser);
    forget_answer(&answer);
    return answer.status;
}

/* To a stranger, to who has the token, and to who came through a proxy without it. */
static void test_who_gets_what(void **state)
{
    static const struct {
        const char *method, *target;
        int stranger, holder, proxied;
    } rows[] = {
        {"GET", "/", 200, 200, 403},
        {"HEAD", "/", 200, 200, 403},
        {"GET", "/healthz", 200, 200, 200},
        {"GET", "/readyz", 200, 200, 200},
        {"GET", "/pool", 401, 200, 403},
        {"GET", "/events", 401, 200, 403},
        {"GET", "/metrics", 401, 200, 403},
        {"GET", "/explain", 401, 200, 403},
        {"GET", "/explain/web1", 401, 200, 403},
        {"GET", "/explain/nobody", 401, 404, 403},
        {"GET", "/config", 401, 200, 403},
        {"POST", "/endpoints/web1/drain", 401, 200, 403},
        {"POST", "/endpoints/web1/undrain", 401, 200, 403},
        {"POST", "/endpoints/web1/disable", 401, 200, 403},
        {"POST", "/endpoints/web1/enable", 401, 200, 403},
        {"POST", "/endpoints/web1/weight?value=3", 401, 200, 403},
        {"POST", "/log-level?value=error", 401, 200, 403},
        {"POST", "/pool", 401, 405, 403},
        {"GET", "/endpoints/web1/drain", 401, 405, 403},
        {"GET", "/nothing", 401, 404, 403},
    };
    (void)state;
    take_line(site_line);
    admit_all();
    config.admin_secret = secret;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *method = rows[i].method, *target = rows[i].target;
        int stranger = ask_status(method, target, "Host: a.example\r\n", true);
        int holder = ask_status(
            method, target, "Host: a.example\r\nAuthorization: Bearer 0123456789abcdef\r\n", false);
        int proxied = ask_status(method, target, "Host: 127.0.0.1\r\nVia: 1.1 x\r\n", true);
        if (stranger != rows[i].stranger || holder != rows[i].holder || proxied != rows[i].proxied)
            fail_msg("%s %s: %d %d %d", method, target, stranger, holder, proxied);
    }
}

static void test_settings_decide_who_asks(void **state)
{
    static const struct {
        const char *fields;
        bool is_from_here;
        bool names_host, is_behind_proxy, is_read_only;
        int get, post;
    } rows[] = {
        {"Host: 127.0.0.1\r\n", false, false, false, false, 200, 200},
        {"Host: lb.example\r\n", false, false, false, false, 403, 403},
        {"Host: lb.example\r\n", false, true, false, false, 200, 200},
        {"Host: 127.0.0.1\r\nVia: 1.1 x\r\n", true, false, false, false, 403, 403},
        {"Host: 127.0.0.1\r\nVia: 1.1 x\r\n", true, false, true, false, 200, 200},
        {"Host: 127.0.0.1\r\n", false, false, false, true, 200, 403},
        {"Host: 127.0.0.1\r\n", true, false, false, true, 200, 200},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        config.admin_host = rows[i].names_host ? own_name : NULL;
        config.admin_behind_proxy = rows[i].is_behind_proxy;
        config.admin_open = rows[i].is_read_only ? CONFIG_ADMIN_OPEN_READ : 1;
        int get = ask_status("GET", "/pool", rows[i].fields, rows[i].is_from_here);
        int post =
            ask_status("POST", "/log-level?value=error", rows[i].fields, rows[i].is_from_here);
        if (get != rows[i].get || post != rows[i].post)
            fail_msg("row %zu: %d %d", i, get, post);
    }
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, open_pages, close_pages)
    const struct CMUnitTest tests[] = {
        TEST(test_who_gets_what),
        TEST(test_settings_decide_who_asks),
    };
    log_open("lb", LOG_LEVEL_ERROR, LOG_FORMAT_PLAIN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
