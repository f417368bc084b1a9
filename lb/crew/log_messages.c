#include "lb/crew/log_messages.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "lb/contract/report.h"

#define ROOM (REPORT_MESSAGE_MAX - 1)

/* How much of a piece goes, where there is room for so much: up to the end of a line. 0: none does. */
static size_t fitting(struct view piece, size_t room)
{
    if (piece.len <= room)
        return piece.len;
    const char *end = memrchr(piece.ptr, '\n', room);
    return end ? (size_t)(end - piece.ptr) + 1 : 0;
}

/* A line may begin in the first piece and end in the second. */
static void cut(struct view pieces[2])
{
    size_t first = fitting(pieces[0], ROOM);
    size_t second = first == pieces[0].len ? fitting(pieces[1], ROOM - first) : 0;
    if (first == pieces[0].len && second == 0 && pieces[1].len > 0) {
        const char *end = memrchr(pieces[0].ptr, '\n', first);
        first = end ? (size_t)(end - pieces[0].ptr) + 1 : 0;
    }
    pieces[0].len = first;
    pieces[1].len = second;
}

int log_messages_send(int socket, struct log_ring *ring)
{
    char kind = REPORT_ACCESS;
    for (;;) {
        struct view pieces[2];
        log_ring_peek(ring, pieces);
        if (pieces[0].len == 0)
            return 0;
        cut(pieces);
        struct iovec parts[3] = {{&kind, 1},
                                 {(void *)(uintptr_t)pieces[0].ptr, pieces[0].len},
                                 {(void *)(uintptr_t)pieces[1].ptr, pieces[1].len}};
        struct msghdr message = {.msg_iov = parts, .msg_iovlen = pieces[1].len > 0 ? 3 : 2};
        if (pieces[0].len == 0)
            return -EMSGSIZE;
        if (sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
            return -errno;
        log_ring_take(ring, pieces[0].len + pieces[1].len);
    }
}
