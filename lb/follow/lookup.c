#include "lb/follow/lookup.h"

#include <netdb.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lb/base/list.h"
#include "lb/base/memory.h"
#include "lb/base/thread.h"

#define STACK_BYTES ((size_t)512 << 10) /* glibc's resolver and its modules want some */

struct lookup {
    uv_async_t answered;
    pthread_mutex_t mutex; /* guards is_abandoned and the bell with it */
    bool is_abandoned;
    atomic_uint ref_count; /* the loop's side and the thread */
    void (*on_answer)(void *owner, const struct lookup_answer *answer);
    void *owner;
    struct lookup_answer answer; /* the thread's until it rings */
    char *host;
    char port[8];
};

static void unref(struct lookup *lookup)
{
    if (atomic_fetch_sub(&lookup->ref_count, 1) > 1)
        return;
    pthread_mutex_destroy(&lookup->mutex);
    free(lookup->host);
    free(lookup);
}

/* ---- in the thread --------------------------------------------------------------------------- */

static void take(struct lookup_answer *answer, const struct addrinfo *found)
{
    for (; found && answer->count < LOOKUP_ADDRESSES_MAX; found = found->ai_next)
        if (address_from_sockaddr(found->ai_addr, &answer->addresses[answer->count]))
            answer->count++;
}

static void ask(struct lookup *lookup)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
    struct lookup_answer *answer = &lookup->answer;
    int rc = getaddrinfo(lookup->host, lookup->port, &hints, &found);
    if (rc == 0) {
        take(answer, found);
        freeaddrinfo(found);
    }
    if (answer->count == 0)
        snprintf(answer->problem, sizeof(answer->problem), "%s",
                 rc != 0 ? gai_strerror(rc) : "it has none for TCP");
}

static void *run(void *argument)
{
    struct lookup *lookup = argument;
    ask(lookup);
    pthread_mutex_lock(&lookup->mutex);
    if (!lookup->is_abandoned)
        uv_async_send(&lookup->answered);
    pthread_mutex_unlock(&lookup->mutex);
    unref(lookup);
    return NULL;
}

/* ---- in the loop ----------------------------------------------------------------------------- */

static void on_uv_closed(uv_handle_t *handle)
{
    unref(list_entry(handle, struct lookup, answered));
}

static void on_uv_answered(uv_async_t *handle)
{
    struct lookup *lookup = list_entry(handle, struct lookup, answered);
    void (*on_answer)(void *owner, const struct lookup_answer *answer) = lookup->on_answer;
    uv_close((uv_handle_t *)handle, on_uv_closed);
    on_answer(lookup->owner, &lookup->answer);
}

void lookup_abandon(struct lookup *lookup)
{
    pthread_mutex_lock(&lookup->mutex);
    lookup->is_abandoned = true;
    pthread_mutex_unlock(&lookup->mutex);
    uv_close((uv_handle_t *)&lookup->answered, on_uv_closed);
}

static int start_thread(struct lookup *lookup)
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

struct lookup *lookup_start(uv_loop_t *loop, const char *host, uint16_t port,
                            void (*on_answer)(void *owner, const struct lookup_answer *answer),
                            void *owner)
{
    struct lookup *lookup = memory_new(sizeof(*lookup));
    lookup->on_answer = on_answer;
    lookup->owner = owner;
    lookup->host = memory_copy(host, strlen(host));
    snprintf(lookup->port, sizeof(lookup->port), "%u", port);
    pthread_mutex_init(&lookup->mutex, NULL);
    atomic_init(&lookup->ref_count, 2);
    uv_async_init(loop, &lookup->answered, on_uv_answered);
    int rc = start_thread(lookup);
    if (rc != 0) {
        snprintf(lookup->answer.problem, sizeof(lookup->answer.problem), "no thread for it: %s",
                 strerror(rc));
        unref(lookup);
        uv_async_send(&lookup->answered);
    }
    return lookup;
}
