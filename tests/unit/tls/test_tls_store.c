/* Which certificate is shown for which name, of files, names in them, wildcards, parents, both types of keys. */
#include "lb/tls/tls_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/unit/support/made_certificate.h"

#define HOSTS_MAX 12u

static struct tls_host hosts[HOSTS_MAX];
static unsigned host_count, clash_count;
static struct text clashes;
static struct tls_client_ca *everyone_ca;

static struct tls_identity *make_from(const char *names, int rsa_bits, int64_t begins_s,
                                      int64_t ends_s)
{
    struct text problem = TEXT_INIT;
    struct made_certificate made = made_certificate_new((struct made_wish){
        .names = names, .rsa_bits = rsa_bits, .begins_s = begins_s, .ends_s = ends_s});
    /* As of a time when it was valid: it may be over by now. */
    struct tls_identity *identity =
        tls_identity_read(text_view(&made.pem), text_view(&made.key_pem),
                          (int64_t)time(NULL) - 9 * MADE_DAY_S, &problem);
    assert_non_null(identity);
    text_fini(&problem);
    made_certificate_free(&made);
    return identity;
}

static struct tls_identity *make(const char *names, int rsa_bits, int64_t ends_s)
{
    return make_from(names, rsa_bits, -10 * MADE_DAY_S, ends_s);
}

static struct tls_host *add(const char *file_name, const char *place, bool is_filed,
                            struct tls_identity *identity)
{
    struct tls_host *host = &hosts[host_count++];
    *host = (struct tls_host){
        .file_name = view_str(file_name), .place = view_str(place), .is_filed = is_filed};
    if (identity)
        host->identities[tls_identity_facts(identity)->key_type] = identity;
    return host;
}

static void on_clash(void *owner, const struct tls_store_clash *clash)
{
    (void)owner;
    clash_count++;
    text_append(&clashes, clash->name);
    text_append_char(&clashes, ':');
    text_append(&clashes, clash->shown->place);
    text_append_char(&clashes, '>');
    text_append(&clashes, clash->hidden->place);
    text_append_char(&clashes, ' ');
}

/* Of what was added, which is let go. */
static struct tls_store *store_of_all(void)
{
    text_clear(&clashes);
    clash_count = 0;
    struct tls_store *store = tls_store_new(&(struct tls_store_parts){.hosts = hosts,
                                                                      .count = host_count,
                                                                      .client_ca = everyone_ca,
                                                                      .now_s = (int64_t)time(NULL),
                                                                      .on_clash = on_clash});
    for (unsigned i = 0; i < host_count; i++) {
        for (unsigned type = 0; type < TLS_KEY_TYPE_COUNT; type++)
            tls_identity_unref(hosts[i].identities[type]);
        tls_client_ca_unref(hosts[i].client_ca);
    }
    host_count = 0;
    return store;
}

static const struct tls_host *found(const struct tls_store *store, const char *name,
                                    enum tls_match expected)
{
    enum tls_match match;
    const struct tls_host *host = tls_store_find(store, view_str(name), &match);
    assert_int_equal(match, expected);
    assert_true((host == NULL) == (expected == TLS_MATCH_NONE));
    return host;
}

static void assert_shown(const struct tls_store *store, const char *name, enum tls_match expected,
                         const char *file_name)
{
    assert_true(view_eq(found(store, name, expected)->file_name, view_str(file_name)));
}

