/* A parsed head, for tests of what is done with it. Include after cmocka.h. */
#ifndef TESTS_UNIT_SUPPORT_PARSED_H
#define TESTS_UNIT_SUPPORT_PARSED_H

#include "lb/http/parser.h"

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

#endif
