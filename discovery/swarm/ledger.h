/* What a swarm does, as far as it is known: its services, nodes and tasks, where these are reached and how each
 * of them lives. Knows no sockets and no clock. Pure. */
#ifndef DISCOVERY_SWARM_LEDGER_H
#define DISCOVERY_SWARM_LEDGER_H

#include "discovery/docker/interpreter.h"
#include "discovery/docker/roster.h"
#include "discovery/docker/vantage.h"
#include "discovery/swarm/swarm_images.h"
#include "discovery/swarm/swarm_nodes.h"
#include "discovery/swarm/swarm_services.h"

struct ledger_task {
    struct swarm_id id;
    struct engine_id key; /* of its member in the roster: portrait_id() */
    uint64_t fingerprint; /* of all that its member was made of; 0: nothing yet */
    uint64_t stop_ms;     /* how long it may take to end, once it is told to */
    uint64_t gone_at_ms;  /* it was told to end, and will have by then; 0: it was not */
    bool is_listed;       /* used while a list is taken in */
};

struct ledger {
    struct interpreter interpreter;
    struct vantage vantage;
    struct roster roster;
    struct swarm_services services;
    struct swarm_nodes nodes;
    struct swarm_images images;
    struct swarm_id own_node;   /* that is asked; "": not known */
    struct ledger_task **tasks; /* by id; those with a member */
    size_t count, capacity;
    size_t leaving_count; /* of those that were told to end */
    size_t lost_count;    /* of those in the latest list that were too many */
    bool lacks_service;   /* a task's service is not known: it may be new */
    bool was_listed;      /* the tasks that are to run, once at least */
    bool is_doubted;      /* the latest list had none of many: the next one is to say so too */
    bool is_dirty;        /* a line would differ */
    bool has_moved;       /* since the caller has set it to false */
};

/* `settings` may be NULL; copied. */
void ledger_init(struct ledger *ledger, const struct dialect_settings *settings);
void ledger_fini(struct ledger *ledger);

/* Other services, or nodes, than before, perhaps. Takes what is in there, sorted. */
void ledger_take_services(struct ledger *ledger, struct swarm_services *services);
void ledger_take_nodes(struct ledger *ledger, struct swarm_nodes *nodes);

/* The list of tasks that are to run: before the first, each, behind the last. What is not in it any more was
 * told to end; where it has none at all, the next one must say so as well. */
void ledger_begin_tasks(struct ledger *ledger);
void ledger_take_task(struct ledger *ledger, const json_t *task);
void ledger_end_tasks(struct ledger *ledger, uint64_t now_ms);

/* Adds the path of the question for those that were told to end, behind `prefix`, and begins with its list.
 * False: there are none. */
bool ledger_append_question(struct ledger *ledger, const char *prefix, struct text *target);

/* Of those that were asked for, what that list does not have, or has as ended, is gone. */
void ledger_take_leaving(struct ledger *ledger, const json_t *task);
void ledger_end_leaving(struct ledger *ledger);

/* Fills `set`, which then borrows from the ledger. */
void ledger_survey(struct ledger *ledger, uint64_t wall_ns, struct set *set);

#endif