/* Rows N78 to N81 of nginx-proxy's behaviour. */
static void test_files_by_their_names(void **state)
{
    (void)state;
    add("a.test", "a.test.crt", true, make("DNS:other.example", 0, MADE_DAY_S));
    add("Own.a.test", "Own.a.test.crt", true, make("DNS:own.a.test", 0, MADE_DAY_S));
    add("test", "test.crt", true, make("DNS:nothing.example", 0, MADE_DAY_S));
    struct tls_store *store = store_of_all();
    assert_shown(store, "a.test", TLS_MATCH_EXACT, "a.test");
    assert_shown(store, "www.a.test", TLS_MATCH_PARENT_FILE, "a.test");
    assert_shown(store, "own.a.test", TLS_MATCH_EXACT, "Own.a.test");
    assert_shown(store, "other.example", TLS_MATCH_EXACT, "a.test");
    found(store, "sub.www.a.test", TLS_MATCH_NONE);
    found(store, "b.test", TLS_MATCH_NONE);
    found(store, "", TLS_MATCH_NONE);
    found(store, ".", TLS_MATCH_NONE);
    found(store, "a.test.", TLS_MATCH_NONE);
    assert_shown(store, "test", TLS_MATCH_EXACT, "test");
    assert_null(tls_store_default(store));
    assert_int_equal(tls_store_count(store), 3);
    assert_true(view_eq(tls_store_named(store, VIEW("own.A.test"))->file_name, VIEW("Own.a.test")));
    assert_null(tls_store_named(store, VIEW("other.example")));
    tls_store_unref(tls_store_ref(store));
    tls_store_unref(store);
}

static void test_names_and_wildcards(void **state)
{
    (void)state;
    add("one", "live/one", false, make("DNS:a.test,DNS:*.a.test,DNS:x.b.test", 0, MADE_DAY_S));
    add("two.test", "live/two.test", false, make("DNS:w.a.test", 0, MADE_DAY_S));
    add("default", "default.crt", true, make("DNS:d.test", 0, MADE_DAY_S))->is_default = true;
    struct tls_store *store = store_of_all();
    assert_shown(store, "a.test", TLS_MATCH_EXACT, "one");
    assert_shown(store, "y.a.test", TLS_MATCH_WILDCARD, "one");
    assert_shown(store, "w.a.test", TLS_MATCH_EXACT, "two.test");
    assert_shown(store, "x.b.test", TLS_MATCH_EXACT, "one");
    found(store, "z.y.a.test", TLS_MATCH_NONE);
    found(store, "two.test", TLS_MATCH_NONE); /* its name alone makes it none */
    found(store, "one", TLS_MATCH_NONE);
    found(store, "default", TLS_MATCH_NONE);
    found(store, "d.test", TLS_MATCH_NONE);
    assert_true(view_eq(tls_store_named(store, VIEW("two.test"))->place, VIEW("live/two.test")));
    assert_true(tls_store_default(store)->is_default);
    assert_true(tls_store_at(store, 2)->is_default);
    tls_store_unref(store);
}

static void test_both_types_side_by_side(void **state)
{
    (void)state;
    struct tls_host *both = add("a.test", "a.test.crt", true, make("DNS:a.test", 2048, MADE_DAY_S));
    both->identities[TLS_KEY_ECDSA] = make("DNS:a.test", 0, MADE_DAY_S);
    both->places[TLS_KEY_ECDSA] = VIEW("a.test.ecdsa.crt");
    add("b.test", "live/b.test", false, make("DNS:b.test,DNS:only.test", 2048, MADE_DAY_S));
    add("b.test-0001", "live/b.test-0001", false, make("DNS:b.test", 0, 2 * MADE_DAY_S));
    add("c.test", "one/c.test.crt", true, make("DNS:c.test", 2048, MADE_DAY_S));
    add("c.test", "two/c.test.crt", true, make("DNS:c.test", 0, MADE_DAY_S));
    struct tls_store *store = store_of_all();
    const struct tls_host *host = found(store, "a.test", TLS_MATCH_EXACT);
    assert_non_null(host->identities[TLS_KEY_RSA]);
    assert_true(view_eq(host->places[TLS_KEY_RSA], VIEW("a.test.crt")));
    assert_true(view_eq(host->places[TLS_KEY_ECDSA], VIEW("a.test.ecdsa.crt")));
    host = found(store, "b.test", TLS_MATCH_EXACT);
    assert_true(view_eq(host->places[TLS_KEY_RSA], VIEW("live/b.test")));
    assert_true(view_eq(host->places[TLS_KEY_ECDSA], VIEW("live/b.test-0001")));
    assert_null(found(store, "only.test", TLS_MATCH_EXACT)->identities[TLS_KEY_ECDSA]);
    host = found(store, "c.test", TLS_MATCH_EXACT);
    assert_true(view_eq(host->places[TLS_KEY_RSA], VIEW("one/c.test.crt")));
    assert_true(view_eq(host->places[TLS_KEY_ECDSA], VIEW("two/c.test.crt")));
    assert_non_null(tls_store_named(store, VIEW("c.test"))->identities[TLS_KEY_ECDSA]);
    assert_int_equal(clash_count, 0);
    tls_store_unref(store);
}

