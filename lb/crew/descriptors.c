#include "lb/crew/descriptors.h"

#include <sys/resource.h>

#include "lb/net/splice.h"

/* Standard streams, control's loop and admin listener, access log, discovery, what libraries open
 * for a moment. */
#define BASE_COUNT 32u

/* Of each worker: its loop. Its listeners come to it. */
#define WORKER_COUNT 6u

/* As many as are good for anything. */
#define CHECKS_MAX  64u
#define PROBES_MAX  128u
#define REFUSED_MAX 32u

void descriptors_raise(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= DESCRIPTORS_MAX)
        return;
    limit.rlim_cur = limit.rlim_max < DESCRIPTORS_MAX ? limit.rlim_max : DESCRIPTORS_MAX;
    setrlimit(RLIMIT_NOFILE, &limit); /* else it stays as it is, and is divided as it is */
}

unsigned descriptors_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return 1024;
    return limit.rlim_cur < DESCRIPTORS_MAX ? (unsigned)limit.rlim_cur : DESCRIPTORS_MAX;
}

static unsigned within(unsigned value, unsigned least, unsigned most)
{
    if (value < least)
        return least;
    return value < most ? value : most;
}

/* What a worker has besides pipes goes half to clients, half to backends: each client may need one,
 * and those that are idle give way. Flows have a socket each, and a third where there are any. */
struct descriptors descriptors_divide(unsigned limit, const struct descriptors_need *need)
{
    struct descriptors out;
    unsigned worker_count = need->worker_count;
    unsigned base = BASE_COUNT + worker_count * (WORKER_COUNT + need->listen_count);
    unsigned rest = limit > base ? limit - base : 0;
    out.dynamic_max = within(rest / 8 / worker_count, 0, need->dynamic_max);
    rest -= out.dynamic_max * worker_count;
    out.check_max = within(rest / 16, 1, CHECKS_MAX);
    out.probe_max = within(rest / 8, 1, PROBES_MAX);
    out.admin_max = within(rest / 8, 4, DESCRIPTORS_ADMIN_MAX);
    unsigned reserved = out.check_max + out.probe_max + out.admin_max;
    unsigned each = rest > reserved ? (rest - reserved) / worker_count : 0;
    out.pipe_max = within(each / 16, 0, SPLICE_COUNT_MAX);
    out.refused_max = within(each / 8, 1, REFUSED_MAX);
    unsigned taken = 2 * out.pipe_max + out.refused_max;
    out.flow_max =
        need->has_flows ? within((each > taken ? each - taken : 0) / 3, 1, UINT32_MAX) : 0;
    taken += out.flow_max;
    out.client_max = each > taken + 1 ? (each - taken) / 2 : 1;
    out.upstream_max = out.client_max;
    return out;
}
