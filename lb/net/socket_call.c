#include "lb/net/socket_call.h"

#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Sanitizers look at the memory that the C library's own are given. */
#if defined(SYS_recvfrom) && defined(SYS_sendto) && !defined(__SANITIZE_ADDRESS__) &&              \
    !defined(__SANITIZE_THREAD__)

ssize_t socket_call_recv(int fd, void *bytes, size_t len, int flags)
{
    return syscall(SYS_recvfrom, fd, bytes, len, flags, NULL, NULL);
}

ssize_t socket_call_send(int fd, const void *bytes, size_t len, int flags)
{
    return syscall(SYS_sendto, fd, bytes, len, flags, NULL, 0);
}

#else

ssize_t socket_call_recv(int fd, void *bytes, size_t len, int flags)
{
    return recv(fd, bytes, len, flags);
}

ssize_t socket_call_send(int fd, const void *bytes, size_t len, int flags)
{
    return send(fd, bytes, len, flags);
}

#endif
