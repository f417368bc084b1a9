#include "discovery/docker/way_out.h"

#include <errno.h>
#include <stdio.h>

/* A SYN that is lost is sent again after 1 s. */
#define TIMEOUT_MS 2500

/* A container whose port is reached through the gateway, or NULL. A connect tells nothing of UDP. */
static const struct placement *find_user(const struct roster *roster)
{
    for (size_t i = 0; i < roster->count; i++) {
        const struct member *member = roster->members[i];
        for (size_t k = 0; k < member->shown_count; k++) {
            const struct placement *placement = &member->shown[k].placement;
            if (placement->is_usable && placement->is_by_gateway && !placement->is_udp)
                return placement;
        }
    }
    return NULL;
}

/* lb-discovery has no network of its own, as it may be where lb runs in another container: nothing is known of lb's. */
static bool says_nothing(const struct way_out *way_out, const struct fetch_answer *answer)
{
    return answer->problem && fetch_pool_failure(way_out->pool)->os_error == ENETUNREACH;
}

static void take_done(void *owner, const struct fetch_answer *answer)
{
    struct way_out *way_out = owner;
    struct vantage *vantage = way_out->vantage;
    way_out->fetch = NULL;
    const char *used = vantage->gateways[vantage->gateway];
    if (vantage->gateway_count == 0 || strcmp(used, way_out->tried) != 0)
        return; /* the networks have changed meanwhile */
    if (says_nothing(way_out, answer)) {
        way_out->is_settled = true;
        return;
    }
    way_out->is_settled = !answer->problem || ++way_out->failed_count >= vantage->gateway_count;
    if (!answer->problem)
        return;
    vantage_next_gateway(vantage);
    way_out->on_change(way_out->owner, used, vantage->gateways[vantage->gateway]);
}

void way_out_check(struct way_out *way_out)
{
    const struct vantage *vantage = way_out->vantage;
    if (way_out->is_settled || way_out->fetch || vantage->on_host || vantage->gateway_count < 2)
        return;
    const struct placement *user = find_user(way_out->roster);
    if (!user)
        return;
    snprintf(way_out->tried, sizeof(way_out->tried), "%s", user->address);
    way_out->fetch = fetch_start(way_out->pool, &(struct fetch_request){.address = user->address,
                                                                        .port = user->port,
                                                                        .timeout_ms = TIMEOUT_MS,
                                                                        .owner = way_out,
                                                                        .on_done = take_done});
}

void way_out_reset(struct way_out *way_out)
{
    if (way_out->fetch)
        fetch_cancel(way_out->fetch);
    way_out->fetch = NULL;
    way_out->failed_count = 0;
    way_out->is_settled = false;
}
