#include "lb/crew/crew.h"

#include <errno.h>
#include <stdlib.h>

#include "lb/base/log.h"
#include "lb/base/memory.h"
#include "lb/crew/cpus.h"
#include "lb/policy/library.h"
#include "lb/policy/rate_table.h"
#include "lb/base/clock.h"
#include "lb/proxy/proxy.h"
#include "lb/tls/tls_tickets.h"

/* ---- settings ------------------------------------------------------------------------------- */

/* Once there is a quota it stays, because clients that it has counted give back to it. */
static struct quota *quota_for(struct crew *crew, unsigned max_count)
{
    struct rng rng;
    if (crew->quota) {
        quota_set_max(crew->quota, max_count);
    } else if (max_count > 0) {
        rng_init(&rng);
        crew->quota = memory_new(sizeof(*crew->quota));
        quota_init(crew->quota, max_count, rng_next(&rng));
    }
    return crew->quota;
}

static unsigned wanted_count(const struct config *config)
{
    return config->worker_count ? config->worker_count : cpus_allowed();
}

unsigned crew_wanted_count(const struct crew *crew)
{
    return wanted_count(&crew->settings->config);
}

/* Those of the file, or random ones. What keeps it from them is told; then there are no tickets, or those in force stay. */
static void take_ticket_keys(struct crew *crew, const struct config_tls *tls)
{
    struct text problem = TEXT_INIT;
    if (tls->listen_count == 0)
        return;
    if (!crew->tickets)
        crew->tickets = tls_tickets_new();
    if (crew->tickets && tls->ticket_keys &&
        !tls_tickets_set(crew->tickets, view_of(tls->ticket_keys, tls->ticket_key_bytes), &problem))
        log_error("--tls-ticket-keys: %s; the keys in force stay", text_str(&problem));
    if (!crew->tickets)
        log_error("the system has no random bytes for keys of tickets: clients shake hands in full "
                  "each time");
    text_fini(&problem);
}

/* What lasts longer than settings. */
static void lend_to(struct crew *crew, struct settings *settings)
{
    settings->options.exchange.instance = crew->instance;
    settings->options.exchange.rates = crew->rates;
    settings->options.tls.tickets = crew->tickets;
}

void crew_init(struct crew *crew, struct config *config)
{
    *crew = (struct crew){0};
    struct quota *quota = quota_for(crew, config->max_connections_per_client);
    struct rng rng;
    rng_init(&rng);
    crew->instance = (uint32_t)rng_next(&rng);
    crew->rates = rate_table_new(rng_next(&rng));
    take_ticket_keys(crew, &config->tls);
    crew->settings = settings_new(config, wanted_count(config), quota);
    lend_to(crew, crew->settings);
}

void crew_configure(struct crew *crew, struct config *config)
{
    struct quota *quota = quota_for(crew, config->max_connections_per_client);
    take_ticket_keys(crew, &config->tls);
    settings_unref(crew->settings);
    crew->settings = settings_new(config, crew->worker_count, quota);
    lend_to(crew, crew->settings);
    for (unsigned i = 0; i < crew->worker_count; i++)
        worker_configure(crew->workers[i], crew->settings);
}

/* ---- workers -------------------------------------------------------------------------------- */

static bool make_workers(struct crew *crew, uv_async_t *on_done)
{
    unsigned count = crew_wanted_count(crew);
    crew->workers = memory_new(count * sizeof(struct worker *));
    for (; crew->worker_count < count; crew->worker_count++) {
        struct worker *worker = worker_new(crew->settings, crew->worker_count, on_done);
        if (!worker) {
            log_error("worker %u cannot be made: %s", crew->worker_count, strerror(errno));
            return false;
        }
        crew->workers[crew->worker_count] = worker;
    }
    return true;
}

static void call_one(void *owner, unsigned worker_index)
{
    struct crew *crew = owner;
    worker_call(crew->workers[worker_index]);
}

static void open_office(struct crew *crew)
{
    crew->office.worker_count = crew->worker_count;
    crew->office.ring = call_one;
    crew->office.owner = crew;
    for (unsigned i = 0; i < crew->worker_count; i++)
        crew->workers[i]->env.fleet.office = &crew->office;
}

/* There may be more sockets than workers, and who is spread over them is to be accepted from each. */
static void lend(struct crew *crew, struct listening *listening)
{
    for (unsigned i = 0; i < listening->count; i++)
        worker_listen(crew->workers[i % crew->worker_count], listening_lend(listening, i),
                      listening->is_lasting);
}

bool crew_open(struct crew *crew, struct listening *listens, unsigned listen_count,
               uv_async_t *on_done)
{
    if (!make_workers(crew, on_done))
        return false;
    open_office(crew);
    for (unsigned i = 0; i < listen_count; i++)
        lend(crew, &listens[i]);
    return true;
}

static bool speak_tls(struct crew *crew)
{
    struct text problem = TEXT_INIT;
    bool is_good = true;
    for (unsigned i = 0; i < crew->worker_count && is_good; i++)
        is_good = proxy_speak_tls(&crew->workers[i]->env, &crew->settings->options.tls, &problem);
    if (!is_good)
        log_error("TLS cannot be spoken: %s", text_str(&problem));
    text_fini(&problem);
    return is_good;
}

