/* Listeners that come, stay, go, fail and come again: with sockets of loopback, and time as the test has it. */
#include "lb/run/port_keeper.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lb/config/config_load.h"
#include "tests/unit/support/free_ports.h"
#include "tests/unit/support/local_sockets.h"

#define WORKERS   2
#define FAR_MS    UINT64_MAX
#define WORDS_MAX 16

#define DYNAMIC_COUNT 10u

static uv_loop_t loop;
static struct port_keeper keeper;
static struct config config;
static struct listener_set *given; /* what the workers have */
static unsigned give_count, rules_count, taken_back_count;
static uint64_t fake_now_ms, timer_due_ms;
static uv_timer_cb timer_call;

uint64_t __wrap_uv_now(const uv_loop_t *uv);
int __wrap_uv_timer_start(uv_timer_t *timer, uv_timer_cb call, uint64_t ms, uint64_t repeat);
int __wrap_uv_timer_stop(uv_timer_t *timer);

uint64_t __wrap_uv_now(const uv_loop_t *uv)
{
    (void)uv;
    return fake_now_ms;
}

int __wrap_uv_timer_start(uv_timer_t *timer, uv_timer_cb call, uint64_t ms, uint64_t repeat)
{
    (void)timer;
    (void)repeat;
    timer_call = call;
    timer_due_ms = fake_now_ms + ms;
    return 0;
}

int __wrap_uv_timer_stop(uv_timer_t *timer)
{
    (void)timer;
    timer_due_ms = FAR_MS;
    return 0;
}

/* Lets time pass, to the next thing due and no further than so long. */
static void pass(uint64_t ms)
{
    uint64_t end_ms = fake_now_ms + ms;
    while (timer_due_ms <= end_ms) {
        fake_now_ms = timer_due_ms;
        timer_due_ms = FAR_MS;
        timer_call(&keeper.timer);
    }
    fake_now_ms = end_ms;
}

static void on_give(void *owner, struct listener_set *set)
{
    (void)owner;
    listener_set_unref(given);
    given = set;
    give_count++;
}

static void on_rules(void *owner)
{
    (void)owner;
    rules_count++;
}

/* ---- settings --------------------------------------------------------------------------------- */

static void load(const char *args)
{
    char *words[WORDS_MAX + 1] = {NULL};
    struct text problem = TEXT_INIT;
    enum config_action action;
    struct view rest = view_str(args);
    int count = 0;
    words[count++] = strdup("lb");
    while (rest.len > 0 && count < WORDS_MAX) {
        struct view word = view_cut(&rest, ' ');
        words[count++] = strndup(word.ptr, word.len);
    }
    config_fini(&config);
    if (!config_load(count, words, NULL, &config, &action, &problem))
        fail_msg("%s", text_str(&problem));
    while (count > 0)
        free(words[--count]);
    text_fini(&problem);
}

static bool start(const char *args)
{
    load(args);
    if (!port_keeper_open(&keeper, &config, WORKERS, 3))
        return false;
    port_keeper_start(&keeper);
    return true;
}

static void reload(const char *args)
{
    load(args);
    port_keeper_configure(&keeper, &config, 3);
    port_keeper_give(&keeper);
}

/* "tcp web, udp dns": what the rules say; their addresses are the kernel's choice. */
static void check_rules(const char *expected)
{
    struct text shown = TEXT_INIT;
    for (unsigned i = 0; i < keeper.rules.count; i++)
        text_appendf(&shown, "%s%s %.*s", i > 0 ? ", " : "",
                     service_kind_word(keeper.rules.all[i].kind),
                     (int)keeper.rules.all[i].service.len, keeper.rules.all[i].service.ptr);
    assert_string_equal(text_str(&shown), expected);
    text_fini(&shown);
}

/* The rule of that service. */
static const struct listener_rule *rule_of(const char *service)
{
    for (unsigned i = 0; i < keeper.rules.count; i++)
        if (view_eq(keeper.rules.all[i].service, view_str(service)))
            return &keeper.rules.all[i];
    fail_msg("%s has no rule", service);
    return NULL;
}

static unsigned port_of(const char *service)
{
    return address_port(&rule_of(service)->at);
}

static struct listener_port *given_at(unsigned port)
{
    for (unsigned i = 0; i < given->count; i++)
        if (address_port(&given->ports[i]->listening.at) == port)
            return given->ports[i];
    return NULL;
}

/* Lives until four others were made. */
static const char *format(const char *pattern, ...) __attribute__((format(printf, 1, 2)));

