#include "discovery/docker/enroller.h"

#include <stdlib.h>
#include <unistd.h>

#include "discovery/clean.h"
#include "lb/base/clock.h"

#define ASK_AGAIN_AFTER_MS 2000
#define NAME_BYTES_MAX     128u

static bool is_on(const struct enroller *enroller)
{
    return enroller->options.settings && enroller->options.settings->is_on;
}

/* ---- names ---------------------------------------------------------------------------------- */

static void set(struct enroller *enroller, struct text *name, const char *value)
{
    if (strcmp(text_str(name), value) == 0)
        return;
    text_clear(name);
    text_append_str(name, value);
    enroller->has_news = true;
}

/* Inside of a container that is its id, which another one will not have. */
static void append_own_hostname(struct text *out)
{
    char hostname[256] = "";
    gethostname(hostname, sizeof(hostname) - 1);
    char *clean =
        clean_copy(view_str(hostname[0] != '\0' ? hostname : "localhost"), NAME_BYTES_MAX);
    text_append_str(out, clean);
    free(clean);
}

/* What the operator says counts most. */
static void take_names(struct enroller *enroller, const char *host, const char *engine)
{
    const char *said = enroller->options.settings->host;
    struct text own = TEXT_INIT;
    append_own_hostname(&own);
    if (said && said[0] != '\0')
        host = said;
    else if (host[0] == '\0')
        host = text_str(&own);
    set(enroller, &enroller->host, host);
    set(enroller, &enroller->engine, engine);
    text_fini(&own);
}

static void take_known(void *owner, const char *host, const char *engine)
{
    struct enroller *enroller = owner;
    take_names(enroller, host, engine);
    enroller->is_known = true;
    report_say(enroller->options.report, REPORT_DETAIL, "the host is called %s, its engine %s",
               text_str(&enroller->host), text_str(&enroller->engine));
}

static void take_refused(void *owner, int status)
{
    struct enroller *enroller = owner;
    intake_note_loss(enroller->options.intake, LOSS_INFO, status);
    take_names(enroller, "", "");
}

/* Nothing is registered before: an entry under another name would be there twice. */
static void take_failure(void *owner, const char *why)
{
    struct enroller *enroller = owner;
    report_say(enroller->options.report, REPORT_TROUBLE,
               "asking the engine what its host is called: %s; nothing is registered before it "
               "has answered",
               why);
    enroller->ask_at_ms = clock_mono_ns() / 1000000 + ASK_AGAIN_AFTER_MS;
}

static void ask(struct enroller *enroller)
{
    enroller->ask_at_ms = 0;
    engine_info_ask(&enroller->info, enroller->options.pool, enroller->options.prefix,
                    &(struct engine_info_handler){.owner = enroller,
                                                  .on_known = take_known,
                                                  .on_refused = take_refused,
                                                  .on_failure = take_failure});
}

/* ---- for the connection --------------------------------------------------------------------- */

void enroller_init(struct enroller *enroller, const struct enroller_options *options)
{
    *enroller =
        (struct enroller){.options = *options, .enlistment = {.settings = options->settings}};
}

void enroller_fini(struct enroller *enroller)
{
    enroller_stop(enroller);
    enlistment_fini(&enroller->enlistment);
    text_fini(&enroller->host);
    text_fini(&enroller->engine);
}

void enroller_start(struct enroller *enroller)
{
    if (is_on(enroller) && !enroller->is_known && !enroller->info.fetch)
        ask(enroller);
}

void enroller_stop(struct enroller *enroller)
{
    engine_info_stop(&enroller->info);
    enroller->ask_at_ms = 0;
}

void enroller_tick(struct enroller *enroller, uint64_t now_ms)
{
    if (enroller->ask_at_ms > 0 && now_ms >= enroller->ask_at_ms)
        ask(enroller);
}

uint64_t enroller_next_tick_ms(const struct enroller *enroller)
{
    return enroller->ask_at_ms > 0 ? enroller->ask_at_ms : UINT64_MAX;
}

bool enroller_enlist(struct enroller *enroller, struct registrations *out)
{
    struct intake *intake = enroller->options.intake;
    if (!is_on(enroller) || !intake->is_complete || enroller->host.len == 0 ||
        (!enroller->has_news && enroller->told_count == intake->change_count))
        return false;
    enroller->has_news = false;
    enroller->told_count = intake->change_count;
    enlistment_take(&enroller->enlistment, &intake->roster, &intake->vantage,
                    text_str(&enroller->host), text_str(&enroller->engine), out);
    return true;
}
