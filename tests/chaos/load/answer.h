/* Reads one answer as it comes, checks its body against what the request wants, and keeps no more
 * of it than its beginning. Answers without Content-Length are malformed here: the demo server and
 * the proxies' own error pages all have one. */
#ifndef TESTS_CHAOS_LOAD_ANSWER_H
#define TESTS_CHAOS_LOAD_ANSWER_H

#include "tests/chaos/load/request.h"

enum answer_stage { ANSWER_HEAD, ANSWER_BODY, ANSWER_COMPLETE, ANSWER_MALFORMED };

struct answer {
    enum answer_stage stage;
    unsigned status;
    bool says_close;
    bool is_wrong; /* a 200 whose body is not what the request wants */
    uint64_t length;
    uint64_t body_got;
    uint64_t got; /* bytes in all */
    char head[4096];
    size_t head_len;
    char text[120]; /* how the body begins */
    size_t text_len;
};

void answer_init(struct answer *answer);

/* Takes `bytes`, as many of them as belong to the answer; false when some did not. */
bool answer_take(struct answer *answer, const struct request *request, struct view bytes);

#endif
