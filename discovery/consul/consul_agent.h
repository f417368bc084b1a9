/* Where the Consul agent is, and what is shown to it. */
#ifndef DISCOVERY_CONSUL_CONSUL_AGENT_H
#define DISCOVERY_CONSUL_CONSUL_AGENT_H

#include <stdbool.h>

#include "discovery/net/fetch_tls.h"
#include "discovery/net/server_url.h"
#include "lb/base/text.h"

#define CONSUL_AGENT_DEFAULT_URL "http://127.0.0.1:8500"
#define CONSUL_AGENT_URL_ACCEPTED                                                                       \
    "http://HOST:PORT, https://…, consul://…, consul-tls://…, unix:///PATH, consul-unix:///PATH " \
    "or HOST:PORT"

struct fetch_loop;
struct fetch_pool;

/* Strings are borrowed. */
struct consul_agent {
    struct server_url server;
    struct fetch_tls tls;
    const char *token;      /* NULL: none */
    const char *token_file; /* read for it, again when it changes; NULL: none */
};

/* Reads the URL of an agent into `agent->server`, and nothing else. Without a port it is the scheme's:
 * 80, 443, else Consul's 8500, or 8501 for consul-tls. Fails: false, and `*problem` says what is wrong (a constant). */
bool consul_agent_parse_url(const char *text, struct consul_agent *agent, const char **problem);

/* Https instead of http, unless it is a socket (CONSUL_HTTP_SSL). */
void consul_agent_demand_tls(struct consul_agent *agent);

/* The connections to it: with TLS where the URL says so, and the token in each request's X-Consul-Token.
 * Borrows `loop` and what `agent` has. Gives: fetch_pool_close(). */
struct fetch_pool *consul_agent_open_pool(struct fetch_loop *loop,
                                          const struct consul_agent *agent);

/* Appends a name as one segment of a path, or a value of a query: all but letters, digits and -._~ as %XX
 * (RFC 3986 § 2.3). Pure. */
void consul_agent_append_escaped(struct text *out, const char *name);

#endif
