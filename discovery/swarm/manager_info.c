#include "discovery/swarm/manager_info.h"

#include <stdio.h>

#include "discovery/docker/lister.h"
#include "discovery/document.h"
#include "discovery/field.h"

#define TIMEOUT_MS     10000
#define BODY_MAX_BYTES (1024 * 1024)

static void take_document(const struct manager_info_handler *handler, const json_t *document)
{
    const json_t *part = json_object_get(document, "Swarm");
    struct swarm_id node;
    char why[128];
    if (field_bool(part, "ControlAvailable")) {
        swarm_id_parse(view_str(field_str(part, "NodeID")), &node);
        handler->on_known(handler->owner, &node);
        return;
    }
    snprintf(why, sizeof(why), MANAGER_INFO_NO_MANAGER " (its part in one: %.32s)",
             field_str(part, "LocalNodeState"));
    handler->on_failure(handler->owner, why);
}

static void take_done(void *owner, const struct fetch_answer *answer)
{
    struct manager_info *info = owner;
    const struct manager_info_handler handler = info->handler;
    char why[256];
    info->fetch = NULL;
    if (!answer->problem && answer->status == 200) {
        json_t *document = document_parse(answer->body, NULL);
        take_document(&handler, document);
        json_decref(document);
    } else if (!answer->problem && lister_is_refusal(answer->status)) {
        handler.on_known(handler.owner, NULL);
    } else {
        snprintf(why, sizeof(why), "/info: %s", answer->problem ? answer->problem : "no answer");
        handler.on_failure(handler.owner, why);
    }
}

void manager_info_ask(struct manager_info *info, struct fetch_pool *pool, const char *prefix,
                      const struct manager_info_handler *handler)
{
    char target[64];
    snprintf(target, sizeof(target), "%s/info", prefix);
    *info = (struct manager_info){.handler = *handler};
    info->fetch = fetch_start(pool, &(struct fetch_request){.target = target,
                                                            .timeout_ms = TIMEOUT_MS,
                                                            .max_bytes = BODY_MAX_BYTES,
                                                            .owner = info,
                                                            .on_done = take_done});
}

void manager_info_stop(struct manager_info *info)
{
    if (info->fetch)
        fetch_cancel(info->fetch);
    info->fetch = NULL;
}
