#include "lb/certs/certs_expiry.h"

#include <stdlib.h>
#include <string.h>

#include "lb/base/clock.h"
#include "lb/base/memory.h"
#include "lb/base/shown.h"

#define DAY_S INT64_C(86400)

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

enum certs_stage certs_expiry_stage(const struct tls_identity_facts *facts, int64_t now_s)
{
    int64_t life_s = facts->not_after_s - facts->not_before_s, left_s = facts->not_after_s - now_s;
    if (left_s <= 0)
        return CERTS_STAGE_OVER;
    if (left_s <= smaller(3 * DAY_S, life_s / 8))
        return CERTS_STAGE_NEAR;
    return left_s <= smaller(14 * DAY_S, life_s / 3) ? CERTS_STAGE_SOON : CERTS_STAGE_FAR;
}

/* ---- whether it is shown ------------------------------------------------------------------------------ */

static bool leads_to(const struct tls_host *found, const struct tls_identity *identity,
                     enum tls_key_type type)
{
    return found && found->identities[type] == identity;
}

bool certs_expiry_is_shown(const struct tls_store *store, const struct tls_host *host,
                           enum tls_key_type type)
{
    const struct tls_identity *identity = host->identities[type];
    if (host->is_default)
        return leads_to(tls_store_default(store), identity, type);
    /* "*.a.test" is found as any other name below a.test. */
    for (unsigned i = 0; i < tls_identity_name_count(identity); i++)
        if (leads_to(tls_store_find(store, tls_identity_name(identity, i), NULL), identity, type))
            return true;
    return leads_to(tls_store_named(store, host->file_name), identity, type) && host->is_filed;
}

/* ---- what is told ------------------------------------------------------------------------------------- */

static void append_days(struct text *out, int64_t left_s)
{
    int64_t days = left_s / DAY_S, hours = left_s / 3600;
    if (days >= 2)
        text_appendf(out, "in %lld days", (long long)days);
    else
        text_appendf(out, "in %lld hours", (long long)hours);
}

static void tell(const struct certs_expiry *expiry, const struct certs_running_out *item,
                 int64_t now_s)
{
    char end[CLOCK_TEXT_BYTES];
    struct text sentence = TEXT_INIT;
    clock_format_minute(item->not_after_s, end);
    text_append_str(&sentence, "the certificate ");
    shown_append(&sentence, view_str(item->place));
    if (item->stage == CERTS_STAGE_FAR) {
        text_append_str(&sentence, " runs out no more: it was renewed, or is not used now");
    } else if (item->stage == CERTS_STAGE_OVER) {
        text_appendf(&sentence, " is over since %s, and clients are warned of it; renew it", end);
    } else {
        text_append_str(&sentence, " runs out ");
        append_days(&sentence, item->not_after_s - now_s);
        text_appendf(&sentence, ", on %s; renew it, and look why nobody has", end);
    }
    expiry->tell(expiry->owner, item, text_str(&sentence));
    text_fini(&sentence);
}

/* ---- from one look to the next --------------------------------------------------------------------------- */

static int compare_items(const void *one, const void *other)
{
    return strcmp(((const struct certs_running_out *)one)->place,
                  ((const struct certs_running_out *)other)->place);
}

static struct certs_running_out *find(struct certs_running_out *items, size_t count,
                                      const struct certs_running_out *wanted)
{
    return count > 0 ? bsearch(wanted, items, count, sizeof(*items), compare_items) : NULL;
}

struct list {
    struct certs_running_out *items;
    size_t count, capacity;
};

static void add_host(struct list *list, const struct tls_store *store, const struct tls_host *host,
                     int64_t now_s)
{
    for (enum tls_key_type type = 0; type < TLS_KEY_TYPE_COUNT; type++) {
        if (!host->identities[type])
            continue;
        const struct tls_identity_facts *facts = tls_identity_facts(host->identities[type]);
        enum certs_stage stage = certs_expiry_stage(facts, now_s);
        if (stage == CERTS_STAGE_FAR || !certs_expiry_is_shown(store, host, type))
            continue;
        list->items =
            memory_make_room(list->items, list->count, &list->capacity, sizeof(*list->items));
        list->items[list->count++] = (struct certs_running_out){
            .place = memory_copy(host->places[type].ptr, host->places[type].len),
            .name = memory_copy(host->file_name.ptr, host->file_name.len),
            .stage = stage,
            .not_after_s = facts->not_after_s,
            .since_s = now_s};
    }
}

static void free_items(struct certs_running_out *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(items[i].place);
        free(items[i].name);
    }
    free(items);
}

void certs_expiry_look(struct certs_expiry *expiry, const struct tls_store *store, int64_t now_s)
{
    struct list now = {0};
    for (unsigned i = 0; i < tls_store_count(store); i++)
        add_host(&now, store, tls_store_at(store, i), now_s);
    if (now.count > 1)
        qsort(now.items, now.count, sizeof(*now.items), compare_items);
    for (size_t i = 0; i < now.count; i++) {
        const struct certs_running_out *old = find(expiry->items, expiry->count, &now.items[i]);
        if (old)
            now.items[i].since_s = old->since_s;
        if (!old || old->stage < now.items[i].stage)
            tell(expiry, &now.items[i], now_s);
    }
    for (size_t i = 0; i < expiry->count; i++) {
        struct certs_running_out *old = &expiry->items[i];
        if (find(now.items, now.count, old))
            continue;
        old->stage = CERTS_STAGE_FAR;
        tell(expiry, old, now_s);
    }
    free_items(expiry->items, expiry->count);
    expiry->items = now.items;
    expiry->count = now.count;
}

void certs_expiry_fini(struct certs_expiry *expiry)
{
    free_items(expiry->items, expiry->count);
    expiry->items = NULL;
    expiry->count = 0;
}
