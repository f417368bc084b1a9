/* How a question to a Consul agent failed, what an operator can do about it, and whether it is worth asking
 * again soon. Pure. */
#ifndef DISCOVERY_CONSUL_AGENT_TROUBLE_H
#define DISCOVERY_CONSUL_AGENT_TROUBLE_H

#include "discovery/net/fetch_request.h"

#define AGENT_TROUBLE_BYTES 320

enum agent_trouble_kind {
    AGENT_TROUBLE_NONE,
    AGENT_TROUBLE_AWAY,       /* nobody answers, or not to the end */
    AGENT_TROUBLE_NO_LEADER,  /* 500 "No cluster leader": the servers elect one, or are too few */
    AGENT_TROUBLE_FAULT,      /* any other from 500 on, as while servers come and go */
    AGENT_TROUBLE_BUSY,       /* 429, 503 */
    AGENT_TROUBLE_DENIED,     /* 401, 403 */
    AGENT_TROUBLE_REFUSED,    /* any other status but 200 */
    AGENT_TROUBLE_UNREADABLE, /* it is not what was asked for, or too large */
};

/* Zeroed memory: there is none. */
struct agent_trouble {
    enum agent_trouble_kind kind;
    char why[AGENT_TROUBLE_BYTES];
    const char *remedy; /* a constant; may be "" */
};

/* Reads what became of a question. `failure` is of its pool, `token_problem` as fetch_pool_token_problem() has
 * it. Gives whether there is an answer with status 200; then `out` is empty. */
bool agent_trouble_read(const struct fetch_answer *answer, const struct fetch_failure *failure,
                        const char *token_problem, struct agent_trouble *out);

/* The answer came, and is none of that kind. `what` is a constant: "is no list of services". */
void agent_trouble_set_unreadable(struct agent_trouble *out, const char *what);

/* Whether the agent has said its word, so that there is no use in waiting for another one. */
bool agent_trouble_is_final(const struct agent_trouble *trouble);

#endif
