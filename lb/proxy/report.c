#include "lb/proxy/report.h"

#include "lb/tls/tls_session.h"

/* A balancer that connected for its client is told by its own address, which is written into `room`. */
static void note_balancer(struct record *record, const struct peer *peer,
                          char room[ADDRESS_TEXT_BYTES])
{
    struct address balancer = peer_connected(peer);
    record->peer_ip = view_str(address_format_ip(&balancer, room));
    record->peer_port = address_port(&balancer);
}

static void note_peer(struct record *record, const struct peer *peer, char room[ADDRESS_TEXT_BYTES])
{
    record->client_ip = record->peer_ip = peer_ip(peer);
    record->peer_port = address_port(&peer->address);
    if (peer->has_balancer)
        note_balancer(record, peer, room);
}

static void note_said_client(struct record *record, struct view chain, const struct trust *trust)
{
    struct view client = forwarded_for_client(chain, trust);
    record->client_ip = forwarded_for_ip(client);
    if (record->client_ip.len < client.len)
        record->client_address = client;
}

static void note_request(struct record *record, const struct report *report)
{
    const struct forwarded *forwarded = report->forwarded;
    record->method = forwarded->method;
    record->target = forwarded->target;
    record->host = forwarded->host;
    record->scheme = forwarded->scheme;
    record->scheme = view_trim(view_cut(&record->scheme, ','));
    record->user_agent = forwarded->user_agent;
    record->referrer = forwarded->referer;
    record->minor_version = report->minor_version;
    record->request_id = forwarded->request_id;
    record->trace_id = forwarded->trace_id;
    if (report->peer->is_trusted)
        note_said_client(record, forwarded->forwarded_for,
                         &report->attempt->env->crowd.options.trust);
}

static void note_tls(struct record *record, const struct tls_session_facts *facts)
{
    const struct view before = VIEW("TLSv");
    record->tls_version = view_starts_with(facts->protocol, before)
                              ? view_skip(facts->protocol, before.len)
                              : facts->protocol;
    record->tls_cipher = facts->cipher;
    record->is_tls_resumed = facts->is_resumed;
    record->tls_client_subject = facts->client_subject;
}

static void note_service(struct record *record, const struct attempt *attempt)
{
    const struct service *service = service_of(attempt->service);
    if (service->name[0])
        record->service = view_str(service->name);
    else if (attempt->version == 0) /* it has waited for the first snapshot */
        record->service = attempt->env->options.service;
}

static void note_endpoint(struct record *record, const struct endpoint *endpoint)
{
    record->endpoint_name = view_str(endpoint->name);
    record->endpoint_id = view_str(endpoint->container);
    record->endpoint_own_id = view_str(endpoint->id);
    record->endpoint_address = view_str(endpoint->address_text);
}

static void note_times(struct record *record, const struct report *report)
{
    const struct attempt *attempt = report->attempt;
    record->queue_ns = record->connect_ns = record->first_byte_ns = RECORD_NEVER;
    record->hold_ns = hold_waited_ns(report->hold, attempt->env);
    record->busy_ns = queue_waited_ns(report->queue, attempt->env);
    if (attempt->count > 0)
        record->queue_ns = attempt->began_ns - report->started_ns;
    else if (record->hold_ns + record->busy_ns > 0)
        record->queue_ns = record->hold_ns + record->busy_ns;
    if (attempt->is_reused)
        record->connect_ns = 0;
    else if (attempt->connected_ns > 0)
        record->connect_ns = attempt->connected_ns - attempt->began_ns;
    if (report->first_byte_ns > 0)
        record->first_byte_ns = report->first_byte_ns - report->started_ns;
}

void report_begin_record(const struct report *report, struct record *record,
                         char room[ADDRESS_TEXT_BYTES])
{
    const struct attempt *attempt = report->attempt;
    struct env *env = attempt->env;
    uint64_t total_ns = loop_mono_ns(env->loop) - report->started_ns;
    *record = (struct record){.end = report->end,
                              .status = report->status,
                              .attempt_count = attempt->count,
                              .replay_count = attempt->replay_count,
                              .retried_after = attempt->retried_after,
                              .request_body_bytes = report->request_body_bytes,
                              .response_body_bytes = report->response_body_bytes,
                              .kind = report->is_tunnel ? RECORD_TUNNEL : RECORD_REQUEST,
                              .is_reused = attempt->is_reused,
                              .start_wall_ns = loop_wall_ns(env->loop) - total_ns,
                              .total_ns = total_ns};
    note_times(record, report);
    note_service(record, attempt);
    note_peer(record, report->peer, room);
    if (attempt->endpoint)
        note_endpoint(record, attempt->endpoint);
}

/* All that is known, for whoever reads records. */
void report_tell(const struct report *report)
{
    struct env *env = report->attempt->env;
    struct record record;
    char room[ADDRESS_TEXT_BYTES];
    report_begin_record(report, &record, room);
    if (report->rule)
        record.route = report->rule->name;
    note_request(&record, report);
    if (report->tls)
        note_tls(&record, tls_session_facts(report->tls));
    env_tell(env, &record);
}

uint64_t report_count(const struct report *report)
{
    struct env *env = report->attempt->env;
    const struct attempt *attempt = report->attempt;
    struct metrics_request counted = {
        .end = report->end,
        .status = report->status,
        .attempt_count = attempt->count,
        .is_tunnel = report->is_tunnel,
        .is_reused = attempt->is_reused,
        .request_body_bytes = report->request_body_bytes,
        .response_body_bytes = report->response_body_bytes,
        .total_ns = loop_mono_ns(env->loop) - report->started_ns,
        .wall_ns = loop_wall_ns(env->loop),
        .method = report->forwarded->method,
        .trace_id = report->forwarded->trace_id,
    };
    metrics_observe(&env->metrics, &attempt->service->traffic, &counted);
    return counted.total_ns;
}

static void tell_bad_request(struct env *env, const struct peer *peer, enum err end,
                             struct view request_id)
{
    char room[ADDRESS_TEXT_BYTES];
    struct record record = {.end = end,
                            .status = (unsigned)err_status(end),
                            .start_wall_ns = loop_wall_ns(env->loop),
                            .request_id = request_id,
                            .queue_ns = RECORD_NEVER,
                            .connect_ns = RECORD_NEVER,
                            .first_byte_ns = RECORD_NEVER};
    note_peer(&record, peer, room);
    env_tell(env, &record);
}

void report_bad_request(struct env *env, const struct peer *peer, enum err end,
                        struct view request_id)
{
    struct metrics_request counted = {.end = end, .status = (unsigned)err_status(end)};
    metrics_observe(&env->metrics, &env->nowhere->traffic, &counted);
    if (env_tells(env, 0))
        tell_bad_request(env, peer, end, request_id);
}
