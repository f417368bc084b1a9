#include "discovery/swarm/round.h"

#include <stdio.h>

#include "lb/base/clock.h"

/* {"desired-state":["running"]} */
#define RUNNING "/tasks?filters=%7B%22desired-state%22%3A%5B%22running%22%5D%7D"

static void ask_nodes(struct round *round);
static void ask_services(struct round *round);
static void ask_tasks(struct round *round);

static void finish(struct round *round)
{
    round->is_running = false;
    round->handler.on_done(round->handler.owner);
}

static void take_failure(void *owner, const char *why)
{
    struct round *round = owner;
    round_stop(round);
    round->handler.on_failure(round->handler.owner, why);
}

/* Without these lists there is nothing to follow. */
static void take_refused(void *owner, int status)
{
    struct round *round = owner;
    char why[128];
    snprintf(why, sizeof(why), "the list of %s is refused with status %d", round->reader.what,
             status);
    take_failure(round, why);
}

static void ask(struct round *round, const char *target, const char *what,
                void (*on_element)(void *owner, const json_t *element), void (*on_end)(void *owner),
                void (*on_refused)(void *owner, int status))
{
    list_reader_start(&round->reader, round->pool, target, what,
                      &(struct list_reader_handler){.owner = round,
                                                    .on_element = on_element,
                                                    .on_end = on_end,
                                                    .on_refused = on_refused,
                                                    .on_failure = take_failure});
}

static void ask_for(struct round *round, const char *path, const char *what,
                    void (*on_element)(void *owner, const json_t *element),
                    void (*on_end)(void *owner), void (*on_refused)(void *owner, int status))
{
    char target[256];
    snprintf(target, sizeof(target), "%s%s", round->prefix, path);
    ask(round, target, what, on_element, on_end, on_refused);
}

/* ---- networks ------------------------------------------------------------------------------- */

static void take_networks(void *owner, const json_t *list)
{
    struct round *round = owner;
    vantage_take_networks(&round->ledger->vantage, list);
    ask_nodes(round);
}

static void take_networks_refused(void *owner, int status)
{
    struct round *round = owner;
    round->refused_networks = status;
    ask_nodes(round);
}

static void ask_networks(struct round *round)
{
    if (round->refused_networks > 0) {
        ask_nodes(round);
        return;
    }
    lister_start(&round->lister, round->pool, round->prefix, "/networks", "networks",
                 &(struct lister_handler){.owner = round,
                                          .on_list = take_networks,
                                          .on_refused = take_networks_refused,
                                          .on_failure = take_failure});
}

/* ---- nodes ---------------------------------------------------------------------------------- */

static void take_node(void *owner, const json_t *element)
{
    struct round *round = owner;
    swarm_nodes_take(&round->nodes, element);
}

static void take_nodes_end(void *owner)
{
    struct round *round = owner;
    swarm_nodes_sort(&round->nodes);
    ledger_take_nodes(round->ledger, &round->nodes);
    ask_services(round);
}

static void take_nodes_refused(void *owner, int status)
{
    struct round *round = owner;
    round->refused_nodes = status;
    ask_services(round);
}

static void ask_nodes(struct round *round)
{
    if (round->refused_nodes > 0) {
        ask_services(round);
        return;
    }
    swarm_nodes_fini(&round->nodes);
    ask_for(round, "/nodes", "nodes", take_node, take_nodes_end, take_nodes_refused);
}

/* ---- services ------------------------------------------------------------------------------- */

static void take_service(void *owner, const json_t *element)
{
    struct round *round = owner;
    swarm_services_take(&round->services, element);
}

static void take_services_end(void *owner)
{
    struct round *round = owner;
    swarm_services_sort(&round->services);
    ledger_take_services(round->ledger, &round->services);
    ask_tasks(round);
}

static void ask_services(struct round *round)
{
    swarm_services_fini(&round->services);
    ask_for(round, "/services", "services", take_service, take_services_end, take_refused);
}

/* ---- tasks ---------------------------------------------------------------------------------- */

static void take_leaving(void *owner, const json_t *element)
{
    struct round *round = owner;
    ledger_take_leaving(round->ledger, element);
}

static void take_leaving_end(void *owner)
{
    struct round *round = owner;
    ledger_end_leaving(round->ledger);
    finish(round);
}

static void ask_leaving(struct round *round)
{
    struct text target = TEXT_INIT;
    if (ledger_append_question(round->ledger, round->prefix, &target))
        ask(round, text_str(&target), "tasks", take_leaving, take_leaving_end, take_refused);
    else
        finish(round);
    text_fini(&target);
}

static void take_task(void *owner, const json_t *element)
{
    struct round *round = owner;
    ledger_take_task(round->ledger, element);
}

static void take_tasks_end(void *owner)
{
    struct round *round = owner;
    ledger_end_tasks(round->ledger, clock_mono_ns() / 1000000);
    ask_leaving(round);
}

static void ask_tasks(struct round *round)
{
    ledger_begin_tasks(round->ledger);
    ask_for(round, RUNNING, "tasks", take_task, take_tasks_end, take_refused);
}

/* ---- all of it ------------------------------------------------------------------------------ */

void round_start(struct round *round, bool is_whole)
{
    round->is_running = true;
    if (is_whole)
        ask_networks(round);
    else
        ask_tasks(round);
}

void round_stop(struct round *round)
{
    round->is_running = false;
    round->refused_networks = round->refused_nodes = 0; /* who answers then may allow it */
    lister_stop(&round->lister);
    list_reader_stop(&round->reader);
    swarm_services_fini(&round->services);
    swarm_nodes_fini(&round->nodes);
}
