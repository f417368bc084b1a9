#include "discovery/docker/engine_info.h"

#include <stdio.h>
#include <stdlib.h>

#include "discovery/clean.h"
#include "discovery/docker/lister.h"
#include "discovery/document.h"
#include "discovery/field.h"

/* A busy engine counts all of its containers for that. */
#define TIMEOUT_MS     20000
#define BODY_MAX_BYTES (4 * 1024 * 1024)
#define NAME_BYTES_MAX 128u

static void take_document(const struct engine_info_handler *handler, const json_t *document)
{
    char *host = clean_copy(view_str(field_str(document, "Name")), NAME_BYTES_MAX);
    char *engine = clean_copy(view_str(field_str(document, "ID")), NAME_BYTES_MAX);
    handler->on_known(handler->owner, host, engine);
    free(host);
    free(engine);
}

static void take_done(void *owner, const struct fetch_answer *answer)
{
    struct engine_info *info = owner;
    const struct engine_info_handler handler = info->handler;
    char why[100];
    info->fetch = NULL;
    if (answer->problem) {
        handler.on_failure(handler.owner, answer->problem);
    } else if (lister_is_refusal(answer->status)) {
        handler.on_refused(handler.owner, answer->status);
    } else if (answer->status != 200) {
        snprintf(why, sizeof(why), "the answer has status %d", answer->status);
        handler.on_failure(handler.owner, why);
    } else {
        json_t *document = document_parse(answer->body, NULL);
        if (json_is_object(document))
            take_document(&handler, document);
        else
            handler.on_failure(handler.owner, "the answer is no JSON object");
        json_decref(document);
    }
}

void engine_info_ask(struct engine_info *info, struct fetch_pool *pool, const char *prefix,
                     const struct engine_info_handler *handler)
{
    char target[64];
    snprintf(target, sizeof(target), "%s/info", prefix);
    *info = (struct engine_info){.handler = *handler};
    info->fetch = fetch_start(pool, &(struct fetch_request){.target = target,
                                                            .timeout_ms = TIMEOUT_MS,
                                                            .max_bytes = BODY_MAX_BYTES,
                                                            .owner = info,
                                                            .on_done = take_done});
}

void engine_info_stop(struct engine_info *info)
{
    if (info->fetch)
        fetch_cancel(info->fetch);
    info->fetch = NULL;
}
