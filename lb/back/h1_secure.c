#include "lb/back/h1_secure.h"

#include "lb/back/complaint.h"
#include "lb/net/stream_tls.h"

static struct tls_client *find(struct fleet *fleet, const struct service_local *service,
                               const struct endpoint *endpoint, const char **problem)
{
    return backend_tls_find(&fleet->tls, &service->policy->tls, endpoint->server_name, problem);
}

struct tls_client *h1_secure_find(struct fleet *fleet, const struct service_local *service,
                                  struct endpoint *endpoint)
{
    const char *problem;
    struct tls_client *client = find(fleet, service, endpoint, &problem);
    if (!client) {
        counter_add(&fleet->metrics->upstream_tls_failed_count, 1);
        complaint_make_of_tls(fleet, endpoint, view_str(problem));
    }
    return client;
}

bool h1_secure_is_as_said(const struct h1_upstream *upstream, const struct service_local *service)
{
    return upstream->client == find(upstream->back.fleet, service, upstream->back.endpoint, NULL);
}

static void note_success(const struct h1_upstream *upstream)
{
    struct metrics *metrics = upstream->back.fleet->metrics;
    const struct tls_session_facts *facts = tls_session_facts(stream_tls(&upstream->stream));
    counter_add(&metrics->upstream_tls_count, 1);
    if (facts->is_resumed)
        counter_add(&metrics->upstream_tls_resumed_count, 1);
    complaint_forget_tls(upstream->back.endpoint);
}

enum err h1_secure_judge(struct h1_upstream *upstream, int status)
{
    struct fleet *fleet = upstream->back.fleet;
    struct view problem = status < 0 ? stream_tls_problem(&upstream->stream) : VIEW("");
    if (status >= 0) {
        note_success(upstream);
        return ERR_OK;
    }
    if (problem.len == 0) /* there was no handshake yet */
        return stream_is_timeout(status) ? ERR_CONNECT_TIMEOUT : ERR_REFUSED;
    counter_add(&fleet->metrics->upstream_tls_failed_count, 1);
    complaint_make_of_tls(fleet, upstream->back.endpoint, problem);
    return ERR_UPSTREAM_TLS;
}
