/* The header of the PROXY protocol: read from pieces of any size, refused, written. */
#include "lb/net/proxy_header.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

#define V2 "\r\n\r\n\0\r\nQUIT\n"
#define V4                                                                                         \
    "\x0a\0\0\1"                                                                                   \
    "\xc0\0\2\x09"                                                                                 \
    "\x10\x92"                                                                                     \
    "\0\x50" /* 10.0.0.1:4242 to 192.0.2.9:80 */
#define V6                                                                                         \
    "\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1"                                                           \
    "\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\2"                                                           \
    "\x10\x92"                                                                                     \
    "\0\x50"
#define TEXT_8 "aaaaaaaa"
#define UNIX                                                                                       \
    TEXT_8 TEXT_8 TEXT_8 TEXT_8 TEXT_8 TEXT_8 TEXT_8 TEXT_8 TEXT_8 TEXT_8 TEXT_8 TEXT_8 TEXT_8     \
        TEXT_8 TEXT_8 TEXT_8 TEXT_8 TEXT_8 TEXT_8 TEXT_8 TEXT_8 TEXT_8 TEXT_8 TEXT_8 TEXT_8 TEXT_8 \
            TEXT_8
#define LONGEST_V6 "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fff"
#define CHECKED(checksum)                                                                          \
    V2 "\x21\x11\0\x20" V4 "\4\0\1\0"                                                              \
       "\3\0\4" checksum "\2\0\6"                                                                  \
       "a.test"

static struct address address_of(const char *text)
{
    struct address address;
    assert_true(address_parse(view_str(text), &address));
    return address;
}

static void assert_address(const struct address *got, const char *wanted)
{
    char text[ADDRESS_TEXT_BYTES];
    assert_string_equal(address_format(got, text), wanted);
}

/* ---- read ------------------------------------------------------------------------------------- */

static const struct good {
    struct view bytes;
    const char *source, *destination; /* NULL: neither is told */
} goods[] = {
    {VIEW("PROXY TCP4 10.0.0.1 192.0.2.9 4242 80\r\n"), "10.0.0.1:4242", "192.0.2.9:80"},
    {VIEW("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n"), "255.255.255.255:65535",
     "255.255.255.255:65535"},
    {VIEW("PROXY TCP4 0.0.0.0 0.0.0.0 0 0\r\n"), "0.0.0.0:0", "0.0.0.0:0"},
    {VIEW("PROXY TCP6 fd00::1 FD00::2 4242 80\r\n"), "[fd00::1]:4242", "[fd00::2]:80"},
    {VIEW("PROXY TCP6 " LONGEST_V6 "e " LONGEST_V6 "f 65535 65535\r\n"), "[" LONGEST_V6 "e]:65535",
     "[" LONGEST_V6 "f]:65535"},
    {VIEW("PROXY TCP6 ::ffff:10.0.0.1 ::1 4242 80\r\n"), "[::ffff:10.0.0.1]:4242", "[::1]:80"},
    {VIEW("PROXY UNKNOWN\r\n"), NULL, NULL},
    {VIEW("PROXY UNKNOWN anything \0\r that is said\r\n"), NULL, NULL},
    {VIEW("PROXY UNKNOWN " LONGEST_V6 "f " LONGEST_V6 "f 65535 65535\r\n"), NULL, NULL}, /* 107 */
    {VIEW(V2 "\x21\x11\0\x0c" V4), "10.0.0.1:4242", "192.0.2.9:80"},
    {VIEW(V2 "\x21\x21\0\x24" V6), "[fd00::1]:4242", "[fd00::2]:80"},
    {VIEW(V2 "\x21\x11\0\x13" V4 "\xea\0\4"
             "vpce"),
     "10.0.0.1:4242", "192.0.2.9:80"},
    {VIEW(V2 "\x21\x11\0\x12" V4 "\4\0\0"
             "\4\0\0"),
     "10.0.0.1:4242", "192.0.2.9:80"},
    {VIEW(CHECKED("\x35\x60\x5c\x23")), "10.0.0.1:4242", "192.0.2.9:80"},
    {VIEW(V2 "\x20\0\0\0"), NULL, NULL},        /* LOCAL */
    {VIEW(V2 "\x20\x11\0\x0c" V4), NULL, NULL}, /* whose family is ignored */
    {VIEW(V2 "\x20\xff\0\3"
             "any"),
     NULL, NULL},                        /* likewise, and what else it tells */
    {VIEW(V2 "\x21\0\0\0"), NULL, NULL}, /* UNSPEC */
    {VIEW(V2 "\x21\0\0\3"
             "any"),
     NULL, NULL},                               /* likewise */
    {VIEW(V2 "\x21\x12\0\x0c" V4), NULL, NULL}, /* a datagram's: none of this connection */
    {VIEW(V2 "\x21\x22\0\x24" V6), NULL, NULL},
    {VIEW(V2 "\x21\x10\0\x0c" V4), NULL, NULL},
    {VIEW(V2 "\x21\x31\0\xd8" UNIX), NULL, NULL},
    {VIEW(V2 "\x21\x32\0\xd8" UNIX), NULL, NULL},
};

