/* What came of the requests: counts, latencies, and every failure as a line of its own. */
#ifndef TESTS_CHAOS_LOAD_TALLY_H
#define TESTS_CHAOS_LOAD_TALLY_H

#include "lb/base/json_writer.h"
#include "tests/chaos/load/answer.h"

#define TALLY_KIND_MAX     32
#define TALLY_FAILURE_MAX  50 /* that the report keeps; all of them go to standard error */
#define TALLY_BUCKET_COUNT 128

struct tally_kind {
    char name[32];
    uint64_t count;
};

struct tally {
    uint64_t begun_wall_ns;
    uint64_t requests[REQUEST_METHOD_COUNT]; /* that ended, well or not */
    uint64_t failures[REQUEST_METHOD_COUNT];
    uint64_t statuses[600];
    struct tally_kind kinds[TALLY_KIND_MAX]; /* "POST status_502", … */
    unsigned kind_count;
    uint64_t latencies[TALLY_BUCKET_COUNT];
    uint64_t latency_max_ns;
    uint64_t connections;       /* opened */
    uint64_t tls_connections;   /* of these that have shaken hands */
    uint64_t reused;            /* requests that went out on a connection that had served before */
    uint64_t closed_while_idle; /* by the proxy, before a byte of a request was sent: no failure */
    uint64_t postponed;         /* were due when every connection was busy */
    struct text first_failures; /* JSON objects, with commas */
    unsigned failure_lines;
};

void tally_init(struct tally *tally);
void tally_fini(struct tally *tally);

/* A right answer, or with `kind` a failure: "reset", "closed", "cut", "timeout", "connect",
 * "malformed", "wrong_body", "status" (with the answer's code added). Borrows all. */
void tally_add(struct tally *tally, const struct request *request, const struct answer *answer,
               const char *kind, bool was_reused);

uint64_t tally_requests(const struct tally *tally);
uint64_t tally_failures(const struct tally *tally);

/* One line on standard error that says how far it is. */
void tally_progress(const struct tally *tally);

/* The whole report, as one JSON object with a newline. */
void tally_report(const struct tally *tally, struct text *out);

#endif
