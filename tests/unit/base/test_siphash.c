/* The reference's vectors: the key is 00 01 … 0F, and so are the texts. */
#include "lb/base/siphash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void test_vectors(void **state)
{
    static const struct siphash_key key = {
        {UINT64_C(0x0706050403020100), UINT64_C(0x0F0E0D0C0B0A0908)}};
    static const struct {
        size_t len;
        struct siphash want;
    } rows[] = {
        {0, {{UINT64_C(0xE6A825BA047F81A3), UINT64_C(0x930255C71472F66D)}}},
        {1, {{UINT64_C(0x44AF996BD8C187DA), UINT64_C(0x45FC229B11597634)}}},
        {7, {{UINT64_C(0x53C1DBD8BEEBF1A1), UINT64_C(0x3982F01FA64AB8C0)}}},
        {8, {{UINT64_C(0x61F55862BAA9623B), UINT64_C(0xB49714F364E2830F)}}},
        {15, {{UINT64_C(0x11A8B03399E99354), UINT64_C(0xD9C3CF970FEC087E)}}},
        {16, {{UINT64_C(0xBB54B067CAA4E26E), UINT64_C(0x77052385BF1533FD)}}},
        {63, {{UINT64_C(0x4A83502F77D15051), UINT64_C(0x7CBD3F979A063E50)}}},
    };
    char bytes[64];
    (void)state;
    for (unsigned i = 0; i < sizeof(bytes); i++)
        bytes[i] = (char)i;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct view all = view_of(bytes, rows[i].len);
        struct view pieces[] = {view_of(bytes, all.len / 3), view_skip(all, all.len / 3)};
        struct siphash hash = siphash_of(&key, &all, 1), same = siphash_of(&key, pieces, 2);
        assert_memory_equal(&hash, &rows[i].want, sizeof(hash));
        assert_memory_equal(&same, &rows[i].want, sizeof(same));
    }
}

static void test_each_key_has_hashes_of_its_own(void **state)
{
    struct siphash_key one, other;
    struct view text = VIEW("a");
    (void)state;
    siphash_key_init(&one);
    siphash_key_init(&other);
    struct siphash hash = siphash_of(&one, &text, 1), another = siphash_of(&other, &text, 1);
    assert_true(one.words[0] != one.words[1]);
    assert_memory_not_equal(&hash, &another, sizeof(hash));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_each_key_has_hashes_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
