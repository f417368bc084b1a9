#include "discovery/dialect/traefik_catalog.h"

#include <stdlib.h>

#include "lb/base/memory.h"

static int compare(enum traefik_kind kind, struct view name, const struct traefik_item *item)
{
    struct view other = view_str(item->name);
    size_t common = name.len < other.len ? name.len : other.len;
    if (kind != item->kind)
        return kind < item->kind ? -1 : 1;
    int order = common > 0 ? memcmp(name.ptr, other.ptr, common) : 0;
    return order != 0 ? order : name.len < other.len ? -1 : name.len > other.len;
}

/* The place of the first entry that is not before it. */
static size_t find_place(const struct traefik_catalog *catalog, enum traefik_kind kind,
                         struct view name)
{
    size_t low = 0, high = catalog->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare(kind, name, catalog->entries[middle].item) > 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void add(struct traefik_catalog *catalog, const struct traefik_item *item)
{
    struct view name = view_str(item->name);
    size_t place = find_place(catalog, item->kind, name);
    struct traefik_entry *entry = &catalog->entries[place];
    if (place < catalog->count && compare(item->kind, name, entry->item) == 0) {
        entry->is_disputed |= !traefik_item_is_same(entry->item, item);
        return;
    }
    memmove(entry + 1, entry, (catalog->count++ - place) * sizeof(*entry));
    *entry = (struct traefik_entry){.item = item};
}

void traefik_catalog_add(struct traefik_catalog *catalog, const struct traefik_items *items)
{
    if (items->count == 0 || items->problem)
        return;
    catalog->entries = memory_resize(catalog->entries,
                                     (catalog->count + items->count) * sizeof(catalog->entries[0]));
    for (size_t i = 0; i < items->count; i++)
        add(catalog, &items->items[i]);
}

void traefik_catalog_fini(struct traefik_catalog *catalog)
{
    free(catalog->entries);
    *catalog = (struct traefik_catalog){0};
}

const struct traefik_entry *traefik_catalog_find(const struct traefik_catalog *catalog,
                                                 enum traefik_kind kind, struct view name)
{
    size_t place = find_place(catalog, kind, name);
    if (place == catalog->count || compare(kind, name, catalog->entries[place].item) != 0)
        return NULL;
    return &catalog->entries[place];
}
