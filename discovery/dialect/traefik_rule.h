/* A Traefik rule, "Host(`a`) && (PathPrefix(`/x`) || !Method(`GET`))", in the grammar of version 3,
 * as alternatives of which one has to hold, each a list of conditions that all have to (a
 * disjunctive normal form). Pure. */
#ifndef DISCOVERY_DIALECT_TRAEFIK_RULE_H
#define DISCOVERY_DIALECT_TRAEFIK_RULE_H

#include "discovery/dialect/traefik_matcher.h"

#define TRAEFIK_RULE_BYTES_MAX        8192u
#define TRAEFIK_RULE_DEPTH_MAX        32u
#define TRAEFIK_RULE_MATCHERS_MAX     128u
#define TRAEFIK_RULE_ALTERNATIVES_MAX 64u
#define TRAEFIK_RULE_CONDITIONS_MAX   32u /* of one alternative */

struct traefik_alternative {
    struct traefik_condition *conditions;
    size_t count; /* one at least */
};

struct traefik_rule {
    struct traefik_alternative *alternatives;
    size_t count; /* one at least */
    int priority; /* unless a label gives another: the length of the rule in bytes */
};

struct traefik_rule_error {
    size_t at; /* offset of the byte where the reader stopped */
    char sentence[256];
};

/* The matchers that a rule may have, as those of traefik_matcher.h. */
struct traefik_matchers {
    bool (*is_known)(struct view word, struct text *sentence);
    bool (*make)(struct view word, const struct view *values, size_t count,
                 struct traefik_condition *out, struct text *sentence);
    bool takes_several; /* of several values any will do; else it is given all of them */
};

/* Borrows `text`. Gives: traefik_rule_fini(). Fails: false with the error, and the rule is empty. */
bool traefik_rule_parse(struct view text, struct traefik_rule *out,
                        struct traefik_rule_error *error);

/* The same with other matchers than those for requests. */
bool traefik_rule_parse_by(const struct traefik_matchers *matchers, struct view text,
                           struct traefik_rule *out, struct traefik_rule_error *error);

void traefik_rule_fini(struct traefik_rule *rule);

/* Appends it: "Host example.com, not Method GET | Path /x". */
void traefik_rule_format(const struct traefik_rule *rule, struct text *out);

#endif