static void check_good(const struct good *row, struct view bytes)
{
    struct proxy_header header;
    assert_int_equal(proxy_header_read(bytes, &header), PROXY_HEADER_DONE);
    assert_int_equal(header.len, row->bytes.len);
    assert_int_equal(header.has_addresses, row->source != NULL);
    if (!row->source)
        return;
    assert_address(&header.source, row->source);
    assert_address(&header.destination, row->destination);
}

static void test_headers_are_read(void **state)
{
    char room[256];
    (void)state;
    for (size_t i = 0; i < COUNT_OF(goods); i++) {
        struct view bytes = goods[i].bytes;
        check_good(&goods[i], bytes);
        memcpy(room, bytes.ptr, bytes.len);
        memcpy(room + bytes.len, "\n\r\0G", 4); /* the client's own */
        for (size_t more = 1; more <= 4; more++)
            check_good(&goods[i], view_of(room, bytes.len + more));
    }
}

static void test_a_part_of_a_header_is_waited_for(void **state)
{
    struct proxy_header header;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(goods); i++)
        for (size_t len = 0; len < goods[i].bytes.len; len++)
            assert_int_equal(proxy_header_read(view_of(goods[i].bytes.ptr, len), &header),
                             PROXY_HEADER_MORE);
}

static void test_the_longest_header_is_read_and_a_longer_one_is_not(void **state)
{
    static char room[PROXY_HEADER_BYTES_MAX] = V2 "\x21\x11\x0f\xf0" V4 "\4\x0f\xe1";
    struct proxy_header header;
    (void)state;
    assert_int_equal(proxy_header_read(view_of(room, sizeof(room) - 1), &header),
                     PROXY_HEADER_MORE);
    assert_int_equal(proxy_header_read(view_of(room, sizeof(room)), &header), PROXY_HEADER_DONE);
    assert_int_equal(header.len, PROXY_HEADER_BYTES_MAX);
    assert_int_equal(proxy_header_read(VIEW(V2 "\x21\x11\x0f\xf1"), &header), PROXY_HEADER_WRONG);
    assert_string_equal(header.problem, "it is longer than 4096 bytes");
}

/* ---- refused ---------------------------------------------------------------------------------- */

static const struct view strangers[] = {
    VIEW("GET / HTTP/1.1\r\n\r\n"),
    VIEW("POST / HTTP/1.1\r\n\r\n"),
    VIEW("PRI * HTTP/2.0\r\n"),
    VIEW("PROXYX / HTTP/1.1\r\n"),
    VIEW("PROXY\t"),
    VIEW("proxy TCP4"),
    VIEW(" PROXY TCP4"),
    VIEW("\r\nGET / HTTP/1.1\r\n"),
    VIEW("\r\n\r\nGET"),
    VIEW("\r\n\r\n\0\r\nQUIT\r"),
    VIEW("\x16\3\1"),
    VIEW("\0\0\0\x08\x04\xd2\x16\x2f"),
    VIEW("\n"),
    VIEW("\0"),
};

/* It is told with the first byte that tells it, and whatever comes behind. */
static void test_what_is_no_header_is_told_at_once(void **state)
{
    struct proxy_header header;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(strangers); i++) {
        bool has_told = false;
        for (size_t len = 0; len <= strangers[i].len; len++) {
            bool tells =
                proxy_header_read(view_of(strangers[i].ptr, len), &header) != PROXY_HEADER_MORE;
            assert_true(tells || !has_told);
            has_told = tells;
        }
        assert_int_equal(proxy_header_read(strangers[i], &header), PROXY_HEADER_NOT_ONE);
    }
}

