/* Asks the questions of a second look (second_look.h) about one service, all at once. */
#ifndef DISCOVERY_CONSUL_LOOKER_H
#define DISCOVERY_CONSUL_LOOKER_H

#include <jansson.h>

#include "discovery/consul/catalog_entry.h"
#include "discovery/consul/second_look.h"

#define LOOKER_QUESTIONS 4
#define LOOKER_NODES_MAX 16u /* whose rights are asked for */

struct fetch;
struct fetch_answer;
struct fetch_pool;

struct looker_options {
    struct fetch_pool *pool;
    const char *service; /* borrowed until the end, as the pool and the rules are */
    const struct catalog_entry_rules *rules; /* of its entries */
    const char *nodes[LOOKER_NODES_MAX];     /* that its servers were on; borrowed for the start */
    size_t node_count;
    size_t max_bytes; /* of the answer about it */
    void *owner;
    void (*on_done)(void *owner);
};

/* Zeroed memory does nothing. */
struct looker {
    struct looker_options options;
    struct looker_question {
        struct looker *looker;
        struct fetch *fetch;
    } questions[LOOKER_QUESTIONS];
    unsigned pending_count;
    struct second_look look; /* what was found; all but had_servers, was_reset and since_reset_ms */
    uint64_t index;          /* of the answer about the service; 0: none */
    json_t *health;          /* that answer, or NULL; owned */
};

/* It does nothing. */
void looker_start(struct looker *looker, const struct looker_options *options);
bool looker_is_busy(const struct looker *looker);

/* on_done is not called any more. */
void looker_stop(struct looker *looker);

/* What an answer to the question of rights says. Pure. */
enum second_look_right looker_read_rights(const json_t *answer);

#endif
