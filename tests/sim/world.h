/* A worker's proxy in the simulator, with clients and backends that do what a test says. One world
 * at a time. After each thing that is done the loop turns until nothing happens any more. */
#ifndef TESTS_SIM_WORLD_H
#define TESTS_SIM_WORLD_H

#include "lb/net/listener.h"
#include "lb/observe/record.h"
#include "lb/proxy/env.h"
#include "tests/sim/pretend_uv.h"

#define WORLD_ROOM ((size_t)1 << 40) /* of a far end that takes everything */

struct world {
    struct loop loop;
    struct env env;
    struct listener listener;
    struct pool *pool;                /* the latest */
    struct service_policy policy;     /* of the snapshots to come */
    struct route_table *routes;       /* as well; borrowed; NULL: none */
    enum service_kind kind;           /* as well: what its endpoints are servers of */
    const char *balance;              /* as well, as an option says it; NULL: none does */
    struct listener_table *listeners; /* as well; borrowed; NULL: none */
    uint64_t paused_until_ms;         /* as well; the loop's clock; 0: it is not paused */
    /* of the latest record */
    unsigned record_count;
    enum err end;
    unsigned status;
    unsigned attempt_count;
    unsigned replay_count;
    uint64_t request_body_bytes;
    uint64_t response_body_bytes;
    enum record_kind record_kind;
    char host[64];     /* of the same */
    char endpoint[16]; /* its name */
};

/* Deadlines that tell one another apart, no limits, no waiting for endpoints. */
extern const struct env_options world_usual;

/* Far ends that keep what they got, for world_hear. */
extern const struct pretend_uv_hooks world_hooks;

/* `letters`: see world_publish. */
void world_open(struct world *world, const struct env_options *options, const char *letters);

/* The same with other far ends and another way to accept (the owner is the env), and without a
 * pool: world_publish, or world_offer. */
void world_begin(struct world *world, const struct env_options *options,
                 const struct pretend_uv_hooks *far_ends,
                 void (*accept)(void *owner, struct listener *listener));

/* Ends everything at once. Checks that nothing is left: connections, memory, requests in flight. */
void world_close(struct world *world);

/* A snapshot with a letter for each endpoint (10.0.0.1 and so on): ready, draining, paused,
 * unhealthy, gone. */
void world_publish(struct world *world, const char *letters);

/* The same, but the worker has not heard of it yet. */
void world_offer(struct world *world, struct view letters);

/* A client connects. Wires stay until world_close. */
struct pretend_uv_wire *world_client(struct world *world);
struct pretend_uv_wire *world_client_from(const char *address); /* "192.0.2.7:4711" */

/* The connection to a backend that was begun as the `at`th, from 0; NULL: there is none. */
struct pretend_uv_wire *world_backend(unsigned at);

/* Of the far end. */
void world_say(struct pretend_uv_wire *wire, const char *bytes);
void world_say_filler(struct pretend_uv_wire *wire, size_t count);
void world_end(struct pretend_uv_wire *wire);
void world_reset(struct pretend_uv_wire *wire);
void world_take(struct pretend_uv_wire *wire, size_t room); /* so many more bytes */

/* With pretend_uv.connects_at_once off: 0, or a negative libuv error. */
void world_connect(struct pretend_uv_wire *wire, int status);

/* What it got since the last time. Borrowed until it gets more. */
const char *world_hear(struct pretend_uv_wire *wire);

/* How it stands from the far end: "none" (no wire), "connecting", "open", "fin" (lb shut its
 * sending side), "reset", "closed". */
const char *world_word_of(const struct pretend_uv_wire *wire);

#endif
