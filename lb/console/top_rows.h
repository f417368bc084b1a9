/* Services and their endpoints as rows of `lb top`, in order: those with a problem first, then by
 * what is asked for. Pure. */
#ifndef LB_CONSOLE_TOP_ROWS_H
#define LB_CONSOLE_TOP_ROWS_H

#include "lb/console/world.h"

enum top_sort { TOP_SORT_RATE, TOP_SORT_5XX, TOP_SORT_P99, TOP_SORT_INFLIGHT, TOP_SORT_NAME };

#define TOP_SORT_COUNT 5

struct top_row {
    const char *key, *name;
    const json_t *facts, *numbers; /* `numbers` may be NULL */
    bool is_endpoint;
    unsigned severity; /* 0: all is well */
    double value;      /* that it is sorted by */
};

struct top_rows {
    struct top_row *rows; /* borrow from the world */
    unsigned count;
};

/* Gives the rows: each service, and behind it its endpoints unless `services_only`. To be freed by top_rows_fini. */
struct top_rows top_rows_make(const struct world *world, enum top_sort sort, bool services_only);
void top_rows_fini(struct top_rows *rows);

/* "rate", "5xx", "p99", "inflight" and "name". Fails: false, `*out` unchanged. */
const char *top_rows_sort_word(enum top_sort sort);
bool top_rows_parse_sort(const char *word, enum top_sort *out);

#endif
