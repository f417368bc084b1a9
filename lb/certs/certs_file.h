/* A file of a directory that others write into: how it looks, and its bytes. Thread: any. */
#ifndef LB_CERTS_CERTS_FILE_H
#define LB_CERTS_CERTS_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "lb/base/view.h"

/* Where symlinks lead. Zeroed: it is not there. */
struct certs_stamp {
    uint64_t device, inode, size;
    int64_t modified_ns, changed_ns;
    int error; /* of errno: it cannot be looked at; 0: it is there, or there is no path */
};

struct certs_bytes {
    char *bytes;
    size_t len;
};

/* NULL: no path. */
struct certs_stamp certs_file_look(const char *path);

bool certs_file_is_same(const struct certs_stamp *one, const struct certs_stamp *other);

/* Gives all of it, to be handed to certs_file_drop, and how it looked when it had been read. Fails: false with errno; EFBIG: more
 * than `bytes_max`; EISDIR: it is no file; ESTALE: it was changed meanwhile. */
bool certs_file_read(const char *path, size_t bytes_max, struct certs_bytes *out,
                     struct certs_stamp *stamp);

/* Nothing of them stays in memory. */
void certs_file_drop(struct certs_bytes *bytes);

static inline struct view certs_file_view(const struct certs_bytes *bytes)
{
    return view_of(bytes->bytes, bytes->len);
}

#endif
