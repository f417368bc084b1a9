/* /listeners: a line for each rule, in order, and for listeners that lead nowhere or are not open. */
#include "lb/admin/listeners_page.h"

#include "tests/unit/admin/listeners_case.h"

static struct explain explain_of_now(void)
{
    return (struct explain){.pool = publisher.pool,
                            .membership = &publisher.membership,
                            .listeners = publisher.pool ? &listeners_all : NULL};
}

static void check_text(const char *want)
{
    struct explain explain = explain_of_now();
    struct text out = TEXT_INIT;
    listeners_page_write_text(&explain, &out);
    assert_text(&out, want);
}

#define LINES                                                                                      \
    "tcp 0.0.0.0:443 for the server name a.test: to the service app, by lb.tcp.sni of web1 (lb); " \
    "1 of 1 server can be asked.\n"                                                                \
    "tcp 0.0.0.0:443 for all server names of *.b.test: to the service db, by --tcp; "              \
    "1 of 2 servers can be asked.\n"                                                               \
    "tcp 0.0.0.0:443 for all else: to the service idle, by --tcp; it has no servers.\n"            \
    "tcp 0.0.0.0:5432 for all: to the service db, by --tcp; 1 of 2 servers can be asked.\n"        \
    "udp 0.0.0.0:53 for all: to the service app, by --udp; 1 of 1 server can be asked.\n"

static void test_lines(void **state)
{
    (void)state;
    check_text(
        "There is no TCP or UDP listener: --tcp and --udp open one, and --dynamic-ports lets "
        "containers have some.\n");
    take_listeners();
    check_text(LINES
               "tcp 0.0.0.0:6379: open, and leads nowhere: no container asks for it. Give one "
               "the label lb.tcp=6379.\n"
               "tcp 0.0.0.0:7000: not open: address already in use.\n");
}

static void test_json(void **state)
{
    struct text out = TEXT_INIT;
    (void)state;
    take_listeners();
    struct explain explain = explain_of_now();
    listeners_page_write_json(&explain, &out);
    assert_text(&out, "{\"version\":1," LISTENERS_JSON "}\n");
}

/* Those of a container, and those that lead to a service. */
static void test_of_one_subject(void **state)
{
    struct text out = TEXT_INIT;
    (void)state;
    take_listeners();
    struct explain explain = explain_of_now();
    assert_int_equal(listeners_page_write_subject_text(&explain, VIEW("web1"), &out), 1);
    assert_text(&out, "tcp 0.0.0.0:443 for the server name a.test: to the service app, by "
                      "lb.tcp.sni of web1 (lb); 1 of 1 server can be asked.\n");
    assert_int_equal(listeners_page_write_subject_text(&explain, VIEW("db"), &out), 2);
    text_fini(&out);
    assert_int_equal(listeners_page_write_subject_text(&explain, VIEW("nobody"), &out), 0);
    assert_int_equal(out.len, 0);
}

/* A name from a stranger's label is shown, and not obeyed. */
static void test_names_to_beware_of(void **state)
{
    struct listener_rule rule = listeners_rule("0.0.0.0:443=db", SERVICE_TCP);
    struct text out = TEXT_INIT;
    (void)state;
    rule.container_name = VIEW("\x1b[31m\n");
    rule.service = VIEW("a\nb");
    struct pool pool = {.listeners = {.table = listener_table_new(&rule, 1)}};
    struct routes_target target = {.service = service_new("a\nb", SERVICE_TCP, 1)};
    pool.listeners.targets = &target;
    listeners_page_write_text(&(struct explain){.pool = &pool}, &out);
    assert_text(&out, "tcp 0.0.0.0:443 for all: to the service a\\x0ab, by what is set of "
                      "\\x1b[31m\\x0a; it has no servers.\n");
    service_unref(target.service);
    listener_table_unref(pool.listeners.table);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, open_publisher, close_publisher)
    const struct CMUnitTest tests[] = {
        TEST(test_lines),
        TEST(test_json),
        TEST(test_of_one_subject),
        TEST(test_names_to_beware_of),
    };
    log_open("lb", LOG_LEVEL_ERROR, LOG_FORMAT_PLAIN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
