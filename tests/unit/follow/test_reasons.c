/* The table of sentences has one for each word that there is, and no other. */
#include "lb/follow/reasons.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#define FORMAT "../../../discovery/FORMAT.md"

static void check_sentences(const struct reason *reason)
{
    size_t why_len = strlen(reason->why), remedy_len = strlen(reason->remedy);
    assert_true(why_len > 5 && remedy_len > 5);
    assert_int_not_equal(reason->why[why_len - 1], '.');
    assert_true(strchr(".?", reason->remedy[remedy_len - 1]));
}

static void test_states(void **state)
{
    (void)state;
    for (int i = 0; i < ENDPOINT_STATE_COUNT; i++) {
        enum endpoint_state one = (enum endpoint_state)i;
        check_sentences(reasons_of_state(one, ENDPOINT_ORDER_NONE));
    }
    const struct reason *ordered = reasons_of_state(ENDPOINT_DRAINING, ENDPOINT_ORDER_DRAIN);
    assert_non_null(strstr(ordered->why, "ordered by admin"));
    assert_non_null(strstr(ordered->remedy, "lb ctl undrain"));
    check_sentences(ordered);
}

static const struct reason *reason_of_probing(enum protocol protocol, const char *problem)
{
    struct endpoint_options options = {.id = "1:53",
                                       .container = "1",
                                       .name = "dns",
                                       .service = "dns",
                                       .protocol = protocol,
                                       .weight = 1,
                                       .worker_count = 1};
    struct endpoint *endpoint = endpoint_new(&options);
    snprintf(endpoint->problem, sizeof(endpoint->problem), "%s", problem);
    assert_int_equal(endpoint_state(endpoint), ENDPOINT_PROBING);
    const struct reason *reason = reasons_of_endpoint(endpoint);
    endpoint_unref(endpoint);
    return reason;
}

static void test_who_speaks_udp_is_connected_to_by_nobody(void **state)
{
    (void)state;
    const struct reason *of_udp = reason_of_probing(PROTOCOL_UDP, "");
    check_sentences(of_udp);
    assert_null(strstr(of_udp->remedy, "connection"));
    assert_non_null(strstr(of_udp->remedy, "UDP"));
    assert_non_null(strstr(reason_of_probing(PROTOCOL_TCP, "")->remedy, "connection"));
    assert_ptr_not_equal(reason_of_probing(PROTOCOL_UDP, "port 54: silent"), of_udp);
}

static void test_who_is_not_trusted_is_not_told_of_its_port(void **state)
{
    (void)state;
    const struct reason *reason =
        reason_of_probing(PROTOCOL_TCP, "TLS: its certificate is for other.test, not app.test");
    check_sentences(reason);
    assert_non_null(strstr(reason->remedy, "backend-name"));
    assert_non_null(strstr(reason->remedy, "backend-ca"));
    assert_null(strstr(reason->remedy, "port"));
    reason = reason_of_probing(PROTOCOL_TCP, "a certificate of its chain is not valid before x");
    assert_non_null(strstr(reason->remedy, "backend-verify=no"));
}

/* No container is there to be inspected, started or given a label. */
static void test_an_entry_of_consuls_is_no_container(void **state)
{
    static const struct {
        const char *cause;
        enum endpoint_state state;
        const char *why, *remedy;
    } rows[] = {
        {"catalog", ENDPOINT_PROBING, "nothing has answered", "in Consul right"},
        {"passing", ENDPOINT_PROBING, "nothing has answered", "in Consul right"},
        {"critical", ENDPOINT_UNHEALTHY, "check of it in Consul", "Consul says"},
        {"warning", ENDPOINT_DRAINING, "warns", "Weights.Warning"},
        {"maintenance", ENDPOINT_DRAINING, "maintenance", "consul maint -disable"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct endpoint_options options = {.id = "n/web-1",
                                           .container = "n/web-1",
                                           .name = "web-1",
                                           .service = "web",
                                           .protocol = PROTOCOL_HTTP,
                                           .weight = 1,
                                           .worker_count = 1};
        struct endpoint *endpoint = endpoint_new(&options);
        snprintf(endpoint->cause, sizeof(endpoint->cause), "%s", rows[i].cause);
        if (rows[i].state != ENDPOINT_PROBING)
            endpoint_set_state(endpoint, rows[i].state);
        assert_int_equal(endpoint_state(endpoint), rows[i].state);
        const struct reason *reason = reasons_of_endpoint(endpoint);
        check_sentences(reason);
        assert_non_null(strstr(reason->why, rows[i].why));
        assert_non_null(strstr(reason->remedy, rows[i].remedy));
        assert_null(strstr(reason->remedy, "docker"));
        assert_null(strstr(reason->remedy, "container"));
        endpoint_unref(endpoint);
    }
}

/* What the line of discovery names (placement.c) is not named once more. */
static void test_remedies_do_not_repeat_the_detail(void **state)
{
    (void)state;
    assert_null(strstr(reasons_of_left_out("bad_port")->remedy, "65535"));
    assert_null(strstr(reasons_of_left_out("bad_port")->remedy, "lb.port"));
    assert_null(strstr(reasons_of_left_out("no_port")->remedy, "lb.port"));
}

/* The words of the table under "| `reason` |", and the reader's own. */
static void test_left_out(void **state)
{
    FILE *file = fopen(FORMAT, "r");
    char line[1024], word[64];
    bool is_in_table = false;
    unsigned count = 0;
    (void)state;
    assert_non_null(file);
    while (fgets(line, sizeof(line), file)) {
        bool is_row = sscanf(line, "| `%60[a-z_]` |", word) == 1;
        if (is_row && is_in_table) {
            assert_true(left_out_reason_parse(word) < LEFT_OUT_REASON_COUNT);
            check_sentences(reasons_of_left_out(word));
            count++;
        }
        if (strncmp(line, "| `reason` |", 12) == 0)
            is_in_table = true;
        else if (line[0] != '|')
            is_in_table = false;
    }
    fclose(file);
    assert_int_equal(count, LEFT_OUT_UNRESOLVED);
    for (unsigned i = 0; i < LEFT_OUT_REASON_COUNT; i++)
        check_sentences(reasons_of_left_out(left_out_reason_word((enum left_out_reason)i)));
    check_sentences(reasons_of_left_out("unheard_of"));
    check_sentences(reasons_of_left_out(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_states),
        cmocka_unit_test(test_who_is_not_trusted_is_not_told_of_its_port),
        cmocka_unit_test(test_who_speaks_udp_is_connected_to_by_nobody),
        cmocka_unit_test(test_an_entry_of_consuls_is_no_container),
        cmocka_unit_test(test_left_out),
        cmocka_unit_test(test_remedies_do_not_repeat_the_detail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
