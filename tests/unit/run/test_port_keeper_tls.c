/* Addresses at which lb itself speaks TLS, as the keeper of other listeners knows them: it opens nothing there. */
#include "lb/run/port_keeper.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "lb/config/config_load.h"

#define WORDS_MAX 16

static uv_loop_t loop;
static struct port_keeper keeper;
static struct config config;
static unsigned lend_count, rules_count;
static bool is_lending;

static int lend(void *owner, const struct channel_socket *wanted, struct listening *out)
{
    (void)owner;
    lend_count++;
    if (!is_lending)
        return -1;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    listening_take(out, &wanted->wanted, &fd, 1);
    return 0;
}

static void take_back(void *owner, const struct channel_socket *wanted)
{
    (void)owner, (void)wanted;
}

static void on_give(void *owner, struct listener_set *set)
{
    (void)owner;
    listener_set_unref(set);
}

static void on_rules(void *owner)
{
    (void)owner;
    rules_count++;
}

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

static int set_up(void **state)
{
    (void)state;
    lend_count = rules_count = 0;
    is_lending = false;
    config = (struct config){0};
    uv_loop_init(&loop);
    port_keeper_init(&keeper,
                     &(struct port_keeper_options){.uv = &loop,
                                                   .lender = {.lend = lend, .take_back = take_back},
                                                   .worker_count = 1,
                                                   .give = on_give,
                                                   .on_rules = on_rules});
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    port_keeper_close(&keeper);
    uv_run(&loop, UV_RUN_DEFAULT);
    port_keeper_fini(&keeper);
    assert_int_equal(uv_loop_close(&loop), 0);
    config_fini(&config);
    return 0;
}

/* The rules there are, and for which containers may ask. */
static void check_rules(const char *wanted)
{
    struct text shown = TEXT_INIT;
    for (unsigned i = 0; i < keeper.rules.count; i++) {
        text_append_str(&shown, i > 0 ? " " : "");
        listener_rule_format(&keeper.rules.all[i], &shown);
        text_append_str(&shown, keeper.rules.all[i].ends_tls ? "!" : "");
    }
    assert_string_equal(text_str(&shown), wanted);
    text_fini(&shown);
}

static void start(const char *args)
{
    load(args);
    port_keeper_note_tls(&keeper, &config.tls.listens[0]);
    assert_true(port_keeper_open(&keeper, &config, 1, 10));
    port_keeper_start(&keeper);
}

static void test_rules_with_names_open_nothing(void **state)
{
    (void)state;
    start("--listen-tls 443 --tcp 443/a.test=shop");
    assert_int_equal(lend_count, 0);
    check_rules("0.0.0.0:443/a.test=shop 0.0.0.0:443!");
    load("--listen-tls 443 --tcp 443/b.test=shop --tcp 443/c.test=blog");
    assert_int_equal(port_keeper_lacks(&keeper, &config), 0); /* though it is one of root's */
    port_keeper_configure(&keeper, &config, 10);
    assert_int_equal(lend_count, 0);
    check_rules("0.0.0.0:443/b.test=shop 0.0.0.0:443/c.test=blog 0.0.0.0:443!");
}

static void test_names_of_containers_open_nothing(void **state)
{
    (void)state;
    start("--listen-tls 10443 --dynamic-ports 10000-10999");
    struct listener_rule rule = {.kind = SERVICE_TCP,
                                 .at = config.tls.listens[0],
                                 .port = 10443,
                                 .server_name = VIEW("a.test"),
                                 .service = VIEW("shop")};
    struct listener_table *table = listener_table_new(&rule, 1);
    port_keeper_follow(&keeper, table);
    listener_table_unref(table);
    assert_int_equal(lend_count, 0);
}

static void test_rules_stay_when_another_listener_has_ended(void **state)
{
    (void)state;
    is_lending = true;
    start("--listen-tls 443 --tcp 443/a.test=shop --tcp 127.0.0.1:5432=db");
    load("--listen-tls 443 --tcp 443/a.test=shop");
    port_keeper_configure(&keeper, &config, 10);
    port_keeper_give(&keeper);
    while (rules_count == 0)
        uv_run(&loop, UV_RUN_ONCE);
    check_rules("0.0.0.0:443/a.test=shop 0.0.0.0:443!");
}

static void test_it_is_told_as_open(void **state)
{
    (void)state;
    start("--listen-tls 443");
    assert_int_equal(keeper.ports.standings.count, 1);
    assert_true(keeper.ports.standings.all[0]->ends_tls);
    assert_int_equal(keeper.ports.standings.all[0]->state, LISTENER_OPEN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_rules_with_names_open_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_names_of_containers_open_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_rules_stay_when_another_listener_has_ended, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_it_is_told_as_open, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
