#include "discovery/certificate_list.h"

#include <stdlib.h>

#include "lb/base/memory.h"

/* A name of a wish, as they are found by. */
struct named {
    struct view name;
    size_t at; /* of all names, in their order */
};

static int compare(const void *left, const void *right)
{
    const struct named *a = left, *b = right;
    int order = view_compare(a->name, b->name);
    return order != 0 ? order : (a->at > b->at) - (a->at < b->at);
}

static size_t count_names(const struct certificate_wish *wishes, size_t count)
{
    size_t names = 0;
    for (size_t i = 0; i < count; i++)
        names += wishes[i].name_count;
    return names;
}

/* Gives, for each name in its order, whether no earlier one is the same: free it. */
static bool *find_first_ones(const struct certificate_wish *wishes, size_t count)
{
    size_t total = count_names(wishes, count), at = 0;
    struct named *list = memory_new((total + 1) * sizeof(list[0]));
    bool *is_first = memory_new(total + 1);
    for (size_t i = 0; i < count; i++)
        for (unsigned k = 0; k < wishes[i].name_count; k++, at++)
            list[at] = (struct named){wishes[i].names[k], at};
    if (total > 0)
        qsort(list, total, sizeof(list[0]), compare);
    for (size_t i = 0; i < total; i++)
        is_first[list[i].at] = i == 0 || !view_eq(list[i].name, list[i - 1].name);
    free(list);
    return is_first;
}

/* What is left of a wish; no names: nothing. */
static struct certificate_wish trim(const struct certificate_wish *wish, const bool *is_first,
                                    struct arena *kept, size_t *bytes)
{
    struct certificate_wish trimmed = *wish;
    struct view *names = arena_new(kept, (wish->name_count + 1) * sizeof(names[0]));
    trimmed.names = names;
    trimmed.name_count = 0;
    for (unsigned i = 0; i < wish->name_count; i++)
        if (is_first[i]) {
            names[trimmed.name_count++] = wish->names[i];
            *bytes += wish->names[i].len;
        }
    return trimmed;
}

size_t certificate_list_take(const struct certificate_wish *wishes, size_t count,
                             struct arena *kept, struct set *set)
{
    bool *is_first = find_first_ones(wishes, count);
    size_t at = 0, bytes = 0, i = 0;
    for (; i < count; at += wishes[i++].name_count) {
        struct certificate_wish trimmed = trim(&wishes[i], is_first + at, kept, &bytes);
        if (trimmed.name_count == 0)
            continue;
        if (set->certificate_count == CERTIFICATE_WISHES_MAX ||
            bytes > CERTIFICATE_WISHES_NAME_BYTES)
            break;
        set_add_certificate(set, &trimmed);
    }
    free(is_first);
    return i;
}
