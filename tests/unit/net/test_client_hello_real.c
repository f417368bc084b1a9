/* ClientHellos as real clients of 2026 say them, from the corpus of the fuzz target. */
#include "lb/net/client_hello.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

static const struct {
    const char *file, *name, *alpn;
} rows[] = {
    {"openssl_name", "shop.a.test", ""}, /* it was called Shop.A.test */
    {"openssl_alpn", "a.test", "h2,http/1.1"},
    {"openssl_no_name", "", ""},
    {"openssl_address", "", ""}, /* it says 127.0.0.1, which is no name */
    {"openssl_tls12", "a.test", ""},
    {"openssl_tls10", "a.test", ""},
    {"openssl_many_shares", "a.test", ""},
    {"openssl_status_and_session", "a.test", "postgresql"},
    {"openssl_max_fragment", "a.test", ""},
    {"openssl_no_extensions_wanted", "", ""},
    {"openssl_small_fragments", "a.test", "mqtt"},
    {"curl", "shop.a.test", "h2,http/1.1"},
    {"curl_http11", "shop.a.test", "http/1.1"},
    {"curl_address", "", "h2,http/1.1"},
    {"python", "xn--bcher-kva.test", "redis"},
    {"node", "a.test", "h2,http/1.1"},
    {"java", "db.a.test", "h2"},
    {"chromium", "shop.a.test", "h2,http/1.1"}, /* with ML-KEM's share, and grease */
};

static struct view read_file(const char *name, char *room, size_t room_bytes)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/tests/fuzz/corpus/client_hello/%s", SOURCE_DIR, name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t len = fread(room, 1, room_bytes, file);
    fclose(file);
    return view_of(room, len);
}

static void check_names(const struct client_hello *hello, const char *name, const char *alpn)
{
    char said[256] = "";
    assert_true(view_eq(hello->server_name, view_str(name)));
    for (unsigned i = 0; i < hello->alpn_count; i++) {
        strcat(said, i > 0 ? "," : "");
        strncat(said, hello->alpn[i].ptr, hello->alpn[i].len);
    }
    assert_string_equal(said, alpn);
}

static void test_real_clients(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char room[4096];
        struct view bytes = read_file(rows[i].file, room, sizeof(room));
        struct client_hello_progress progress = {0};
        struct client_hello hello;
        for (size_t len = 0; len < bytes.len; len++)
            assert_int_equal(client_hello_read(&progress, view_of(bytes.ptr, len), &hello),
                             CLIENT_HELLO_MORE);
        assert_int_equal(client_hello_read(&progress, bytes, &hello), CLIENT_HELLO_DONE);
        check_names(&hello, rows[i].name, rows[i].alpn);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_real_clients)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
