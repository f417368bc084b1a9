/* Makes ClientHellos: `hello_begin`, `hello_add` for each extension, `hello_end`; cut into records. */
#ifndef TESTS_UNIT_NET_HELLO_MAKER_H
#define TESTS_UNIT_NET_HELLO_MAKER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "lb/base/view.h"

#define MADE_HEAD_BYTES 5u

struct made_hello {
    char bytes[131072]; /* one record, which may be longer than one can be, or several */
    size_t len, extensions_at;
};

static inline struct view made_view(const struct made_hello *made)
{
    return view_of(made->bytes, made->len);
}

static inline void made_add(struct made_hello *made, struct view bytes)
{
    assert_true(made->len + bytes.len <= sizeof(made->bytes));
    if (bytes.len > 0)
        memcpy(made->bytes + made->len, bytes.ptr, bytes.len);
    made->len += bytes.len;
}

static inline void made_put_16(struct made_hello *made, size_t at, size_t number)
{
    made->bytes[at] = (char)(number >> 8);
    made->bytes[at + 1] = (char)number;
}

static inline void made_add_16(struct made_hello *made, size_t number)
{
    made->len += 2;
    made_put_16(made, made->len - 2, number);
}

/* Up to the extensions: version, random, session, cipher suites, compression methods. */
static inline void hello_begin(struct made_hello *made)
{
    made->len = 0;
    made_add(made, VIEW("\x16\3\1\0\0\1\0\0\0\3\3"));
    for (unsigned i = 0; i < 4; i++)
        made_add(made, VIEW("\0random\xff"));
    made_add(made, VIEW("\4\0\1\2\3"));
    made_add(made, VIEW("\0\4\x13\1\x13\2"));
    made_add(made, VIEW("\1\0"));
    made->extensions_at = made->len;
    made_add_16(made, 0);
}

static inline void hello_add(struct made_hello *made, unsigned type, struct view body)
{
    made_add_16(made, type);
    made_add_16(made, body.len);
    made_add(made, body);
}

/* Fills in the lengths of message and record. */
static inline void hello_end_without_extensions(struct made_hello *made)
{
    made_put_16(made, 3, made->len - MADE_HEAD_BYTES);
    made_put_16(made, 7, made->len - MADE_HEAD_BYTES - 4);
}

static inline void hello_end(struct made_hello *made)
{
    made_put_16(made, made->extensions_at, made->len - made->extensions_at - 2);
    hello_end_without_extensions(made);
}

/* A usual one: a name, a list of protocols, and something that is of no interest around them. */
static inline void hello_make(struct made_hello *made, struct view name, struct view protocols)
{
    hello_begin(made);
    hello_add(made, 10, VIEW("\0\2\x11\xec"));
    made_add(made, VIEW("\0\0"));
    made_add_16(made, name.len + 5);
    made_add_16(made, name.len + 3);
    made_add(made, VIEW("\0"));
    made_add_16(made, name.len);
    made_add(made, name);
    hello_add(made, 51, VIEW("\0\0"));
    made_add(made, VIEW("\0\x10"));
    made_add_16(made, protocols.len + 2);
    made_add_16(made, protocols.len);
    made_add(made, protocols);
    hello_add(made, 21, VIEW(""));
    hello_end(made);
}

/* One of so many bytes, by padding (RFC 7685). */
static inline void hello_make_of(struct made_hello *made, size_t len)
{
    static const char zeros[32768];
    hello_begin(made);
    hello_add(made, 21, view_of(zeros, len - made->len - 4));
    assert_int_equal(made->len, len);
    hello_end(made);
}

/* The same message in records of so many bytes. */
static inline void hello_cut(struct made_hello *to, const struct made_hello *from,
                             size_t record_len)
{
    struct view left = view_skip(made_view(from), MADE_HEAD_BYTES);
    to->len = 0;
    while (left.len > 0) {
        size_t len = left.len < record_len ? left.len : record_len;
        made_add(to, VIEW("\x16\3\3"));
        made_add_16(to, len);
        made_add(to, view_of(left.ptr, len));
        left = view_skip(left, len);
    }
}

#endif