static void test_who_is_valid_longest_is_shown(void **state)
{
    (void)state;
    add("a.test", "1", false, make("DNS:a.test", 0, 3 * MADE_DAY_S));
    add("a.test-0001", "2", false, make("DNS:a.test", 0, 9 * MADE_DAY_S));
    add("a.test-0002", "3", false, make("DNS:a.test", 0, 5 * MADE_DAY_S));
    struct tls_identity *twin = make("DNS:b.test", 0, MADE_DAY_S);
    add("b.test", "4", false, twin);
    add("b.test", "5", false, tls_identity_ref(twin));
    struct tls_store *store = store_of_all();
    assert_true(view_eq(found(store, "a.test", TLS_MATCH_EXACT)->place, VIEW("2")));
    assert_string_equal(text_str(&clashes), "a.test:2>1 a.test:2>3 ");
    tls_store_unref(store);
}

static void test_what_is_over_is_shown_only_where_nothing_else_is(void **state)
{
    (void)state;
    add("a.test", "filed", true, make("DNS:a.test", 0, -MADE_DAY_S));
    add("x", "live/x", false, make("DNS:a.test", 0, MADE_DAY_S));
    struct tls_host *both = add("b.test", "both", true, make("DNS:b.test", 2048, -MADE_DAY_S));
    both->identities[TLS_KEY_ECDSA] = make("DNS:b.test", 0, MADE_DAY_S);
    add("c.test", "c", true, make("DNS:c.test", 0, -MADE_DAY_S));
    struct tls_store *store = store_of_all();
    assert_true(
        view_eq(found(store, "a.test", TLS_MATCH_EXACT)->places[TLS_KEY_ECDSA], VIEW("live/x")));
    assert_null(found(store, "b.test", TLS_MATCH_EXACT)->identities[TLS_KEY_RSA]);
    assert_non_null(found(store, "c.test", TLS_MATCH_EXACT)->identities[TLS_KEY_ECDSA]);
    tls_store_unref(store);
}

/* One that is valid now wins, in whichever order they come; one that is not yet is shown where it is alone. */
static void test_what_is_not_valid_yet_displaces_nobody(void **state)
{
    (void)state;
    add("a.test", "early/a.test", true, make_from("DNS:a.test", 0, MADE_DAY_S, 99 * MADE_DAY_S));
    add("a.test", "late/a.test", true, make("DNS:a.test", 0, MADE_DAY_S));
    add("b.test", "filed", true, make_from("DNS:b.test", 0, MADE_DAY_S, 99 * MADE_DAY_S));
    add("x", "live/x", false, make("DNS:b.test", 0, MADE_DAY_S));
    add("c.test", "alone", true, make_from("DNS:c.test", 0, MADE_DAY_S, 99 * MADE_DAY_S));
    struct tls_host *both = add("d.test", "both", true, make("DNS:d.test", 2048, MADE_DAY_S));
    both->identities[TLS_KEY_ECDSA] = make_from("DNS:d.test", 0, MADE_DAY_S, 99 * MADE_DAY_S);
    add("e.test", "over", true, make("DNS:e.test", 0, -MADE_DAY_S));
    add("y", "live/y", false, make_from("DNS:e.test", 0, MADE_DAY_S, 99 * MADE_DAY_S));
    struct tls_store *store = store_of_all();
    assert_true(view_eq(found(store, "a.test", TLS_MATCH_EXACT)->places[TLS_KEY_ECDSA],
                        VIEW("late/a.test")));
    assert_true(
        view_eq(found(store, "b.test", TLS_MATCH_EXACT)->places[TLS_KEY_ECDSA], VIEW("live/x")));
    assert_non_null(found(store, "c.test", TLS_MATCH_EXACT)->identities[TLS_KEY_ECDSA]);
    assert_null(found(store, "d.test", TLS_MATCH_EXACT)->identities[TLS_KEY_ECDSA]);
    assert_true(
        view_eq(found(store, "e.test", TLS_MATCH_EXACT)->places[TLS_KEY_ECDSA], VIEW("live/y")));
    assert_non_null(strstr(text_str(&clashes), "a.test:late/a.test>early/a.test "));
    tls_store_unref(store);
}

