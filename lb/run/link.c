#include "lb/run/link.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lb/base/lent_socket.h"
#include "lb/base/log.h"
#include "lb/base/memory.h"
#include "lb/base/parcel.h"

/* A message with its descriptors, which are whose it is. */
struct heard {
    struct list node;
    struct channel_message message;
    int fds[PARCEL_FDS_MAX];
    unsigned fd_count;
};

static void close_fds(struct heard *heard)
{
    for (unsigned i = 0; i < heard->fd_count; i++)
        close(heard->fds[i]);
    heard->fd_count = 0;
}

/* ---- sending and receiving -------------------------------------------------------------------- */

int link_find(void)
{
    return lent_socket_find(CHANNEL_ENVIRONMENT);
}

static void await(int fd, short events)
{
    struct pollfd look = {.fd = fd, .events = events};
    while (poll(&look, 1, -1) < 0 && errno == EINTR)
        ;
}

/* Gives 0 or -errno. */
static int put(struct link *link, const struct channel_message *message, int fd)
{
    int rc = link->fd < 0 ? -EPIPE : -EAGAIN;
    while (rc == -EAGAIN) {
        rc = parcel_send(link->fd, message, sizeof(*message), &fd, fd >= 0);
        if (rc == -EAGAIN)
            await(link->fd, POLLOUT);
    }
    return rc;
}

/* Gives 1; 0: the master is gone; -EAGAIN: nothing is there. */
static int receive(struct link *link, struct heard *heard)
{
    int rc = parcel_receive(link->fd, &heard->message, sizeof(heard->message), heard->fds,
                            &heard->fd_count);
    return rc < 0 && rc != -EAGAIN ? 0 : rc;
}

static void keep(struct link *link, const struct heard *heard)
{
    struct heard *kept = memory_new(sizeof(*kept));
    *kept = *heard;
    list_append(&link->queue, &kept->node);
    if (link->is_followed)
        loop_do_soon(link->loop, &link->waiting);
}

/* What else comes meanwhile is kept. Fails: -EPIPE. */
static int await_kind(struct link *link, enum channel_kind kind, struct heard *heard)
{
    for (;;) {
        int rc = receive(link, heard);
        if (rc == 0)
            return -EPIPE;
        if (rc == -EAGAIN)
            await(link->fd, POLLIN);
        else if (heard->message.kind == kind)
            return 0;
        else
            keep(link, heard);
    }
}

static int ask(struct link *link, const struct channel_message *message, enum channel_kind answer,
               struct heard *heard)
{
    int rc = put(link, message, -1);
    return rc < 0 ? rc : await_kind(link, answer, heard);
}

static void set_text(struct channel_message *message, const char *text)
{
    strncpy(message->text, text ? text : "", sizeof(message->text) - 1);
}

static const char *text_of(struct channel_message *message)
{
    message->text[sizeof(message->text) - 1] = '\0';
    return message->text;
}

/* ---- before the loop runs --------------------------------------------------------------------- */

static void take_welcome(struct link *link, struct heard *heard)
{
    link->start = (enum channel_start)heard->message.status;
    link->history = heard->message.history;
    for (unsigned i = 0; i < heard->fd_count && i < CHANNEL_KEEPSAKE_COUNT; i++)
        link->keepsakes[i] = heard->fds[i];
    for (unsigned i = CHANNEL_KEEPSAKE_COUNT; i < heard->fd_count; i++)
        close(heard->fds[i]);
}

bool link_open(struct link *link, int fd, const char *version)
{
    struct channel_message hello = {.kind = CHANNEL_HELLO, .value = CHANNEL_VERSION};
    struct heard heard;
    *link = (struct link){.fd = fd};
    list_init(&link->queue);
    for (unsigned i = 0; i < CHANNEL_KEEPSAKE_COUNT; i++)
        link->keepsakes[i] = -1;
    set_text(&hello, version);
    int rc = ask(link, &hello, CHANNEL_WELCOME, &heard);
    if (rc == 0)
        take_welcome(link, &heard);
    if (rc == 0 && heard.message.value != CHANNEL_VERSION)
        rc = -EPROTO;
    if (rc == -EPROTO)
        log_error(
            "this lb-proxy and the lb that started it are of different versions; install both, and "
            "start lb again");
    else if (rc < 0)
        log_error("the lb that started this lb-proxy is gone");
    return rc == 0;
}

bool link_place(struct link *link, const struct channel_place *place)
{
    struct channel_message message = {.kind = CHANNEL_PLACE, .place = *place};
    struct heard heard;
    int rc = ask(link, &message, CHANNEL_PLACED, &heard);
    if (rc == 0 && heard.message.value == CHANNEL_SUCCESSOR)
        link->start = CHANNEL_SUCCESSOR; /* of another master's process */
    if (rc == 0 && heard.message.status < 0)
        log_error("%s", text_of(&heard.message));
    else if (rc < 0)
        log_error("the lb that started this lb-proxy is gone");
    return rc == 0 && heard.message.status == 0;
}

void link_plan(struct link *link, enum channel_helper helper, int fd)
{
    struct channel_message message = {.kind = CHANNEL_PLAN, .value = helper};
    put(link, &message, fd);
}

/* ---- listening sockets ------------------------------------------------------------------------ */

struct gathering {
    int *fds;
    unsigned count;
};

