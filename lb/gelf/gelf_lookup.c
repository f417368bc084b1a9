#include "lb/gelf/gelf_lookup.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>

#include "lb/base/memory.h"
#include "lb/base/thread.h"

#define STACK_BYTES ((size_t)512 << 10) /* glibc's resolver and its modules want some */
#define NOBODY      (-1)

struct gelf_lookup {
    pthread_mutex_t mutex; /* guards the next three */
    int bell_fd;           /* NOBODY: it is abandoned */
    bool is_answered;
    unsigned ref_count;               /* the asker and the thread */
    struct gelf_lookup_answer answer; /* the thread's until is_answered */
    char *host;
    char port[8];
};

static void unref(struct gelf_lookup *lookup)
{
    pthread_mutex_lock(&lookup->mutex);
    bool is_last = --lookup->ref_count == 0;
    pthread_mutex_unlock(&lookup->mutex);
    if (!is_last)
        return;
    pthread_mutex_destroy(&lookup->mutex);
    free(lookup->host);
    free(lookup);
}

/* ---- in the thread --------------------------------------------------------------------------- */

static void take(struct gelf_lookup_answer *answer, const struct addrinfo *found)
{
    for (; found && answer->count < GELF_LOOKUP_ADDRESSES_MAX; found = found->ai_next)
        if (address_from_sockaddr(found->ai_addr, &answer->addresses[answer->count]))
            answer->count++;
}

static void ask(struct gelf_lookup *lookup)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL; /* each address once */
    struct gelf_lookup_answer *answer = &lookup->answer;
    int rc = getaddrinfo(lookup->host, lookup->port, &hints, &found);
    if (rc == 0) {
        take(answer, found);
        freeaddrinfo(found);
    }
    if (answer->count == 0)
        snprintf(answer->problem, sizeof(answer->problem), "%s",
                 rc != 0 ? gai_strerror(rc) : "it has none for IP");
}

static void tell(struct gelf_lookup *lookup)
{
    pthread_mutex_lock(&lookup->mutex);
    lookup->is_answered = true;
    if (lookup->bell_fd != NOBODY)
        eventfd_write(lookup->bell_fd, 1);
    pthread_mutex_unlock(&lookup->mutex);
}

static void *run(void *argument)
{
    struct gelf_lookup *lookup = argument;
    ask(lookup);
    tell(lookup);
    unref(lookup);
    return NULL;
}

/* ---- the asker -------------------------------------------------------------------------------- */

static int start_thread(struct gelf_lookup *lookup)
{
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    int rc = thread_start(&thread, &attributes, run, lookup);
    pthread_attr_destroy(&attributes);
    return rc;
}

struct gelf_lookup *gelf_lookup_start(const char *host, uint16_t port, int bell_fd)
{
    struct gelf_lookup *lookup = memory_new(sizeof(*lookup));
    lookup->host = memory_copy(host, strlen(host));
    snprintf(lookup->port, sizeof(lookup->port), "%u", port);
    pthread_mutex_init(&lookup->mutex, NULL);
    lookup->bell_fd = bell_fd;
    lookup->ref_count = 2;
    int rc = start_thread(lookup);
    if (rc != 0) {
        snprintf(lookup->answer.problem, sizeof(lookup->answer.problem), "no thread for it: %s",
                 strerror(rc));
        tell(lookup);
        unref(lookup);
    }
    return lookup;
}

bool gelf_lookup_take(struct gelf_lookup *lookup, struct gelf_lookup_answer *answer)
{
    pthread_mutex_lock(&lookup->mutex);
    bool is_answered = lookup->is_answered;
    pthread_mutex_unlock(&lookup->mutex);
    if (!is_answered)
        return false;
    *answer = lookup->answer;
    unref(lookup);
    return true;
}

void gelf_lookup_abandon(struct gelf_lookup *lookup)
{
    pthread_mutex_lock(&lookup->mutex);
    lookup->bell_fd = NOBODY;
    pthread_mutex_unlock(&lookup->mutex);
    unref(lookup);
}
