#include "lb/proxy/passage_join.h"

#include "lb/net/proxy_header.h"
#include "lb/proxy/passage_end.h"

/* Writes what the endpoint is told, if anything is. */
static struct view write_lead(const struct passage *passage,
                              char out[PROXY_HEADER_WRITTEN_BYTES_MAX])
{
    const struct address *client = &passage->guest.peer.address;
    struct address reached = passage->reached;
    if (!passage_join_has_lead(passage))
        return view_of(NULL, 0);
    if (reached.socket.any.sa_family == AF_UNSPEC &&
        !stream_reached_address(&passage->client, &reached))
        reached = passage->at;
    if (passage->attempt.service->policy->proxy_version == PROXY_VERSION_1)
        return view_of(out, proxy_header_write_v1(client, &reached, out));
    return view_of(out, proxy_header_write_v2(client, &reached, out));
}

static struct tunnel *tunnel_of(struct passage *passage, void (*on_over)(void *owner, enum err end))
{
    struct passing *passing = env_passing(passage->env, passage->attempt.service);
    unsigned idle_ms = passage->attempt.service->policy->tcp_idle_timeout_ms;
    const struct tunnel_limits limits = {.idle_ms = idle_ms,
                                         .client_stall_ms = idle_ms,
                                         .backend_stall_ms = idle_ms,
                                         .is_long_lived = true,
                                         .is_over_with_clients = true};
    struct tunnel *tunnel = tunnel_new(&passage->env->tunnel_slab, &limits, on_over, passage);
    tunnel->client.counter = &passing->client_bytes;
    tunnel->backend.counter = &passing->server_bytes;
    return tunnel;
}

static void note_resettable(struct passage *passage)
{
    passage->is_resettable = passage->attempt.service->policy->drains_by_reset;
    passage->env->resettable_count += passage->is_resettable;
}

void passage_join(struct passage *passage, void (*on_over)(void *owner, enum err end))
{
    char room[PROXY_HEADER_WRITTEN_BYTES_MAX];
    struct view lead = write_lead(passage, room);
    struct back *back = passage->attempt.back;
    struct block *early = passage->early;
    passage_end_count(passage);
    note_resettable(passage);
    back->is_request_sent = true;
    passage->early = NULL;
    passage->state = PASSAGE_JOINED;
    passage->tunnel = tunnel_of(passage, on_over);
    tunnel_start(passage->tunnel, &passage->client, lead, early, back_lend(back));
    if (!early)
        stream_read_now(&passage->client); /* who speaks first mostly has by now */
}

bool passage_join_was_empty(const struct passage *passage, enum err end)
{
    const struct tunnel_end *client = &passage->tunnel->client,
                            *backend = &passage->tunnel->backend;
    return (end == ERR_UPSTREAM_TRUNCATED || end == ERR_UPSTREAM_RESET) &&
           client->said_bytes == 0 && backend->said_bytes == 0 && !client->has_ended &&
           !backend->has_ended;
}

void passage_join_undo(struct passage *passage)
{
    passage->env->resettable_count -= passage->is_resettable;
    passage->is_resettable = false;
    tunnel_free(passage->tunnel);
    passage->tunnel = NULL;
    stream_hand_over(&passage->client, &passage_stream_handler, passage);
    stream_pause(&passage->client);
    back_close(passage->attempt.back);
}
