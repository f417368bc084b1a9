#include "discovery/docker/pinger.h"

#include <stdio.h>

#include "discovery/docker/lister.h"

#define API_MAJOR     1
#define API_MINOR_MAX 47
#define EVERY_MS      10000
#define TIMEOUT_MS    5000
#define MAX_BYTES     4096

/* The engine's own version or ours, whichever is smaller: newer engines refuse old versions, older
 * ones refuse new versions. Without a version the engine takes its own. */
static void negotiate(struct pinger *pinger, const char *version)
{
    struct view rest = view_str(version);
    uint64_t major, minor;
    pinger->prefix[0] = '\0';
    if (!view_parse_u64(view_cut(&rest, '.'), 99, &major) || !view_parse_u64(rest, 999, &minor))
        return;
    if (major > API_MAJOR || (major == API_MAJOR && minor > API_MINOR_MAX)) {
        major = API_MAJOR;
        minor = API_MINOR_MAX;
    }
    snprintf(pinger->prefix, sizeof(pinger->prefix), "/v%u.%u", (unsigned)major, (unsigned)minor);
}

/* Whoever refuses answers. */
static void take_done(void *owner, const struct fetch_answer *answer)
{
    struct pinger *pinger = owner;
    char why[400];
    bool is_refused = lister_is_refusal(answer->status);
    pinger->fetch = NULL;
    if (answer->problem) {
        snprintf(why, sizeof(why), "%s", answer->problem);
        pinger->on_failure(pinger->owner, why);
    } else if (answer->status == 200 || is_refused) {
        negotiate(pinger, fetch_header(answer->fetch, "Api-Version"));
        pinger->on_pong(pinger->owner, is_refused ? answer->status : 0);
    } else {
        snprintf(why, sizeof(why), "/_ping has status %d: %s", answer->status,
                 fetch_pool_failure(pinger->pool)->sample);
        pinger->on_failure(pinger->owner, why);
    }
}

void pinger_postpone(struct pinger *pinger, uint64_t now_ms)
{
    pinger->due_at_ms = now_ms + EVERY_MS;
}

void pinger_ask(struct pinger *pinger, uint64_t now_ms)
{
    pinger_postpone(pinger, now_ms);
    pinger->fetch = fetch_start(pinger->pool, &(struct fetch_request){.target = "/_ping",
                                                                      .timeout_ms = TIMEOUT_MS,
                                                                      .max_bytes = MAX_BYTES,
                                                                      .owner = pinger,
                                                                      .on_done = take_done});
}

void pinger_tick(struct pinger *pinger, uint64_t now_ms)
{
    if (now_ms >= pinger->due_at_ms && !pinger->fetch)
        pinger_ask(pinger, now_ms);
}

void pinger_stop(struct pinger *pinger)
{
    if (pinger->fetch)
        fetch_cancel(pinger->fetch);
    pinger->fetch = NULL;
}
