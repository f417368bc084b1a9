#include "lb/follow/outbox.h"

#include <sys/socket.h>
#include <sys/uio.h>

void outbox_init(struct outbox *outbox, int socket)
{
    *outbox = (struct outbox){.socket = socket};
}

void outbox_send(struct outbox *outbox, enum report_kind kind, struct view object)
{
    char first = (char)kind;
    struct iovec parts[] = {{&first, 1}, {(void *)(uintptr_t)object.ptr, object.len}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    if (!outbox_is_open(outbox))
        return;
    if (object.len >= REPORT_MESSAGE_MAX ||
        sendmsg(outbox->socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
        outbox->dropped_count++;
}
