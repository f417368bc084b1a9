/* Keeps an eye on the operator's directories, --htpasswd-dir, --error-pages-dir and --backend-certificates, and gives workers a new
 * picture of them (policy/library.h) when something has changed. A change counts once it was seen twice
 * alike, a second apart, so that nobody meets a file that is half written, or a moment without it; until
 * then the last picture holds. What cannot be used is told in the log. Thread: control. */
#ifndef LB_CREW_LIBRARIAN_H
#define LB_CREW_LIBRARIAN_H

#include "lb/config/config.h"
#include "lb/net/loop.h"
#include "lb/policy/library.h"

#define LIBRARIAN_LOOK_MS 1000u

struct librarian {
    struct loop *loop;
    struct deadline look;
    char *users_path, *pages_path, *pems_path; /* NULL: none was given */
    uint64_t seen, taken; /* what the directories looked like: last time, and in the picture */
    /* Gets a reference. */
    void (*on_change)(void *owner, struct library *library);
    void *owner;
};

/* Takes the first picture and hands it on. */
void librarian_open(struct librarian *librarian, struct loop *loop, const struct config *config,
                    void (*on_change)(void *owner, struct library *library), void *owner);

/* SIGHUP: takes the next picture at once, perhaps of other directories. */
void librarian_configure(struct librarian *librarian, const struct config *config);

/* Idempotent; harmless on zeroed memory. */
void librarian_close(struct librarian *librarian);

#endif
