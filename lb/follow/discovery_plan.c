#include "lb/follow/discovery_plan.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lb/base/text.h"
#include "lb/contract/channel.h"

static void append_all(const struct discovery_words *words, struct text *out)
{
    for (size_t i = 0; i < words->count; i++)
        text_append(out, view_of(words->list[i], strlen(words->list[i]) + 1));
}

static int write_all(int fd, struct view bytes)
{
    while (bytes.len > 0) {
        ssize_t count = write(fd, bytes.ptr, bytes.len);
        if (count < 0 && errno != EINTR)
            return -errno;
        bytes = view_skip(bytes, count > 0 ? (size_t)count : 0);
    }
    return 0;
}

static int make(struct view head, struct view strings)
{
    int fd = memfd_create("lb-plan", MFD_CLOEXEC);
    if (fd < 0)
        return -errno;
    int rc = write_all(fd, head);
    if (rc == 0)
        rc = write_all(fd, strings);
    if (rc == 0)
        return fd;
    close(fd);
    return rc;
}

int discovery_plan_write(const struct discovery_plan *plan, uint16_t port_low, uint16_t port_high)
{
    struct text strings = TEXT_INIT;
    text_append(&strings, view_of(plan->program, strlen(plan->program) + 1));
    append_all(&plan->arguments, &strings);
    append_all(&plan->environment, &strings);
    struct channel_plan head = {.argument_count = (uint32_t)plan->arguments.count,
                                .environment_count = (uint32_t)plan->environment.count,
                                .port_low = port_low,
                                .port_high = port_high,
                                .strings_bytes = strings.len};
    int fd = sizeof(head) + strings.len > CHANNEL_PLAN_BYTES_MAX
                 ? -E2BIG
                 : make(view_of((const char *)&head, sizeof(head)), text_view(&strings));
    text_fini(&strings);
    return fd;
}

bool discovery_plan_is_same(const struct discovery_plan *one, const struct discovery_plan *other)
{
    return strcmp(one->program, other->program) == 0 &&
           discovery_words_are_same(&one->arguments, &other->arguments) &&
           discovery_words_are_same(&one->environment, &other->environment);
}

void discovery_plan_fini(struct discovery_plan *plan)
{
    discovery_words_fini(&plan->arguments);
    discovery_words_fini(&plan->environment);
}
