#include "discovery/merge_services.h"

#include <stdlib.h>
#include <string.h>

#include "lb/base/memory.h"

#define TOLD_MAX 4u

struct contender {
    const struct set_service *service;
    size_t part;
};

static int compare(const void *left, const void *right)
{
    const struct contender *a = left, *b = right;
    int order = strcmp(a->service->name, b->service->name);
    return order != 0 ? order : (a->part > b->part) - (a->part < b->part);
}

static size_t list(const struct merge_part *parts, size_t count, struct contender *out)
{
    size_t listed = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < parts[i].set->service_count; k++)
            out[listed++] = (struct contender){&parts[i].set->services[k], i};
    return listed;
}

/* Of a service that several parts have. */
struct merging {
    const struct merge_part *parts;
    struct set_service whole;
    size_t from[SERVICE_OPTION_COUNT]; /* the part that says it */
    unsigned told_count;
    struct text *disputed;
};

static void tell(struct merging *merging, unsigned kind, size_t part)
{
    if (merging->told_count++ >= TOLD_MAX)
        return;
    text_appendf(merging->disputed,
                 "%sthe %s of the service %s, of the source %s, is overruled by that of the source "
                 "%s, which comes first",
                 merging->disputed->len > 0 ? "; " : "",
                 service_option_word((enum service_option_kind)kind), merging->whole.name,
                 merging->parts[part].word, merging->parts[merging->from[kind]].word);
}

static void add(struct merging *merging, const struct contender *more)
{
    for (unsigned kind = 0; kind < SERVICE_OPTION_COUNT; kind++) {
        struct view *value = &merging->whole.options.values[kind];
        struct view other = more->service->options.values[kind];
        if (value->len == 0) {
            *value = other;
            merging->from[kind] = more->part;
        } else if (other.len > 0 && !view_eq(*value, other)) {
            tell(merging, kind, more->part);
        }
    }
}

void merge_services_take(const struct merge_part *parts, size_t count, struct set *set,
                         struct text *disputed)
{
    size_t capacity = 1;
    struct merging merging = {.parts = parts, .disputed = disputed};
    for (size_t i = 0; i < count; i++)
        capacity += parts[i].set->service_count;
    struct contender *contenders = memory_new(capacity * sizeof(contenders[0]));
    size_t listed = list(parts, count, contenders);
    qsort(contenders, listed, sizeof(contenders[0]), compare);
    for (size_t i = 0, end; i < listed; i = end) {
        merging.whole = (struct set_service){.name = contenders[i].service->name};
        for (end = i;
             end < listed && strcmp(contenders[end].service->name, merging.whole.name) == 0; end++)
            add(&merging, &contenders[end]);
        set_add_service(set, &merging.whole);
    }
    if (merging.told_count > TOLD_MAX)
        text_appendf(disputed, "; and so on, %u more", merging.told_count - TOLD_MAX);
    free(contenders);
}
