/* What is said on standard error between said_begin and said_end. Include after cmocka.h. */
#ifndef TESTS_UNIT_SUPPORT_SAID_H
#define TESTS_UNIT_SUPPORT_SAID_H

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct {
    char bytes[65536]; /* what was said the last time */
    FILE *file;
    int before; /* the real standard error */
} said;

static inline void said_begin(void)
{
    fflush(stderr);
    said.before = dup(STDERR_FILENO);
    said.file = tmpfile();
    assert_non_null(said.file);
    dup2(fileno(said.file), STDERR_FILENO);
}

static inline void said_end(void)
{
    fflush(stderr);
    dup2(said.before, STDERR_FILENO);
    close(said.before);
    rewind(said.file);
    said.bytes[fread(said.bytes, 1, sizeof(said.bytes) - 1, said.file)] = '\0';
    fclose(said.file);
}

static inline unsigned said_line_count(void)
{
    unsigned count = 0;
    for (const char *c = said.bytes; *c; c++)
        count += *c == '\n';
    return count;
}

#define assert_said(piece)                                                                         \
    do {                                                                                           \
        if (!strstr(said.bytes, piece))                                                            \
            fail_msg("\"%s\" is not in: %s", piece, said.bytes);                                   \
    } while (0)

#endif
