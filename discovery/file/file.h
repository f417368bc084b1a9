/* The file of services and routes, parsed: the format is in FORMAT.md. Pure. */
#ifndef DISCOVERY_FILE_FILE_H
#define DISCOVERY_FILE_FILE_H

#include <stdbool.h>

#include "discovery/set.h"
#include "lb/base/text.h"

#define FILE_MAX_BYTES (16 * 1024 * 1024)

struct file;

/* Parses a whole file. It is taken, or not at all; words that are not known are told, and do not hold
 * up the rest. With `has_company` services may also come from other sources. Gives: file_free(). Fails:
 * NULL, and `problem` (emptied first) names the place in the JSON, what is wrong and what is accepted. */
struct file *file_parse(struct view bytes, bool has_company, struct text *problem);

void file_free(struct file *file);

/* What it has that is not followed, a line each; or "". Borrowed. */
const char *file_remarks(const struct file *file);

/* Fills `set` (sorted), which then borrows from `file`. */
void file_collect(const struct file *file, struct set *set);

#endif
