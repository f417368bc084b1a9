/* Which service a connection goes to, by its listener and what its ClientHello asked for, and which endpoint of
 * it: what its attempt asks. Thread: worker. */
#ifndef LB_PROXY_PASSAGE_AIM_H
#define LB_PROXY_PASSAGE_AIM_H

#include "lb/proxy/passage_state.h"

/* Whether rules with names are for that address. */
bool passage_aim_has_names(const struct env *env, const struct address *at);

/* Whether no rule is for what it asks for. */
bool passage_aim_is_nobodys(const struct passage *passage);

/* Whether what the client says first has to be known before that. */
bool passage_aim_wants_hello(const struct passage *passage);

/* By the snapshot in use. `*target` of NULL: there is none yet. Fails: ERR_NO_ROUTE. */
enum err passage_aim_find(const struct passage *passage, const struct routes_target **target);

extern const struct attempt_asker passage_aim_asker;

#endif
