/* Lines of standard input as GELF, by lb/gelf alone: gelf_pipe URL gzip|zlib|none COUNTS [resolve_ms [datagram_bytes
 * [stall_ms [queue_bytes]]]]. COUNTS is a file that has the six counters while it runs. Words go to standard error. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lb/gelf/gelf_sender.h"

#define DRAIN_MS 2000

static void on_word(void *owner, bool is_trouble, const char *sentence)
{
    (void)owner;
    fprintf(stderr, "%s: %s\n", is_trouble ? "trouble" : "well", sentence);
}

static unsigned number(int argc, char **argv, int index)
{
    return argc > index ? (unsigned)strtoul(argv[index], NULL, 10) : 0;
}

static _Atomic uint64_t *open_counts(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    size_t size = 6 * sizeof(uint64_t);
    if (fd < 0 || ftruncate(fd, (off_t)size) != 0)
        return NULL;
    void *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    return page == MAP_FAILED ? NULL : page;
}

int main(int argc, char **argv)
{
    struct gelf_sender_options options = {.host = "box", .tag = "lb", .on_word = on_word};
    const char *problem = "its compression or its counts are not to be had";
    _Atomic uint64_t *counts = argc > 3 ? open_counts(argv[3]) : NULL;
    if (!counts || !gelf_url_parse(argv[1], &options.url, &problem) ||
        !gelf_compress_parse(argv[2], &options.compression)) {
        fprintf(stderr, "gelf_pipe: %s\n", problem);
        return 2;
    }
    options.counts = (struct gelf_sender_counts){&counts[0], &counts[1], &counts[2],
                                                 &counts[3], &counts[4], &counts[5]};
    options.resolve_ms = number(argc, argv, 4);
    options.datagram_bytes = number(argc, argv, 5);
    options.stall_timeout_ms = number(argc, argv, 6);
    options.queue_bytes = number(argc, argv, 7);
    struct gelf_sender *sender = gelf_sender_start(&options);
    if (!sender)
        return 1;
    char *line = NULL;
    size_t size = 0;
    for (ssize_t len; (len = getline(&line, &size, stdin)) >= 0;)
        gelf_sender_put(sender, (struct view){line, (size_t)len});
    free(line);
    gelf_sender_stop(sender, DRAIN_MS);
    return 0;
}
