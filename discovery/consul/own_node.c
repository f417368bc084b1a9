#include "discovery/consul/own_node.h"

#include <stdlib.h>
#include <string.h>

#include "discovery/clean.h"
#include "discovery/document.h"
#include "discovery/field.h"
#include "discovery/net/fetch.h"
#include "lb/base/clock.h"
#include "lb/base/memory.h"

#define TIMEOUT_MS       15000
#define MAX_BYTES        (4u << 20)
#define BACKOFF_FIRST_MS 200
#define BACKOFF_CAP_MS   10000

/* An agent that does not tell it now may when its ACLs have changed. */
#define DENIED_AGAIN_MS 60000

void own_node_init(struct own_node *node, struct fetch_pool *pool, const char *given, void *owner,
                   void (*on_change)(void *owner))
{
    *node = (struct own_node){.pool = pool, .given = given, .owner = owner, .on_change = on_change};
    backoff_init(&node->backoff, BACKOFF_FIRST_MS, BACKOFF_CAP_MS);
    node->is_settled = given != NULL;
    node->due_at_ms = given ? UINT64_MAX : 0;
}

void own_node_fini(struct own_node *node)
{
    if (node->fetch)
        fetch_cancel(node->fetch);
    node->fetch = NULL;
    free(node->name);
    node->name = NULL;
}

const char *own_node_name(const struct own_node *node)
{
    return node->given ? node->given : node->name;
}

void own_node_ask_again(struct own_node *node)
{
    if (!node->given && !node->fetch)
        node->due_at_ms = 0;
}

const char *own_node_read(const json_t *answer)
{
    const char *name = field_str(json_object_get(answer, "Config"), "NodeName");
    return name[0] != '\0' && clean_is_clean(view_str(name), 255) ? name : NULL;
}

static void take_name(struct own_node *node, const char *name)
{
    if (node->name && strcmp(node->name, name) == 0)
        return;
    free(node->name);
    node->name = memory_copy(name, strlen(name));
    node->on_change(node->owner);
}

static void take_done(void *owner, const struct fetch_answer *answer)
{
    struct own_node *node = owner;
    uint64_t now_ms = clock_mono_ns() / 1000000;
    bool has_answer = !answer->problem && answer->status == 200;
    bool is_away =
        answer->problem ? !answer->is_too_large : answer->status >= 500 || answer->status == 429;
    json_t *document = has_answer ? document_parse(answer->body, NULL) : NULL;
    const char *name = own_node_read(document);
    node->fetch = NULL;
    node->is_settled |= !is_away || answer->status > 0;
    node->due_at_ms = is_away ? now_ms + backoff_next_ms(&node->backoff, (uint32_t)now_ms)
                      : name  ? UINT64_MAX
                              : now_ms + DENIED_AGAIN_MS;
    if (!is_away)
        backoff_reset(&node->backoff);
    if (name)
        take_name(node, name);
    json_decref(document);
}

void own_node_tick(struct own_node *node, uint64_t now_ms)
{
    if (node->fetch || now_ms < node->due_at_ms)
        return;
    node->due_at_ms = UINT64_MAX;
    node->fetch = fetch_start(node->pool, &(struct fetch_request){.target = "/v1/agent/self",
                                                                  .timeout_ms = TIMEOUT_MS,
                                                                  .max_bytes = MAX_BYTES,
                                                                  .owner = node,
                                                                  .on_done = take_done});
}

uint64_t own_node_next_tick_ms(const struct own_node *node)
{
    return node->fetch ? UINT64_MAX : node->due_at_ms;
}
