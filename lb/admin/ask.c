#include "lb/admin/ask.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "lb/admin/kin.h"
#include "lb/base/clock.h"
#include "lb/http/head_writer.h"
#include "lb/http/parser.h"

#define HEAD_BYTES 256 /* of a request, without method, path and secret; the address is in it */

/* A wildcard address is asked on loopback. */
static struct address reachable(struct address at)
{
    if (at.socket.any.sa_family == AF_INET && at.socket.v4.sin_addr.s_addr == INADDR_ANY)
        at.socket.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    else if (at.socket.any.sa_family == AF_INET6 &&
             IN6_IS_ADDR_UNSPECIFIED(&at.socket.v6.sin6_addr))
        at.socket.v6.sin6_addr = in6addr_loopback;
    return at;
}

static bool send_all(int fd, const struct text *request)
{
    size_t sent = 0;
    while (sent < request->len) {
        ssize_t count = send(fd, request->bytes + sent, request->len - sent, MSG_NOSIGNAL);
        if (count < 0)
            return false;
        sent += (size_t)count;
    }
    return true;
}

/* Where lb is, and with what it is asked. */
struct target {
    struct address at;
    const char *secret; /* NULL: none */
};

static bool send_request(int fd, const struct target *target, const struct ask *ask,
                         const char *host)
{
    struct text request = TEXT_INIT;
    struct view method = view_str(ask->method), path = view_str(ask->path);
    struct head_writer writer = head_writer_in_text(&request, HEAD_BYTES + method.len + path.len +
                                                                  view_str(target->secret).len);
    head_writer_request_line(&writer, method, VIEW(""), path);
    head_writer_field(&writer, VIEW("Host"), view_str(host));
    head_writer_field(&writer, VIEW("Content-Length"), VIEW("0"));
    if (ask->wants_json)
        head_writer_field(&writer, VIEW("Accept"), VIEW("application/json"));
    if (target->secret) {
        head_writer_name(&writer, VIEW("Authorization"));
        head_writer_put(&writer, VIEW("Bearer "));
        head_writer_put(&writer, view_str(target->secret));
        head_writer_end_line(&writer);
    }
    head_writer_field(&writer, VIEW("Connection"), VIEW("close"));
    head_writer_end_text(&writer, &request);
    bool is_sent = send_all(fd, &request);
    text_fini(&request);
    return is_sent;
}

/* Reads events out of `input`. False: more bytes are wanted. */
static bool take(struct parser *parser, struct view input, unsigned *status, struct text *body)
{
    struct view piece;
    for (;;) {
        switch (parser_step(parser, &input, &piece)) {
        case PARSER_MORE:
            return false;
        case PARSER_HEAD:
            *status = parser->head.status;
            break;
        case PARSER_BODY:
            text_append(body, piece);
            break;
        case PARSER_ERROR:
            *status = 0;
            return true;
        case PARSER_END:
            return true;
        }
    }
}

/* Whoever answers without end is no lb. */
static bool goes_on_and_on(const struct text *body, uint64_t until_ns)
{
    if (body->len > ASK_MOST_BYTES)
        errno = EMSGSIZE;
    else if (clock_mono_ns() > until_ns)
        errno = EAGAIN;
    else
        return false;
    return true;
}

static unsigned read_answer(int fd, unsigned most_ms, struct text *body)
{
    uint64_t until_ns = clock_mono_ns() + (most_ms ? most_ms : ASK_MOST_MS) * UINT64_C(1000000);
    struct parser_limits limits = {.max_head_bytes = 65536, .max_field_count = HEAD_FIELD_MAX};
    struct parser_setup setup;
    struct parser parser;
    char buffer[16384];
    unsigned status = 0;
    bool is_over = false;
    parser_setup_init(&setup, PARSER_RESPONSE, &limits);
    parser_init(&parser, &setup);
    while (!is_over) {
        ssize_t count = recv(fd, buffer, sizeof(buffer), 0);
        is_over = count > 0 && take(&parser, view_of(buffer, (size_t)count), &status, body);
        if (!is_over && (count <= 0 || goes_on_and_on(body, until_ns))) {
            status = 0; /* its answers say how long they are */
            break;
        }
    }
    parser_fini(&parser);
    return status;
}