static const struct bad {
    struct view bytes;
    const char *problem;
} bads[] = {
    {VIEW("PROXY \r\n"), "its protocol is none of"},
    {VIEW("PROXY TCP5 10.0.0.1 192.0.2.9 4242 80\r\n"), "its protocol is none of"},
    {VIEW("PROXY tcp4 10.0.0.1 192.0.2.9 4242 80\r\n"), "its protocol is none of"},
    {VIEW("PROXY UNKNOWNS\r\n"), "its protocol is none of"},
    {VIEW("PROXY  TCP4 10.0.0.1 192.0.2.9 4242 80\r\n"), "its protocol is none of"},
    {VIEW("PROXY TCP4\r\n"), "its source"},
    {VIEW("PROXY TCP4 10.0.0.1\r\n"), "its source"},
    {VIEW("PROXY TCP4 10.0.0.1 192.0.2.9 4242\r\n"), "its destination"},
    {VIEW("PROXY TCP4 10.0.0.1 192.0.2.9 4242 80 \r\n"), "behind its ports"},
    {VIEW("PROXY TCP4 10.0.0.1 192.0.2.9 4242 80 more\r\n"), "behind its ports"},
    {VIEW("PROXY TCP4  10.0.0.1 192.0.2.9 4242 80\r\n"), "behind its ports"},
    {VIEW("PROXY TCP4\t10.0.0.1 192.0.2.9 4242 80\r\n"), "its protocol is none of"},
    {VIEW("PROXY TCP4 10.0.0.256 192.0.2.9 4242 80\r\n"), "its source"},
    {VIEW("PROXY TCP4 10.0.0.01 192.0.2.9 4242 80\r\n"), "its source"},
    {VIEW("PROXY TCP4 10.1 192.0.2.9 4242 80\r\n"), "its source"},
    {VIEW("PROXY TCP4 a.test 192.0.2.9 4242 80\r\n"), "its source"},
    {VIEW("PROXY TCP4 10.0.0.1\0 192.0.2.9 4242 80\r\n"), "its source"},
    {VIEW("PROXY TCP4 fd00::1 fd00::2 4242 80\r\n"), "its source"},
    {VIEW("PROXY TCP4 10.0.0.1 fd00::2 4242 80\r\n"), "its destination"},
    {VIEW("PROXY TCP6 10.0.0.1 192.0.2.9 4242 80\r\n"), "its source"},
    {VIEW("PROXY TCP6 [fd00::1] fd00::2 4242 80\r\n"), "its source"},
    {VIEW("PROXY TCP6 fe80::1%eth0 fd00::2 4242 80\r\n"), "its source"},
    {VIEW("PROXY TCP4 10.0.0.1 192.0.2.9 65536 80\r\n"), "its source"},
    {VIEW("PROXY TCP4 10.0.0.1 192.0.2.9 04242 80\r\n"), "its source"},
    {VIEW("PROXY TCP4 10.0.0.1 192.0.2.9 +4242 80\r\n"), "its source"},
    {VIEW("PROXY TCP4 10.0.0.1 192.0.2.9 -1 80\r\n"), "its source"},
    {VIEW("PROXY TCP4 10.0.0.1 192.0.2.9 4242 80\r\r\n"), "its destination"},
    {VIEW("PROXY TCP4 10.0.0.1 192.0.2.9 4242 80\n"), "CR LF"},
    {VIEW("PROXY \n"), "CR LF"},
    {VIEW("PROXY UNKNOWN " LONGEST_V6 "f " LONGEST_V6 "f 65535 655355\r\n"), "within 107 bytes"},
    {VIEW(V2 "\x11\x11\0\x0c" V4), "its version or its command"},
    {VIEW(V2 "\x31\x11\0\x0c" V4), "its version or its command"},
    {VIEW(V2 "\x22\x11\0\x0c" V4), "its version or its command"},
    {VIEW(V2 "\x2f\x11\0\x0c" V4), "its version or its command"},
    {VIEW(V2 "\x21\x41\0\x0c" V4), "its address family"},
    {VIEW(V2 "\x21\x13\0\x0c" V4), "its address family"},
    {VIEW(V2 "\x21\x03\0\0"), "its address family"},
    {VIEW(V2 "\x21\x11\0\x0b" V4), "too short"},
    {VIEW(V2 "\x21\x11\0\0"), "too short"},
    {VIEW(V2 "\x21\x21\0\x23" V6), "too short"},
    {VIEW(V2 "\x21\x31\0\x0c" V4), "too short"},
    {VIEW(V2 "\x21\x11\0\x0d" V4 "\4"), "what it tells besides"},
    {VIEW(V2 "\x21\x11\0\x0e" V4 "\4\0"), "what it tells besides"},
    {VIEW(V2 "\x21\x11\0\x0f" V4 "\4\0\1"
             "a"),
     "what it tells besides"},
    {VIEW(V2 "\x21\x11\0\x10" V4 "\4\xff\xff"
             "a"),
     "what it tells besides"},
    {VIEW(CHECKED("\0\0\0\0")), "its checksum does not match"},
    {VIEW(V2 "\x21\x11\0\x12" V4 "\3\0\3"
             "abc"),
     "its checksum is not of four bytes"},
    {VIEW(V2 "\x21\x11\0\x1a" V4 "\3\0\4"
             "abcd"
             "\3\0\4"
             "abcd"),
     "or there twice"},
    {VIEW(V2 "\x21\x11\xff\xff" V4), "longer than 4096"},
};

