#include "discovery/dialect/traefik_item.h"

#include <stdio.h>
#include <string.h>

#include "lb/base/yes_no.h"

const char *traefik_item_get(const struct traefik_item *item, const char *word)
{
    for (size_t i = 0; i < item->count; i++)
        if (strcmp(item->options[i].word, word) == 0)
            return item->options[i].value;
    return "";
}

static size_t split(const char *value, struct view *out, size_t room)
{
    struct view rest = view_str(value);
    size_t count = 0;
    while (rest.ptr && count < room) {
        struct view part = yes_no_trim(view_cut(&rest, ','));
        if (part.len > 0)
            out[count++] = part;
    }
    return count;
}

size_t traefik_item_list(const struct traefik_item *item, const char *word,
                         struct view out[TRAEFIK_LIST_MAX])
{
    size_t count = split(traefik_item_get(item, word), out, TRAEFIK_LIST_MAX);
    char indexed[64];
    for (unsigned i = 0; i < TRAEFIK_LIST_MAX && count < TRAEFIK_LIST_MAX; i++) {
        snprintf(indexed, sizeof(indexed), "%s[%u]", word, i);
        struct view value = view_str(traefik_item_get(item, indexed));
        if (value.len > 0)
            out[count++] = value;
    }
    return count;
}

bool traefik_item_has(const struct traefik_item *item, const char *prefix)
{
    for (size_t i = 0; i < item->count; i++)
        if (view_starts_with(view_str(item->options[i].word), view_str(prefix)))
            return true;
    return false;
}

bool traefik_item_is_same(const struct traefik_item *a, const struct traefik_item *b)
{
    bool is_same = a->count == b->count;
    for (size_t i = 0; is_same && i < a->count; i++)
        is_same = strcmp(a->options[i].word, b->options[i].word) == 0 &&
                  strcmp(a->options[i].value, b->options[i].value) == 0;
    return is_same;
}
