/* The fields that a template of the access log can name, in one table. */
#ifndef LB_OBSERVE_ACCESS_FIELD_H
#define LB_OBSERVE_ACCESS_FIELD_H

#include "lb/observe/line.h"
#include "lb/observe/record.h"
#include "lb/observe/stamp.h"

struct access_field {
    const char *name;
    /* Appends the value, "-" where there is none. Spaces, quotes, backslashes and what is not
     * printable ASCII are written as \xHH. */
    void (*put)(struct line *line, const struct record *record, const struct stamp *stamp);
};

/* The field at `index`, NULL after the last. Thread: any. */
const struct access_field *access_field_at(size_t index);

/* The field of that name, or NULL. */
const struct access_field *access_field_find(struct view name);

#endif
