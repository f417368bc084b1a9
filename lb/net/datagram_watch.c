#include "lb/net/datagram_watch.h"

#include <errno.h>
#include <unistd.h>

#include "lb/base/list.h"

/* ---- the one that the loop watches itself ------------------------------------------------------ */

static void on_near_closed(uv_handle_t *handle)
{
    list_entry((uv_poll_t *)handle, struct datagram_watch, near_poll)->is_near_taken = false;
}

static void close_near(struct datagram_watch *watch)
{
    watch->near = NULL;
    uv_close((uv_handle_t *)&watch->near_poll, on_near_closed);
}

/* Back among the others. False: it stays, as there is no room for one more. */
static bool send_back(struct datagram_watch *watch)
{
    void *who = watch->near;
    if (datagram_watch_add(watch, watch->fd_of(who), who) < 0)
        return false;
    close_near(watch);
    return true;
}

/* libuv stops to watch a socket with an error, even one that is told by the next call and over then. */
static void on_uv_near(uv_poll_t *poll, int status, int events)
{
    struct datagram_watch *watch = list_entry(poll, struct datagram_watch, near_poll);
    void *who = watch->near;
    (void)events;
    if (status < 0 && !send_back(watch))
        uv_poll_start(poll, UV_READABLE, on_uv_near);
    watch->on_ready(watch->owner, who);
    watch->on_told(watch->owner);
}

static void bring_near(struct datagram_watch *watch, void *who)
{
    int fd = watch->fd_of(who);
    if (uv_poll_init(watch->poll.loop, &watch->near_poll, fd) < 0)
        return;
    watch->near = who;
    watch->is_near_taken = true;
    epoll_ctl(watch->fd, EPOLL_CTL_DEL, fd, NULL);
    uv_poll_start(&watch->near_poll, UV_READABLE, on_uv_near);
    uv_unref((uv_handle_t *)&watch->near_poll);
}

/* One that is near already makes place for another one that is alone for as long. */
static void count_alone(struct datagram_watch *watch, void *who)
{
    watch->alone_count = who && who == watch->latest ? watch->alone_count + 1 : 0;
    watch->latest = who;
    if (watch->alone_count < DATAGRAM_WATCH_ALONE || !watch->fd_of)
        return;
    watch->alone_count = 0;
    if (watch->near)
        send_back(watch);
    else if (!watch->is_near_taken)
        bring_near(watch, who);
}

/* ---- all others ------------------------------------------------------------------------------- */

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
    count_alone(watch, watch->count == 1 ? watch->events[0].data.ptr : NULL);
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
    if (watch->near)
        close_near(watch);
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
    for (unsigned i = 0; i < watch->count; i++)
        if (watch->events[i].data.ptr == who)
            watch->events[i].data.ptr = NULL;
    if (watch->latest == who)
        watch->latest = NULL;
    if (watch->near == who)
        close_near(watch);
}
