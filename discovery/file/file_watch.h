/* The file source: reads the file of services, and again whenever it changes. A file that cannot
 * be used leaves the last good state as it was. */
#ifndef DISCOVERY_FILE_FILE_WATCH_H
#define DISCOVERY_FILE_FILE_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "discovery/alive.h"
#include "discovery/report.h"
#include "discovery/set.h"

struct file_watch;

/* Borrows `path`. Gives: file_watch_close(). Nothing is read before the first tick. */
struct file_watch *file_watch_open(const char *path, const struct report *report);
void file_watch_close(struct file_watch *watch);

/* Readable when something happened in the folder of the file; -1 when that cannot be watched. */
int file_watch_fd(const struct file_watch *watch);

/* Looks at what happened, and once a second at the file itself. */
void file_watch_tick(struct file_watch *watch, uint64_t now_ms);
uint64_t file_watch_next_tick_ms(const struct file_watch *watch);

/* What was counted. Borrowed; it changes with ticks. */
const struct alive *file_watch_alive(const struct file_watch *watch);

/* True when there may be something new; `set` is filled then and borrows until the next tick. */
bool file_watch_collect(struct file_watch *watch, struct set *set);

#endif
