#include "lb/net/datagram_watch.h"

#include <errno.h>
#include <unistd.h>

#include "lb/base/list.h"

static void on_uv_poll(uv_poll_t *poll, int status, int events)
{
    struct datagram_watch *watch = list_entry(poll, struct datagram_watch, poll);
    (void)status;
    (void)events;
    int count = epoll_wait(watch->fd, watch->events, DATAGRAM_WATCH_COUNT, 0);
    watch->count = count > 0 ? (unsigned)count : 0;
    for (watch->next = 0; watch->next < watch->count;) {
        void *who = watch->events[watch->next++].data.ptr;
        if (who)
            watch->on_ready(watch->owner, who);
    }
    watch->count = watch->next = 0;
    watch->on_told(watch->owner);
}

int datagram_watch_open(struct datagram_watch *watch, struct loop *loop)
{
    *watch = (struct datagram_watch){.fd = epoll_create1(EPOLL_CLOEXEC)};
    if (watch->fd < 0)
        return uv_translate_sys_error(errno);
    int rc = uv_poll_init(&loop->uv, &watch->poll, watch->fd);
    if (rc < 0) {
        close(watch->fd);
        watch->fd = -1;
        return rc;
    }
    uv_poll_start(&watch->poll, UV_READABLE, on_uv_poll);
    uv_unref((uv_handle_t *)&watch->poll);
    return 0;
}

void datagram_watch_close(struct datagram_watch *watch)
{
    if (watch->fd < 0)
        return;
    uv_close((uv_handle_t *)&watch->poll, NULL);
    close(watch->fd);
    watch->fd = -1;
}

int datagram_watch_add(struct datagram_watch *watch, int fd, void *who)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = who};
    return epoll_ctl(watch->fd, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

void datagram_watch_forget(struct datagram_watch *watch, const void *who)
{
    for (unsigned i = watch->next; i < watch->count; i++)
        if (watch->events[i].data.ptr == who)
            watch->events[i].data.ptr = NULL;
}