static const char *format(const char *pattern, ...)
{
    static char text[4][400];
    static unsigned next;
    char *out = text[next++ % 4];
    va_list args;
    va_start(args, pattern);
    vsnprintf(out, sizeof(text[0]), pattern, args);
    va_end(args);
    return out;
}

static const struct listener_standing *standing_at(unsigned port)
{
    for (unsigned i = 0; i < keeper.ports.standings.count; i++)
        if (address_port(&keeper.ports.standings.all[i]->at) == port)
            return keeper.ports.standings.all[i];
    return NULL;
}

/* ---- tests ------------------------------------------------------------------------------------ */

static int open_keeper(void **state)
{
    struct port_keeper_options options = {.uv = &loop,
                                          .lender = {.lend = local_sockets_lend,
                                                     .take_back = local_sockets_take_back,
                                                     .owner = &taken_back_count},
                                          .give = on_give,
                                          .on_rules = on_rules};
    (void)state;
    uv_loop_init(&loop);
    fake_now_ms = 1000;
    timer_due_ms = FAR_MS;
    given = NULL;
    give_count = rules_count = taken_back_count = 0;
    port_keeper_init(&keeper, &options);
    return 0;
}

static int close_keeper(void **state)
{
    (void)state;
    listener_set_unref(given);
    port_keeper_close(&keeper);
    uv_run(&loop, UV_RUN_DEFAULT);
    uv_loop_close(&loop);
    port_keeper_fini(&keeper);
    config_fini(&config);
    return 0;
}

static void test_rules_have_the_ports_that_are_bound(void **state)
{
    (void)state;
    assert_true(start("--tcp 127.0.0.1:0=web --tcp 127.0.0.1:0=db --udp 127.0.0.1:0=dns"));
    check_rules("tcp web, tcp db, udp dns");
    assert_int_equal(given->count, 3);
    assert_int_not_equal(port_of("web"), 0);
    assert_int_not_equal(port_of("web"), port_of("db"));
    assert_int_equal(given_at(port_of("web"))->listening.count, WORKERS);
    assert_int_equal(given_at(port_of("dns"))->kind, SERVICE_UDP);
    assert_int_equal(standing_at(port_of("dns"))->state, LISTENER_OPEN);
    assert_int_equal(rule_of("web")->port, port_of("web"));
}

static void test_names_of_one_address_share_its_sockets(void **state)
{
    (void)state;
    assert_true(start("--tcp 127.0.0.1:0=web"));
    unsigned port = port_of("web");
    struct listener_port *before = given_at(port);
    reload(format("--tcp 127.0.0.1:%u/a.test=a --tcp 127.0.0.1:%u=web", port, port));
    check_rules("tcp a, tcp web");
    assert_int_equal(given->count, 1);
    assert_ptr_equal(given_at(port), before);
}

/* Nobody touches what stays, nor what leads elsewhere now. */
static void test_another_service_is_another_rule_and_no_other_socket(void **state)
{
    (void)state;
    assert_true(start("--tcp 127.0.0.1:0=a --udp 127.0.0.1:0=c"));
    struct listener_port *tcp = given_at(port_of("a")), *udp = given_at(port_of("c"));
    reload("--tcp 127.0.0.1:0=b --udp 127.0.0.1:0=d");
    check_rules("tcp b, udp d");
    assert_ptr_equal(given_at(port_of("b")), tcp);
    assert_ptr_equal(given_at(port_of("d")), udp);
    assert_int_equal(given->count, 2);
}

/* Who had come to it is still led where it led. */
static void test_the_rules_of_one_that_ends_stay_until_no_worker_has_it(void **state)
{
    (void)state;
    assert_true(start("--tcp 127.0.0.1:0=a --udp 127.0.0.1:0=b"));
    unsigned port = port_of("a");
    struct listener_set *held = listener_set_ref(given); /* as a worker that is busy */
    reload("--udp 127.0.0.1:0=b");
    assert_int_equal(given->count, 1);
    check_rules("udp b, tcp a");
    assert_int_equal(standing_at(port)->state, LISTENER_ENDING);
    pass(5000);
    assert_int_equal(rules_count, 0);
    assert_int_equal(taken_back_count, 0);
    listener_set_unref(held);
    pass(100);
    assert_int_equal(rules_count, 1);
    assert_int_equal(taken_back_count, 1);
    check_rules("udp b");
    assert_null(standing_at(port));
    assert_int_equal(timer_due_ms, FAR_MS);
}

