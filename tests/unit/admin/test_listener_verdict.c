/* The rule that is told is the one by which connections go: for every name and ALPN the same as what workers ask. */
#include "lb/admin/listener_verdict.h"

#include "tests/unit/admin/listeners_case.h"

static const char *const names[] = {"",         "a.test",     "x.a.test", "y.x.a.test", "b.test",
                                    "xa.test",  "test",       "*.a.test", "*.x.a.test", "*.test",
                                    "z.b.test", "q.z.b.test", "other"};
static const char *const alpns[] = {"", "h2", "http/1.1"};

static void ask(const struct pool *pool, const char *name, const char *alpn,
                const struct listener_table *table)
{
    struct listener_question question = {
        .kind = SERVICE_TCP, .port = 443, .server_name = view_str(name), .alpn = view_str(alpn)};
    struct listener_verdict verdict;
    struct address at;
    struct view offered = question.alpn;
    assert_true(address_parse(VIEW("0.0.0.0:443"), &at));
    listener_verdict_find(&(struct explain){.pool = pool}, &question, &verdict);
    uint32_t number = listener_entry_find(listener_table_find(table, SERVICE_TCP, &at),
                                          question.server_name, &offered, offered.len > 0);
    if (number == LISTENER_TABLE_NONE) {
        assert_int_equal(verdict.rule, LISTENER_VERDICT_NONE);
        return;
    }
    assert_int_not_equal(verdict.rule, LISTENER_VERDICT_NONE);
    assert_true(view_eq(listener_table_rule(table, verdict.rule)->service,
                        listener_table_service(table, number)->name));
}

/* Each rule leads to a service of its own. */
static void check_some(unsigned *seed)
{
    static char services[64][8];
    struct listener_rule rules[64];
    struct routes_target targets[64];
    struct service *service = service_new("s", SERVICE_TCP, 1);
    struct service_policy *policy = service_policy_new(&(struct service_policy){0});
    unsigned count = 0;
    for (unsigned i = 0; i < COUNT_OF(names) * COUNT_OF(alpns); i++) {
        targets[i] = (struct routes_target){.service = service, .policy = policy};
        if ((unsigned)rand_r(seed) % 4 != 0)
            continue;
        rules[count] = listeners_rule("0.0.0.0:443=s", SERVICE_TCP);
        rules[count].server_name = view_str(names[i % COUNT_OF(names)]);
        rules[count].alpn = view_str(alpns[i / COUNT_OF(names)]);
        snprintf(services[count], sizeof(services[0]), "s%u", i);
        rules[count].service = view_str(services[count]);
        count++;
    }
    if (count > 0) {
        struct listener_table *table = listener_table_new(rules, count);
        struct pool pool = {.listeners = {.table = table, .targets = targets}};
        for (unsigned i = 0; i < COUNT_OF(names); i++)
            for (unsigned k = 0; k < COUNT_OF(alpns); k++)
                if (names[i][0] != '*')
                    ask(&pool, names[i], alpns[k], table);
        listener_table_unref(table);
    }
    service_policy_unref(policy);
    service_unref(service);
}

static void test_the_same_as_workers(void **state)
{
    unsigned seed = 7;
    (void)state;
    for (unsigned round = 0; round < 400; round++)
        check_some(&seed);
}

/* Its own address comes before that of all; without an address any will do. */
static void test_which_listener(void **state)
{
    static const struct {
        const char *at, *found;
        unsigned others;
    } rows[] = {{"10.0.0.1:443", "10.0.0.1:443", 0},
                {"10.0.0.2:443", "0.0.0.0:443", 0},
                {"[::1]:443", "0.0.0.0:443", 0},
                {NULL, "0.0.0.0:443", 1},
                {"10.0.0.1:444", NULL, 0}};
    struct listener_rule rules[] = {listeners_rule("0.0.0.0:443=s", SERVICE_TCP),
                                    listeners_rule("10.0.0.1:443=s", SERVICE_TCP)};
    struct routes_target target = {.service = service_new("s", SERVICE_TCP, 1)};
    struct pool pool = {.listeners = {.table = listener_table_new(rules, 2), .targets = &target}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct listener_question question = {.kind = SERVICE_TCP, .port = 443};
        struct listener_verdict verdict;
        char at[ADDRESS_TEXT_BYTES];
        if (rows[i].at)
            assert_true(address_parse(view_str(rows[i].at), &question.at));
        if (rows[i].at)
            question.port = address_port(&question.at);
        listener_verdict_find(&(struct explain){.pool = &pool}, &question, &verdict);
        assert_int_equal(verdict.has_listener, rows[i].found != NULL);
        assert_int_equal(verdict.other_count, rows[i].others);
        if (rows[i].found)
            assert_string_equal(address_format(&verdict.listener.at, at), rows[i].found);
    }
    service_unref(target.service);
    listener_table_unref(pool.listeners.table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_same_as_workers),
        cmocka_unit_test(test_which_listener),
    };
    (void)take_listeners, (void)use_kind, (void)take_line, (void)take_obstacle, (void)assert_text;
    (void)open_publisher, (void)close_publisher, (void)admit_all, (void)endpoint_of;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
