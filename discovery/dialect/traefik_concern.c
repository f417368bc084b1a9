#include "discovery/dialect/traefik_concern.h"

#include "lb/base/hash.h"

/* Of chains of middlewares; deeper ones are refused by whoever follows them. */
#define DEPTH_MAX 8
#define NAMES_MAX 512

struct concern {
    const struct traefik_catalog *catalog;
    uint64_t hash;
    unsigned named_count;
};

static void add_item(struct concern *concern, const struct traefik_item *item)
{
    for (size_t i = 0; i < item->count; i++) {
        concern->hash = hash_str(concern->hash, item->options[i].word);
        concern->hash = hash_str(concern->hash, item->options[i].value);
    }
}

static void add_named(struct concern *concern, const struct traefik_item *item, unsigned depth);

/* NAME or NAME@docker. */
static void add_entry(struct concern *concern, enum traefik_kind kind, struct view name,
                      unsigned depth)
{
    struct view rest = name;
    const struct traefik_entry *entry =
        traefik_catalog_find(concern->catalog, kind, view_cut(&rest, '@'));
    concern->hash = hash_str(concern->hash, !entry ? "none" : entry->is_disputed ? "two" : "one");
    if (!entry || ++concern->named_count > NAMES_MAX)
        return;
    add_item(concern, entry->item);
    if (depth < DEPTH_MAX)
        add_named(concern, entry->item, depth + 1);
}

/* What services and middlewares are called that an item of this kind names. */
static enum traefik_kind service_of(enum traefik_kind kind)
{
    if (kind >= TRAEFIK_UDP_ROUTER)
        return TRAEFIK_UDP_SERVICE;
    return kind >= TRAEFIK_TCP_ROUTER ? TRAEFIK_TCP_SERVICE : TRAEFIK_SERVICE;
}

static enum traefik_kind middleware_of(enum traefik_kind kind)
{
    return kind >= TRAEFIK_TCP_ROUTER ? TRAEFIK_TCP_MIDDLEWARE : TRAEFIK_MIDDLEWARE;
}

/* What the item names by its options. */
static void add_named(struct concern *concern, const struct traefik_item *item, unsigned depth)
{
    struct view names[TRAEFIK_LIST_MAX];
    const char *service = traefik_item_get(item, "service");
    const char *word = item->kind == TRAEFIK_MIDDLEWARE ? "chain.middlewares" : "middlewares";
    bool names_none = item->kind == service_of(item->kind);
    if (service[0] != '\0')
        add_entry(concern, service_of(item->kind), view_str(service), depth);
    size_t count = names_none ? 0 : traefik_item_list(item, word, names);
    for (size_t i = 0; i < count; i++)
        add_entry(concern, middleware_of(item->kind), names[i], depth);
}

uint64_t traefik_concern(const struct traefik_catalog *catalog, const struct traefik_items *items)
{
    struct concern concern = {.catalog = catalog, .hash = HASH_INIT};
    for (size_t i = 0; i < items->count; i++) {
        concern.named_count = 0;
        add_entry(&concern, items->items[i].kind, view_str(items->items[i].name), 0);
        add_named(&concern, &items->items[i], 1);
    }
    return concern.hash != 0 ? concern.hash : 1;
}
