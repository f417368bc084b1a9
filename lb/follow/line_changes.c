#include "lb/follow/line_changes.h"

#include <string.h>

#include "lb/contract/key.h"
#include "lb/follow/unserved.h"

static struct pool_wanted_endpoint *find_wanted(const struct pool_wanted *wanted,
                                                const char *service, const char *id)
{
    for (unsigned i = 0; i < wanted->endpoint_count; i++)
        if (strcmp(wanted->endpoints[i].id, id) == 0 && wanted->endpoints[i].kind == SERVICE_HTTP &&
            strcmp(wanted->endpoints[i].service, service) == 0)
            return &wanted->endpoints[i];
    return NULL;
}

/* A port of UDP that nothing leads to, before and now. */
static bool is_idle(const json_t *before, const json_t *now)
{
    return serving_protocol(before) == PROTOCOL_UDP && serving_protocol(now) == PROTOCOL_UDP;
}

/* `serving`: as HTTP, or not at all. False: it is another endpoint, or not a good one. */
static bool compare_endpoint(struct line_changes *changes, const json_t *before, const json_t *now,
                             const struct serving *serving)
{
    struct text ignored = TEXT_INIT;
    struct member_place place = {.problem = &ignored};
    struct line_change *change = &changes->list[changes->count];
    if (changes->count == LINE_CHANGES_MAX)
        return false;
    *change = (struct line_change){0};
    bool is_same = member_read(&place, now, &change->to) &&
                   strcmp(change->to.id, member_string(before, KEY_ID)) == 0;
    if (is_same && serving_is_any(serving) && !is_idle(before, now)) {
        change->at = find_wanted(changes->wanted, serving->name, change->to.id);
        is_same = change->at && !unserved_reason(changes->reach, serving, now, NULL);
        change->at = is_same ? change->at : NULL;
        change->to.service = is_same ? change->at->service : NULL;
        change->to.is_shared = is_same && change->at->is_shared;
    }
    if (change->at)
        changes->count++;
    else
        member_fini(&change->to);
    text_fini(&ignored);
    return is_same;
}

static bool asks_the_same(const json_t *before, const json_t *now)
{
    const json_t *old = json_object_get(before, KEY_OPTIONS);
    const json_t *new = json_object_get(now, KEY_OPTIONS);
    return (!old && !new) || json_equal(old, new);
}

static bool compare_service(struct line_changes *changes, const json_t *before, const json_t *now)
{
    if (now == before)
        return true;
    const char *name = member_string(now, KEY_NAME);
    const json_t *old = json_object_get(before, KEY_ENDPOINTS);
    const json_t *new = json_object_get(now, KEY_ENDPOINTS);
    if (!name || strcmp(name, member_string(before, KEY_NAME)) != 0 || !json_is_array(new) ||
        json_array_size(new) != json_array_size(old) || !asks_the_same(before, now))
        return false;
    struct serving serving;
    serving_of(&changes->leading, now, &serving);
    bool is_passed_on =
        serving.kinds[SERVICE_TCP] || serving.kinds[SERVICE_UDP] || serving.has_joins;
    for (size_t i = 0; i < json_array_size(new); i++) {
        const json_t *from = json_array_get(old, i), *to = json_array_get(new, i);
        if (from != to && (is_passed_on || !compare_endpoint(changes, from, to, &serving)))
            return false;
    }
    return true;
}

bool line_changes_find(struct line_changes *changes, const json_t *before, const json_t *now)
{
    const json_t *old = json_object_get(before, KEY_SERVICES);
    const json_t *new = json_object_get(now, KEY_SERVICES);
    if (!old || !json_is_array(new) || json_array_size(new) != json_array_size(old))
        return false;
    for (size_t i = 0; i < json_array_size(new); i++)
        if (!compare_service(changes, json_array_get(old, i), json_array_get(new, i)))
            return false;
    return true;
}

void line_changes_forget(struct line_changes *changes)
{
    for (unsigned i = 0; i < changes->count; i++)
        member_fini(&changes->list[i].to);
    changes->count = 0;
}

void line_changes_apply(struct line_changes *changes)
{
    for (unsigned i = 0; i < changes->count; i++) {
        member_fini(changes->list[i].at);
        *changes->list[i].at = changes->list[i].to;
    }
    changes->count = 0;
}
