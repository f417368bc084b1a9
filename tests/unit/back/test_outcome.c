/* What becomes of attempts: whose fault it is, and how many in a row make an endpoint suspect. */
#include "lb/back/outcome.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

static unsigned suspect_count;
static struct endpoint *endpoint;
static struct service *service;
static struct service_local *local;
static struct fleet fleet;
static struct back back;
static struct forwarded request;

static void on_suspect(void *owner)
{
    assert_ptr_equal(owner, &suspect_count);
    suspect_count++;
}

static void serve_by(const struct outlier_rules *rules)
{
    struct service_policy *policy = service_policy_new(&(struct service_policy){.outlier = *rules});
    service_take_policy(local, policy);
    service_policy_unref(policy);
}

static int open_outcome(void **state)
{
    (void)state;
    endpoint = endpoint_new(&(struct endpoint_options){
        .id = "1", .name = "n", .service = "s", .weight = 1, .worker_count = 1});
    service = service_new("s", SERVICE_HTTP, 1);
    struct service_policy *policy = service_policy_new(&(struct service_policy){0});
    local = service_use(service, 0, policy);
    service_policy_unref(policy);
    serve_by(&(struct outlier_rules){
        .failures_max = 3, .errors_max = 2, .eject_ms = 1, .max_percent = 50});
    fleet = (struct fleet){.on_suspect = on_suspect, .suspect_owner = &suspect_count};
    back = (struct back){
        .fleet = &fleet, .endpoint = endpoint, .service = local, .is_request_sent = true};
    request = (struct forwarded){0};
    suspect_count = 0;
    return 0;
}

static int close_outcome(void **state)
{
    (void)state;
    service_release(local);
    service_unref(service);
    endpoint_unref(endpoint);
    return 0;
}

static void test_whose_fault_it_is(void **state)
{
    static const struct {
        enum err err;
        bool has_back, is_request_sent, client_was_slow, is_fault;
    } rows[] = {
        {ERR_REFUSED, false, false, false, true},
        {ERR_CONNECT_TIMEOUT, false, false, false, true},
        {ERR_NO_SOCKET, false, false, false, false}, /* lb's own */
        {ERR_UPSTREAM_RESET, true, true, false, true},
        {ERR_UPSTREAM_RESET, true, false, false, false}, /* it waited for the rest */
        {ERR_UPSTREAM_RESET, true, true, true, false},   /* the client did not read */
        {ERR_UPSTREAM_TRUNCATED, true, true, false, true},
        {ERR_UPSTREAM_TRUNCATED, true, false, false, false},
        {ERR_UPSTREAM_TRUNCATED, true, true, true, false},
        {ERR_UPSTREAM_TIMEOUT, true, false, false, true},
        {ERR_UPSTREAM_INVALID, true, false, true, true},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        back.is_request_sent = rows[i].is_request_sent;
        back.pressure.was_long = rows[i].client_was_slow;
        if (outcome_is_fault(rows[i].has_back ? &back : NULL, rows[i].err) != rows[i].is_fault)
            fail_msg("row %zu", i);
    }
}

/* f: a failed attempt; r: a reset of a reused connection; t: a connect that took too long; o: it was
 * overtaken; a digit: an answer of that class; i: an interim answer; e: an error before it had all
 * of the request. */
static void play(char letter)
{
    back.is_request_sent = letter != 'e';
    if (letter == 'f' || letter == 'r')
        outcome_failed(&fleet, local, endpoint, ERR_UPSTREAM_RESET, letter == 'r', &request);
    else if (letter == 't')
        outcome_failed(&fleet, local, endpoint, ERR_CONNECT_TIMEOUT, false, &request);
    else if (letter == 'o')
        outcome_overtaken(&fleet, local, endpoint);
    else if (letter == 'i')
        outcome_answered(&back, 103, &request);
    else if (letter == 'e')
        outcome_answered(&back, 500, &request);
    else
        outcome_answered(&back, letter == '1' ? 101 : (unsigned)(letter - '0') * 100, &request);
}

static void play_all(const char *letters)
{
    for (; *letters; letters++)
        play(*letters);
}

static void test_how_many_in_a_row_make_a_suspect(void **state)
{
    static const struct {
        const char *steps;
        unsigned suspect_count;
    } rows[] = {
        {"ff", 0},    {"fff", 1},   {"ff2f", 0},  {"ff4ff", 0}, {"fof", 1},   {"ooo", 1},
        {"rrrrr", 0}, {"ttttt", 0}, {"ffrtf", 1}, {"5", 0},     {"55", 1},    {"525", 0},
        {"5i5", 1},   {"eeee", 0},  {"5e5", 1},   {"515", 0},   {"ffi2f", 0}, {"ff1f", 0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        play_all(rows[i].steps);
        if (suspect_count != rows[i].suspect_count)
            fail_msg("%s: %u", rows[i].steps, suspect_count);
        close_outcome(state);
        open_outcome(state);
    }
}

/* The rules of the service that is served, as they are now. */
static void test_other_rules_count_at_once(void **state)
{
    (void)state;
    play_all("f");
    serve_by(&(struct outlier_rules){.failures_max = 2, .errors_max = 1});
    play_all("f");
    assert_int_equal(suspect_count, 1);
    play_all("5");
    assert_int_equal(suspect_count, 2);
    serve_by(&(struct outlier_rules){0});
    play_all("2ffffffooo55555");
    assert_int_equal(suspect_count, 2);
}

static void ask_for(struct view target, struct view trace_id)
{
    request = (struct forwarded){.host = VIEW("shop.test"), .target = target, .trace_id = trace_id};
}

static void check_last_straw(const char *url, const char *trace_id)
{
    struct witness_words words;
    witness_take(&endpoint->places->last_straw, &words);
    assert_string_equal(words.url, url);
    assert_string_equal(words.trace_id, trace_id);
}

/* That and no other request is kept for people. */
static void test_which_one_was_the_last_straw(void **state)
{
    (void)state;
    ask_for(VIEW("/first"), VIEW("1"));
    play_all("f2f4f5");
    check_last_straw("", "");
    ask_for(VIEW("/second?a=b"), VIEW("2"));
    play_all("5");
    ask_for(VIEW("/third"), VIEW("3"));
    play_all("55e");
    check_last_straw("http://shop.test/second?a=b", "2");
    play_all("2ff");
    check_last_straw("", "");
    play_all("f");
    check_last_straw("http://shop.test/third", "3");
}

static void test_a_last_straw_that_was_no_request(void **state)
{
    (void)state;
    ask_for(VIEW("/"), VIEW("1"));
    play_all("fff2ffo");
    check_last_straw("", "");
    play_all("2fff2ff");
    outcome_failed(&fleet, local, endpoint, ERR_REFUSED, false, NULL);
    assert_int_equal(suspect_count, 4);
    check_last_straw("", "");
}

static void test_nobody_wants_to_know(void **state)
{
    (void)state;
    fleet.on_suspect = NULL;
    play_all("fffff5555ooo");
    assert_int_equal(suspect_count, 0);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, open_outcome, close_outcome)
    const struct CMUnitTest tests[] = {
        TEST(test_whose_fault_it_is),
        TEST(test_how_many_in_a_row_make_a_suspect),
        TEST(test_other_rules_count_at_once),
        TEST(test_which_one_was_the_last_straw),
        TEST(test_a_last_straw_that_was_no_request),
        TEST(test_nobody_wants_to_know),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
