/* Many entries looked at by several threads at once: reading ten thousand certificates is some seconds of work for one CPU, and
 * nobody is served until it is done. Thread: any; it returns when all of them have ended. */
#ifndef LB_CERTS_CERTS_READERS_H
#define LB_CERTS_CERTS_READERS_H

#include <stdatomic.h>

#include "lb/certs/certs_entry.h"

#define CERTS_READERS_MAX 8u

/* As certs_entry_look for each of them that is not hidden: `news` has room for as many. Gives how many readings there were. What
 * is called off meanwhile (NULL: never) has no news. A thread that cannot be started is done without. */
uint64_t certs_readers_look(struct certs_entry *entries, size_t count, unsigned thread_count,
                            int64_t now_s, const atomic_bool *is_called_off, enum certs_news *news);

#endif
