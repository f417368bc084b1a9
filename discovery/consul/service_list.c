#include "discovery/consul/service_list.h"

#include <stdlib.h>
#include <string.h>

#include "discovery/clean.h"
#include "discovery/consul/tag_words.h"
#include "lb/base/memory.h"

static int compare_names(const void *left, const void *right)
{
    return strcmp(((const struct listed_service *)left)->name,
                  ((const struct listed_service *)right)->name);
}

bool service_list_read(const json_t *answer, struct service_list *out)
{
    json_t *object = (json_t *)(uintptr_t)answer; /* jansson's iterators take no const */
    *out = (struct service_list){0};
    if (!json_is_object(answer))
        return false;
    out->items = memory_new((json_object_size(answer) + 1) * sizeof(out->items[0]));
    for (void *i = json_object_iter(object); i && out->count < SERVICE_LIST_MAX;
         i = json_object_iter_next(object, i)) {
        struct view name = view_str(json_object_iter_key(i));
        if (name.len == 0 || !clean_is_clean(name, SERVICE_LIST_NAME_BYTES_MAX))
            continue;
        out->items[out->count++] =
            (struct listed_service){.name = memory_copy(name.ptr, name.len),
                                    .is_tagged = tag_words_has_any(json_object_iter_value(i))};
    }
    qsort(out->items, out->count, sizeof(out->items[0]), compare_names);
    return true;
}

void service_list_fini(struct service_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i].name);
    free(list->items);
    *list = (struct service_list){0};
}

const struct listed_service *service_list_find(const struct service_list *list, const char *name)
{
    struct listed_service key = {.name = (char *)(uintptr_t)name};
    if (list->count == 0)
        return NULL;
    return bsearch(&key, list->items, list->count, sizeof(list->items[0]), compare_names);
}
