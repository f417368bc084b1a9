#include "lb/tls/tls_store.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "lb/base/arena.h"
#include "lb/base/memory.h"
#include "lb/base/siphash.h"

#define NAME_BYTES_MAX 253u

/* By what a name leads to a host. */
enum kind {
    KIND_FILE,     /* what the file is called */
    KIND_FILED,    /* the same, of those that are shown for it */
    KIND_EXACT,    /* a name in the certificate */
    KIND_WILDCARD, /* "*." and the name are in it */
    KIND_COUNT
};

/* What was found for a kind: for each type of key the one that is valid, and that longest. */
struct claim {
    const struct tls_host *by_type[TLS_KEY_TYPE_COUNT];
};

/* Of a name, while the store is made. */
struct claims {
    struct claim of[KIND_COUNT];
    struct tls_client_ca *client_ca;
};

struct slot {
    struct view name;                /* NULL: it is free */
    uint32_t tag;                    /* of the hash */
    const struct tls_host *own;      /* for the name itself */
    const struct tls_host *wildcard; /* for names one label below */
    const struct tls_host *parent;   /* the same, where there is no wildcard */
    const struct tls_host *named;    /* the file's */
    struct tls_client_ca *client_ca; /* of NAME.ca.crt; NULL: there is none */
};

struct tls_store {
    atomic_uint ref_count;
    struct arena arena;
    struct siphash_key secret;
    struct slot *slots;
    uint32_t mask;
    struct tls_host *hosts; /* with identities: in the order of their names, then the default's */
    unsigned host_count;
    const struct tls_host *fallback;
    struct tls_client_ca **client_cas; /* references, one for each of the parts */
    unsigned client_ca_count;
};

struct making {
    struct tls_store *store;
    const struct tls_store_parts *parts;
    struct claims *claims; /* beside the slots */
    struct claim fallback;
    struct tls_client_ca *fallback_ca;
};

/* ---- the table ------------------------------------------------------------------------------------ */

static struct slot *find_slot(const struct tls_store *store, struct view name)
{
    uint64_t hash = siphash_of(&store->secret, &name, 1).words[0];
    for (uint32_t at = (uint32_t)hash & store->mask;; at = (at + 1) & store->mask) {
        struct slot *slot = &store->slots[at];
        if (!slot->name.ptr || (slot->tag == (uint32_t)(hash >> 32) && view_eq(slot->name, name)))
            return slot;
    }
}

static const struct slot *look_up(const struct tls_store *store, struct view name)
{
    const struct slot *slot = name.len > 0 ? find_slot(store, name) : NULL;
    return slot && slot->name.ptr ? slot : NULL;
}

/* Borrows the name. */
static struct claims *claims_for(struct making *making, struct view name)
{
    struct slot *slot = find_slot(making->store, name);
    if (!slot->name.ptr) {
        slot->name = name;
        slot->tag = (uint32_t)(siphash_of(&making->store->secret, &name, 1).words[0] >> 32);
    }
    return &making->claims[slot - making->store->slots];
}

static struct view lower(struct arena *arena, struct view name)
{
    char *bytes = arena_new(arena, name.len + 1);
    for (size_t i = 0; i < name.len; i++)
        bytes[i] = view_lower_char(name.ptr[i]);
    return view_of(bytes, name.len);
}

static bool has_identity(const struct tls_host *host)
{
    for (unsigned i = 0; i < TLS_KEY_TYPE_COUNT; i++)
        if (host->identities[i])
            return true;
    return false;
}

static size_t count_names(const struct tls_store_parts *parts)
{
    size_t count = parts->count;
    for (unsigned i = 0; i < parts->count; i++)
        for (unsigned type = 0; type < TLS_KEY_TYPE_COUNT; type++)
            if (parts->hosts[i].identities[type])
                count += tls_identity_name_count(parts->hosts[i].identities[type]);
    return count;
}

static void open_table(struct making *making)
{
    struct tls_store *store = making->store;
    size_t size = 16, count = count_names(making->parts);
    while (size < count * 2)
        size *= 2;
    siphash_key_init(&store->secret);
    store->mask = (uint32_t)(size - 1);
    store->slots = memory_new(size * sizeof(struct slot));
    making->claims = memory_new(size * sizeof(struct claims));
}

/* ---- the hosts ------------------------------------------------------------------------------------- */

