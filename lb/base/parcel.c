#include "lb/base/parcel.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union notes {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(PARCEL_FDS_MAX * sizeof(int))];
};

static void attach(struct msghdr *message, union notes *notes, const int *fds, unsigned count)
{
    memset(notes, 0, sizeof(*notes));
    message->msg_control = notes->bytes;
    message->msg_controllen = CMSG_SPACE(count * sizeof(int));
    struct cmsghdr *note = CMSG_FIRSTHDR(message);
    note->cmsg_level = SOL_SOCKET;
    note->cmsg_type = SCM_RIGHTS;
    note->cmsg_len = CMSG_LEN(count * sizeof(int));
    memcpy(CMSG_DATA(note), fds, count * sizeof(int));
}

int parcel_send(int socket, const void *bytes, size_t size, const int *fds, unsigned fd_count)
{
    union notes notes;
    struct iovec piece = {.iov_base = (void *)(uintptr_t)bytes, .iov_len = size};
    struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
    ssize_t sent;
    if (fd_count > PARCEL_FDS_MAX)
        return -EINVAL;
    if (fd_count > 0)
        attach(&message, &notes, fds, fd_count);
    do
        sent = sendmsg(socket, &message, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : 0;
}

static void take(struct msghdr *message, int fds[PARCEL_FDS_MAX], unsigned *count)
{
    for (struct cmsghdr *note = CMSG_FIRSTHDR(message); note; note = CMSG_NXTHDR(message, note)) {
        if (note->cmsg_level != SOL_SOCKET || note->cmsg_type != SCM_RIGHTS)
            continue;
        unsigned more = (unsigned)((note->cmsg_len - CMSG_LEN(0)) / sizeof(int));
        memcpy(fds + *count, CMSG_DATA(note), more * sizeof(int));
        *count += more;
    }
}

static int refuse(const int *fds, unsigned *count)
{
    for (unsigned i = 0; i < *count; i++)
        close(fds[i]);
    *count = 0;
    return -EBADMSG;
}

int parcel_receive(int socket, void *bytes, size_t size, int fds[PARCEL_FDS_MAX],
                   unsigned *fd_count)
{
    union notes notes;
    struct iovec piece = {.iov_base = bytes, .iov_len = size};
    struct msghdr message = {.msg_iov = &piece,
                             .msg_iovlen = 1,
                             .msg_control = notes.bytes,
                             .msg_controllen = sizeof(notes.bytes)};
    ssize_t got;
    *fd_count = 0;
    do
        got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return -errno;
    take(&message, fds, fd_count);
    if (got == 0 && *fd_count == 0)
        return 0;
    if ((size_t)got != size || (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)))
        return refuse(fds, fd_count);
    return 1;
}
