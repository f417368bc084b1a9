/* What is said on standard error and on standard output between said_begin and said_end. Include
 * after cmocka.h. */
#ifndef TESTS_UNIT_SUPPORT_SAID_H
#define TESTS_UNIT_SUPPORT_SAID_H

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What one of the two was the last time. */
struct said {
    char bytes[65536];
    FILE *file;
    int before; /* the real one */
};

static struct said said;     /* standard error */
static struct said said_out; /* standard output */

static inline void said_turn(struct said *into, int fd)
{
    into->before = dup(fd);
    into->file = tmpfile();
    assert_non_null(into->file);
    dup2(fileno(into->file), fd);
}

static inline void said_turn_back(struct said *into, int fd)
{
    dup2(into->before, fd);
    close(into->before);
    rewind(into->file);
    into->bytes[fread(into->bytes, 1, sizeof(into->bytes) - 1, into->file)] = '\0';
    fclose(into->file);
}

static inline void said_begin(void)
{
    fflush(NULL);
    said_turn(&said, STDERR_FILENO);
    said_turn(&said_out, STDOUT_FILENO);
}

static inline void said_end(void)
{
    fflush(NULL);
    said_turn_back(&said, STDERR_FILENO);
    said_turn_back(&said_out, STDOUT_FILENO);
}

/* On standard error. */
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
