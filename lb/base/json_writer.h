/* Writes JSON into a text, commas placed by itself. The result is valid UTF-8 whatever the bytes
 * given: what is no UTF-8 becomes U+FFFD. Nesting is limited to JSON_WRITER_DEPTH. */
#ifndef LB_BASE_JSON_WRITER_H
#define LB_BASE_JSON_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "lb/base/text.h"

#define JSON_WRITER_DEPTH 32

struct json_writer {
    struct text *out; /* borrowed */
    unsigned depth;
    bool after_key;
    bool has_items[JSON_WRITER_DEPTH];
};

/* Borrows `out`, appends to it. */
void json_writer_init(struct json_writer *writer, struct text *out);

void json_writer_begin_object(struct json_writer *writer);
void json_writer_end_object(struct json_writer *writer);
void json_writer_begin_array(struct json_writer *writer);
void json_writer_end_array(struct json_writer *writer);

/* The key of the next value; only inside an object. */
void json_writer_key(struct json_writer *writer, const char *key);

void json_writer_string(struct json_writer *writer, struct view value);
void json_writer_str(struct json_writer *writer, const char *value); /* NULL writes null */
void json_writer_uint(struct json_writer *writer, uint64_t value);
void json_writer_int(struct json_writer *writer, int64_t value);
void json_writer_double(struct json_writer *writer, double value); /* three decimals */
/* Three significant digits and no more than are needed: 0.0123, 1.5, 17300. For what is told again and
 * again, so that noise is no change. */
void json_writer_rounded(struct json_writer *writer, double value);
void json_writer_bool(struct json_writer *writer, bool value);
void json_writer_null(struct json_writer *writer);

/* Key and value in one call. */
void json_writer_field_str(struct json_writer *writer, const char *key, const char *value);
/* Nothing where the value is NULL or empty. */
void json_writer_field_if_any(struct json_writer *writer, const char *key, const char *value);
void json_writer_field_uint(struct json_writer *writer, const char *key, uint64_t value);
void json_writer_field_bool(struct json_writer *writer, const char *key, bool value);

#endif
