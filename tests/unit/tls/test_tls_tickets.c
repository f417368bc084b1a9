/* Keys of tickets: which seals, which still opens, and those of a file. */
#include "lb/tls/tls_tickets.h"
#include "lb/tls/tls_tickets_state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define HOUR_NS UINT64_C(3600000000000)

static struct tls_tickets *tickets;

static int set_up(void **state)
{
    (void)state;
    tickets = tls_tickets_new();
    return tickets == NULL;
}

static int tear_down(void **state)
{
    (void)state;
    tls_tickets_free(tickets);
    return 0;
}

static int use(unsigned char name[16], bool seals, bool is_used_once)
{
    unsigned char iv[EVP_MAX_IV_LENGTH] = {0};
    EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
    EVP_MAC *method = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *mac = EVP_MAC_CTX_new(method);
    int rc = tls_tickets_choose(tickets, name, iv, cipher, mac, seals, is_used_once);
    EVP_MAC_CTX_free(mac);
    EVP_MAC_free(method);
    EVP_CIPHER_CTX_free(cipher);
    return rc;
}

static void test_rotates(void **state)
{
    unsigned char first[16], second[16], unknown[16] = {0};
    (void)state;
    assert_int_equal(use(first, true, false), TLS_TICKETS_USED);
    assert_int_equal(use(first, false, false), TLS_TICKETS_USED);
    assert_int_equal(use(first, false, true), TLS_TICKETS_RENEWED);
    assert_int_equal(use(unknown, false, false), TLS_TICKETS_UNKNOWN);
    tls_tickets_rotate(tickets, 5 * HOUR_NS);
    tls_tickets_rotate(tickets, 6 * HOUR_NS - 1);
    assert_int_equal(use(first, false, false), TLS_TICKETS_USED);
    tls_tickets_rotate(tickets, 6 * HOUR_NS);
    assert_int_equal(use(second, true, false), TLS_TICKETS_USED);
    assert_memory_not_equal(first, second, 16);
    assert_int_equal(use(first, false, false), TLS_TICKETS_RENEWED);
    tls_tickets_rotate(tickets, 7 * HOUR_NS);
    assert_int_equal(use(first, false, false), TLS_TICKETS_RENEWED);
    tls_tickets_rotate(tickets, 8 * HOUR_NS);
    assert_int_equal(use(first, false, false), TLS_TICKETS_UNKNOWN); /* two are kept */
    assert_int_equal(use(second, false, false), TLS_TICKETS_RENEWED);
}

static void test_of_a_file(void **state)
{
    char keys[4 * TLS_TICKETS_KEY_BYTES];
    unsigned char name[16];
    struct text problem = TEXT_INIT;
    (void)state;
    for (size_t i = 0; i < sizeof(keys); i++)
        keys[i] = (char)(i / TLS_TICKETS_KEY_BYTES + 'A');
    assert_int_equal(use(name, true, false), TLS_TICKETS_USED);
    static const size_t wrong[] = {0, 79, 81, sizeof(keys)};
    for (unsigned i = 0; i < 4; i++)
        assert_false(tls_tickets_set(tickets, view_of(keys, wrong[i]), &problem));
    assert_non_null(strstr(text_str(&problem), "it has 79 bytes: one to 3 keys of 80"));
    assert_int_equal(use(name, false, false), TLS_TICKETS_USED);
    assert_true(tls_tickets_set(tickets, view_of(keys, 2 * TLS_TICKETS_KEY_BYTES), &problem));
    assert_int_equal(use(name, false, false), TLS_TICKETS_UNKNOWN);
    tls_tickets_rotate(tickets, HOUR_NS);
    tls_tickets_rotate(tickets, 9 * HOUR_NS);
    assert_int_equal(use(name, true, false), TLS_TICKETS_USED);
    assert_int_equal(name[0], 'A');
    name[0] = 'B';
    memset(name, 'B', sizeof(name));
    assert_int_equal(use(name, false, false), TLS_TICKETS_RENEWED);
    text_fini(&problem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_rotates, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_of_a_file, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
