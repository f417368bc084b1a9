/* A directory of certificates for tests. */
#ifndef TESTS_UNIT_CERTS_FOLDER_H
#define TESTS_UNIT_CERTS_FOLDER_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/support/made_certificate.h"

static char folder[64];

static inline int folder_make(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/lb-certs-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static inline int folder_remove_one(const char *path, const struct stat *facts, int kind,
                                    struct FTW *walk)
{
    (void)facts, (void)kind, (void)walk;
    return remove(path);
}

static inline int folder_remove(void **state)
{
    (void)state;
    return nftw(folder, folder_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* In a static room: good until the next call but one. */
static inline const char *folder_path(const char *name)
{
    static char paths[2][256];
    static unsigned turn;
    char *path = paths[turn++ % 2];
    snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
    return path;
}

static inline void folder_write(const char *name, struct view bytes)
{
    FILE *file = fopen(folder_path(name), "we");
    if (!file || fwrite(bytes.ptr, 1, bytes.len, file) != bytes.len || fclose(file) != 0)
        abort();
}

static inline void folder_touch(const char *name)
{
    folder_write(name, VIEW("x"));
}

static inline void folder_sub(const char *name)
{
    if (mkdir(folder_path(name), 0755) < 0)
        abort();
}

/* As one program or another replaces a file: by a rename. */
static inline void folder_replace(const char *name, struct view bytes)
{
    folder_write("new~", bytes);
    if (rename(folder_path("new~"), folder_path(name)) < 0)
        abort();
}

#endif
