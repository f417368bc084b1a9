/* What a route does to the target of a request: its path is replaced, then what it begins with is cut
 * off, then something is put before it; dot segments go in any case. The query stays. */
#ifndef LB_PROXY_RETARGETING_H
#define LB_PROXY_RETARGETING_H

#include "lb/proxy/exchange_state.h"

struct retargeting {
    struct view path;  /* normalised */
    struct view query; /* with its "?", or empty */
    bool is_moved;     /* the path is another one than the client wrote */
};

/* The head gets the target that the backend is to have. Fails: why the request goes nowhere; ERR_SLASH:
 * the client is to come again, see retargeting_append_slash. */
enum err retargeting_apply(struct exchange *exchange, const struct rule *rule,
                           const struct retargeting *retargeting);

/* Appends where a request is to come again: the same target with a slash behind its path. */
void retargeting_append_slash(const struct exchange *exchange, struct text *out);

/* `head` goes to the backend from now on: what was asked for is kept, and what is known of it stays
 * where it is. Takes `head`. */
void retargeting_take_head(struct exchange *exchange, struct block *head);

#endif
