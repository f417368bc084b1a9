#include "lb/run/ask.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "lb/http/parser.h"

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

static bool send_request(int fd, const struct config *config, const struct ask *ask,
                         const char *host)
{
    struct text request = TEXT_INIT;
    text_appendf(&request, "%s %s HTTP/1.1\r\nHost: %s\r\nContent-Length: 0\r\n", ask->method,
                 ask->path, host);
    if (config->admin_secret)
        text_appendf(&request, "Authorization: Bearer %s\r\n", config->admin_secret);
    text_append_str(&request, "Connection: close\r\n\r\n");
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

static unsigned read_answer(int fd, struct text *body)
{
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
        if (count <= 0) {
            status = 0; /* its answers say how long they are */
            break;
        }
        is_over = take(&parser, view_of(buffer, (size_t)count), &status, body);
    }
    parser_fini(&parser);
    return status;
}

unsigned ask_lb(const struct config *config, const struct ask *ask, struct text *body,
                struct text *problem)
{
    struct timeval timeout = {.tv_sec = ASK_TIMEOUT_S};
    struct address at = reachable(config->admin);
    char host[ADDRESS_TEXT_BYTES];
    unsigned status = 0;
    if (!config->admin_enabled) {
        text_append_str(problem, "no admin listener to ask (--admin off)");
        return 0;
    }
    address_format(&at, host);
    errno = 0;
    int fd = socket(at.socket.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0) {
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
        if (connect(fd, &at.socket.any, address_size(&at)) == 0 &&
            send_request(fd, config, ask, host))
            status = read_answer(fd, body);
    }
    if (status == 0)
        text_appendf(problem, "%s does not answer%s%s; where lb's admin listener is, --admin says",
                     host, errno ? ": " : "", errno ? strerror(errno) : "");
    if (fd >= 0)
        close(fd);
    return status;
}
