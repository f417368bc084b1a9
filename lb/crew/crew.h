/* All workers together, and the settings that they share. Thread: control. */
#ifndef LB_CREW_CREW_H
#define LB_CREW_CREW_H

#include "lb/contract/channel.h"
#include "lb/crew/worker.h"
#include "lb/net/listening.h"

struct crew {
    struct worker **workers;
    unsigned worker_count;
    struct settings *settings;   /* in force; one reference */
    struct quota *quota;         /* NULL: no limit for one client */
    struct rate_table *rates;    /* of clients; as long as the workers */
    struct tls_tickets *tickets; /* of all workers; NULL: nobody speaks TLS */
    struct admit_office office;
    uint32_t instance; /* random: tells this lb from others in Via */
};

/* The first settings, before there are workers. Takes what `config` owns. */
void crew_init(struct crew *crew, struct config *config);

/* How many workers there are to be. */
unsigned crew_wanted_count(const struct crew *crew);

/* Makes the workers, and lends each its share of the sockets of every address, at which they accept once they are told
 * to run. `on_done` is borrowed, and rung when one has yielded or ends. Fails: false, said in the log. */
bool crew_open(struct crew *crew, struct listening *listens, unsigned listen_count,
               uv_async_t *on_done);

/* The same with sockets at which TLS is spoken; before crew_start. */
bool crew_listen_tls(struct crew *crew, struct listening *listens, unsigned listen_count);

/* Starts their threads. Fails: false, said in the log. */
bool crew_start(struct crew *crew);

/* Other settings from now on. Takes what `config` owns. The old ones live until the last worker has
 * let go of them, but for control they are gone. */
void crew_configure(struct crew *crew, struct config *config);

/* Leaves a picture of the operator's files with every worker. Takes the reference; `owner` is the
 * struct crew. */
void crew_lend(void *owner, struct library *library);

/* Leaves the certificates there are with every worker. Takes the reference; `owner` is the struct crew. */
void crew_certify(void *owner, struct tls_store *store);

/* Makes a new key of tickets where it is time to: to be called once a minute or so. */
void crew_rotate_tickets(struct crew *crew);

/* Leaves TCP and UDP listeners with every worker. Takes the reference. */
void crew_give(struct crew *crew, struct listener_set *set);

/* What each worker does when it meets an endpoint on which too many requests fail; on the worker's
 * thread. Before crew_start. */
void crew_on_suspect(struct crew *crew, void (*on_suspect)(void *owner), void *owner);

/* How many requests and TCP connections run is written there by the workers, for who looks when this process has ended.
 * Borrows it. Before crew_start. */
void crew_count_at(struct crew *crew, struct channel_gauges *gauges);

/* Leaves a snapshot with every worker, which takes it over as worker_offer says, and lets them
 * look. `owner` is the struct crew. */
void crew_offer(void *owner, struct pool *pool);
void crew_ring(void *owner);

/* Adds the counters of all workers to `*totals`. */
void crew_count(const struct crew *crew, struct metrics *totals);

/* The same of what they count for requests that are for no service. */
void crew_count_unrouted(const struct crew *crew, struct traffic *sum);

/* The same of connections and flows. */
void crew_count_unrouted_passing(const struct crew *crew, struct passing *sum);

/* Accept from now on; leave that to others from now on, which crew_has_yielded tells once it is done. */
void crew_serve(struct crew *crew);
void crew_yield(struct crew *crew);

/* Whether each thread has gone round since this was asked last; asks them anew. */
bool crew_is_alive(struct crew *crew);

void crew_tell(struct crew *crew, enum worker_command command);
bool crew_has_yielded(const struct crew *crew);
bool crew_is_done(const struct crew *crew);

/* Waits for the threads, and frees. */
void crew_fini(struct crew *crew);

#endif
