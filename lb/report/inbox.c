#include "lb/report/inbox.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

static const char kinds[] = {REPORT_LOG, REPORT_ACCESS, REPORT_CHANGE, REPORT_INCIDENT,
                             REPORT_CRASH};

bool inbox_open(struct inbox *inbox, int fd)
{
    int type = 0;
    socklen_t bytes = sizeof(type);
    inbox->fd = fd;
    inbox->broken_count = 0;
    return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &bytes) == 0 && type == SOCK_SEQPACKET;
}

/* A message of nothing looks like the end. */
static bool is_closed(const struct inbox *inbox)
{
    struct pollfd wish = {.fd = inbox->fd, .events = POLLIN};
    return poll(&wish, 1, 0) != 0 && (wish.revents & (POLLHUP | POLLERR | POLLNVAL));
}

/* No room for descriptors: those that come along are closed by the kernel. */
enum inbox_end inbox_take(struct inbox *inbox, char *kind, struct view *message)
{
    ssize_t got = recv(inbox->fd, inbox->bytes, sizeof(inbox->bytes), MSG_DONTWAIT | MSG_TRUNC);
    if (got < 0)
        return errno == EAGAIN || errno == EINTR ? INBOX_EMPTY : INBOX_CLOSED;
    if (got == 0 && is_closed(inbox))
        return INBOX_CLOSED;
    *kind = got > 0 ? inbox->bytes[0] : '\0';
    if (got <= 1 || got > (ssize_t)REPORT_MESSAGE_MAX || !memchr(kinds, *kind, sizeof(kinds))) {
        inbox->broken_count++;
        return INBOX_SKIPPED;
    }
    *message = view_of(inbox->bytes + 1, (size_t)got - 1);
    return INBOX_MESSAGE;
}