static void gather(struct gathering *all, struct heard *heard)
{
    all->fds = memory_resize(all->fds, (all->count + heard->fd_count + 1) * sizeof(int));
    memcpy(all->fds + all->count, heard->fds, heard->fd_count * sizeof(int));
    all->count += heard->fd_count;
}

/* Each message has how many there are in it and those to come. */
static int gather_all(struct link *link, struct gathering *all, struct heard *heard)
{
    gather(all, heard);
    while (heard->message.status == 0 && heard->message.value > heard->fd_count) {
        int rc = await_kind(link, CHANNEL_SOCKETS, heard);
        if (rc < 0)
            return rc;
        gather(all, heard);
    }
    return heard->message.status;
}

static int lend(void *owner, const struct channel_socket *wanted, struct listening *out)
{
    struct link *link = owner;
    struct channel_message message = {.kind = CHANNEL_WANT, .socket = *wanted};
    struct gathering all = {0};
    struct heard heard;
    int rc = ask(link, &message, CHANNEL_SOCKETS, &heard);
    *out = (struct listening){.at = wanted->wanted};
    if (rc == 0)
        rc = gather_all(link, &all, &heard);
    if (rc == 0 && all.count == 0)
        rc = -EPROTO;
    if (rc == 0)
        listening_take(out, &heard.message.socket.bound, all.fds, all.count);
    out->is_lasting = rc == 0 && heard.message.socket.is_lasting;
    for (unsigned i = 0; rc < 0 && i < all.count; i++)
        close(all.fds[i]);
    free(all.fds);
    return rc;
}

static void take_back(void *owner, const struct channel_socket *wanted)
{
    struct channel_message message = {.kind = CHANNEL_DROP, .socket = *wanted};
    put(owner, &message, -1);
}

struct lender link_lender(struct link *link)
{
    return (struct lender){.lend = lend, .take_back = take_back, .owner = link};
}

/* ---- while the loop runs ---------------------------------------------------------------------- */

void link_say(struct link *link, enum channel_kind kind, int status, const char *text)
{
    struct channel_message message = {.kind = kind, .status = status};
    set_text(&message, text);
    put(link, &message, -1);
}

static void tell_line(struct link *link, struct heard *heard)
{
    const struct channel_message *message = &heard->message;
    if (heard->fd_count != 1) {
        close_fds(heard);
        return;
    }
    heard->fd_count = 0;
    link->handler->on_line(link->owner, heard->fds[0], (unsigned)message->value,
                           message->status == 1);
}

static void tell(struct link *link, struct heard *heard)
{
    const struct link_handler *handler = link->handler;
    struct channel_message *message = &heard->message;
    switch ((enum channel_kind)message->kind) {
    case CHANNEL_SERVE:
        handler->on_serve(link->owner);
        break;
    case CHANNEL_LINE:
        tell_line(link, heard);
        break;
    case CHANNEL_DISCOVERY_ENDED:
        handler->on_discovery_ended(link->owner, message->status, (int)message->value);
        break;
    case CHANNEL_DISCOVERY_FAILED:
        handler->on_discovery_failed(link->owner, message->status);
        break;
    case CHANNEL_YIELD:
        handler->on_yield(link->owner);
        break;
    case CHANNEL_NEWS:
        handler->on_news(link->owner, (enum channel_news)message->status, text_of(message));
        break;
    default:
        break;
    }
    close_fds(heard);
}

static void tell_waiting(struct link *link)
{
    while (!list_is_empty(&link->queue)) {
        struct heard *heard = list_entry(link->queue.next, struct heard, node);
        list_unlink(&heard->node);
        tell(link, heard);
        free(heard);
    }
}

static void on_waiting(struct loop_task *task)
{
    tell_waiting(list_entry(task, struct link, waiting));
}

static void lose(struct link *link)
{
    link_close(link);
    link->handler->on_lost(link->owner);
}

/* One at a time: what it leads to may ask for something. */
static void on_uv_poll(uv_poll_t *poll, int status, int events)
{
    struct link *link = list_entry(poll, struct link, poll);
    struct heard heard;
    (void)events;
    tell_waiting(link);
    if (link->fd < 0)
        return;
    int rc = status < 0 ? 0 : receive(link, &heard);
    if (rc == 0)
        lose(link);
    else if (rc > 0)
        tell(link, &heard);
}

int link_follow(struct link *link, struct loop *loop, const struct link_handler *handler,
                void *owner)
{
    link->loop = loop;
    link->handler = handler;
    link->owner = owner;
    loop_task_init(&link->waiting, on_waiting);
    int rc = uv_poll_init(&loop->uv, &link->poll, link->fd);
    if (rc < 0)
        return rc;
    link->is_followed = true;
    if (!list_is_empty(&link->queue))
        loop_do_soon(loop, &link->waiting);
    return uv_poll_start(&link->poll, UV_READABLE, on_uv_poll);
}

static void forget_queue(struct link *link)
{
    while (!list_is_empty(&link->queue)) {
        struct heard *heard = list_entry(link->queue.next, struct heard, node);
        list_unlink(&heard->node);
        close_fds(heard);
        free(heard);
    }
}

void link_close(struct link *link)
{
    if (link->fd < 0)
        return;
    if (link->is_followed)
        uv_close((uv_handle_t *)&link->poll, NULL);
    forget_queue(link);
    close(link->fd);
    link->fd = -1;
    for (unsigned i = 0; i < CHANNEL_KEEPSAKE_COUNT; i++)
        if (link->keepsakes[i] >= 0)
            close(link->keepsakes[i]);
}
