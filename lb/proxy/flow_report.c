#include "lb/proxy/flow_report.h"

#include "lb/proxy/flow_table.h"

static void note_endpoint(struct record *record, const struct endpoint *endpoint)
{
    record->endpoint_name = view_str(endpoint->name);
    record->endpoint_id = view_str(endpoint->container);
    record->endpoint_own_id = view_str(endpoint->id);
    record->endpoint_address = view_str(endpoint->address_text);
}

static void tell(const struct flow *flow, enum err end, uint64_t total_ns)
{
    struct env *env = flow->table->env;
    char ip[ADDRESS_TEXT_BYTES];
    struct view client = view_str(address_format_ip(&flow->client, ip));
    struct record record = {
        .kind = RECORD_FLOW,
        .end = end,
        .attempt_count = flow->attempt_count,
        .request_body_bytes = flow->client_bytes,
        .response_body_bytes = flow->server_bytes,
        .request_datagram_count = flow->client_datagram_count,
        .response_datagram_count = flow->server_datagram_count,
        .start_wall_ns = loop_wall_ns(env->loop) - total_ns,
        .total_ns = total_ns,
        .queue_ns = RECORD_NEVER,
        .connect_ns = RECORD_NEVER,
        .first_byte_ns =
            flow->first_answer_ns > 0 ? flow->first_answer_ns - flow->began_ns : RECORD_NEVER,
        .client_ip = client,
        .peer_ip = client,
        .peer_port = address_port(&flow->client),
        .listener = view_str(flow->gate->text),
        .service = view_str(service_of(flow->service)->name),
    };
    const struct endpoint *endpoint = flow->endpoint ? flow->endpoint : flow->latest;
    if (endpoint)
        note_endpoint(&record, endpoint);
    env_tell(env, &record);
}

void flow_report_tell(struct flow *flow, enum err end)
{
    struct env *env = flow->table->env;
    uint64_t total_ns = loop_mono_ns(env->loop) - flow->began_ns;
    passing_end(flow->passing, end, total_ns);
    if (env_tells(env, 0) || notables_is_failure(end))
        tell(flow, end, total_ns);
}
