/* A place in the file of services while it is read: which value of it, and what is said of it. Borrows
 * the file's bytes and its keys. Pure. */
#ifndef DISCOVERY_FILE_FILE_PLACE_H
#define DISCOVERY_FILE_FILE_PLACE_H

#include <stdbool.h>

#include "lb/base/json_place.h"
#include "lb/base/text.h"

#define FILE_PLACE_DEPTH_MAX   8
#define FILE_PLACE_REMARKS_MAX 8 /* that are told; the others are counted */

/* What reading has to say. */
struct file_findings {
    struct view bytes; /* of the file */
    struct text *problem;
    struct text remarks; /* a line each */
    unsigned remark_count;
};

struct file_place {
    struct file_findings *findings;
    struct json_step steps[FILE_PLACE_DEPTH_MAX];
    unsigned depth;
};

/* One step further in; too deep, it stays where it is. */
struct file_place file_place_in_key(const struct file_place *place, const char *key);
struct file_place file_place_in_item(const struct file_place *place, size_t index);

/* Appends "line 3, column 5: services[0].name". */
void file_place_append(const struct file_place *place, struct text *out);

/* `line 3, column 5: services[0].name: what` becomes the problem. Gives false. */
bool file_place_refuse(const struct file_place *place, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The same for what is no reason to refuse the file. */
void file_place_remark(const struct file_place *place, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Ends the remarks with the count of those that were not told. */
void file_findings_close(struct file_findings *findings);

#endif
