/* Whether an empty answer is to be believed. GET /v1/health/service/NAME gives 200 and [] for a service whose
 * last server is gone, and the same to who may not see it: a token that was revoked or has lost a right, an
 * agent that has lost its catalog, one that was asked in the moment between. So nobody's last servers are taken
 * away by one answer. After a pause the agent is asked four more questions, all answered by the leader:
 *
 *   GET  /v1/health/service/NAME?consistent  is it still empty?
 *   GET  /v1/catalog/services?consistent     is its name gone, too?
 *   GET  /v1/catalog/nodes?consistent        is it a catalog at all? Consul's own servers are nodes of it, so that
 *                                            one without any is one that may not be seen
 *   POST /v1/internal/acl/authorize          may this token read the service, and the nodes that its servers
 *                                            were on? This is the one that tells a right from a loss: an agent
 *                                            says true or false for each, 401 where there are no ACLs, 403 where
 *                                            the token is unknown (measured with 1.8.7). It is no documented part
 *                                            of the API, so where it is not there (404, 405) the headers that
 *                                            Consul has since 1.11 count: X-Consul-Default-ACL-Policy: allow, or
 *                                            deny with X-Consul-Results-Filtered-By-ACLs; and where there are not
 *                                            even those: that other services can be seen, and that the index of
 *                                            the answer went up, which it does when a server goes and does not
 *                                            when a right does.
 *
 * What is confirmed is gone. What is denied stays, as it is known that lb does not see it; whatever is neither
 * stays, too, and is looked at again. A catalog whose index went backwards, or whose agent was away since there
 * were servers, may be another one than before (an agent in dev mode, servers restored): whoever registers has
 * yet to notice, which takes agents up to two minutes, so that long its emptiness is not believed. That costs
 * little: a service without a server fails its requests in either case. Pure. */
#ifndef DISCOVERY_CONSUL_SECOND_LOOK_H
#define DISCOVERY_CONSUL_SECOND_LOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SECOND_LOOK_PAUSE_MS     500u
#define SECOND_LOOK_YOUNG_MS     120000u
#define SECOND_LOOK_AGAIN_MS     2000u /* the first pause between looks, which doubles */
#define SECOND_LOOK_AGAIN_MAX_MS 10000u

enum second_look_right {
    SECOND_LOOK_RIGHT_UNKNOWN,
    SECOND_LOOK_RIGHT_GIVEN, /* or there are no ACLs */
    SECOND_LOOK_RIGHT_DENIED,
};

struct second_look {
    bool is_whole; /* all four were answered; the last one may be missing */
    bool is_empty; /* still */
    bool is_named; /* by the list of services */
    bool names_others;
    size_t node_count;
    enum second_look_right right;
    bool is_filtered, denies_by_default, has_policy; /* by the headers of any answer */
    bool index_rose; /* beyond that of the last answer with servers */
    bool had_servers;
    bool was_reset; /* the index went backwards, or the agent was away, since there were servers */
    uint64_t since_reset_ms;
};

enum second_look_verdict {
    SECOND_LOOK_GONE,
    SECOND_LOOK_BACK,   /* it is empty no more */
    SECOND_LOOK_DENIED, /* lb may not see it */
    SECOND_LOOK_YOUNG,  /* the catalog is a new one, and may have to be filled yet */
    SECOND_LOOK_UNSURE, /* whatever else */
};

enum second_look_verdict second_look_judge(const struct second_look *look);

#endif