static void test_one_that_is_wanted_again_while_it_ends_comes_back(void **state)
{
    (void)state;
    assert_true(start("--tcp 127.0.0.1:0=a"));
    unsigned port = port_of("a");
    struct listener_set *held = listener_set_ref(given);
    reload("");
    reload(format("--tcp 127.0.0.1:%u=b", port));
    check_rules("tcp b");
    assert_int_equal(given->count, 0);
    listener_set_unref(held);
    pass(100);
    assert_int_equal(given->count, 1);
    assert_non_null(given_at(port));
    check_rules("tcp b");
}

static void test_at_a_start_all_must_be_had(void **state)
{
    struct address at;
    int status;
    (void)state;
    assert_true(address_parse(VIEW("127.0.0.1:0"), &at));
    struct listener_port *taken = local_sockets_port(SERVICE_UDP, &at, 1, &status);
    unsigned port = address_port(&taken->listening.at);
    assert_false(start(format("--tcp 127.0.0.1:0=a --udp 127.0.0.1:%u=b", port)));
    assert_int_equal(timer_due_ms, FAR_MS);
    listener_port_unref(taken);
}

/* At SIGHUP what can be had is had, and the rest is tried again, later and later. */
static void test_one_that_fails_is_told_and_tried_again(void **state)
{
    struct address at;
    int status;
    (void)state;
    assert_true(start(""));
    assert_true(address_parse(VIEW("127.0.0.1:0"), &at));
    struct listener_port *taken = local_sockets_port(SERVICE_TCP, &at, 1, &status);
    unsigned port = address_port(&taken->listening.at);
    reload(format("--tcp 127.0.0.1:%u=a --tcp 127.0.0.1:0=b", port));
    check_rules("tcp a, tcp b");
    assert_int_equal(given->count, 1);
    assert_int_equal(standing_at(port)->state, LISTENER_FAILED);
    assert_non_null(strstr(standing_at(port)->why, "address already in use; something else has"));
    assert_int_equal(timer_due_ms - fake_now_ms, 1000);
    pass(1000);
    assert_int_equal(timer_due_ms - fake_now_ms, 2000);
    pass(100000);
    assert_int_equal(standing_at(port)->state, LISTENER_FAILED);
    listener_port_unref(taken);
    pass(30000);
    assert_int_equal(standing_at(port)->state, LISTENER_OPEN);
    assert_string_equal(standing_at(port)->why, "");
    assert_non_null(given_at(port));
}

/* ---- what containers ask for ------------------------------------------------------------------ */

/* A snapshot whose rules are of these ports, from `low` on: "tcp 0, udp 1". */
static void follow(unsigned low, const char *ports)
{
    struct listener_rule rules[8] = {0};
    struct view rest = view_str(ports);
    unsigned count = 0;
    while (rest.len > 0) {
        struct view kind = view_cut(&rest, ' '), number = view_cut(&rest, ' ');
        rules[count].kind = service_kind_parse(kind);
        rules[count].service = VIEW("app");
        assert_true(address_parse_ip(VIEW("127.0.0.1"),
                                     (uint16_t)(low + (unsigned)(number.ptr[0] - '0')),
                                     &rules[count].at));
        count++;
    }
    struct listener_table *table = count > 0 ? listener_table_new(rules, count) : NULL;
    port_keeper_follow(&keeper, table);
    listener_table_unref(table);
}

static void test_ports_of_containers_come_with_their_rules_and_go_after_30_s(void **state)
{
    unsigned low = free_ports_low(DYNAMIC_COUNT);
    (void)state;
    assert_true(start(format("--dynamic-ports 127.0.0.1:%u-%u", low, low + 5)));
    follow(low, "tcp 0 udp 0 tcp 1");
    assert_int_equal(given->count, 3);
    assert_true(standing_at(low + 1)->is_dynamic);
    struct listener_port *kept = given_at(low + 1);
    follow(low, "tcp 1");
    pass(29999);
    assert_int_equal(given->count, 3);
    follow(low, "tcp 1 udp 0");
    pass(1);
    assert_int_equal(given->count, 2);
    assert_ptr_equal(given_at(low + 1), kept);
    pass(100000);
    assert_int_equal(given->count, 2);
    follow(low, "");
    pass(30000);
    assert_int_equal(given->count, 0);
    pass(100);
    assert_int_equal(keeper.ports.standings.count, 0);
    assert_int_equal(rules_count, 0);
}

/* Who was told of them borrows them until told of others. */
static void test_rules_stay_in_place_when_a_port_of_a_container_goes(void **state)
{
    unsigned low = free_ports_low(DYNAMIC_COUNT);
    (void)state;
    assert_true(start(format("--tcp 0=web --dynamic-ports 127.0.0.1:%u-%u", low, low + 5)));
    const struct listener_rule *borrowed = keeper.rules.all;
    follow(low, "tcp 0");
    follow(low, "");
    pass(30100);
    assert_ptr_equal(keeper.rules.all, borrowed);
}

