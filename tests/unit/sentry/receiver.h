/* A server on loopback, in a thread of its own, that takes one request after the other, keeps the last, and answers all of them with the same
 * bytes; or with nothing, until it is closed. Include after cmocka.h. */
#ifndef TESTS_UNIT_SENTRY_RECEIVER_H
#define TESTS_UNIT_SENTRY_RECEIVER_H

#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lb/sentry/dsn.h"

#define RECEIVER_BYTES (2u << 20)

struct receiver {
    int fd;
    pthread_t thread;
    unsigned port;
    const char *answer; /* borrowed; NULL: none */
    size_t answer_bytes;
    _Atomic unsigned count; /* of whole requests */
    _Atomic bool is_over;
    char *asked;
};

static inline bool receiver_read(struct receiver *receiver, int fd)
{
    size_t len = 0;
    for (;;) {
        ssize_t got = recv(fd, receiver->asked + len, RECEIVER_BYTES - 1 - len, 0);
        if (got <= 0)
            return false;
        len += (size_t)got;
        receiver->asked[len] = '\0';
        const char *end = strstr(receiver->asked, "\r\n\r\n");
        const char *field = strstr(receiver->asked, "Content-Length: ");
        if (end && field &&
            len >= (size_t)(end + 4 - receiver->asked) + strtoul(field + 16, NULL, 10))
            return true;
    }
}

static inline void *receiver_run(void *argument)
{
    struct receiver *receiver = argument;
    int fd;
    while ((fd = accept(receiver->fd, NULL, NULL)) >= 0) {
        char rest;
        if (receiver_read(receiver, fd))
            receiver->count++;
        for (size_t sent = 0; receiver->answer && sent < receiver->answer_bytes;) {
            ssize_t got =
                send(fd, receiver->answer + sent, receiver->answer_bytes - sent, MSG_NOSIGNAL);
            if (got <= 0)
                break;
            sent += (size_t)got;
        }
        if (!receiver->answer) /* until the client goes */
            while (!receiver->is_over && recv(fd, &rest, 1, 0) > 0)
                continue;
        close(fd);
    }
    return NULL;
}

static inline void receiver_open(struct receiver *receiver, const char *answer)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof(at);
    *receiver = (struct receiver){.answer = answer, .answer_bytes = answer ? strlen(answer) : 0};
    receiver->asked = malloc(RECEIVER_BYTES);
    receiver->asked[0] = '\0';
    receiver->fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(receiver->fd, (struct sockaddr *)&at, len), 0);
    assert_int_equal(listen(receiver->fd, 8), 0);
    assert_int_equal(getsockname(receiver->fd, (struct sockaddr *)&at, &len), 0);
    receiver->port = ntohs(at.sin_port);
    assert_int_equal(pthread_create(&receiver->thread, NULL, receiver_run, receiver), 0);
}

/* Stops listening: the port is one where nobody answers. The client has gone. */
static inline void receiver_close(struct receiver *receiver)
{
    receiver->is_over = true;
    shutdown(receiver->fd, SHUT_RDWR);
    pthread_join(receiver->thread, NULL);
    close(receiver->fd);
    free(receiver->asked);
}

static inline struct dsn receiver_dsn(const struct receiver *receiver)
{
    char text[64];
    struct text problem = TEXT_INIT;
    struct dsn dsn;
    snprintf(text, sizeof(text), "http://PUBLIC:SECRET@127.0.0.1:%u/42", receiver->port);
    assert_true(dsn_parse(view_str(text), &dsn, &problem));
    return dsn;
}

#endif