bool crew_listen_tls(struct crew *crew, struct listening *listens, unsigned listen_count)
{
    for (unsigned i = 0; i < listen_count; i++)
        for (unsigned j = 0; j < listens[i].count; j++)
            worker_listen_tls(crew->workers[j % crew->worker_count], listening_lend(&listens[i], j),
                              &listens[i].at, listens[i].is_lasting);
    return speak_tls(crew);
}

void crew_rotate_tickets(struct crew *crew)
{
    if (crew->tickets)
        tls_tickets_rotate(crew->tickets, clock_mono_ns());
}

bool crew_start(struct crew *crew)
{
    for (unsigned i = 0; i < crew->worker_count; i++) {
        int rc = worker_start(crew->workers[i]);
        if (rc < 0) {
            log_error("worker %u cannot be started: %s", i, uv_strerror(rc));
            return false;
        }
    }
    return true;
}

void crew_lend(void *owner, struct library *library)
{
    struct crew *crew = owner;
    for (unsigned i = 0; i < crew->worker_count; i++)
        worker_lend(crew->workers[i], library);
    library_unref(library);
}

void crew_certify(void *owner, struct tls_store *store)
{
    struct crew *crew = owner;
    for (unsigned i = 0; i < crew->worker_count; i++)
        worker_certify(crew->workers[i], store);
    tls_store_unref(store);
}

void crew_give(struct crew *crew, struct listener_set *set)
{
    for (unsigned i = 0; i < crew->worker_count; i++)
        worker_give(crew->workers[i], set);
    listener_set_unref(set);
}

void crew_on_suspect(struct crew *crew, void (*on_suspect)(void *owner), void *owner)
{
    for (unsigned i = 0; i < crew->worker_count; i++) {
        crew->workers[i]->env.fleet.on_suspect = on_suspect;
        crew->workers[i]->env.fleet.suspect_owner = owner;
    }
}

/* Sixteen of them are in one line of the cache, which two workers are not to write in turns. */
static unsigned place_of(unsigned index)
{
    unsigned far = index * 16;
    return (far + far / CHANNEL_WORKERS_MAX) % CHANNEL_WORKERS_MAX;
}

void crew_count_at(struct crew *crew, struct channel_gauges *gauges)
{
    for (unsigned i = 0; i < crew->worker_count && i < CHANNEL_WORKERS_MAX; i++)
        proxy_count_at(&crew->workers[i]->env, &gauges->running[place_of(i)]);
}

void crew_offer(void *owner, struct pool *pool)
{
    struct crew *crew = owner;
    for (unsigned i = 0; i < crew->worker_count; i++)
        worker_offer(crew->workers[i], pool);
}

void crew_ring(void *owner)
{
    struct crew *crew = owner;
    for (unsigned i = 0; i < crew->worker_count; i++)
        worker_ring(crew->workers[i]);
}

void crew_count(const struct crew *crew, struct metrics *totals)
{
    for (unsigned i = 0; i < crew->worker_count; i++)
        metrics_merge(totals, &crew->workers[i]->env.metrics);
}

void crew_count_unrouted(const struct crew *crew, struct traffic *sum)
{
    for (unsigned i = 0; i < crew->worker_count; i++)
        service_count(service_of(crew->workers[i]->env.nowhere), sum);
}

void crew_count_unrouted_passing(const struct crew *crew, struct passing *sum)
{
    for (unsigned i = 0; i < crew->worker_count; i++)
        passing_merge(sum, &crew->workers[i]->env.passing);
}

void crew_serve(struct crew *crew)
{
    for (unsigned i = 0; i < crew->worker_count; i++)
        worker_serve(crew->workers[i]);
}

void crew_yield(struct crew *crew)
{
    for (unsigned i = 0; i < crew->worker_count; i++)
        worker_yield(crew->workers[i]);
}

bool crew_is_alive(struct crew *crew)
{
    bool is_alive = true;
    for (unsigned i = 0; i < crew->worker_count; i++) {
        struct worker *worker = crew->workers[i];
        is_alive &= !atomic_exchange(&worker->is_asked, true) || atomic_load(&worker->is_done);
        worker_call(worker);
    }
    return is_alive;
}

void crew_tell(struct crew *crew, enum worker_command command)
{
    for (unsigned i = 0; i < crew->worker_count; i++)
        worker_tell(crew->workers[i], command);
}

bool crew_has_yielded(const struct crew *crew)
{
    for (unsigned i = 0; i < crew->worker_count; i++)
        if (!atomic_load(&crew->workers[i]->has_yielded))
            return false;
    return true;
}

bool crew_is_done(const struct crew *crew)
{
    for (unsigned i = 0; i < crew->worker_count; i++)
        if (!atomic_load(&crew->workers[i]->is_done))
            return false;
    return true;
}

void crew_fini(struct crew *crew)
{
    for (unsigned i = 0; i < crew->worker_count; i++)
        worker_join(crew->workers[i]);
    for (unsigned i = 0; i < crew->worker_count; i++)
        worker_free(crew->workers[i]);
    free(crew->workers);
    free(crew->quota);
    rate_table_free(crew->rates);
    tls_tickets_free(crew->tickets);
    settings_unref(crew->settings);
}
