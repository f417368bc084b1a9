/* Chunks, byte by byte. */
#include "lb/gelf/gelf_chunk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void test_count(void **state)
{
    (void)state;
    assert_int_equal(gelf_chunk_count(0, 1420), 1);
    assert_int_equal(gelf_chunk_count(1420, 1420), 1);
    assert_int_equal(gelf_chunk_count(1421, 1420), 2);
    assert_int_equal(gelf_chunk_count(2 * 1408, 1420), 2);
    assert_int_equal(gelf_chunk_count(2 * 1408 + 1, 1420), 3);
    assert_int_equal(gelf_chunk_count(128 * 1408, 1420), 128);
    assert_int_equal(gelf_chunk_count(128 * 1408 + 1, 1420), 0);
    assert_int_equal(gelf_chunk_count(SIZE_MAX / 2, 1420), 0);
    assert_int_equal(gelf_chunk_count(128 * 52, 64), 128);
}

static void test_bytes(void **state)
{
    unsigned char head[GELF_CHUNK_HEAD_BYTES];
    char message[130];
    for (size_t i = 0; i < sizeof(message); i++)
        message[i] = (char)('a' + i % 26);
    struct view whole = view_of(message, sizeof(message));
    (void)state;
    assert_int_equal(gelf_chunk_count(whole.len, 64), 3); /* 52 + 52 + 26 */
    for (unsigned number = 0; number < 3; number++) {
        struct view part = gelf_chunk_cut(whole, 64, 0x0123456789abcdefu, number, 3, head);
        const unsigned char want[] = {
            0x1e, 0x0f, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, (unsigned char)number, 3};
        assert_memory_equal(head, want, sizeof(want));
        assert_ptr_equal(part.ptr, message + (size_t)number * 52);
        assert_int_equal(part.len, number < 2 ? 52 : 26);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_count),
        cmocka_unit_test(test_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
