/* A route: which requests go to which service. The same for labels, files, lines of discovery and lb
 * itself. It holds when its host, its path and all of its conditions do; a way to say "or" is
 * several routes. Borrows all of its bytes. Pure. Thread: any. */
#ifndef LB_CONTRACT_ROUTE_H
#define LB_CONTRACT_ROUTE_H

#include <stdbool.h>
#include <stdint.h>

#include "lb/base/arena.h"
#include "lb/base/text.h"
#include "lb/base/view.h"
#include "lb/contract/route_option.h"

#define ROUTE_HOST_BYTES_MAX   255u
#define ROUTE_PATH_BYTES_MAX   1024u
#define ROUTE_REGEX_BYTES_MAX  1024u
#define ROUTE_VALUE_BYTES_MAX  1024u /* of a header field or a parameter, and of its name */
#define ROUTE_METHOD_BYTES_MAX 32u
#define ROUTE_CONDITIONS_MAX   32u
#define ROUTE_SHARES_MAX       16u
#define ROUTE_WEIGHT_MAX       1000000u

/* The dialect of routes that an operator wrote into a file. */
#define ROUTE_DIALECT_FILE "file"

/* XX(name, word): what is looked at, and how. The words are the keys of a line. */
#define ROUTE_KIND_MAP(XX)                                                                         \
    XX(HOST, "host") /* a.test, *.test (any labels before it), www.* (any behind it) */            \
    XX(HOST_REGEX, "host_regex") /* found somewhere in it, in lower case */                        \
    XX(PATH, "path")             /* begins with it, and it ends where a segment does */            \
    XX(PATH_EXACT, "path_exact")                                                                   \
    XX(PATH_START, "path_start") /* begins with it, byte by byte: /app is in /apple */             \
    XX(PATH_REGEX, "path_regex")                                                                   \
    XX(METHOD, "method")                                                                           \
    XX(HEADER, "header") /* some field of that name has this value */                              \
    XX(HEADER_REGEX, "header_regex")                                                               \
    XX(QUERY, "query") /* some parameter of that name has this value, percent-decoded */           \
    XX(QUERY_REGEX, "query_regex")                                                                 \
    XX(CLIENT, "client") /* the client's address is in this range, see below */                    \
    XX(SCHEME, "scheme") /* http or https, by which the client came */

/* The client is the peer, or where that is a trusted proxy the one that it names, and likewise the scheme. What others
 * claim does not count. */
enum route_kind {
#define XX(name, word) ROUTE_##name,
    ROUTE_KIND_MAP(XX)
#undef XX
        ROUTE_KIND_COUNT
};

struct route_condition {
    enum route_kind kind;
    bool is_not;       /* it holds where this does not */
    struct view name;  /* of the header field or the parameter, else empty */
    struct view value; /* what it is compared with */
};

/* The host or the path. An empty text: all of them. */
struct route_pattern {
    enum route_kind kind; /* ROUTE_HOST… or ROUTE_PATH… */
    struct view text;
};

/* A service that gets a part of a route's requests, in proportion to its weight; 0: none. */
struct route_share {
    struct view service;
    unsigned weight;
};

struct route {
    struct route_pattern host;
    struct route_pattern path;
    const struct route_condition *conditions;
    unsigned condition_count;

    /* Among those that hold: the highest priority; else the more specific (route_table.h). Where a
     * dialect has an order of its own, its routes are ranked: among themselves the highest rank
     * wins, whatever is more specific. */
    int priority; /* 0: none was given */
    bool is_ranked;
    int rank;

    /* What is done. */
    struct view service; /* empty only where there is an answer; the first of several */
    const struct route_share *shares; /* all services, where there are several */
    unsigned share_count;             /* 0: `service` gets all */
    unsigned answer_status; /* 403, 404 or 503: lb answers itself; 0: the service is asked */
    struct view why; /* it answers, for people: "the middleware auth is not supported"; or empty */
    /* Known to who puts routes together, and told by no line: that it yields to any that is alike,
     * however young, because it is not known what it wants; and the share that its service says. */
    bool yields;
    bool has_weight;
    unsigned weight;
    struct view strip; /* what the path begins with and the backend does not see; empty: nothing */
    struct view add;   /* what is put before the path then; empty: nothing */
    const struct route_option *options; /* sorted by kind, each kind once */
    unsigned option_count;

    /* Where it comes from; each may be empty. */
    struct view dialect;   /* "lb", "nginx-proxy", "traefik" … */
    struct view label;     /* or variable, that says so */
    struct view container; /* its id */
    struct view name;      /* the container's */
    uint64_t created_ns;   /* when that was created: a tie goes to the older; 0: unknown, is old */
};

/* "host_regex" and so on. Static. */
const char *route_kind_word(enum route_kind kind);

/* ROUTE_KIND_COUNT for other words. */
enum route_kind route_kind_parse(struct view word);

bool route_kind_has_name(enum route_kind kind);
bool route_kind_is_host(enum route_kind kind);
bool route_kind_is_path(enum route_kind kind);
bool route_kind_is_regex(enum route_kind kind);

/* Makes the condition the route's host or path, which lookups are quick by, if it can be one and
 * there is none yet. False: it belongs among the conditions. */
bool route_place(struct route *route, const struct route_condition *condition);

/* Host and path as written, for people: "a.test/app", "*.test", "~^a.*~^/x" where they are regexes,
 * "*" for any host. */
void route_append_name(const struct route *route, struct text *out);

/* Whether both hold for the same requests, as written. */
bool route_is_alike(const struct route *a, const struct route *b);

/* Below 0: `a` comes before `b` by rank, where both have one, or by priority. 0: neither tells. */
int route_compare_priority(const struct route *a, const struct route *b);

/* Whether both do the same with a request. */
bool route_does_the_same(const struct route *a, const struct route *b);

/* A copy with bytes, conditions, options and shares of its own, which live in the arena. */
struct route route_copy(const struct route *route, struct arena *arena);

/* A text that is the same for two routes if and only if they are alike. */
void route_append_likeness(const struct route *route, struct text *out);

#endif
