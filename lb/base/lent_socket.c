#include "lb/base/lent_socket.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "lb/base/view.h"

int lent_socket_find(const char *name)
{
    const char *word = getenv(name);
    uint64_t number = 0;
    int kind = 0;
    socklen_t len = sizeof(kind);
    bool is_number = word && view_parse_u64(view_str(word), INT_MAX, &number);
    int fd = (int)number;
    unsetenv(name);
    if (!is_number || fd < 3 || getsockopt(fd, SOL_SOCKET, SO_TYPE, &kind, &len) < 0 ||
        kind != SOCK_SEQPACKET)
        return -1;
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    return fd;
}
