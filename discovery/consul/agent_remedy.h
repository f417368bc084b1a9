/* What an operator can do about a Consul agent that does not answer, or refuses: a sentence for each cause, the same
 * whether it is read or registered with. All are constants. Pure. */
#ifndef DISCOVERY_CONSUL_AGENT_REMEDY_H
#define DISCOVERY_CONSUL_AGENT_REMEDY_H

#include "discovery/net/fetch_request.h"

/* With status 500: the servers elect a leader, or are too few. */
#define AGENT_REMEDY_NO_LEADER "No cluster leader"

const char *agent_remedy_find(const struct fetch_failure *failure);

/* Of an answer with any status but 200; `sample` is the beginning of its body. */
const char *agent_remedy_of_status(int status, const char *sample);

#endif