static int64_t end_of(const struct tls_host *host, unsigned type)
{
    return tls_identity_facts(host->identities[type])->not_after_s;
}

/* How good it is now: what is not valid yet comes before what is over, which nobody renews. */
enum fitness { IS_NONE, IS_OVER, IS_EARLY, IS_VALID };

static enum fitness fitness_of(const struct making *making, const struct tls_host *host,
                               unsigned type)
{
    if (!host)
        return IS_NONE;
    const struct tls_identity_facts *facts = tls_identity_facts(host->identities[type]);
    if (facts->not_after_s <= making->parts->now_s)
        return IS_OVER;
    return facts->not_before_s > making->parts->now_s ? IS_EARLY : IS_VALID;
}

static int compare_hosts(const void *one, const void *other)
{
    const struct tls_host *a = one, *b = other;
    if (a->is_default != b->is_default)
        return a->is_default ? 1 : -1;
    int order = view_compare(a->file_name, b->file_name);
    return order != 0 ? order : view_compare(a->place, b->place);
}

static void copy_hosts(struct making *making)
{
    const struct tls_store_parts *parts = making->parts;
    struct tls_store *store = making->store;
    store->hosts = arena_new(&store->arena, (parts->count + (size_t)1) * sizeof(struct tls_host));
    for (unsigned i = 0; i < parts->count; i++) {
        if (!has_identity(&parts->hosts[i]))
            continue;
        struct tls_host *host = &store->hosts[store->host_count++];
        *host = parts->hosts[i];
        host->file_name = arena_copy(&store->arena, host->file_name);
        host->place = arena_copy(&store->arena, host->place);
        host->client_ca = NULL;
        for (unsigned type = 0; type < TLS_KEY_TYPE_COUNT; type++)
            if (host->identities[type]) {
                tls_identity_ref(host->identities[type]);
                host->places[type] = arena_copy(
                    &store->arena, host->places[type].len > 0 ? host->places[type] : host->place);
            }
    }
    qsort(store->hosts, store->host_count, sizeof(struct tls_host), compare_hosts);
}

static struct tls_client_ca *keep_client_ca(struct tls_store *store, struct tls_client_ca *ca)
{
    store->client_cas[store->client_ca_count++] = tls_client_ca_ref(ca);
    return ca;
}

static void copy_client_cas(struct making *making)
{
    const struct tls_store_parts *parts = making->parts;
    struct tls_store *store = making->store;
    store->client_cas =
        arena_new(&store->arena, (parts->count + (size_t)1) * sizeof(struct tls_client_ca *));
    if (parts->client_ca)
        keep_client_ca(store, parts->client_ca);
    for (unsigned i = 0; i < parts->count; i++) {
        const struct tls_host *host = &parts->hosts[i];
        if (!host->client_ca || has_identity(host))
            continue;
        struct tls_client_ca *ca = keep_client_ca(store, host->client_ca);
        if (host->is_default)
            making->fallback_ca = ca;
        else
            claims_for(making, lower(&store->arena, host->file_name))->client_ca = ca;
    }
}

/* ---- who is shown for a name ------------------------------------------------------------------------ */

static void tell_clash(const struct making *making, struct view name, unsigned type,
                       const struct tls_host *shown, const struct tls_host *hidden)
{
    const struct tls_store_clash clash = {.name = name,
                                          .shown = shown,
                                          .hidden = hidden,
                                          .is_early = fitness_of(making, hidden, type) == IS_EARLY};
    if (making->parts->on_clash)
        making->parts->on_clash(making->parts->owner, &clash);
}

static void claim(const struct making *making, struct claim *claim, const struct tls_host *host,
                  unsigned type, struct view name)
{
    const struct tls_host **best = &claim->by_type[type], *other = *best;
    if (!other) {
        *best = host;
        return;
    }
    enum fitness fitness = fitness_of(making, host, type);
    enum fitness other_fitness = fitness_of(making, other, type);
    if (fitness > other_fitness ||
        (fitness == other_fitness && end_of(host, type) > end_of(other, type)))
        *best = host;
    bool is_same = view_eq(tls_identity_facts(host->identities[type])->fingerprint,
                           tls_identity_facts(other->identities[type])->fingerprint);
    if (other != host && !is_same && name.len > 0)
        tell_clash(making, name, type, *best, *best == host ? other : host);
}

