/* One question to the resolver, whose answers the linker lets this test give. */
#include "lb/follow/lookup.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

int __wrap_getaddrinfo(const char *host, const char *port, const struct addrinfo *hints,
                       struct addrinfo **found);
void __wrap_freeaddrinfo(struct addrinfo *found);

static uv_loop_t loop;
static atomic_uint left_count; /* lists that were given and not freed */
static struct name_query_answer answer;
static unsigned answer_count;

/* "many": more addresses than are used; "none": of another family only; "no": a failure; "slow": two
 * addresses, after a while. */
int __wrap_getaddrinfo(const char *host, const char *port, const struct addrinfo *hints,
                       struct addrinfo **found)
{
    unsigned count = strcmp(host, "many") == 0 ? NAME_QUERY_ADDRESSES_MAX + 9 : 2;
    assert_int_equal(hints->ai_socktype, SOCK_STREAM);
    if (strcmp(host, "no") == 0)
        return EAI_NONAME;
    if (strcmp(host, "slow") == 0)
        uv_sleep(50);
    struct all {
        struct addrinfo info;
        struct sockaddr_in at;
    } *all = calloc(count, sizeof(*all));
    for (unsigned i = 0; i < count; i++) {
        all[i].at.sin_family = strcmp(host, "none") == 0 ? AF_UNIX : AF_INET;
        all[i].at.sin_port = htons((uint16_t)atoi(port));
        all[i].at.sin_addr.s_addr = htonl(0x0A000001 + i);
        all[i].info.ai_addr = (struct sockaddr *)&all[i].at;
        all[i].info.ai_next = i + 1 < count ? &all[i + 1].info : NULL;
    }
    *found = &all[0].info;
    atomic_fetch_add(&left_count, 1);
    return 0;
}

void __wrap_freeaddrinfo(struct addrinfo *found)
{
    free(found);
    atomic_fetch_sub(&left_count, 1);
}

static void on_answer(void *owner, const struct name_query_answer *given)
{
    assert_ptr_equal(owner, &answer);
    answer = *given;
    answer_count++;
}

static int open_loop(void **state)
{
    (void)state;
    answer_count = 0;
    return uv_loop_init(&loop);
}

static int close_loop(void **state)
{
    (void)state;
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    return 0;
}

static void ask(const char *host)
{
    lookup_start(&loop, host, 8080, on_answer, &answer);
    assert_int_equal(answer_count, 0);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(answer_count, 1);
    assert_int_equal(left_count, 0);
}

static void test_addresses_in_the_order_of_the_resolver(void **state)
{
    char text[ADDRESS_TEXT_BYTES];
    (void)state;
    ask("two");
    assert_int_equal(answer.count, 2);
    assert_string_equal(answer.problem, "");
    assert_string_equal(address_format(&answer.addresses[0], text), "10.0.0.1:8080");
    assert_string_equal(address_format(&answer.addresses[1], text), "10.0.0.2:8080");
}

static void test_more_addresses_than_are_used(void **state)
{
    (void)state;
    ask("many");
    assert_int_equal(answer.count, NAME_QUERY_ADDRESSES_MAX);
}

static void test_no_addresses(void **state)
{
    static const struct {
        const char *host, *problem;
    } rows[] = {{"no", "Name or service not known"}, {"none", "it has none for TCP"}};
    for (size_t i = 0; i < 2; i++) {
        ask(rows[i].host);
        assert_int_equal(answer.count, 0);
        assert_string_equal(answer.problem, rows[i].problem);
        close_loop(state);
        open_loop(state);
    }
}

/* The thread goes on by itself and finds nobody. */
static void test_nobody_waits_any_more(void **state)
{
    (void)state;
    struct lookup *lookup = lookup_start(&loop, "slow", 80, on_answer, &answer);
    lookup_abandon(lookup);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(answer_count, 0);
    uv_sleep(100);
}

/* It has rung, but is abandoned before it is heard. */
static void test_an_answer_that_comes_with_the_end(void **state)
{
    (void)state;
    struct lookup *lookup = lookup_start(&loop, "two", 80, on_answer, &answer);
    uv_sleep(50);
    lookup_abandon(lookup);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(answer_count, 0);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, open_loop, close_loop)
    const struct CMUnitTest tests[] = {
        TEST(test_addresses_in_the_order_of_the_resolver),
        TEST(test_more_addresses_than_are_used),
        TEST(test_no_addresses),
        TEST(test_nobody_waits_any_more),
        TEST(test_an_answer_that_comes_with_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
