#include "discovery/document.h"

#include <stdio.h>
#include <stdlib.h>

#include "lb/base/json_hint.h"
#include "lb/base/memory.h"

#define NUL_ESCAPE     "\\u0000"
#define NUL_ESCAPE_LEN 6

/* Replaces every \u0000 by \ufffd. A backslash escapes what follows it, so pairs are skipped. */
static void replace_nul_escapes(char *bytes, size_t len)
{
    for (size_t i = 0; i + 1 < len; i++) {
        if (bytes[i] != '\\')
            continue;
        if (len - i >= NUL_ESCAPE_LEN && memcmp(bytes + i, NUL_ESCAPE, NUL_ESCAPE_LEN) == 0)
            memcpy(bytes + i, "\\ufffd", NUL_ESCAPE_LEN);
        i++;
    }
}

static json_t *parse(struct view bytes, size_t flags, char *error)
{
    char *copy = NULL;
    if (bytes.len > 0 && memmem(bytes.ptr, bytes.len, NUL_ESCAPE, NUL_ESCAPE_LEN)) {
        copy = memory_copy(bytes.ptr, bytes.len);
        replace_nul_escapes(copy, bytes.len);
    }
    json_error_t where;
    const char *from = copy ? copy : bytes.len > 0 ? bytes.ptr : "";
    json_t *document = json_loadb(from, bytes.len, flags, &where);
    free(copy);
    if (!document && error)
        snprintf(error, DOCUMENT_ERROR_BYTES, "line %d, column %d: %.140s; %s", where.line,
                 where.column, where.text,
                 json_error_code(&where) == json_error_duplicate_key
                     ? "give each word once"
                     : json_hint_find(bytes, (size_t)where.position));
    return document;
}

json_t *document_parse(struct view bytes, char *error)
{
    return parse(bytes, 0, error);
}

json_t *document_parse_own(struct view bytes, char *error)
{
    return parse(bytes, JSON_REJECT_DUPLICATES, error);
}
