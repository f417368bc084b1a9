#include "lb/config/config_file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lb/base/memory.h"
#include "lb/config/config_faults.h"
#include "lb/config/config_json.h"
#include "lb/config/config.h"
#include "lb/config/config_value.h"

#define PIPE_WAIT_MS 2000

/* Fills `buffer` up to the end of the file; gives the count, or -1 with errno. */
static ssize_t read_all(int fd, char *buffer, size_t size)
{
    size_t used = 0;
    while (used < size) {
        ssize_t count = read(fd, buffer + used, size - used);
        if (count == 0)
            break;
        if (count > 0)
            used += (size_t)count;
        else if (errno != EINTR)
            return -1;
    }
    return (ssize_t)used;
}

/* In a pipe, as of --config <(make-settings), they come when its writer has them. False: there is none. */
static bool await_bytes(int fd)
{
    struct pollfd wanted = {.fd = fd, .events = POLLIN};
    int flags = fcntl(fd, F_GETFL);
    return poll(&wanted, 1, PIPE_WAIT_MS) == 1 && flags >= 0 &&
           fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) == 0;
}

static bool refuse_file(const struct config_entry *named, const char *wrong, struct text *faults)
{
    struct text problem = TEXT_INIT;
    text_appendf(&problem, "%s: ", named->place);
    config_value_append_quoted(view_str(named->text), &problem);
    text_appendf(&problem, ": %s; give a JSON file of at most 1 MiB that lb may read", wrong);
    return config_faults_add(faults, &problem);
}

bool config_file_read(const struct config_entry *named, struct config_layer *layer,
                      struct text *faults)
{
    int fd = open(named->text, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* of a FIFO: nobody may write */
    if (fd < 0)
        return refuse_file(named, strerror(errno), faults);
    if (!await_bytes(fd)) {
        close(fd);
        return refuse_file(named, "is a pipe, and nobody writes into it", faults);
    }
    bool is_good;
    char *buffer = memory_new(CONFIG_FILE_MAX_BYTES + 1);
    ssize_t count = read_all(fd, buffer, CONFIG_FILE_MAX_BYTES + 1);
    if (count < 0)
        is_good = refuse_file(named, strerror(errno), faults);
    else if (count > CONFIG_FILE_MAX_BYTES)
        is_good = refuse_file(named, "larger than 1 MiB", faults);
    else
        is_good = config_json_parse(&config_root, named->text, view_of(buffer, (size_t)count),
                                    layer, faults);
    free(buffer);
    close(fd);
    return is_good;
}
