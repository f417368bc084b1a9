#include "appserver/sha1.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lb/base/text.h"

static void assert_digest(struct view bytes, const char *expected)
{
    unsigned char digest[SHA1_BYTES];
    struct text hex = TEXT_INIT;
    sha1_of(bytes, digest);
    for (unsigned i = 0; i < SHA1_BYTES; i++)
        text_appendf(&hex, "%02x", digest[i]);
    assert_string_equal(text_str(&hex), expected);
    text_fini(&hex);
}

static void test_samples_of_rfc_3174(void **state)
{
    (void)state;
    assert_digest(VIEW("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
    assert_digest(VIEW("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
                  "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
    assert_digest(VIEW(""), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
    char *many = malloc(1000000);
    assert_non_null(many);
    memset(many, 'a', 1000000);
    assert_digest(view_of(many, 1000000), "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
    free(many);
}

/* Around the lengths where the padding needs a block more; the digests are sha1sum's. */
static void test_edges_of_the_padding(void **state)
{
    (void)state;
    char bytes[65];
    memset(bytes, 'a', sizeof(bytes));
    assert_digest(view_of(bytes, 55), "c1c8bbdc22796e28c0e15163d20899b65621d65a");
    assert_digest(view_of(bytes, 56), "c2db330f6083854c99d4b5bfb6e8f29f201be699");
    assert_digest(view_of(bytes, 63), "03f09f5b158a7a8cdad920bddc29b81c18a551f5");
    assert_digest(view_of(bytes, 64), "0098ba824b5c16427bd7a1122a5a442a25ec644d");
    assert_digest(view_of(bytes, 65), "11655326c708d70319be2610e8a57d9a5b959d3b");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_samples_of_rfc_3174),
        cmocka_unit_test(test_edges_of_the_padding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
