/* A parsed head, the room that it is forwarded into and the options for it: for tests of what goes
 * out. Include after cmocka.h. */
#ifndef TESTS_UNIT_HTTP_HEAD_FIXTURE_H
#define TESTS_UNIT_HTTP_HEAD_FIXTURE_H

#include "lb/base/memory.h"
#include "lb/http/forward.h"
#include "tests/unit/support/parsed.h"

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

/* A block of the promised room and not a byte more, so that a sanitizer sees what goes beyond. */
static inline struct block *block_of(size_t capacity)
{
    struct block *block = memory_new(sizeof(*block) + capacity);
    block->capacity = capacity;
    return block;
}

/* The value of the first field of that name (in lower case) in a head; empty when there is none. */
static inline struct view find_value(struct view bytes, struct view name)
{
    while (bytes.ptr) {
        struct view value = view_cut(&bytes, '\n');
        if (value.len > name.len && value.ptr[name.len] == ':' &&
            view_eq_nocase(view_of(value.ptr, name.len), name)) {
            value.len -= value.ptr[value.len - 1] == '\r';
            return view_trim(view_skip(value, name.len + 1));
        }
    }
    return view_of(NULL, 0);
}

static inline struct forward_request options_of(struct rng *rng)
{
    *rng = (struct rng){0};
    return (struct forward_request){.client_ip = VIEW("10.0.0.9"),
                                    .scheme = VIEW("http"),
                                    .default_host = VIEW("default"),
                                    .rng = rng};
}

#endif
