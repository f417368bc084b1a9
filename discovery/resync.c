#include "discovery/resync.h"

#include <stdio.h>

#include "discovery/document.h"

/* More than for other questions: an engine needs seconds for thousands of containers. That it is
 * alive at all is watched elsewhere. */
#define TIMEOUT_MS     20000
#define BODY_MAX_BYTES (32 * 1024 * 1024)

static void take_list(struct resync_list *list, const struct fetch_answer *answer)
{
    struct resync *resync = list->resync;
    char error[DOCUMENT_ERROR_BYTES] = "it is no JSON array";
    char why[512];
    if (!answer->problem && answer->status == 200)
        list->answer = document_parse(answer->body, error);
    else
        snprintf(error, sizeof(error), "it has status %d", answer->status);
    if (!json_is_array(list->answer)) {
        snprintf(why, sizeof(why), "the list of %s: %s", list->what,
                 answer->problem ? answer->problem : error);
        resync_stop(resync);
        resync->handler.on_failure(resync->handler.owner, why);
        return;
    }
    if (resync_is_at_work(resync))
        return;
    resync->handler.on_lists(resync->handler.owner, resync->containers.answer,
                             resync->networks.answer);
    resync_stop(resync);
}

static void take_done(void *owner, const struct fetch_answer *answer)
{
    struct resync_list *list = owner;
    list->fetch = NULL;
    take_list(list, answer);
}

static void ask(struct resync_list *list, struct resync *resync, struct fetch_pool *pool,
                const char *prefix, const char *what, const char *path)
{
    char target[64];
    snprintf(target, sizeof(target), "%s%s", prefix, path);
    *list = (struct resync_list){.resync = resync, .what = what};
    list->fetch = fetch_start(pool, &(struct fetch_request){.target = target,
                                                            .timeout_ms = TIMEOUT_MS,
                                                            .max_bytes = BODY_MAX_BYTES,
                                                            .owner = list,
                                                            .on_done = take_done});
}

void resync_start(struct resync *resync, struct fetch_pool *pool, const char *prefix,
                  const struct resync_handler *handler)
{
    resync->handler = *handler;
    ask(&resync->containers, resync, pool, prefix, "containers", "/containers/json?all=1");
    ask(&resync->networks, resync, pool, prefix, "networks", "/networks");
}

static void stop(struct resync_list *list)
{
    if (list->fetch)
        fetch_cancel(list->fetch);
    json_decref(list->answer);
    list->fetch = NULL;
    list->answer = NULL;
}

void resync_stop(struct resync *resync)
{
    stop(&resync->containers);
    stop(&resync->networks);
}

bool resync_is_at_work(const struct resync *resync)
{
    return resync->containers.fetch || resync->networks.fetch;
}
