#include "lb/master/plan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lb/base/memory.h"
#include "lb/master/environment.h"

#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

/* ---- taking ----------------------------------------------------------------------------------- */

static int copy(int from, int to, size_t size)
{
    char piece[4096];
    for (size_t at = 0; at < size;) {
        size_t most = size - at < sizeof(piece) ? size - at : sizeof(piece);
        ssize_t got = pread(from, piece, most, (off_t)at);
        if (got <= 0)
            return got < 0 ? -errno : -EBADMSG;
        if (pwrite(to, piece, (size_t)got, (off_t)at) != got)
            return -EIO;
        at += (size_t)got;
    }
    return 0;
}

/* Its size, where that is a plan's. */
static ssize_t size_of(int fd)
{
    struct stat about;
    if (fstat(fd, &about) < 0)
        return -errno;
    if (!S_ISREG(about.st_mode) || about.st_size < (off_t)sizeof(struct channel_plan) ||
        about.st_size > CHANNEL_PLAN_BYTES_MAX)
        return -EBADMSG;
    return (ssize_t)about.st_size;
}

/* The program's path, and as many strings as the head says, the last byte of all a NUL. */
static bool is_sound(const struct channel_plan *head, const char *strings, size_t size)
{
    uint64_t wanted = 1 + (uint64_t)head->argument_count + head->environment_count, found = 0;
    if (head->strings_bytes != size || size == 0 || strings[size - 1] != '\0' || strings[0] == '\0')
        return false;
    for (size_t i = 0; i < size; i++)
        found += strings[i] == '\0';
    return found == wanted && head->port_low <= head->port_high && head->port_high <= 65535;
}

static int check(int fd, size_t size, struct channel_plan *head)
{
    const char *bytes = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
    if (bytes == MAP_FAILED)
        return -errno;
    memcpy(head, bytes, sizeof(*head));
    bool is_good = is_sound(head, bytes + sizeof(*head), size - sizeof(*head));
    munmap((void *)(uintptr_t)bytes, size);
    return is_good ? 0 : -EBADMSG;
}

int plan_take(int memfd, uint32_t *port_low, uint32_t *port_high)
{
    struct channel_plan head = {0};
    ssize_t size = size_of(memfd);
    if (size < 0)
        return (int)size;
    int own = memfd_create("lb-plan", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (own < 0)
        return -errno;
    int rc = copy(memfd, own, (size_t)size);
    if (rc == 0 && fcntl(own, F_ADD_SEALS, SEALS) < 0)
        rc = -errno;
    if (rc == 0)
        rc = check(own, (size_t)size, &head);
    if (rc < 0) {
        close(own);
        return rc;
    }
    *port_low = head.port_low;
    *port_high = head.port_high;
    return own;
}

/* ---- comparing -------------------------------------------------------------------------------- */

static bool has_same_bytes(int one, int other, size_t size)
{
    char a[4096], b[4096];
    for (size_t at = 0; at < size;) {
        size_t most = size - at < sizeof(a) ? size - at : sizeof(a);
        if (pread(one, a, most, (off_t)at) != (ssize_t)most ||
            pread(other, b, most, (off_t)at) != (ssize_t)most || memcmp(a, b, most) != 0)
            return false;
        at += most;
    }
    return true;
}

bool plan_is_same(int one, int other)
{
    if (one < 0 || other < 0)
        return one < 0 && other < 0;
    ssize_t size = size_of(one);
    return size > 0 && size == size_of(other) && has_same_bytes(one, other, (size_t)size);
}

bool plan_has_argument(int plan, const char *beginning)
{
    struct channel_plan head;
    ssize_t size = size_of(plan);
    const char *bytes =
        size < 0 ? MAP_FAILED : mmap(NULL, (size_t)size, PROT_READ, MAP_SHARED, plan, 0);
    bool is_there = false;
    if (bytes == MAP_FAILED)
        return false;
    memcpy(&head, bytes, sizeof(head));
    const char *at = bytes + sizeof(head);
    for (uint32_t i = 0; i < head.argument_count && !is_there; i++) {
        at += strlen(at) + 1; /* the first is the program's path */
        is_there = strncmp(at, beginning, strlen(beginning)) == 0;
    }
    munmap((void *)(uintptr_t)bytes, (size_t)size);
    return is_there;
}

bool plan_takes_lines(int plan)
{
    return plan_has_argument(plan, "--gelf");
}

/* ---- in the child ----------------------------------------------------------------------------- */

/* Gives where the next string begins. */
static char *take_strings(char *at, size_t count, char **out)
{
    for (size_t i = 0; i < count; i++) {
        out[i] = at;
        at += strlen(at) + 1;
    }
    return at;
}

int plan_execute(int plan, char *const *words)
{
    struct channel_plan head;
    ssize_t size = size_of(plan);
    char *bytes = size < 0 ? MAP_FAILED
                           : mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_PRIVATE, plan, 0);
    if (bytes == MAP_FAILED)
        return -errno;
    memcpy(&head, bytes, sizeof(head));
    size_t room = head.environment_count + environment_count(words) + 1;
    char **arguments = memory_new((head.argument_count + 2) * sizeof(char *));
    char **environment = memory_new(room * sizeof(char *));
    char *at = take_strings(bytes + sizeof(head), 1 + (size_t)head.argument_count, arguments);
    take_strings(at, head.environment_count, environment);
    environment_add(words, environment, head.environment_count, room);
    execve(arguments[0], arguments, environment);
    int rc = -errno;
    munmap(bytes, (size_t)size);
    free(arguments);
    free(environment);
    return rc;
}
