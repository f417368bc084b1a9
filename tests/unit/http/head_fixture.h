/* A parsed head, the room that it is forwarded into and the options for it: for tests of what goes
 * out. Include after cmocka.h. */
#ifndef TESTS_UNIT_HTTP_HEAD_FIXTURE_H
#define TESTS_UNIT_HTTP_HEAD_FIXTURE_H

#include "lb/base/memory.h"
#include "lb/http/forward.h"
#include "lb/http/parser.h"

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

static struct parser parser;

/* Parses one head. The bytes stay where they are. */
static inline const struct head *parse(enum parser_kind kind, struct view bytes)
{
    static struct parser_setup setup;
    struct view span;
    parser_setup_init(&setup, kind,
                      &(struct parser_limits){.max_head_bytes = 65536,
                                              .max_field_count = 128,
                                              .max_target_bytes = 65536});
    parser_init(&parser, &setup);
    if (parser_step(&parser, &bytes, &span) != PARSER_HEAD)
        fail_msg("%s: %.*s", err_word(parser.err), (int)bytes.len, bytes.ptr);
    assert_int_equal(parser.stash.len, 0);
    return &parser.head;
}

/* A block of the promised room and not a byte more, so that a sanitizer sees what goes beyond. */
static inline struct block *block_of(size_t capacity)
{
    struct block *block = memory_new(sizeof(*block) + capacity);
    block->capacity = capacity;
    return block;
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
