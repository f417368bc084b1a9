#include "lb/run/turns.h"

#include <unistd.h>

#include "lb/admin/site.h"
#include "lb/base/hash.h"
#include "lb/base/list.h"
#include "lb/base/log.h"
#include "lb/run/recall.h"

/* Those who go on asking learn meanwhile that their connection ends; afterwards idle ones are closed. */
#define LEAVE_MS 2000u

/* With the first contacts of one that takes the place of one that crashed. */
#define PATIENCE_MS 50u

/* With the first list and its contacts, where who comes waits at a door that was there before lb. */
#define DOOR_PATIENCE_MS 10000u

/* So often one that has yielded looks what there is now, while requests wait in it. */
#define GLANCE_MS 250u

/* ---- being ready ------------------------------------------------------------------------------ */

static bool has_nothing(const struct publisher *publisher)
{
    return publisher->pool && publisher->membership.wanted.endpoint_count == 0;
}

static void tell_ready(struct control *control)
{
    control->is_ready = true;
    link_say(&control->link, CHANNEL_READY, 0, NULL);
}

static void serve(struct control *control);

void turns_look(struct control *control)
{
    const struct publisher *publisher = &control->publisher;
    if (control->is_ready || !(publisher_has_usable(publisher) || has_nothing(publisher)))
        return;
    tell_ready(control);
    if (deadline_is_armed(&control->patience))
        serve(control);
}

static void remember(struct control *control, bool believes)
{
    recall_take(&control->publisher, &control->legacy, control->child != NULL, believes);
}

/* A successor is to show that it can reach what the world has. */
void turns_remember(struct control *control)
{
    remember(control, control->link.start != CHANNEL_SUCCESSOR);
}

/* ---- serving ---------------------------------------------------------------------------------- */

static void open_admin(struct control *control)
{
    struct listening *listening = &control->ports.admin;
    if (control->has_admin || !control_config(control)->admin_enabled)
        return;
    char text[ADDRESS_TEXT_BYTES];
    struct admin_options options = {.loop = &control->loop,
                                    .respond = site_respond,
                                    .owner = &control->pages,
                                    .connection_max = control_descriptors(control).admin_max};
    int rc = admin_open(&control->admin, &options, listening_lend(listening, 0));
    control->has_admin = true;
    if (rc < 0)
        log_error("the admin listener cannot accept: %s", uv_strerror(rc));
    else
        log_info("admin on %s: / /healthz /readyz /pool /metrics /explain /routes /listeners "
                 "/certificates /config",
                 address_format(&listening->at, text));
}

static void serve(struct control *control)
{
    deadline_disarm(&control->patience);
    if (control->departure.phase >= DEPARTURE_DRAINING) /* who waits is another one's */
        return;
    control->is_serving = true;
    if (control->link.start == CHANNEL_SUCCESSOR)
        remember(control, true);
    legacy_keep(&control->legacy, true);
    if (control_config(control)->report.dsn_secret)
        incidents_open(&control->incidents, &control->loop, &control->outbox,
                       &control->publisher.membership,
                       control_config(control)->report.sends_queries);
    if (control->publisher.pool)
        incidents_look(&control->incidents, control->publisher.pool, NULL);
    crew_serve(&control->crew);
    port_keeper_start(&control->port_keeper);
    certificates_follow(&control->certificates);
    open_admin(control);
}

static bool has_waiting(const struct control *control)
{
    struct metrics totals = {0};
    crew_count(&control->crew, &totals);
    return totals.held_count + totals.queued_count > 0;
}

/* Requests that wait here for an endpoint, or a place of one: the successor alone hears of new ones. */
static void on_glance(struct deadline *deadline)
{
    struct control *control = list_entry(deadline, struct control, glance);
    struct text line = TEXT_INIT;
    if (control->child && has_waiting(control) && legacy_read_world(&control->legacy, &line)) {
        uint64_t hash = hash_view(HASH_INIT, text_view(&line));
        if (hash != control->glance_hash)
            remember(control, false);
        control->glance_hash = hash;
    }
    text_fini(&line);
    deadline_arm(&control->loop.deadlines, &control->glance, GLANCE_MS);
}

/* What was in use before a crash is believed to be good: no first contact has come about in time. */
static void on_impatient(struct deadline *deadline)
{
    struct control *control = list_entry(deadline, struct control, patience);
    if (control->link.start == CHANNEL_AGAIN)
        remember(control, true);
    if (!control->is_serving)
        serve(control);
}

