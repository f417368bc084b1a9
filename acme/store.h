/* Certificates on the disk, as certbot lays them out: live/NAME/{fullchain,privkey}.pem, where live/NAME is a link to
 * ../archive/NAME/N. Key and certificate are written into a new folder, then the link is switched: who opens live/NAME finds two that fit. */
#ifndef ACME_STORE_H
#define ACME_STORE_H

#include <sys/types.h>

#include "acme/certificate.h"
#include "acme/disk.h"
#include "acme/trouble.h"

struct store_entry {
    char folder[256]; /* in live/ */
    struct certificate certificate;
    char directory
        [512]; /* URL of the server that gave it; "": it is not said, somebody else put it there */
    dev_t device; /* of the file that was read */
    ino_t inode;
    struct timespec changed_at;
    bool is_seen;
};

struct store {
    char path[DISK_PATH_BYTES];
    struct store_entry **entries;
    size_t count, capacity;
};

/* Makes the folders. Fails: false, with `trouble`. */
bool store_open(struct store *store, const char *path, struct trouble *trouble);
/* Of what is there already; makes nothing. */
void store_look(struct store *store, const char *path);
void store_close(struct store *store);

/* Reads what is new or has changed; what cannot be read, or whose key does not fit, is not there. */
void store_scan(struct store *store);

/* The one that is valid longest of those that have all these names, and were given by that server or by who knows whom; NULL: none.
 * Borrowed until the next scan. */
const struct store_entry *store_find(const struct store *store, const struct names *names,
                                     const char *directory);

/* Whether any is there. */
bool store_is_empty(const struct store *store);

/* The folder in live/ for these names: the one that has them, else the first name, with a number where another has that. */
void store_choose_folder(const struct store *store, const struct names *names, char out[256]);

/* Checks that they fit each other and the names, then writes and switches. Fails: false, with `trouble`; what was there stays. */
struct store_pair {
    struct view chain, key;
    const char *directory;
};
bool store_put(struct store *store, const char *folder, const struct names *names,
               const struct store_pair *pair, struct trouble *trouble);

#endif