/* Also where SIGHUP changes none of the rules. */
static void test_settings_that_are_read_again_close_no_port_of_a_container(void **state)
{
    unsigned low = free_ports_low(DYNAMIC_COUNT);
    struct listener_rule rules[2] = {0};
    (void)state;
    const char *range = format("--dynamic-ports 127.0.0.1:%u-%u", low, low + 5);
    assert_true(start(format("%s --tcp 127.0.0.1:%u", range, low)));
    for (unsigned i = 0; i < 2; i++) {
        rules[i] = (struct listener_rule){.kind = SERVICE_TCP, .service = VIEW("app")};
        assert_true(address_parse_ip(VIEW("127.0.0.1"), (uint16_t)(low + i), &rules[i].at));
    }
    struct listener_table *table = listener_table_new(rules, 2);
    port_keeper_follow(&keeper, table);
    reload(range);
    port_keeper_follow(&keeper, table);
    pass(100000);
    assert_non_null(given_at(low));
    assert_non_null(given_at(low + 1));
    assert_true(standing_at(low)->is_dynamic);
    listener_table_unref(table);
}

static void test_no_port_outside_the_range_is_opened(void **state)
{
    unsigned low = free_ports_low(DYNAMIC_COUNT);
    (void)state;
    assert_true(start(format("--dynamic-ports 127.0.0.1:%u-%u", low + 1, low + 2)));
    follow(low, "tcp 0 tcp 3");
    assert_int_equal(given->count, 0);
    follow(low, "tcp 0 tcp 2 tcp 3");
    assert_int_equal(given->count, 1);
}

static void test_no_more_than_there_are_places_for(void **state)
{
    unsigned low = free_ports_low(DYNAMIC_COUNT);
    (void)state;
    assert_true(start(format("--dynamic-ports 127.0.0.1:%u-%u", low, low + 5)));
    follow(low, "tcp 0 tcp 1 tcp 2 tcp 3");
    assert_int_equal(given->count, 3);
    assert_int_equal(standing_at(low + 3)->state, LISTENER_FAILED);
    assert_non_null(strstr(standing_at(low + 3)->why, "3 ports of containers are open"));
    follow(low, "tcp 1 tcp 2 tcp 3");
    pass(30000 + 30000);
    assert_int_equal(standing_at(low + 3)->state, LISTENER_OPEN);
    assert_null(standing_at(low));
}

/* The operator's counts: it stays when containers ask no more, and for containers when the operator does not. */
static void test_one_of_the_operators_inside_the_range(void **state)
{
    unsigned low = free_ports_low(DYNAMIC_COUNT);
    (void)state;
    const char *range = format("--dynamic-ports 127.0.0.1:%u-%u", low, low + 5);
    const char *both = format("--tcp 127.0.0.1:%u --dynamic-ports 127.0.0.1:20000-31000", low);
    assert_true(start(both));
    follow(low, "tcp 0");
    follow(low, "");
    pass(60000);
    struct listener_port *kept = given_at(low);
    assert_non_null(kept);
    assert_false(standing_at(low)->is_dynamic);
    follow(low, "tcp 0");
    reload(range);
    follow(low, "tcp 0");
    pass(60000);
    assert_ptr_equal(given_at(low), kept);
    assert_true(standing_at(low)->is_dynamic);
    reload(both);
    follow(low, "");
    pass(60000);
    assert_ptr_equal(given_at(low), kept);
    reload("");
    assert_int_equal(given->count, 0);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, open_keeper, close_keeper)
    const struct CMUnitTest tests[] = {
        TEST(test_rules_have_the_ports_that_are_bound),
        TEST(test_names_of_one_address_share_its_sockets),
        TEST(test_another_service_is_another_rule_and_no_other_socket),
        TEST(test_the_rules_of_one_that_ends_stay_until_no_worker_has_it),
        TEST(test_one_that_is_wanted_again_while_it_ends_comes_back),
        TEST(test_at_a_start_all_must_be_had),
        TEST(test_one_that_fails_is_told_and_tried_again),
        TEST(test_ports_of_containers_come_with_their_rules_and_go_after_30_s),
        TEST(test_rules_stay_in_place_when_a_port_of_a_container_goes),
        TEST(test_settings_that_are_read_again_close_no_port_of_a_container),
        TEST(test_no_port_outside_the_range_is_opened),
        TEST(test_no_more_than_there_are_places_for),
        TEST(test_one_of_the_operators_inside_the_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