static void claim_names(struct making *making, const struct tls_host *host, unsigned type)
{
    const struct tls_identity *identity = host->identities[type];
    for (unsigned i = 0; i < tls_identity_name_count(identity); i++) {
        struct view name = tls_identity_name(identity, i);
        bool is_wildcard = view_starts_with(name, VIEW("*."));
        struct view base = is_wildcard ? view_skip(name, 2) : name;
        struct claims *claims = claims_for(making, base);
        claim(making, &claims->of[is_wildcard ? KIND_WILDCARD : KIND_EXACT], host, type, name);
    }
}

static void claim_all(struct making *making)
{
    struct tls_store *store = making->store;
    for (unsigned i = 0; i < store->host_count; i++) {
        const struct tls_host *host = &store->hosts[i];
        struct view file = lower(&store->arena, host->file_name);
        for (unsigned type = 0; type < TLS_KEY_TYPE_COUNT; type++) {
            if (!host->identities[type])
                continue;
            if (host->is_default) {
                claim(making, &making->fallback, host, type, VIEW("the default"));
                continue;
            }
            struct claims *claims = claims_for(making, file);
            claim(making, &claims->of[KIND_FILE], host, type, VIEW(""));
            if (host->is_filed)
                claim(making, &claims->of[KIND_FILED], host, type, file);
            claim_names(making, host, type);
        }
    }
}

/* ---- one host of what two files have ----------------------------------------------------------------- */

/* Of `first`, and of `second` where that has what is better now; what is not valid counts only where nothing is. */
static struct claim choose(const struct making *making, const struct claim *first,
                           const struct claim *second)
{
    struct claim chosen = *first;
    enum fitness best = IS_NONE;
    for (unsigned type = 0; type < TLS_KEY_TYPE_COUNT; type++) {
        const struct tls_host *other = second ? second->by_type[type] : NULL;
        enum fitness fitness = fitness_of(making, chosen.by_type[type], type);
        enum fitness other_fitness = fitness_of(making, other, type);
        if (other_fitness > fitness && other_fitness > IS_OVER) {
            chosen.by_type[type] = other;
            fitness = other_fitness;
        }
        best = fitness > best ? fitness : best;
    }
    for (unsigned type = 0; type < TLS_KEY_TYPE_COUNT; type++)
        if (fitness_of(making, chosen.by_type[type], type) < best)
            chosen.by_type[type] = NULL;
    return chosen;
}

/* Whose name and client CA the whole has. */
static const struct tls_host *leader(const struct claim *claim)
{
    const struct tls_host *best = NULL;
    int64_t best_end = 0;
    for (unsigned type = 0; type < TLS_KEY_TYPE_COUNT; type++) {
        const struct tls_host *host = claim->by_type[type];
        if (host && (!best || end_of(host, type) > best_end)) {
            best = host;
            best_end = end_of(host, type);
        }
    }
    return best;
}

static bool is_whole(const struct claim *claim, const struct tls_host *host)
{
    for (unsigned type = 0; type < TLS_KEY_TYPE_COUNT; type++)
        if (host->identities[type] && claim->by_type[type] != host)
            return false;
        else if (!host->identities[type] && claim->by_type[type])
            return false;
    return true;
}

static const struct tls_host *put_together(struct making *making, const struct claim *claim,
                                           const struct tls_host *lead)
{
    if (is_whole(claim, lead))
        return lead;
    struct tls_host *host = arena_new(&making->store->arena, sizeof(*host));
    *host = *lead;
    for (unsigned type = 0; type < TLS_KEY_TYPE_COUNT; type++) {
        const struct tls_host *from = claim->by_type[type];
        host->identities[type] = from ? from->identities[type] : NULL;
        host->places[type] = from ? from->places[type] : VIEW("");
    }
    return host;
}

static const struct tls_host *settle(struct making *making, const struct claim *first,
                                     const struct claim *second, const struct tls_host *lead)
{
    struct claim chosen = choose(making, first, second);
    lead = lead ? lead : leader(&chosen);
    return lead ? put_together(making, &chosen, lead) : NULL;
}

static void settle_slot(struct making *making, struct slot *slot, const struct claims *claims)
{
    const struct claim *filed = &claims->of[KIND_FILED], *exact = &claims->of[KIND_EXACT];
    const struct tls_host *filed_lead = leader(filed);
    slot->own = settle(making, filed_lead ? filed : exact, filed_lead ? exact : NULL, filed_lead);
    slot->wildcard = settle(making, &claims->of[KIND_WILDCARD], NULL, NULL);
    slot->parent = filed_lead ? settle(making, filed, NULL, filed_lead) : NULL;
    slot->named = settle(making, &claims->of[KIND_FILE], NULL, NULL);
    slot->client_ca = claims->client_ca;
}

