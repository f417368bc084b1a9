/* What keeps lb from learning who its backends are, and what would change it. */
#ifndef LB_FOLLOW_OBSTACLE_H
#define LB_FOLLOW_OBSTACLE_H

#include <stdbool.h>
#include <stdint.h>

#include "lb/base/json_writer.h"
#include "lb/base/text.h"

/* Zeroed memory: there is none. */
struct obstacle {
    struct text why;    /* what was met, without a full stop; empty: there is none */
    struct text remedy; /* sentences; may be empty */
    uint64_t since_ns;  /* wall clock; 0: unknown */
};

/* Replaces it. Control characters become "?", so that it is one line everywhere. */
void obstacle_set(struct obstacle *obstacle, const char *why, const char *remedy,
                  uint64_t since_ns);

/* There is none any more; frees what it had. */
void obstacle_clear(struct obstacle *obstacle);

static inline bool obstacle_is_set(const struct obstacle *obstacle)
{
    return obstacle->why.len > 0;
}

/* Appends "WHY. REMEDY". */
void obstacle_append(const struct obstacle *obstacle, struct text *out);

/* Writes the fields problem, remedy and problem_since of an object; nothing when there is none. */
void obstacle_write(const struct obstacle *obstacle, struct json_writer *json);

#endif
