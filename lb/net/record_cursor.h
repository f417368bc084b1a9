/* Reads a message that TLS records (RFC 8446 § 5.1) may cut anywhere. The records it lies in are all there
 * and in order: client_hello.c has looked at them. Who reads more than is there gets zeros, and
 * `is_short` says so. Pure. Thread: any. */
#ifndef LB_NET_RECORD_CURSOR_H
#define LB_NET_RECORD_CURSOR_H

#include "lb/base/view.h"

#define RECORD_CURSOR_HEAD_BYTES 5u

struct record_cursor {
    const char *bytes; /* from the first record on; borrowed */
    size_t at;         /* of the next byte, or of a record's head at `record_end` */
    size_t record_end;
    size_t left_bytes; /* that may be read */
    bool is_short;
};

/* How many bytes the record has, whose head is there. */
static inline unsigned record_cursor_fragment_bytes(const char *head)
{
    return (unsigned)(unsigned char)head[3] << 8 | (unsigned char)head[4];
}

/* At the first byte of a message so long, which begins the first record. */
static inline struct record_cursor record_cursor_of(const char *bytes, size_t message_bytes)
{
    return (struct record_cursor){.bytes = bytes, .left_bytes = message_bytes};
}

/* The number that the next `count` bytes are, at most 3. */
unsigned record_cursor_number(struct record_cursor *cursor, unsigned count);

/* Copies the next bytes. */
void record_cursor_copy(struct record_cursor *cursor, char *to, size_t count);

/* The next `count` bytes by themselves; `cursor` goes on behind them. */
struct record_cursor record_cursor_cut(struct record_cursor *cursor, size_t count);

#endif
