/* A head as a parser leaves it, before what its fields mean is derived. Include after cmocka.h. */
#ifndef TESTS_UNIT_HTTP_FILLED_HEAD_H
#define TESTS_UNIT_HTTP_FILLED_HEAD_H

#include "lb/http/head.h"

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

static struct head head;

/* Field lines "name:value\n", which stay where they are. */
static inline void fill(const char *fields, unsigned minor_version)
{
    head = (struct head){.base = fields, .minor_version = minor_version};
    for (const char *line = fields; *line; line = strchr(line, '\n') + 1) {
        struct field *field = &head.fields[head.field_count];
        const char *colon = strchr(line, ':');
        struct view value = view_trim(view_of(colon + 1, strcspn(colon + 1, "\n")));
        field->name_at = (uint32_t)(line - fields);
        field->name_len = (uint16_t)(colon - line);
        field->value_at = (uint32_t)(value.ptr - fields);
        field->value_len = (uint32_t)value.len;
        head_file_field(&head, head.field_count++);
    }
}

#endif
