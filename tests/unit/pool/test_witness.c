/* The request that was the last straw: what is kept of it, and how much. Meant to run under the thread sanitizer too. */
#include "lb/pool/witness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>

#define TRACE  "4bf92f3577b34da6a3ce929d0e0e4736"
#define ROUNDS 20000u

static struct witness witness;

static int open_witness(void **state)
{
    (void)state;
    memset(&witness, 0, sizeof(witness));
    return 0;
}

static void check(const char *url, const char *trace_id)
{
    struct witness_words words;
    witness_take(&witness, &words);
    assert_string_equal(words.url, url);
    assert_string_equal(words.trace_id, trace_id);
}

static void test_what_is_kept(void **state)
{
    (void)state;
    check("", "");
    witness_note(&witness, VIEW("http"), VIEW("shop.test:81"), VIEW("/cart?id=7"), VIEW(TRACE));
    check("http://shop.test:81/cart?id=7", TRACE);
    check("", ""); /* it was taken */
    witness_note(&witness, VIEW("http"), VIEW("shop.test"), VIEW("*"), VIEW(""));
    check("http://shop.test", "");
    witness_note(&witness, VIEW("https"), VIEW("shop.test"), VIEW("/x"), VIEW(""));
    check("https://shop.test/x", "");
}

static void test_the_latest_is_kept(void **state)
{
    struct view none = {0};
    (void)state;
    witness_note(&witness, VIEW("http"), VIEW("shop.test"), VIEW("/a/long/path"), VIEW(TRACE));
    witness_note(&witness, VIEW("http"), VIEW("b"), VIEW("/"), none);
    check("http://b/", "");
    witness_note(&witness, VIEW("http"), VIEW("shop.test"), VIEW("/"), VIEW(TRACE));
    witness_note(&witness, VIEW("http"), none, none, none);
    check("", "");
}

static void test_what_is_too_long(void **state)
{
    struct witness_words words;
    char text[1000];
    (void)state;
    memset(text, '/', sizeof(text));
    struct view all = view_of(text, sizeof(text));
    witness_note(&witness, VIEW("http"), VIEW("shop.test"), all, all);
    witness_take(&witness, &words);
    assert_int_equal(strlen(words.url), sizeof(words.url) - 1);
    assert_int_equal(strlen(words.trace_id), sizeof(words.trace_id) - 1);
    witness_note(&witness, VIEW("http"), all, all, all);
    witness_take(&witness, &words);
    assert_int_equal(strlen(words.url), sizeof(words.url) - 1);
}

static void test_while_another_one_writes(void **state)
{
    (void)state;
    witness_note(&witness, VIEW("http"), VIEW("first"), VIEW("/"), VIEW(""));
    atomic_store(&witness.is_busy, true);
    witness_note(&witness, VIEW("http"), VIEW("second"), VIEW("/"), VIEW(""));
    check("", "");
    atomic_store(&witness.is_busy, false);
    check("http://first/", "");
}

static void *write_often(void *host)
{
    for (unsigned i = 0; i < ROUNDS; i++)
        witness_note(&witness, VIEW("http"), view_str(host), VIEW("/"), view_str(host));
    return NULL;
}

static bool is_whole(const struct witness_words *words)
{
    char want[64] = "";
    if (words->url[0] != '\0' || words->trace_id[0] != '\0')
        snprintf(want, sizeof(want), "http://%s/", words->trace_id);
    return strcmp(words->url, want) == 0;
}

/* What is taken is of one request. */
static void test_threads(void **state)
{
    static char hosts[2][20] = {"aaaaaaaaaaaaaaaa", "bbb"};
    pthread_t threads[2];
    struct witness_words words;
    unsigned torn_count = 0;
    (void)state;
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, write_often, hosts[i]), 0);
    for (unsigned i = 0; i < ROUNDS; i++) {
        witness_take(&witness, &words);
        torn_count += !is_whole(&words);
    }
    for (unsigned i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(torn_count, 0);
    witness_note(&witness, VIEW("http"), VIEW("free"), VIEW("/again"), VIEW(""));
    check("http://free/again", "");
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup(test, open_witness)
    const struct CMUnitTest tests[] = {
        TEST(test_what_is_kept),     TEST(test_the_latest_is_kept),
        TEST(test_what_is_too_long), TEST(test_while_another_one_writes),
        TEST(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
