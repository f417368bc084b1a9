#include "lb/run/certificates.h"

#include "lb/admin/route_words.h"
#include "lb/base/clock.h"
#include "lb/base/hash.h"
#include "lb/base/list.h"
#include "lb/base/log.h"
#include "lb/base/shown.h"
#include "lb/crew/cpus.h"

static int64_t now_s(void)
{
    return (int64_t)(clock_wall_ns() / 1000000000u);
}

/* Who runs out is told again as it gets worse; it ends once. */
static void on_running_out(void *owner, const struct certs_running_out *item, const char *sentence)
{
    struct certificates *certificates = owner;
    static const char *const levels[] = {[CERTS_STAGE_FAR] = "info",
                                         [CERTS_STAGE_SOON] = "warning",
                                         [CERTS_STAGE_NEAR] = "error",
                                         [CERTS_STAGE_OVER] = "error"};
    if (item->stage == CERTS_STAGE_FAR)
        log_info("%s", sentence);
    else if (item->stage == CERTS_STAGE_SOON)
        log_warn("%s", sentence);
    else
        log_error("%s", sentence);
    bool is_over = item->stage == CERTS_STAGE_FAR;
    struct incident incident = {.kind = INCIDENT_certificate,
                                .phase = is_over ? INCIDENT_PHASE_ended : INCIDENT_PHASE_begun,
                                .level = levels[item->stage],
                                .message = sentence,
                                .subject = item->name,
                                .lasted_ms = (uint64_t)(now_s() - item->since_s) * 1000};
    incidents_tell(certificates->audience.incidents, &incident);
}

/* Who is not to tell yet, as another one serves, looks when it is. */
static void look(struct certificates *certificates)
{
    const struct certs_picture *picture = certificates->audience.pages->certificates;
    bool is_to_tell = *certificates->audience.is_serving;
    if (picture && is_to_tell)
        certs_expiry_look(&certificates->expiry, picture->store, now_s());
    deadline_arm(&certificates->audience.loop->deadlines, &certificates->look,
                 is_to_tell ? CERTIFICATES_EXPIRY_MS : CERTIFICATES_SOON_MS);
}

static void on_look(struct deadline *deadline)
{
    look(list_entry(deadline, struct certificates, look));
}

/* ---- certificates that routes name -------------------------------------------------------------- */

static bool note_lack(struct certificates *certificates, const char *line)
{
    uint64_t hash = hash_view(HASH_INIT, view_str(line));
    for (unsigned i = 0; i < certificates->lack_count; i++)
        if (certificates->lacks[i] == hash)
            return false;
    if (certificates->lack_count == CERTIFICATES_LACKS_MAX)
        return false;
    certificates->lacks[certificates->lack_count++] = hash;
    return true;
}

static void tell_lack(struct certificates *certificates, const struct url_https *https,
                      const struct rule *rule)
{
    struct text line = TEXT_INIT, lack = TEXT_INIT, shown = TEXT_INIT;
    if (rule->treatment && url_https_append_lack(https, &rule->treatment->https, &lack)) {
        text_append_str(&line, "the route ");
        route_words_append_match(&rule->route, &line);
        text_append_str(&line, " ");
        route_words_append_origin(&rule->route, &line);
        text_append_str(&line, ": ");
        text_append(&line, text_view(&lack));
        shown_append(&shown, text_view(&line));
        if (note_lack(certificates, text_str(&shown)))
            log_warn("%s", text_str(&shown));
    }
    text_fini(&shown);
    text_fini(&line);
    text_fini(&lack);
}

void certificates_follow(struct certificates *certificates)
{
    const struct certificates_audience *audience = &certificates->audience;
    if (!audience->loop || !*audience->is_serving || !audience->pages->certificates)
        return;
    const struct pool *pool = audience->pages->publisher->pool;
    const struct route_table *table = pool ? pool->routes.table : NULL;
    struct url_https https = pages_https(audience->pages);
    for (uint32_t i = 0; table && i < table->count; i++)
        tell_lack(certificates, &https, table->rules[i]);
}

static void on_change(void *owner, const struct certs_picture *picture)
{
    struct certificates *certificates = owner;
    certificates->audience.pages->certificates = picture;
    crew_certify(certificates->audience.crew, tls_store_ref(picture->store));
    look(certificates);
    certificates_follow(certificates);
}

void certificates_open(struct certificates *certificates,
                       const struct certificates_audience *audience, const struct config *config)
{
    *certificates = (struct certificates){
        .audience = *audience, .expiry = {.tell = on_running_out, .owner = certificates}};
    deadline_init(&certificates->look, on_look);
    certs_open(&certificates->certs,
               &(struct certs_options){.loop = audience->loop,
                                       .on_change = on_change,
                                       .owner = certificates,
                                       .first_reader_count = cpus_allowed()},
               config);
}

void certificates_configure(struct certificates *certificates, const struct config *config)
{
    certs_configure(&certificates->certs, config);
}

void certificates_close(struct certificates *certificates)
{
    if (!certificates->audience.loop)
        return;
    certs_close(&certificates->certs);
    deadline_disarm(&certificates->look);
}

void certificates_fini(struct certificates *certificates)
{
    certs_fini(&certificates->certs);
    certs_expiry_fini(&certificates->expiry);
}
