#include "discovery/docker/resync.h"

#include <stdio.h>

static void finish_if_all_is_there(struct resync *resync)
{
    if (resync_is_at_work(resync))
        return;
    json_t *containers = resync->container_list, *networks = resync->network_list;
    resync->container_list = resync->network_list = NULL;
    resync->handler.on_lists(resync->handler.owner, containers, networks, resync->refusal);
    json_decref(containers);
    json_decref(networks);
}

static void fail(struct resync *resync, const char *why)
{
    resync_stop(resync);
    resync->handler.on_failure(resync->handler.owner, why);
}

static void take_containers(void *owner, const json_t *list)
{
    struct resync *resync = owner;
    resync->container_list = json_incref((json_t *)(uintptr_t)list);
    finish_if_all_is_there(resync);
}

static void take_containers_refused(void *owner, int status)
{
    char why[256];
    snprintf(why, sizeof(why),
             "the list of containers is refused with status %d, and without it there is nothing to "
             "follow; allow GET /containers/json",
             status);
    fail(owner, why);
}

static void take_networks(void *owner, const json_t *list)
{
    struct resync *resync = owner;
    resync->network_list = json_incref((json_t *)(uintptr_t)list);
    finish_if_all_is_there(resync);
}

static void take_networks_refused(void *owner, int status)
{
    struct resync *resync = owner;
    resync->refusal = status;
    finish_if_all_is_there(resync);
}

static void take_failure(void *owner, const char *why)
{
    fail(owner, why);
}

void resync_start(struct resync *resync, struct fetch_pool *pool, const char *prefix,
                  const struct resync_handler *handler)
{
    *resync = (struct resync){.handler = *handler};
    lister_start(&resync->containers, pool, prefix, "/containers/json?all=1", "containers",
                 &(struct lister_handler){.owner = resync,
                                          .on_list = take_containers,
                                          .on_refused = take_containers_refused,
                                          .on_failure = take_failure});
    lister_start(&resync->networks, pool, prefix, "/networks", "networks",
                 &(struct lister_handler){.owner = resync,
                                          .on_list = take_networks,
                                          .on_refused = take_networks_refused,
                                          .on_failure = take_failure});
}

void resync_stop(struct resync *resync)
{
    lister_stop(&resync->containers);
    lister_stop(&resync->networks);
    json_decref(resync->container_list);
    json_decref(resync->network_list);
    resync->container_list = resync->network_list = NULL;
}

bool resync_is_at_work(const struct resync *resync)
{
    return resync->containers.fetch || resync->networks.fetch;
}