/* Once it is told nothing that comes behind makes it good. */
static void test_malformed_headers_are_refused_with_a_sentence(void **state)
{
    struct proxy_header header;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(bads); i++) {
        bool has_told = false;
        for (size_t len = 0; len <= bads[i].bytes.len; len++) {
            enum proxy_header_result got =
                proxy_header_read(view_of(bads[i].bytes.ptr, len), &header);
            assert_true(got == PROXY_HEADER_WRONG || (got == PROXY_HEADER_MORE && !has_told));
            has_told = got == PROXY_HEADER_WRONG;
        }
        assert_true(has_told);
        assert_non_null(strstr(header.problem, bads[i].problem));
    }
}

/* ---- written ---------------------------------------------------------------------------------- */

static const struct written {
    const char *source, *destination;
    struct view v1, v2;
} writtens[] = {
    {NULL, NULL, VIEW("PROXY UNKNOWN\r\n"), VIEW(V2 "\x20\0\0\0")},
    {"10.0.0.1:4242", "192.0.2.9:80", VIEW("PROXY TCP4 10.0.0.1 192.0.2.9 4242 80\r\n"),
     VIEW(V2 "\x21\x11\0\x0c" V4)},
    {"[fd00::1]:4242", "[fd00::2]:80", VIEW("PROXY TCP6 fd00::1 fd00::2 4242 80\r\n"),
     VIEW(V2 "\x21\x21\0\x24" V6)},
    {"[::ffff:10.0.0.1]:4242", "[::ffff:192.0.2.9]:80",
     VIEW("PROXY TCP4 10.0.0.1 192.0.2.9 4242 80\r\n"), VIEW(V2 "\x21\x11\0\x0c" V4)},
    {"[::ffff:10.0.0.1]:4242", "192.0.2.9:80", VIEW("PROXY TCP4 10.0.0.1 192.0.2.9 4242 80\r\n"),
     VIEW(V2 "\x21\x11\0\x0c" V4)},
    {"10.0.0.1:4242", "[fd00::2]:80", VIEW("PROXY TCP6 ::ffff:10.0.0.1 fd00::2 4242 80\r\n"),
     VIEW(V2 "\x21\x21\0\x24"
             "\0\0\0\0\0\0\0\0\0\0\xff\xff\x0a\0\0\1"
             "\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\2"
             "\x10\x92"
             "\0\x50")},
    {"[" LONGEST_V6 "f]:65535",
     "1.2.3.4:65535",
     VIEW("PROXY TCP6 " LONGEST_V6 "f ::ffff:1.2.3.4 65535 65535\r\n"),
     {NULL, 0}},
};

static void check_written(struct view wanted, const char *got, size_t len)
{
    assert_int_equal(len, wanted.len);
    assert_memory_equal(got, wanted.ptr, len);
}

static void test_headers_are_written(void **state)
{
    char out[PROXY_HEADER_WRITTEN_BYTES_MAX];
    (void)state;
    for (size_t i = 0; i < COUNT_OF(writtens); i++) {
        const struct written *row = &writtens[i];
        bool is_known = row->source != NULL;
        struct address source = is_known ? address_of(row->source) : (struct address){0};
        struct address destination = is_known ? address_of(row->destination) : source;
        check_written(row->v1, out,
                      proxy_header_write_v1(is_known ? &source : NULL, &destination, out));
        if (row->v2.ptr)
            check_written(row->v2, out,
                          proxy_header_write_v2(is_known ? &source : NULL, &destination, out));
    }
}

static void test_what_is_written_is_read_again(void **state)
{
    char out[PROXY_HEADER_WRITTEN_BYTES_MAX];
    struct address source = address_of("[" LONGEST_V6 "e]:65535");
    struct address destination = address_of("[" LONGEST_V6 "f]:65535");
    (void)state;
    for (unsigned version = 1; version <= 2; version++) {
        struct proxy_header header;
        size_t len = (version == 1 ? proxy_header_write_v1
                                   : proxy_header_write_v2)(&source, &destination, out);
        assert_int_equal(proxy_header_read(view_of(out, len), &header), PROXY_HEADER_DONE);
        assert_int_equal(header.len, len);
        assert_true(address_eq(&header.source, &source));
        assert_true(address_eq(&header.destination, &destination));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_headers_are_read),
        cmocka_unit_test(test_a_part_of_a_header_is_waited_for),
        cmocka_unit_test(test_the_longest_header_is_read_and_a_longer_one_is_not),
        cmocka_unit_test(test_what_is_no_header_is_told_at_once),
        cmocka_unit_test(test_malformed_headers_are_refused_with_a_sentence),
        cmocka_unit_test(test_headers_are_written),
        cmocka_unit_test(test_what_is_written_is_read_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
