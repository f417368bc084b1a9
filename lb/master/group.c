#include "lb/master/group.h"

#include <fcntl.h>

#include "lb/net/datagram.h"
#include "lb/net/socket.h"

static int one_more(const int *fds, unsigned count, unsigned first, uint32_t kind,
                    const struct address *bound)
{
    if (kind == SERVICE_UDP)
        return datagram_listen(bound);
    int fd = socket_listen(bound);
    return fd >= 0 ? fd : fcntl(fds[count % first], F_DUPFD_CLOEXEC, 0);
}

unsigned group_grow(int *fds, unsigned count, unsigned wanted, unsigned most, uint32_t kind,
                    const struct address *bound)
{
    unsigned first = count;
    while (count < wanted && count < most) {
        int fd = one_more(fds, count, first, kind, bound);
        if (fd < 0)
            break;
        fds[count++] = fd;
    }
    return count;
}