static int open_connection(const struct address *at)
{
    struct timeval timeout = {.tv_sec = ASK_TIMEOUT_S};
    int fd = socket(at->socket.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
    if (connect(fd, &at->socket.any, address_size(at)) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

/* A socket's timeout is told as EAGAIN. */
static const char *why_no_answer(int error)
{
    if (error == EAGAIN || error == EINPROGRESS)
        return "it took too long";
    return error ? strerror(error) : "";
}

static void say_no_answer(const struct target *target, struct text *problem)
{
    char host[ADDRESS_TEXT_BYTES];
    text_appendf(problem, "%s does not answer%s%s; where lb's admin listener is, --admin says",
                 address_format(&target->at, host), errno ? ": " : "", why_no_answer(errno));
}

/* The connection, with the request sent. Fails: -1 and a problem. */
static int open_target(const struct target *target, const struct ask *ask, struct text *problem)
{
    char host[ADDRESS_TEXT_BYTES];
    address_format(&target->at, host);
    errno = 0;
    int fd = open_connection(&target->at);
    if (fd >= 0 && send_request(fd, target, ask, host))
        return fd;
    say_no_answer(target, problem);
    if (fd >= 0)
        close(fd);
    return -1;
}

/* ---- which lb -------------------------------------------------------------------------------- */

/* The one that is meant: the only one, or the one at the usual place. NULL: none, or several. */
static const struct kin *choose(const struct kin_list *list, const struct config *config)
{
    for (unsigned i = 0; i < list->count; i++)
        if (list->all[i].config.admin_enabled &&
            address_eq(&list->all[i].config.admin, &config->admin))
            return &list->all[i];
    return list->count == 1 ? &list->all[0] : NULL;
}

static void list_them(const struct kin_list *list, struct text *problem)
{
    char address[ADDRESS_TEXT_BYTES];
    text_appendf(problem, "%u lb run here; say which one is asked with --admin:", list->count);
    for (unsigned i = 0; i < list->count; i++) {
        const struct kin *kin = &list->all[i];
        text_appendf(problem, " %s (pid %d)",
                     kin->config.admin_enabled ? address_format(&kin->config.admin, address)
                                               : "off",
                     (int)kin->pid);
    }
}

/* Of those that run here. Borrows from both. False: there is no such one, and a problem. */
static bool find_kin(const struct config *config, const struct kin_list *list,
                     struct target *target, struct text *problem)
{
    const struct kin *kin = choose(list, config);
    const char *secret = config->admin_secret;
    if (!kin && list->count > 0) {
        list_them(list, problem);
        return false;
    }
    if (kin && !kin->config.admin_enabled) {
        text_append_str(problem, "no admin listener to ask (the lb that runs has --admin off)");
        return false;
    }
    if (kin && address_port(&kin->config.admin) == 0) {
        text_append_str(problem,
                        "its admin listener has a port that the system chose; its log says "
                        "which: name it with --admin");
        return false;
    }
    *target = (struct target){.at = reachable(kin ? kin->config.admin : config->admin),
                              .secret = kin && !secret ? kin->config.admin_secret : secret};
    return true;
}

static int open_named(const struct config *config, const struct ask *ask, struct text *problem)
{
    if (config->admin_enabled)
        return open_target(
            &(struct target){.at = reachable(config->admin), .secret = config->admin_secret}, ask,
            problem);
    text_append_str(problem, "no admin listener to ask (--admin off)");
    return -1;
}

int ask_open(const struct config *config, const struct ask *ask, struct text *problem)
{
    struct kin_list list;
    struct target target;
    int fd = -1;
    if (config->admin_is_named)
        return open_named(config, ask, problem);
    kin_find(&list);
    if (find_kin(config, &list, &target, problem))
        fd = open_target(&target, ask, problem);
    kin_fini(&list);
    return fd;
}

/* Whom the connection leads to. */
static struct target target_of(int fd)
{
    struct target target = {0};
    socklen_t size = sizeof(target.at.socket);
    getpeername(fd, &target.at.socket.any, &size);
    return target;
}

unsigned ask_lb(const struct config *config, const struct ask *ask, struct text *body,
                struct text *problem)
{
    int fd = ask_open(config, ask, problem);
    if (fd < 0)
        return 0;
    errno = 0;
    unsigned status = read_answer(fd, ask->most_ms, body);
    if (status == 0) {
        int error = errno;
        struct target target = target_of(fd);
        errno = error;
        say_no_answer(&target, problem);
    }
    close(fd);
    return status;
}

/* ---- without an admin listener --------------------------------------------------------------- */

/* Accepting is done by the workers' kernel queues, so this says no more than that lb listens. */
static bool all_listen(const struct address *all, unsigned count, struct text *problem)
{
    char text[ADDRESS_TEXT_BYTES];
    for (unsigned i = 0; i < count; i++) {
        struct address at = reachable(all[i]);
        int fd = address_port(&at) == 0 ? -1 : open_connection(&at);
        if (fd < 0 && address_port(&at) != 0) {
            text_appendf(problem, "%s does not answer: %s", address_format(&at, text),
                         strerror(errno));
            return false;
        }
        if (fd >= 0)
            close(fd);
    }
    return true;
}

static bool listens(const struct config *config, struct text *problem)
{
    return all_listen(config->listens, config->listen_count, problem) &&
           all_listen(config->tls.listens, config->tls.listen_count, problem);
}

bool ask_without_admin(const struct config *config, struct text *problem, bool *is_well)
{
    struct kin_list list;
    kin_find(&list);
    const struct kin *kin = choose(&list, config);
    bool is_off =
        config->admin_is_named ? !config->admin_enabled : kin && !kin->config.admin_enabled;
    if (is_off) {
        *is_well = kin != NULL && listens(&kin->config, problem);
        if (!kin)
            text_append_str(problem, list.count > 0 ? "several lb run here" : "no lb runs here");
    }
    kin_fini(&list);
    return is_off;
}
