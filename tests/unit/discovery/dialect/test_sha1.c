#include "discovery/dialect/sha1.h"

#include <stdlib.h>

#include "lb/base/memory.h"

#include "tests/unit/discovery/cmocka_all.h"

/* Of `count` bytes that are all the same. */
static void check_run(char byte, size_t count, const char *expected)
{
    char hex[SHA1_HEX_BYTES], *bytes = memory_new(count + 1);
    memset(bytes, byte, count);
    sha1_hex(view_of(bytes, count), hex);
    assert_string_equal(hex, expected);
    free(bytes);
}

static void test_vectors_of_the_standard(void **state)
{
    char hex[SHA1_HEX_BYTES];
    (void)state;
    sha1_hex(view_str("abc"), hex);
    assert_string_equal(hex, "a9993e364706816aba3e25717850c26c9cd0d89d");
    sha1_hex(view_str("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"), hex);
    assert_string_equal(hex, "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
    check_run('a', 1000000, "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
}

static void test_ends_of_blocks(void **state)
{
    (void)state;
    check_run('x', 0, "da39a3ee5e6b4b0d3255bfef95601890afd80709");
    check_run('x', 1, "11f6ad8ec52a2984abaafd7c3b516503785c2072");
    check_run('x', 55, "cef734ba81a024479e09eb5a75b6ddae62e6abf1");
    check_run('x', 56, "901305367c259952f4e7af8323f480d59f81335b");
    check_run('x', 63, "0ddc4e0cccd9a12850deb5abb0853a4425559fec");
    check_run('x', 64, "bb2fa3ee7afb9f54c6dfb5d021f14b1ffe40c163");
    check_run('x', 65, "78c741ddc482e4cdf8c474a0876347a0905b6233");
    check_run('x', 119, "4300320394f7ee239bcdce7d3b8bcee173a0cd5c");
    check_run('x', 120, "ceb2821639c4b6dcb10bce0e522ca2e608ce056d");
    check_run('x', 128, "150fa3fbdc899bd0b8f95a9fb6027f564d953762");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors_of_the_standard),
        cmocka_unit_test(test_ends_of_blocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