static void test_client_cas(void **state)
{
    struct tls_client_ca *own = tls_client_ca_nobody(), *other = tls_client_ca_nobody();
    struct tls_client_ca *far = tls_client_ca_nobody();
    (void)state;
    everyone_ca = tls_client_ca_nobody();
    add("a.test", "a", true, make("DNS:a.test,DNS:*.a.test", 0, MADE_DAY_S));
    add("b.test", "b", true, make("DNS:b.test", 0, MADE_DAY_S));
    add("default", "d", true, make("DNS:d.test", 0, MADE_DAY_S))->is_default = true;
    add("b.test", "b.ca", true, NULL)->client_ca = own;
    add("x.a.test", "x.ca", true, NULL)->client_ca = other;
    add("far.example", "far.ca", true, NULL)->client_ca = far;
    struct tls_store *store = store_of_all();
    assert_ptr_equal(found(store, "a.test", TLS_MATCH_EXACT)->client_ca, everyone_ca);
    assert_ptr_equal(found(store, "y.a.test", TLS_MATCH_WILDCARD)->client_ca, everyone_ca);
    assert_ptr_equal(found(store, "b.test", TLS_MATCH_EXACT)->client_ca, own);
    assert_ptr_equal(found(store, "www.b.test", TLS_MATCH_PARENT_FILE)->client_ca, own);
    found(store, "far.example", TLS_MATCH_NONE);
    assert_ptr_equal(tls_store_client_ca(store, VIEW("b.test")), own);
    assert_ptr_equal(tls_store_client_ca(store, VIEW("x.a.test")), other);
    assert_ptr_equal(tls_store_client_ca(store, VIEW("far.example")), far);
    assert_null(tls_store_client_ca(store, VIEW("a.test")));
    assert_null(tls_store_client_ca(store, VIEW("no.example")));
    assert_ptr_equal(tls_store_default(store)->client_ca, everyone_ca);
    tls_client_ca_unref(everyone_ca);
    everyone_ca = NULL;
    assert_int_equal(tls_store_count(store), 3);
    tls_store_unref(store);
}

static void test_a_store_of_nothing(void **state)
{
    struct tls_store *store = store_of_all();
    (void)state;
    found(store, "a.test", TLS_MATCH_NONE);
    assert_null(tls_store_named(store, VIEW("a.test")));
    assert_null(tls_store_default(store));
    assert_int_equal(tls_store_count(store), 0);
    tls_store_unref(store);
}

static int drop_all(void **state)
{
    (void)state;
    text_fini(&clashes);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files_by_their_names),
        cmocka_unit_test(test_names_and_wildcards),
        cmocka_unit_test(test_both_types_side_by_side),
        cmocka_unit_test(test_who_is_valid_longest_is_shown),
        cmocka_unit_test(test_what_is_over_is_shown_only_where_nothing_else_is),
        cmocka_unit_test(test_what_is_not_valid_yet_displaces_nobody),
        cmocka_unit_test(test_client_cas),
        cmocka_unit_test(test_a_store_of_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, drop_all);
}
