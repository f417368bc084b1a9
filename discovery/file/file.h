/* The file of services, parsed: the format is in FORMAT.md. Pure. */
#ifndef DISCOVERY_FILE_FILE_H
#define DISCOVERY_FILE_FILE_H

#include <stdbool.h>

#include "discovery/set.h"
#include "lb/base/text.h"

#define FILE_MAX_BYTES (16 * 1024 * 1024)

struct file;

/* Parses a whole file. A file is taken whole or not at all. Gives: file_free(). Fails: NULL, and
 * `problem` (emptied first) names the place in the JSON, what is wrong and what is accepted. */
struct file *file_parse(struct view bytes, struct text *problem);

void file_free(struct file *file);

/* Fills `set` (sorted), which then borrows from `file`. */
void file_collect(const struct file *file, struct set *set);

#endif
