/* Certificates that run out: what is told, when, and once. */
#include "lb/certs/certs_expiry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/unit/support/made_certificate.h"

static struct certs_expiry expiry;
static struct text said;

static void tell(void *owner, const struct certs_running_out *item, const char *sentence)
{
    static const char *const words[] = {"far", "soon", "near", "over"};
    (void)owner;
    assert_non_null(strstr(sentence, item->place));
    text_appendf(&said, "%s:%s ", item->name, words[item->stage]);
}

static struct tls_identity *make(const char *names, int64_t begins_s, int64_t ends_s)
{
    struct text problem = TEXT_INIT;
    struct made_certificate made = made_certificate_new(
        (struct made_wish){.names = names, .begins_s = begins_s, .ends_s = ends_s});
    struct tls_identity *identity =
        tls_identity_read(text_view(&made.pem), text_view(&made.key_pem), 0, &problem);
    assert_non_null(identity);
    text_fini(&problem);
    made_certificate_free(&made);
    return identity;
}

static struct tls_store *store_of(struct tls_host *hosts, unsigned count)
{
    struct tls_store *store = tls_store_new(
        &(struct tls_store_parts){.hosts = hosts, .count = count, .now_s = (int64_t)time(NULL)});
    for (unsigned i = 0; i < count; i++)
        tls_identity_unref(hosts[i].identities[TLS_KEY_ECDSA]);
    return store;
}

static void assert_told(const struct tls_store *store, int64_t in_s, const char *expected)
{
    text_clear(&said);
    certs_expiry_look(&expiry, store, (int64_t)time(NULL) + in_s);
    assert_string_equal(text_str(&said), expected);
}

static void test_each_stage_is_told_once_and_the_end_too(void **state)
{
    struct tls_host host = {.file_name = VIEW("a"),
                            .place = VIEW("live/a"),
                            .identities[TLS_KEY_ECDSA] = make("DNS:a.test", -60, 90 * MADE_DAY_S)};
    struct tls_store *store = store_of(&host, 1);
    (void)state;
    expiry.tell = tell;
    assert_told(store, 75 * MADE_DAY_S, "");
    assert_told(store, 77 * MADE_DAY_S, "a:soon ");
    assert_told(store, 78 * MADE_DAY_S, "");
    assert_told(store, 88 * MADE_DAY_S, "a:near ");
    assert_told(store, 91 * MADE_DAY_S, "a:over ");
    assert_told(store, 92 * MADE_DAY_S, "");
    tls_store_unref(store);
    host.identities[TLS_KEY_ECDSA] = make("DNS:a.test", -60, 180 * MADE_DAY_S);
    store = store_of(&host, 1);
    assert_told(store, 92 * MADE_DAY_S, "a:far ");
    assert_told(store, 92 * MADE_DAY_S, "");
    tls_store_unref(store);
    certs_expiry_fini(&expiry);
}

static void test_brief_ones_are_told_later(void **state)
{
    struct tls_host host = {.file_name = VIEW("a"),
                            .place = VIEW("live/a"),
                            .identities[TLS_KEY_ECDSA] = make("DNS:a.test", -60, 6 * MADE_DAY_S)};
    struct tls_store *store = store_of(&host, 1);
    (void)state;
    expiry.tell = tell;
    assert_told(store, 3 * MADE_DAY_S, "");
    assert_told(store, 4 * MADE_DAY_S + 3600, "a:soon ");
    assert_told(store, 5 * MADE_DAY_S + 12 * 3600, "a:near ");
    tls_store_unref(store);
    certs_expiry_fini(&expiry);
}

static void test_what_nobody_is_shown_is_not_told(void **state)
{
    struct tls_host hosts[] = {
        {.file_name = VIEW("a.test"),
         .place = VIEW("live/a.test"),
         .identities[TLS_KEY_ECDSA] = make("DNS:a.test,DNS:*.a.test", -60, 5 * MADE_DAY_S)},
        {.file_name = VIEW("a.test-0001"),
         .place = VIEW("live/a.test-0001"),
         .identities[TLS_KEY_ECDSA] = make("DNS:a.test,DNS:*.a.test", -60, 90 * MADE_DAY_S)},
        {.file_name = VIEW("w"),
         .place = VIEW("live/w"),
         .identities[TLS_KEY_ECDSA] = make("DNS:*.w.test", -60, 5 * MADE_DAY_S)},
        {.file_name = VIEW("default"),
         .place = VIEW("default.crt"),
         .is_default = true,
         .identities[TLS_KEY_ECDSA] = make("DNS:d.test", -60, 5 * MADE_DAY_S)},
        {.file_name = VIEW("f.test"),
         .place = VIEW("f.test.crt"),
         .is_filed = true,
         .identities[TLS_KEY_ECDSA] = make("DNS:other.test", -60, 5 * MADE_DAY_S)}};
    struct tls_store *store = store_of(hosts, sizeof(hosts) / sizeof(hosts[0]));
    (void)state;
    expiry.tell = tell;
    assert_told(store, 4 * MADE_DAY_S + 23 * 3600, "default:near f.test:near w:near ");
    tls_store_unref(store);
    certs_expiry_fini(&expiry);
}

static int drop(void **state)
{
    (void)state;
    text_fini(&said);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_stage_is_told_once_and_the_end_too),
        cmocka_unit_test(test_brief_ones_are_told_later),
        cmocka_unit_test(test_what_nobody_is_shown_is_not_told),
    };
    return cmocka_run_group_tests(tests, NULL, drop);
}
