/* A head as a parser leaves it, before what its fields mean is derived. Include after cmocka.h. */
#ifndef TESTS_UNIT_HTTP_FILLED_HEAD_H
#define TESTS_UNIT_HTTP_FILLED_HEAD_H

#include "lb/http/head.h"

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

static struct head head;

/* From field lines "name:value\n", which get a CRLF; the values keep their white space. */
static inline void fill(const char *fields, unsigned minor_version)
{
    static char bytes[16384];
    head = (struct head){.base = bytes, .minor_version = minor_version};
    char *end = bytes;
    for (const char *line = fields; *line; line = strchr(line, '\n') + 1) {
        struct field *field = &head.fields[head.field_count++];
        struct view value = view_of(line, strcspn(line, "\n")), name = view_cut(&value, ':');
        field->name_at = (uint32_t)(end - bytes);
        field->name_len = (uint16_t)name.len;
        field->value_at = (uint32_t)(field->name_at + name.len + 1);
        field->value_len = (uint32_t)value.len;
        end = stpcpy(mempcpy(end, line, name.len + 1 + value.len), "\r\n");
    }
    head.len = (uint32_t)(stpcpy(end, "\r\n") - bytes);
    assert_true(head_file_fields(&head));
}

#endif
