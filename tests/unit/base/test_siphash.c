/* SipHash-2-4: the numbers of its authors, and pieces that are as one. */
#include "lb/base/siphash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static const struct siphash_key known = {{0x0706050403020100u, 0x0F0E0D0C0B0A0908u}};

/* Of the bytes 0, 1, 2 …: Appendix A of the paper, and its reference implementation. */
static void test_known_numbers(void **state)
{
    static const struct {
        size_t len;
        uint64_t hash;
    } cases[] = {
        {0, 0x726FDB47DD0E0E31u}, {1, 0x74F839C593DC67FDu},  {7, 0xAB0200F58B01D137u},
        {8, 0x93F5F5799A932462u}, {15, 0xA129CA6149BE45E5u}, {63, 0x958A324CEB064572u},
    };
    char bytes[64];
    (void)state;
    for (unsigned i = 0; i < sizeof(bytes); i++)
        bytes[i] = (char)i;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct view all = view_of(bytes, cases[i].len);
        assert_true(siphash(&known, &all, 1) == cases[i].hash);
        struct view halves[] = {view_of(bytes, all.len / 3), view_skip(all, all.len / 3)};
        assert_true(siphash(&known, halves, 2) == cases[i].hash);
    }
}

static void test_each_key_has_numbers_of_its_own(void **state)
{
    struct siphash_key one, other;
    struct view text = VIEW("a");
    (void)state;
    siphash_key_init(&one);
    siphash_key_init(&other);
    assert_true(one.halves[0] != one.halves[1]);
    assert_true(siphash(&one, &text, 1) != siphash(&other, &text, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_numbers),
        cmocka_unit_test(test_each_key_has_numbers_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