/* Those who wait, after a crash or since before lb was there, are better off waiting a little longer than being told
 * that there is nobody. */
static unsigned patience_ms(const struct control *control)
{
    if (control->is_ready || control->link.start == CHANNEL_SUCCESSOR)
        return 0;
    if (control->link.start == CHANNEL_AGAIN)
        return PATIENCE_MS;
    return ports_last(&control->ports) || kept_ports_last(&control->port_keeper.ports)
               ? DOOR_PATIENCE_MS
               : 0;
}

static void on_serve(void *owner)
{
    struct control *control = owner;
    unsigned wait_ms = patience_ms(control);
    if (control->is_serving || control->is_yielding || deadline_is_armed(&control->patience))
        return;
    if (wait_ms == 0) {
        serve(control);
        return;
    }
    deadline_arm(&control->loop.deadlines, &control->patience, wait_ms);
    if (control->link.start == CHANNEL_FIRST) /* a crash is over before one would ask */
        open_admin(control);
}

void turns_init(struct control *control)
{
    deadline_init(&control->glance, on_glance);
    deadline_init(&control->patience, on_impatient);
}

/* ---- lb-discovery ----------------------------------------------------------------------------- */

static void on_line(void *owner, int fd, unsigned start_count, bool is_cut)
{
    struct control *control = owner;
    if (control->child)
        child_read(control->child, fd, start_count, is_cut);
    else
        close(fd);
}

static void on_discovery_ended(void *owner, int status, int signal)
{
    struct control *control = owner;
    if (control->child)
        child_end(control->child, status, signal);
}

static void on_discovery_failed(void *owner, int error)
{
    struct control *control = owner;
    if (control->child)
        child_fail(control->child, error);
}

/* ---- yielding and leaving --------------------------------------------------------------------- */

static void on_yield(void *owner)
{
    struct control *control = owner;
    if (control->is_yielding)
        return;
    control->is_yielding = true;
    control->is_serving = false;
    deadline_disarm(&control->patience);
    control->publisher.is_yielded = true;
    incidents_close(&control->incidents);
    legacy_keep(&control->legacy, false);
    control->pages.is_shutting_down = control->pages.is_draining = true;
    reload_close(&control->reload);
    if (control->child)
        child_close(control->child);
    port_keeper_close(&control->port_keeper);
    if (control->has_admin)
        admin_yield(&control->admin);
    crew_yield(&control->crew);
}

void turns_note_yielded(struct control *control)
{
    if (!control->is_yielding || control->has_yielded || !crew_has_yielded(&control->crew))
        return;
    control->has_yielded = true;
    link_say(&control->link, CHANNEL_YIELDED, 0, NULL);
    deadline_arm(&control->loop.deadlines, &control->glance, GLANCE_MS);
    departure_give_way(&control->departure, LEAVE_MS);
}

static void on_news(void *owner, enum channel_news news, const char *why)
{
    struct control *control = owner;
    process_facts_note_news(&control->pages.process, news, why);
    if (news == CHANNEL_NOT_RENEWED)
        settings_facts_note_refused(&control->pages.settings);
    if (news == CHANNEL_NOT_UPGRADED || news == CHANNEL_NOT_RENEWED)
        log_warn("the %s failed: %s; this process serves on",
                 news == CHANNEL_NOT_UPGRADED ? "upgrade" : "renewal", why);
}

static void on_lost(void *owner)
{
    struct control *control = owner;
    const struct config *config = control_config(control);
    if (control->has_admin) /* another lb may want its port */
        admin_yield(&control->admin);
    departure_begin_alone(&control->departure, "the lb that started this lb-proxy is gone",
                          config->shutdown_grace_ms);
}

bool turns_follow(struct control *control)
{
    static const struct link_handler handler = {.on_serve = on_serve,
                                                .on_line = on_line,
                                                .on_discovery_ended = on_discovery_ended,
                                                .on_discovery_failed = on_discovery_failed,
                                                .on_yield = on_yield,
                                                .on_news = on_news,
                                                .on_lost = on_lost};
    int rc = link_follow(&control->link, &control->loop, &handler, control);
    if (rc < 0)
        log_error("lb cannot be heard: %s", uv_strerror(rc));
    return rc == 0;
}
