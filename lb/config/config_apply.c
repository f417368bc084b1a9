#include "lb/config/config_apply.h"

#include "lb/config/config_faults.h"
#include "lb/config/config_field.h"

/* The first entry of the same choice if it is another setting, which the one at `index` cannot stand
 * beside; else NULL. */
static const struct config_entry *find_rival(const struct config_layer *layer, size_t index)
{
    struct config_entry wanted = layer->entries[index];
    if (!wanted.setting->choice)
        return NULL;
    for (size_t i = 0; i < index; i++) {
        const struct config_entry *other = &layer->entries[i];
        if (other->setting->choice != layer->entries[index].setting->choice ||
            (other->setting->joins && layer->entries[index].setting->joins))
            continue;
        wanted.setting = other->setting;
        if (config_layer_is_same(other, &wanted))
            return other->setting == layer->entries[index].setting ? NULL : other;
    }
    return NULL;
}

static bool check_choices(const struct config_layer *layer, struct text *faults)
{
    struct text problem = TEXT_INIT;
    for (size_t i = 0; i < layer->count; i++) {
        const struct config_entry *rival = find_rival(layer, i);
        if (!rival)
            continue;
        text_appendf(&problem, "%s: cannot be used together with %s; %s", layer->entries[i].place,
                     rival->place, rival->setting->choice->advice);
        return config_faults_add(faults, &problem);
    }
    return true;
}

static bool is_first(const struct config_layer *layer, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (config_layer_is_same(&layer->entries[i], &layer->entries[index]))
            return false;
    return true;
}

/* Another row of the same choice, which it may stand beside, came before it. */
static bool joins_another(const struct config_layer *layer, size_t index)
{
    const struct config_setting *setting = layer->entries[index].setting;
    for (size_t i = 0; setting->joins && i < index; i++)
        if (layer->entries[i].setting != setting &&
            layer->entries[i].setting->choice == setting->choice)
            return true;
    return false;
}

bool config_apply(const struct config_layer *layer, const struct config_table *table, void *values,
                  struct text *faults)
{
    struct text problem = TEXT_INIT;
    bool is_good = check_choices(layer, faults);
    for (size_t i = 0; i < layer->count; i++) {
        const struct config_entry *entry = &layer->entries[i];
        const struct config_table *at = entry->within ? entry->within->table : table;
        void *object =
            entry->within ? config_field_object(table, values, entry->within, entry->name) : values;
        if (!object) /* its name was refused */
            continue;
        if (is_first(layer, i) && joins_another(layer, i))
            config_field_join(at, object, entry->setting);
        else if (is_first(layer, i))
            config_field_clear(at, object, entry->setting);
        text_clear(&problem);
        text_appendf(&problem, "%s: ", entry->place);
        if (!config_field_set(at, object, entry->setting, entry->text, &problem))
            is_good = config_faults_add(faults, &problem);
    }
    text_fini(&problem);
    return is_good;
}
