#include "lb/config/config_layer.h"

#include <stdlib.h>

#include "lb/base/memory.h"

void config_layer_add(struct config_layer *layer, const struct config_setting *setting,
                      const struct config_where *where, struct view text)
{
    if (layer->count == layer->capacity) {
        layer->capacity = layer->capacity ? layer->capacity * 2 : 32;
        layer->entries = memory_resize(layer->entries, layer->capacity * sizeof(*layer->entries));
    }
    layer->entries[layer->count++] = (struct config_entry){
        .setting = setting,
        .within = where->within,
        .name = where->name ? memory_copy(where->name, strlen(where->name)) : NULL,
        .place = memory_copy(where->place, strlen(where->place)),
        .text = text.ptr ? memory_copy(text.ptr, text.len) : NULL,
    };
}

static bool is_same_name(const char *one, const char *other)
{
    return one == other || (one && other && strcmp(one, other) == 0);
}

bool config_layer_is_same(const struct config_entry *one, const struct config_entry *other)
{
    return one->setting == other->setting && one->within == other->within &&
           is_same_name(one->name, other->name);
}

const struct config_entry *config_layer_last(const struct config_layer *layer, const char *word)
{
    for (size_t i = layer->count; i > 0; i--)
        if (!layer->entries[i - 1].within && strcmp(layer->entries[i - 1].setting->word, word) == 0)
            return &layer->entries[i - 1];
    return NULL;
}

void config_layer_fini(struct config_layer *layer)
{
    for (size_t i = 0; i < layer->count; i++) {
        free(layer->entries[i].name);
        free(layer->entries[i].place);
        free(layer->entries[i].text);
    }
    free(layer->entries);
    *layer = CONFIG_LAYER_INIT;
}
