#include "lb/proxy/passage_end.h"

#include "lb/back/outcome.h"
#include "lb/back/tally.h"
#include "lb/policy/outlier.h"
#include "lb/proxy/report.h"

/* By a snapshot that came while it waited it may be for another service than at first. */
void passage_end_count(struct passage *passage)
{
    struct env *env = passage->env;
    struct service_local *service = passage->attempt.service, *before = passage->counted;
    if (service == before)
        return;
    counter_add(&env_passing(env, service)->open_count, 1);
    counter_add(&env_passing(env, service)->count, before == NULL);
    if (before) {
        counter_add(&env_passing(env, before)->open_count, (uint64_t)-1);
        service_release(before);
    }
    passage->counted = service_use_again(service);
}

static struct report report_of(const struct passage *passage, enum err end)
{
    const struct tunnel *tunnel = passage->tunnel;
    return (struct report){.peer = &passage->guest.peer,
                           .attempt = &passage->attempt,
                           .end = end,
                           .request_body_bytes = tunnel ? tunnel->client.said_bytes : 0,
                           .response_body_bytes = tunnel ? tunnel->backend.said_bytes : 0,
                           .started_ns = passage->started_ns,
                           .first_byte_ns = tunnel ? tunnel->first_byte_ns : 0,
                           .hold = passage->hold,
                           .queue = passage->queue};
}

/* A record is large, and not all want one. */
static void tell(const struct passage *passage, enum err end) __attribute__((noinline));

static void tell(const struct passage *passage, enum err end)
{
    struct env *env = passage->env;
    struct report report = report_of(passage, end);
    struct record record;
    char listener[ADDRESS_TEXT_BYTES], peer[ADDRESS_TEXT_BYTES];
    report_begin_record(&report, &record, peer);
    record.kind = RECORD_CONNECTION;
    record.listener = view_str(address_format(&passage->at, listener));
    if (passage->hello)
        record.host = passage->hello->server_name;
    env_tell(env, &record);
}

static void count(struct passage *passage, enum err end)
{
    passage_end_count(passage);
    passing_end(env_passing(passage->env, passage->counted), end,
                loop_mono_ns(passage->env->loop) - passage->started_ns);
    service_release(passage->counted);
}

/* What its endpoint is to be thought of: one that resets a connection before it has said a word does not serve. */
static void judge(const struct passage *passage, enum err end)
{
    const struct attempt *attempt = &passage->attempt;
    struct fleet *fleet = &passage->env->fleet;
    if (!passage->tunnel)
        return;
    if (!end || passage->tunnel->backend.said_bytes > 0) {
        outlier_note_success(attempt->endpoint);
    } else if (end == ERR_UPSTREAM_TRUNCATED || end == ERR_UPSTREAM_RESET) {
        tally_failure(fleet, attempt->service, attempt->endpoint, end);
        outcome_failed(fleet, attempt->service, attempt->endpoint, end, false, NULL);
    }
}

static void close_both(struct passage *passage, enum err end)
{
    if (end && passage->attempt.back)
        back_abort(passage->attempt.back);
    attempt_fini(&passage->attempt);
    if (end)
        stream_abort(&passage->client);
    else
        stream_close(&passage->client);
}

static void let_go(struct passage *passage)
{
    struct env *env = passage->env;
    passage->state = PASSAGE_CLOSING;
    deadline_disarm(&passage->deadline);
    hold_end(passage->hold, env);
    queue_end(passage->queue, env);
    tunnel_free(passage->tunnel);
    env->resettable_count -= passage->is_resettable;
    stream_hand_over(&passage->client, &passage_stream_handler, passage);
    block_give(&env->loop->blocks, passage->early);
    if (passage->hello)
        slab_give(&env->hello_slab, passage->hello);
    guest_leave(&passage->guest);
}

void passage_end(struct passage *passage, enum err end)
{
    struct env *env = passage->env;
    count(passage, end);
    judge(passage, end);
    if (env_tells(env, 0) || notables_is_failure(end) || passage->attempt.count > 1)
        tell(passage, end);
    let_go(passage);
    close_both(passage, end);
}

void passage_end_silently(struct passage *passage)
{
    let_go(passage);
    close_both(passage, ERR_OK);
}
