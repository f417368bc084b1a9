/* Whom a service's requests go to: what labels (lb.balance), the flag --balance and lines of discovery
 * say of it, with one grammar for all. Plain values without pointers, so that two rules compare by
 * their bytes; zeroed memory is round robin. Pure. */
#ifndef LB_CONTRACT_BALANCE_RULE_H
#define LB_CONTRACT_BALANCE_RULE_H

#include "lb/base/text.h"
#include "lb/base/view.h"

#define BALANCE_RULE_NAME_BYTES 64

#define BALANCE_RULE_ACCEPTED                                                                      \
    "round-robin, least-requests (or least-connections, which is the same), hash client, hash "    \
    "connection, hash header NAME, hash cookie NAME or hash path, or sticky before one of them, "  \
    "for example sticky least-requests"

enum balance_algorithm {
    BALANCE_ROUND_ROBIN,
    BALANCE_LEAST_REQUESTS,
    BALANCE_HASH_CLIENT,
    BALANCE_HASH_HEADER,
    BALANCE_HASH_COOKIE,
    BALANCE_HASH_PATH,
    BALANCE_HASH_CONNECTION, /* the client's address and port */
};

struct balance_rule {
    enum balance_algorithm algorithm;
    unsigned is_sticky; /* 1: who has been served comes back to the same endpoint, by a cookie */
    char name[BALANCE_RULE_NAME_BYTES]; /* of the header or the cookie; else "" */
};

/* Reads "[sticky] [round-robin | least-requests | hash client | hash header NAME | hash cookie NAME |
 * hash path | hash connection]", words in any case with white space between. Fails: false, `*rule` is as it was. */
bool balance_rule_parse(struct view text, struct balance_rule *rule);

/* Appends it as balance_rule_parse takes it. */
void balance_rule_format(const struct balance_rule *rule, struct text *out);

/* Whether it asks for what only a request of HTTP has. */
bool balance_rule_needs_http(const struct balance_rule *rule);

#endif
