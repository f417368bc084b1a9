/* Containers that came to the services of lost rules (routes, and rules of listeners) from one line to the next: a
 * rule that is kept for who is gone does not lead to somebody else. */
#ifndef LB_FOLLOW_NEWCOMERS_H
#define LB_FOLLOW_NEWCOMERS_H

#include <jansson.h>

#include "lb/base/arena.h"
#include "lb/base/text.h"
#include "lb/route/name_map.h"

/* What is looked at. Borrows all. */
struct newcomers_line {
    const json_t *before, *now; /* arrays of services; NULL: there are none */
    const void *rules;          /* of the line, by number */
    uint32_t rule_count;
    struct view (*container_of)(const void *rules, uint32_t number);
    /* What it is for, as bytes that are the same for the same alone: a host, or a listener. */
    void (*append_place)(const void *rules, uint32_t number, struct text *out);
    uint64_t now_ms, kept_ms; /* so long a rule is kept */
    json_t *left; /* an object of who left such a service, and when; is brought up to date */
};

/* Since when, of the newcomers of each name, the one who left first had been away. */
struct newcomers_marks {
    struct name_map map;
    uint64_t *away_from_ms;
    uint32_t count;
};

struct newcomers {
    struct newcomers_line line;
    struct arena arena;
    struct newcomers_marks services; /* that lost rules lead to */
    struct newcomers_marks claims;   /* of such a service with a place */
    struct name_map first_rule;      /* by container: of `line.rules` */
    uint32_t *next_rule;             /* of the same container */
};

/* For `count` lost rules. To be handed to newcomers_fini. */
void newcomers_init(struct newcomers *newcomers, const struct newcomers_line *line, uint32_t count);
void newcomers_fini(struct newcomers *newcomers);

/* First all of them, by what they lead to (empty: to none) and what they are for; then newcomers_find. */
void newcomers_watch(struct newcomers *newcomers, struct view service, struct view place);
void newcomers_find(struct newcomers *newcomers);

/* Whether somebody came to that service who was not there at `lost_ms`. */
bool newcomers_came(const struct newcomers *newcomers, struct view service, uint64_t lost_ms);

/* Whether one of these has rules for that place as well. */
bool newcomers_claim(const struct newcomers *newcomers, struct view service, struct view place,
                     uint64_t lost_ms);

#endif
