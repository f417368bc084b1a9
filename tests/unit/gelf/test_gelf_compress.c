/* What is packed is what comes out again, and begins as receivers tell it apart by. */
#include "lb/gelf/gelf_compress.h"

#include <stdlib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <zlib.h>

#define ANY_HEAD (15 + 32) /* zlib's or gzip's */
#define ROOM     200000

static char unpacked[ROOM];

static size_t unpack(struct view packed)
{
    z_stream stream = {.next_in = (Bytef *)(uintptr_t)packed.ptr,
                       .avail_in = (uInt)packed.len,
                       .next_out = (Bytef *)unpacked,
                       .avail_out = sizeof(unpacked)};
    assert_int_equal(inflateInit2(&stream, ANY_HEAD), Z_OK);
    assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
    assert_int_equal(stream.avail_in, 0);
    size_t len = stream.total_out;
    inflateEnd(&stream);
    return len;
}

static void check(struct gelf_compress *compress, struct view message, const char *head)
{
    struct text out = TEXT_INIT;
    text_append_str(&out, "what was there before");
    struct view packed = gelf_compress_pack(compress, message, &out);
    assert_memory_equal(packed.ptr, head, 2);
    assert_int_equal(unpack(packed), message.len);
    assert_memory_equal(unpacked, message.ptr, message.len);
    text_fini(&out);
}

/* One after the other with the same: nothing of one is left in the next. */
static void check_all(enum gelf_compression compression, const char *head)
{
    struct gelf_compress *compress = gelf_compress_new(compression);
    char *noise = malloc(150000);
    srand(7);
    for (size_t i = 0; i < 150000; i++)
        noise[i] = (char)rand();
    for (unsigned i = 0; i < 3; i++) {
        check(compress, VIEW("{\"version\":\"1.1\"}"), head);
        check(compress, VIEW(""), head);
        check(compress, view_of(noise, 150000), head);
    }
    free(noise);
    gelf_compress_free(compress);
}

static void test_gzip(void **state)
{
    (void)state;
    check_all(GELF_COMPRESSION_GZIP, "\x1f\x8b");
}

static void test_zlib(void **state)
{
    (void)state;
    check_all(GELF_COMPRESSION_ZLIB, "\x78\x01");
}

static void test_none(void **state)
{
    struct text out = TEXT_INIT;
    struct view message = VIEW("{}");
    (void)state;
    struct gelf_compress *compress = gelf_compress_new(GELF_COMPRESSION_NONE);
    assert_ptr_equal(gelf_compress_pack(compress, message, &out).ptr, message.ptr);
    gelf_compress_free(compress);
    text_fini(&out);
}

static void test_words(void **state)
{
    enum gelf_compression compression = GELF_COMPRESSION_GZIP;
    (void)state;
    assert_true(gelf_compress_parse("none", &compression) && compression == GELF_COMPRESSION_NONE);
    assert_true(gelf_compress_parse("zlib", &compression) && compression == GELF_COMPRESSION_ZLIB);
    assert_false(gelf_compress_parse("GZIP", &compression));
    assert_false(gelf_compress_parse("", &compression));
    assert_int_equal(compression, GELF_COMPRESSION_ZLIB);
    assert_true(gelf_compress_parse("gzip", &compression) && compression == GELF_COMPRESSION_GZIP);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gzip),
        cmocka_unit_test(test_zlib),
        cmocka_unit_test(test_none),
        cmocka_unit_test(test_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
