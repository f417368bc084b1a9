/* A server on loopback, in a thread of its own, that answers one connection after the other with
 * the same bytes and keeps what it was asked. Include after cmocka.h. */
#ifndef TESTS_UNIT_SUPPORT_ANSWERER_H
#define TESTS_UNIT_SUPPORT_ANSWERER_H

#include <arpa/inet.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lb/base/address.h"

struct answerer {
    int fd;
    pthread_t thread;
    struct address address;
    const char *answer; /* borrowed */
    char asked[4096];   /* the latest request */
};

static inline void answerer_serve(struct answerer *answerer, int fd)
{
    size_t len = 0;
    ssize_t count;
    answerer->asked[0] = '\0';
    while (!strstr(answerer->asked, "\r\n\r\n") && len < sizeof(answerer->asked) - 1 &&
           (count = recv(fd, answerer->asked + len, sizeof(answerer->asked) - 1 - len, 0)) > 0) {
        len += (size_t)count;
        answerer->asked[len] = '\0';
    }
    send(fd, answerer->answer, strlen(answerer->answer), MSG_NOSIGNAL);
    close(fd);
}

static inline void *answerer_run(void *argument)
{
    struct answerer *answerer = argument;
    int fd;
    while ((fd = accept(answerer->fd, NULL, NULL)) >= 0)
        answerer_serve(answerer, fd);
    return NULL;
}

static inline void answerer_open(struct answerer *answerer, const char *answer)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof(at);
    answerer->answer = answer;
    answerer->fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(answerer->fd, (struct sockaddr *)&at, len), 0);
    assert_int_equal(listen(answerer->fd, 8), 0);
    assert_int_equal(getsockname(answerer->fd, (struct sockaddr *)&at, &len), 0);
    assert_true(address_from_sockaddr((struct sockaddr *)&at, &answerer->address));
    assert_int_equal(pthread_create(&answerer->thread, NULL, answerer_run, answerer), 0);
}

/* Also stops listening: the address is one where nobody answers. */
static inline void answerer_close(struct answerer *answerer)
{
    shutdown(answerer->fd, SHUT_RDWR);
    pthread_join(answerer->thread, NULL);
    close(answerer->fd);
}

#endif
