/* What a connection begins with, from a TLS client or somebody who would be one. What holds: it is told
 * with the same byte, and the same way, however the bytes come; the same message in one record, and in
 * many, gives the same names; they are within their bounds; and a plain reader, which has the message
 * in one piece, finds the same server. */
#include "lb/base/address.h"
#include "lb/net/client_hello.h"
#include "tests/fuzz/support/target.h"

static char flat[CLIENT_HELLO_BYTES_MAX], cut[6 * CLIENT_HELLO_BYTES_MAX];

/* ---- the plain reader --------------------------------------------------------------------------- */

static size_t number_at(struct view bytes, size_t at, unsigned count)
{
    size_t number = 0;
    for (unsigned i = 0; i < count; i++)
        number = number << 8 | (unsigned char)bytes.ptr[at + i];
    return number;
}

/* The message of good bytes, in one piece. */
static struct view flatten(struct view bytes)
{
    size_t len = 0;
    for (size_t at = 0; len < 4 || len < 4 + number_at(view_of(flat, len), 1, 3);) {
        size_t count = number_at(bytes, at + 3, 2);
        memcpy(flat + len, bytes.ptr + at + 5, count);
        len += count;
        at += 5 + count;
    }
    return view_of(flat, 4 + number_at(view_of(flat, len), 1, 3));
}

/* As it was said; empty: none was. */
static struct view find_server_name(struct view message)
{
    size_t at = 4 + 2 + 32;
    at += 1 + number_at(message, at, 1);
    at += 2 + number_at(message, at, 2);
    at += 1 + number_at(message, at, 1);
    for (at += 2; at < message.len; at += 4 + number_at(message, at + 2, 2)) {
        if (number_at(message, at, 2) != 0)
            continue;
        size_t end = at + 6 + number_at(message, at + 4, 2);
        for (size_t name = at + 6; name < end; name += 3 + number_at(message, name + 1, 2))
            if (message.ptr[name] == 0)
                return view_of(message.ptr + name + 3, number_at(message, name + 1, 2));
    }
    return view_of(NULL, 0);
}

static void check_plainly(const struct client_hello *hello, struct view message)
{
    struct view said = find_server_name(message);
    struct address ip;
    if (said.len > 1 && said.ptr[said.len - 1] == '.')
        said.len--;
    if (hello->server_name.len > 0)
        TARGET_CHECK(view_eq_nocase(hello->server_name, said));
    else
        TARGET_CHECK(said.len == 0 || address_parse_ip(said, 0, &ip));
}

/* ---- what holds --------------------------------------------------------------------------------- */

static void check_bounds(const struct client_hello *hello)
{
    size_t alpn_bytes = 0;
    struct view name = hello->server_name;
    for (size_t i = 0; i < name.len; i++)
        TARGET_CHECK(name.ptr[i] && strchr("abcdefghijklmnopqrstuvwxyz0123456789-._", name.ptr[i]));
    for (unsigned i = 0; i < hello->alpn_count; i++)
        alpn_bytes += hello->alpn[i].len + (hello->alpn[i].len == 0 ? CLIENT_HELLO_BYTES_MAX : 0);
    TARGET_CHECK(name.len <= CLIENT_HELLO_NAME_BYTES_MAX);
    TARGET_CHECK(alpn_bytes <= CLIENT_HELLO_ALPN_BYTES_MAX);
}

static void check_same(const struct client_hello *one, const struct client_hello *other)
{
    TARGET_CHECK(view_eq(one->server_name, other->server_name));
    TARGET_CHECK(one->alpn_count == other->alpn_count);
    for (unsigned i = 0; i < one->alpn_count; i++)
        TARGET_CHECK(view_eq(one->alpn[i], other->alpn[i]));
}

static struct view cut_into(struct view message, size_t record_bytes)
{
    size_t len = 0;
    for (size_t at = 0; at < message.len;) {
        size_t count = message.len - at < record_bytes ? message.len - at : record_bytes;
        memcpy(cut + len, "\x16\3\1", 3);
        cut[len + 3] = (char)(count >> 8);
        cut[len + 4] = (char)count;
        memcpy(cut + len + 5, message.ptr + at, count);
        at += count;
        len += 5 + count;
    }
    return view_of(cut, len);
}

static void check_cuts(const struct client_hello *hello, struct view message)
{
    for (size_t record_bytes = message.len; record_bytes > 0; record_bytes /= 3) {
        struct client_hello_progress progress = {0};
        struct client_hello again;
        struct view bytes = cut_into(message, record_bytes);
        if (bytes.len > CLIENT_HELLO_BYTES_MAX)
            return;
        TARGET_CHECK(client_hello_read(&progress, bytes, &again) == CLIENT_HELLO_DONE);
        check_same(hello, &again);
    }
}

/* Byte after byte: nothing is taken back, and the end is the same. */
static void check_pieces(enum client_hello_result result, const struct client_hello *hello,
                         struct view bytes)
{
    struct client_hello_progress progress = {0};
    struct client_hello part;
    for (size_t len = 0; len <= bytes.len; len++) {
        enum client_hello_result got = client_hello_read(&progress, view_of(bytes.ptr, len), &part);
        if (got == CLIENT_HELLO_MORE && len < bytes.len)
            continue;
        TARGET_CHECK(got == result);
        if (got == CLIENT_HELLO_DONE)
            check_same(hello, &part);
        return;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct view bytes = view_of((const char *)data, size);
    struct client_hello_progress progress = {0};
    struct client_hello hello;
    enum client_hello_result result = client_hello_read(&progress, bytes, &hello);
    TARGET_CHECK(result != CLIENT_HELLO_MORE || size < CLIENT_HELLO_BYTES_MAX);
    TARGET_CHECK(result != CLIENT_HELLO_WRONG || hello.problem);
    check_pieces(result, &hello, bytes);
    if (result == CLIENT_HELLO_DONE) {
        struct view message = flatten(bytes);
        check_bounds(&hello);
        check_plainly(&hello, message);
        check_cuts(&hello, message);
    }
    return 0;
}
