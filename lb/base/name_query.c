#include "lb/base/name_query.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lb/base/memory.h"
#include "lb/base/thread.h"

#define STACK_BYTES ((size_t)512 << 10) /* glibc's resolver and its modules want some */

struct name_query {
    pthread_mutex_t mutex;     /* guards the next three */
    void (*ring)(void *owner); /* NULL: it is abandoned */
    bool is_answered;
    unsigned ref_count; /* the asker and the thread */
    void *owner;
    struct name_query_answer answer; /* the thread's until is_answered */
    unsigned most;
    char *host;
    char port[8];
};

static void unref(struct name_query *query)
{
    pthread_mutex_lock(&query->mutex);
    bool is_last = --query->ref_count == 0;
    pthread_mutex_unlock(&query->mutex);
    if (!is_last)
        return;
    pthread_mutex_destroy(&query->mutex);
    free(query->host);
    free(query);
}

/* ---- in the thread --------------------------------------------------------------------------- */

static void take(struct name_query *query, const struct addrinfo *found)
{
    struct name_query_answer *answer = &query->answer;
    for (; found && answer->count < query->most; found = found->ai_next)
        if (address_from_sockaddr(found->ai_addr, &answer->addresses[answer->count]))
            answer->count++;
}

static void ask(struct name_query *query)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL; /* each address once */
    struct name_query_answer *answer = &query->answer;
    int rc = getaddrinfo(query->host, query->port, &hints, &found);
    if (rc == 0) {
        take(query, found);
        freeaddrinfo(found);
    }
    if (answer->count == 0)
        snprintf(answer->problem, sizeof(answer->problem), "%s",
                 rc != 0 ? gai_strerror(rc) : "it has none for TCP");
}

static void tell(struct name_query *query)
{
    pthread_mutex_lock(&query->mutex);
    query->is_answered = true;
    if (query->ring)
        query->ring(query->owner);
    pthread_mutex_unlock(&query->mutex);
}

static void *run(void *argument)
{
    struct name_query *query = argument;
    ask(query);
    tell(query);
    unref(query);
    return NULL;
}

/* ---- the asker -------------------------------------------------------------------------------- */

static int start_thread(struct name_query *query)
{
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    int rc = thread_start(&thread, &attributes, run, query);
    pthread_attr_destroy(&attributes);
    return rc;
}

struct name_query *name_query_start(const char *host, uint16_t port, unsigned most,
                                    void (*ring)(void *owner), void *owner)
{
    struct name_query *query = memory_new(sizeof(*query));
    query->host = memory_copy(host, strlen(host));
    snprintf(query->port, sizeof(query->port), "%u", port);
    pthread_mutex_init(&query->mutex, NULL);
    query->ring = ring;
    query->owner = owner;
    query->most = most < NAME_QUERY_ADDRESSES_MAX ? most : NAME_QUERY_ADDRESSES_MAX;
    query->ref_count = 2;
    int rc = start_thread(query);
    if (rc != 0) {
        snprintf(query->answer.problem, sizeof(query->answer.problem), "no thread for it: %s",
                 strerror(rc));
        tell(query);
        unref(query);
    }
    return query;
}

bool name_query_take(struct name_query *query, struct name_query_answer *answer)
{
    pthread_mutex_lock(&query->mutex);
    bool is_answered = query->is_answered;
    pthread_mutex_unlock(&query->mutex);
    if (!is_answered)
        return false;
    *answer = query->answer;
    unref(query);
    return true;
}

void name_query_abandon(struct name_query *query)
{
    pthread_mutex_lock(&query->mutex);
    query->ring = NULL;
    pthread_mutex_unlock(&query->mutex);
    unref(query);
}
