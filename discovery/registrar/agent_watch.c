#include "discovery/registrar/agent_watch.h"

#include <stdio.h>
#include <string.h>

#define WAIT_S     60
#define TIMEOUT_MS ((WAIT_S + WAIT_S / 16 + 15) * 1000)
#define BYTES_MAX  (1u << 20)
#define EVERY_MS   1000

static void take_done(void *owner, const struct fetch_answer *answer)
{
    struct agent_watch *watch = owner;
    watch->fetch = NULL;
    if (answer->problem || answer->status != 200) {
        watch->has_news = true;
        watch->hash[0] = '\0';
        watch->due_ms += EVERY_MS;
        return;
    }
    const char *hash = fetch_header(answer->fetch, "X-Consul-Contenthash");
    /* The first time, too: what it is now need not be what was registered. */
    watch->has_news = strcmp(hash, watch->hash) != 0;
    watch->is_useless = hash[0] == '\0' || strlen(hash) >= sizeof(watch->hash) ||
                        strspn(hash, "0123456789abcdef") != strlen(hash);
    snprintf(watch->hash, sizeof(watch->hash), "%s", watch->is_useless ? "" : hash);
}

bool agent_watch_is_due(const struct agent_watch *watch, uint64_t now_ms)
{
    return !watch->fetch && !watch->is_useless && now_ms >= watch->due_ms;
}

static void aim_at(struct agent_watch *watch, const char *target)
{
    if (strcmp(text_str(&watch->target), target) == 0)
        return;
    watch->hash[0] = '\0';
    text_clear(&watch->target);
    text_append_str(&watch->target, target);
}

void agent_watch_ask(struct agent_watch *watch, struct fetch_pool *pool, const char *target,
                     uint64_t now_ms)
{
    struct text asked = TEXT_INIT;
    aim_at(watch, target);
    text_append_str(&asked, target);
    bool is_first = watch->hash[0] == '\0';
    if (!is_first)
        text_appendf(&asked, "?hash=%s&wait=%ds", watch->hash, WAIT_S);
    /* To the first question there is an answer at once. */
    watch->due_ms = now_ms + (is_first ? 0 : EVERY_MS);
    watch->fetch = fetch_start(pool, &(struct fetch_request){.target = text_str(&asked),
                                                             .timeout_ms = TIMEOUT_MS,
                                                             .max_bytes = BYTES_MAX,
                                                             .owner = watch,
                                                             .on_done = take_done});
    text_fini(&asked);
}

void agent_watch_stop(struct agent_watch *watch)
{
    if (watch->fetch)
        fetch_cancel(watch->fetch);
    text_fini(&watch->target);
    *watch = (struct agent_watch){.due_ms = watch->due_ms};
}
