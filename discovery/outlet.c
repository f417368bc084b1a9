#include "discovery/outlet.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

void outlet_init(struct outlet *outlet, int fd)
{
    *outlet = (struct outlet){.fd = fd};
}

void outlet_fini(struct outlet *outlet)
{
    text_fini(&outlet->current);
    text_fini(&outlet->next);
}

bool outlet_is_empty(const struct outlet *outlet)
{
    return outlet->current.len == 0 && outlet->next.len == 0 && !outlet->has_end;
}

bool outlet_has_begun(const struct outlet *outlet)
{
    return outlet->sent_bytes > 0 && outlet->sent_bytes < outlet->current.len;
}

void outlet_offer(struct outlet *outlet, struct text *line)
{
    text_fini(&outlet->next);
    outlet->next = *line;
    *line = TEXT_INIT;
}

void outlet_end_line(struct outlet *outlet)
{
    outlet->has_end = true;
}

void outlet_move(struct outlet *outlet, int fd)
{
    outlet_fini(outlet);
    outlet_init(outlet, fd);
}

/* Makes the newest line the current one, when the last one is through; or the empty one before it. */
static bool has_work(struct outlet *outlet)
{
    if (outlet->sent_bytes < outlet->current.len)
        return true;
    text_fini(&outlet->current);
    outlet->sent_bytes = 0;
    if (outlet->has_end) {
        outlet->has_end = false;
        text_append_char(&outlet->current, '\n');
        return true;
    }
    outlet->current = outlet->next;
    outlet->next = TEXT_INIT;
    return outlet->current.len > 0;
}

/* A pipe that poll() calls writable takes PIPE_BUF bytes without waiting. */
static bool write_some(struct outlet *outlet)
{
    size_t left = outlet->current.len - outlet->sent_bytes;
    ssize_t sent = write(outlet->fd, outlet->current.bytes + outlet->sent_bytes,
                         left < PIPE_BUF ? left : PIPE_BUF);
    if (sent > 0)
        outlet->sent_bytes += (size_t)sent;
    else if (sent < 0 && errno != EAGAIN && errno != EINTR)
        outlet->is_gone = true;
    return sent > 0;
}

void outlet_flush(struct outlet *outlet)
{
    do {
        struct pollfd look = {.fd = outlet->fd, .events = POLLOUT};
        if (outlet->fd < 0 || poll(&look, 1, 0) < 0)
            return;
        if (look.revents & (POLLERR | POLLHUP | POLLNVAL))
            outlet->is_gone = true;
        if (outlet->is_gone || !has_work(outlet) || !(look.revents & POLLOUT))
            return;
    } while (write_some(outlet));
}
