#include "lb/config/config_layer.h"

#include <stdlib.h>

#include "lb/base/memory.h"

void config_layer_add(struct config_layer *layer, const struct config_setting *setting,
                      const char *place, struct view text)
{
    if (layer->count == layer->capacity) {
        layer->capacity = layer->capacity ? layer->capacity * 2 : 32;
        layer->entries = memory_resize(layer->entries, layer->capacity * sizeof(*layer->entries));
    }
    layer->entries[layer->count++] = (struct config_entry){
        .setting = setting,
        .place = memory_copy(place, strlen(place)),
        .text = text.ptr ? memory_copy(text.ptr, text.len) : NULL,
    };
}

const struct config_entry *config_layer_last(const struct config_layer *layer, const char *word)
{
    for (size_t i = layer->count; i > 0; i--)
        if (strcmp(layer->entries[i - 1].setting->word, word) == 0)
            return &layer->entries[i - 1];
    return NULL;
}

void config_layer_fini(struct config_layer *layer)
{
    for (size_t i = 0; i < layer->count; i++) {
        free(layer->entries[i].place);
        free(layer->entries[i].text);
    }
    free(layer->entries);
    *layer = CONFIG_LAYER_INIT;
}