static void give_client_cas(struct making *making)
{
    struct tls_store *store = making->store;
    for (unsigned i = 0; i < store->host_count; i++) {
        struct tls_host *host = &store->hosts[i];
        const struct slot *slot = look_up(store, lower(&store->arena, host->file_name));
        host->client_ca = host->is_default ? making->fallback_ca
                          : slot           ? making->claims[slot - store->slots].client_ca
                                           : NULL;
        if (!host->client_ca)
            host->client_ca = making->parts->client_ca;
    }
}

static void settle_all(struct making *making)
{
    struct tls_store *store = making->store;
    give_client_cas(making);
    for (uint32_t i = 0; i <= store->mask; i++)
        if (store->slots[i].name.ptr)
            settle_slot(making, &store->slots[i], &making->claims[i]);
    store->fallback = settle(making, &making->fallback, NULL, NULL);
}

struct tls_store *tls_store_new(const struct tls_store_parts *parts)
{
    struct tls_store *store = memory_new(sizeof(*store));
    struct making making = {.store = store, .parts = parts};
    atomic_init(&store->ref_count, 1);
    open_table(&making);
    copy_hosts(&making);
    copy_client_cas(&making);
    claim_all(&making);
    settle_all(&making);
    free(making.claims);
    return store;
}

/* ---- what is asked --------------------------------------------------------------------------------- */

static const struct tls_host *find_above(const struct tls_store *store, struct view name,
                                         enum tls_match *match)
{
    struct view parent = name;
    view_cut(&parent, '.');
    const struct slot *slot = parent.ptr ? look_up(store, parent) : NULL;
    if (slot && slot->wildcard) {
        *match = TLS_MATCH_WILDCARD;
        return slot->wildcard;
    }
    bool is_parent = slot && slot->parent && view_find(parent, '.') > 0;
    *match = is_parent ? TLS_MATCH_PARENT_FILE : TLS_MATCH_NONE;
    return is_parent ? slot->parent : NULL;
}

const struct tls_host *tls_store_find(const struct tls_store *store, struct view name,
                                      enum tls_match *match)
{
    enum tls_match ignored;
    match = match ? match : &ignored;
    const struct slot *slot = look_up(store, name);
    if (!slot || !slot->own)
        return find_above(store, name, match);
    *match = TLS_MATCH_EXACT;
    return slot->own;
}

const struct tls_host *tls_store_named(const struct tls_store *store, struct view file_name)
{
    char bytes[NAME_BYTES_MAX];
    if (file_name.len > sizeof(bytes))
        return NULL;
    for (size_t i = 0; i < file_name.len; i++)
        bytes[i] = view_lower_char(file_name.ptr[i]);
    const struct slot *slot = look_up(store, view_of(bytes, file_name.len));
    return slot ? slot->named : NULL;
}

struct tls_client_ca *tls_store_client_ca(const struct tls_store *store, struct view name)
{
    const struct slot *slot = look_up(store, name);
    return slot ? slot->client_ca : NULL;
}

const struct tls_host *tls_store_default(const struct tls_store *store)
{
    return store->fallback;
}

unsigned tls_store_count(const struct tls_store *store)
{
    return store->host_count;
}

const struct tls_host *tls_store_at(const struct tls_store *store, unsigned index)
{
    return &store->hosts[index];
}

struct tls_store *tls_store_ref(struct tls_store *store)
{
    atomic_fetch_add_explicit(&store->ref_count, 1, memory_order_relaxed);
    return store;
}

void tls_store_unref(struct tls_store *store)
{
    if (!store || atomic_fetch_sub_explicit(&store->ref_count, 1, memory_order_acq_rel) > 1)
        return;
    for (unsigned i = 0; i < store->host_count; i++)
        for (unsigned type = 0; type < TLS_KEY_TYPE_COUNT; type++)
            tls_identity_unref(store->hosts[i].identities[type]);
    for (unsigned i = 0; i < store->client_ca_count; i++)
        tls_client_ca_unref(store->client_cas[i]);
    arena_fini(&store->arena);
    free(store->slots);
    free(store);
}
