#include "discovery/docker/interpreter.h"

#include <stdlib.h>

#include "discovery/dialect/traefik_concern.h"
#include "lb/base/yes_no.h"
#include "lb/base/memory.h"

/* Whether what it defines is there for others. */
static bool defines(const struct interpreter *interpreter, const struct member *member)
{
    const struct container *container = member->container;
    const char *enable = container->words ? container->words->items.enable : NULL;
    if (!container->words || member->is_hidden || !container->running ||
        container->offers.disabled_by)
        return false;
    return !interpreter->settings.traefik.requires_enable ||
           yes_no_read(view_str(enable ? enable : "")) == YES_NO_YES;
}

static int compare_age(const void *left, const void *right)
{
    const struct container *a = *(struct container *const *)left;
    const struct container *b = *(struct container *const *)right;
    if (a->created_ns != b->created_ns)
        return a->created_ns < b->created_ns ? -1 : 1;
    return strcmp(a->id.text, b->id.text);
}

/* Gives: free it. */
static struct container **list_by_age(const struct interpreter *interpreter,
                                      const struct roster *roster, size_t *count)
{
    struct container **list = memory_new((roster->count + 1) * sizeof(list[0]));
    *count = 0;
    for (size_t i = 0; i < roster->count; i++)
        if (defines(interpreter, roster->members[i]))
            list[(*count)++] = roster->members[i]->container;
    qsort(list, *count, sizeof(list[0]), compare_age);
    return list;
}

void interpreter_follow(const struct interpreter *interpreter, struct roster *roster,
                        void (*on_read)(void *owner, const struct container *container),
                        void *owner)
{
    size_t count;
    struct container **list = list_by_age(interpreter, roster, &count);
    struct traefik_catalog catalog = {0};
    struct dialect_settings settings = interpreter->settings;
    settings.traefik.catalog = &catalog;
    for (size_t i = 0; i < count; i++)
        traefik_catalog_add(&catalog, &list[i]->words->items);
    for (size_t i = 0; i < count; i++) {
        struct container_words *words = list[i]->words;
        uint64_t concern = traefik_concern(&catalog, &words->items);
        if (concern == words->concern)
            continue;
        words->concern = concern;
        container_read_again(list[i], &settings);
        on_read(owner, list[i]);
    }
    traefik_catalog_fini(&catalog);
    free(list);
}
