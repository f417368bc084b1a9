/* What a route of the file asks of a request: each word one thing, with values that each would do.
 * Pure. */
#ifndef DISCOVERY_FILE_FILE_MATCH_H
#define DISCOVERY_FILE_FILE_MATCH_H

#include <jansson.h>

#include "discovery/file/file_place.h"
#include "lb/base/arena.h"
#include "lb/contract/route.h"

/* One of the values has to hold. */
struct file_match_term {
    enum route_kind kind;
    struct view name;
    struct view *values;
    size_t count, capacity;
};

struct file_match {
    struct file_match_term terms[ROUTE_CONDITIONS_MAX];
    unsigned term_count;
    struct route_condition conditions[ROUTE_CONDITIONS_MAX]; /* that all have to hold */
    unsigned condition_count;
    bool has_unknown; /* words: it may ask for more than is read */
};

/* Reads the words of route.h, "not" and "conditions" of a route. `arena` keeps what is not in the
 * JSON. Fails: false, and the place has the problem. */
bool file_match_read(const struct file_place *place, const json_t *json, struct arena *arena,
                     struct file_match *out);

/* How many routes it stands for; at most LIMITS_ROUTES_MAX + 1. */
size_t file_match_count(const struct file_match *match);

/* Fills host, path and conditions of the one with that number. */
void file_match_fill(const struct file_match *match, size_t number, struct arena *arena,
                     struct route *out);

bool file_match_has_host(const struct file_match *match);

#endif
