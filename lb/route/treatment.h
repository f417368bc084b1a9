/* What a rule asks for beside its service, made ready: see lb/contract/route_option.h for what each
 * means, and in which order a request passes them. Immutable; lives as long as its rule. */
#ifndef LB_ROUTE_TREATMENT_H
#define LB_ROUTE_TREATMENT_H

#include "lb/base/cidr.h"
#include "lb/contract/htpasswd.h"
#include "lb/contract/https_rule.h"
#include "lb/contract/rate.h"
#include "lb/contract/redirect.h"
#include "lb/contract/route.h"
#include "lb/contract/waits.h"
#include "lb/route/condition.h"

struct treatment_ranges {
    const struct cidr *cidrs;
    unsigned count;
};

/* Who may come in. */
struct treatment_auth {
    struct htpasswd users;     /* named by the route itself; may be empty */
    struct view files;         /* as auth_next_file reads them; empty: none */
    struct view realm, header; /* the header may be empty */
    bool keeps;                /* the backend gets Authorization */
};

struct treatment_redirect {
    struct redirect to;
    const struct pattern *pattern; /* of its regex; NULL: it has none */
};

/* All edits of a head in one: the fields that go, and the lines that come, whole ones. */
struct treatment_edits {
    bool are_given;
    const struct view *cut_names;
    unsigned cut_count;
    struct view lines;
};

/* What a path is replaced by. */
struct treatment_swap {
    struct view path;              /* normalised; empty where there is a regex */
    const struct pattern *pattern; /* or NULL */
    struct view regex, replacement;
};

/* Zeroed or unsaid is what was not given. */
struct treatment {
    const struct route *route; /* all options as they were written */
    struct https_rule https;
    struct treatment_ranges allow, deny;
    struct rate rate;                  /* of one client; of 0 requests: there is none */
    uint64_t rate_number;              /* of what it is a rate of: alike routes have the same */
    const struct treatment_auth *auth; /* NULL: anybody may come */
    const struct treatment_redirect *redirect;
    const struct treatment_swap *swap;
    struct treatment_edits request_edits, response_edits;
    struct view error_pages; /* the name of a folder; may be empty */
    bool has_max_body;
    uint64_t max_body_bytes; /* 0: no limit */
    bool has_waits;
    unsigned wait_ms[WAIT_COUNT]; /* 0: no such deadline; WAITS_UNGIVEN */
    unsigned retries_max;         /* after the first try; WAITS_UNGIVEN */
    bool is_unlogged;             /* no line in the access log */
};

/* `*out` is NULL where the route asks for nothing. Of a valid route that outlives it. Borrows from the
 * arena. Fails: false; it has one regex too many. */
bool treatment_compile(const struct route *route, const struct compiling *compiling,
                       const struct treatment **out);

/* A reference to each of its regexes, which are in `all`, so that they stay as long as `own`. NULL is
 * allowed. */
void treatment_hold_regexes(const struct treatment *treatment, struct regexes *own,
                            const struct regexes *all);

/* What it takes of an arena at most. */
size_t treatment_bytes(const struct route *route);

/* Whether requests of that address pass what it denies and allows. */
bool treatment_admits(const struct treatment *treatment, const struct address *client);

#endif
