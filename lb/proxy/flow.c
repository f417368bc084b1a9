#include "lb/proxy/flow.h"

#include <errno.h>
#include <unistd.h>

struct flow_gate *flow_gate_open(struct env *env, int fd, const struct address *at, int *status)
{
    (void)env;
    (void)at;
    close(fd);
    *status = -ENOSYS;
    return NULL;
}

void flow_gate_close(struct flow_gate *gate)
{
    (void)gate;
}
