#include "lb/config/config_field.h"

#include <assert.h>
#include <stdlib.h>

#include "lb/base/memory.h"
#include "lb/config/config_kind.h"
#include "lb/config/config_string.h"
#include "lb/config/config_value.h"

/* ---- places -----------------------------------------------------------------------------------*/

static char *place(const struct config_table *table, void *values,
                   const struct config_setting *setting, size_t offset)
{
    return (char *)values + config_table_base(table, setting) + offset;
}

static const char *place_of(const struct config_table *table, const void *values,
                            const struct config_setting *setting, size_t offset)
{
    return (const char *)values + config_table_base(table, setting) + offset;
}

static size_t item_bytes(const struct config_setting *setting)
{
    if (setting->table)
        return setting->table->bytes;
    return setting->kind->bytes ? setting->kind->bytes : setting->width_bytes;
}

static unsigned load_unsigned(const void *field)
{
    unsigned value;
    memcpy(&value, field, sizeof(value));
    return value;
}

static void store_unsigned(void *field, unsigned value)
{
    memcpy(field, &value, sizeof(value));
}

static void fini_one(const struct config_setting *setting, void *field)
{
    if (setting->table && config_setting_is_list(setting))
        kind_name.fini(field);
    if (setting->table)
        config_field_fini_all(setting->table, field);
    else if (setting->kind->fini)
        setting->kind->fini(field);
}

/* ---- lists ------------------------------------------------------------------------------------*/

/* The list while it is worked on. */
struct list {
    void *items_field, *count_field;
    char *items;
    unsigned count;
    size_t item_bytes;
};

static struct list open_list(const struct config_table *table, void *values,
                             const struct config_setting *setting)
{
    struct list list = {.items_field = place(table, values, setting, setting->offset),
                        .count_field = place(table, values, setting, setting->list.count_offset),
                        .item_bytes = item_bytes(setting)};
    memcpy(&list.items, list.items_field, sizeof(list.items));
    list.count = load_unsigned(list.count_field);
    return list;
}

static void store_list(const struct list *list)
{
    memcpy(list->items_field, &list->items, sizeof(list->items));
    store_unsigned(list->count_field, list->count);
}

static char *item_at(const struct list *list, unsigned index)
{
    return list->items + index * list->item_bytes;
}

static void empty_list(const struct config_setting *setting, struct list *list)
{
    for (unsigned i = 0; i < list->count; i++)
        fini_one(setting, item_at(list, i));
    free(list->items);
    list->items = NULL;
    list->count = 0;
    store_list(list);
}

/* An item that means the same as `item`, or NULL. */
static char *find_same(const struct config_setting *setting, const struct list *list,
                       const void *item)
{
    if (!setting->table && !setting->kind->is_same)
        return NULL;
    for (unsigned i = 0; i < list->count; i++) {
        char *other = item_at(list, i);
        if (setting->table ? strcmp(config_string_of(other), config_string_of(item)) == 0
                           : setting->kind->is_same(item, other))
            return other;
    }
    return NULL;
}

static bool refuse_twice(struct view value, struct text *problem)
{
    config_value_append_quoted(value, problem);
    text_append_str(problem, " is given twice; give each address once");
    return false;
}

/* Takes the item behind the last, or gives it up. */
static bool take_item(const struct config_setting *setting, struct list *list, struct view text,
                      struct text *problem)
{
    char *item = item_at(list, list->count);
    char *same = find_same(setting, list, item);
    if (same && setting->list.later_wins) {
        fini_one(setting, same);
        memcpy(same, item, list->item_bytes);
        return true;
    }
    if (!same && list->count < setting->list.max_count) {
        list->count++;
        return true;
    }
    fini_one(setting, item);
    if (same)
        return refuse_twice(text, problem);
    text_appendf(problem, "more than %u %s; give fewer", setting->list.max_count,
                 setting->list.noun);
    return false;
}

static bool parse_object(const struct config_setting *setting, struct view name, void *object,
                         struct text *problem)
{
    if (!kind_name.parse(setting, name, object, problem))
        return false;
    config_field_init_all(setting->table, object);
    return true;
}

static bool add_item(const struct config_setting *setting, struct list *list, struct view text,
                     struct text *problem)
{
    list->items = memory_resize(list->items, (list->count + 1) * list->item_bytes);
    char *item = item_at(list, list->count);
    memset(item, 0, list->item_bytes);
    bool is_good = setting->table ? parse_object(setting, text, item, problem)
                                  : setting->kind->parse(setting, text, item, problem);
    if (is_good)
        is_good = take_item(setting, list, text, problem);
    store_list(list);
    return is_good;
}

static bool add_items(const struct config_setting *setting, struct list list, struct view text,
                      struct text *problem)
{
    if (!setting->list.is_split)
        return add_item(setting, &list, text, problem);
    while (text.ptr)
        if (!add_item(setting, &list, view_trim(view_cut(&text, ',')), problem))
            return false;
    return true;
}

/* ---- put in -----------------------------------------------------------------------------------*/

static void clear_one(const struct config_table *table, void *values,
                      const struct config_setting *setting)
{
    struct list list;
    if (config_setting_is_list(setting)) {
        list = open_list(table, values, setting);
        empty_list(setting, &list);
    } else if (!config_setting_is_action(setting)) {
        fini_one(setting, place(table, values, setting, setting->offset));
    }
}

void config_field_clear(const struct config_table *table, void *values,
                        const struct config_setting *setting)
{
    const struct config_setting *other;
    if (!setting->choice) {
        if (config_setting_is_list(setting))
            clear_one(table, values, setting);
        return;
    }
    for (size_t i = 0; (other = config_table_at(table, i)); i++)
        if (other->choice == setting->choice)
            clear_one(table, values, other);
    store_unsigned(place(table, values, setting, setting->choice->offset), setting->chosen);
}

void config_field_join(const struct config_table *table, void *values,
                       const struct config_setting *setting)
{
    void *chosen = place(table, values, setting, setting->choice->offset);
    clear_one(table, values, setting);
    store_unsigned(chosen, load_unsigned(chosen) | setting->chosen);
}

bool config_field_set(const struct config_table *table, void *values,
                      const struct config_setting *setting, const char *text, struct text *problem)
{
    struct view view = view_str(text);
    if (config_setting_is_list(setting))
        return add_items(setting, open_list(table, values, setting), view, problem);
    assert(setting->kind && setting->kind->parse); /* objects without a name are there anyway */
    return setting->kind->parse(setting, view, place(table, values, setting, setting->offset),
                                problem);
}

void config_field_init_all(const struct config_table *table, void *values)
{
    const struct config_setting *setting;
    struct text problem = TEXT_INIT;
    for (size_t i = 0; (setting = config_table_at(table, i)); i++) {
        bool is_good = true;
        if (setting->table && !config_setting_is_list(setting))
            config_field_init_all(setting->table, place(table, values, setting, setting->offset));
        else if (setting->default_text)
            is_good = config_field_set(table, values, setting, setting->default_text, &problem);
        assert(is_good);
        (void)is_good;
    }
    text_fini(&problem);
}

void config_field_fini_all(const struct config_table *table, void *values)
{
    const struct config_setting *setting;
    for (size_t i = 0; (setting = config_table_at(table, i)); i++)
        clear_one(table, values, setting);
}

/* ---- take out ---------------------------------------------------------------------------------*/

unsigned config_field_count(const struct config_table *table, const void *values,
                            const struct config_setting *setting)
{
    const struct config_choice *choice = setting->choice;
    if (setting->flag_only)
        return 0;
    if (config_setting_is_list(setting))
        return load_unsigned(place_of(table, values, setting, setting->list.count_offset));
    if (choice)
        return (load_unsigned(place_of(table, values, setting, choice->offset)) &
                setting->chosen) != 0;
    if (setting->table || !setting->kind->is_given)
        return 1;
    return setting->kind->is_given(setting, place_of(table, values, setting, setting->offset));
}

const void *config_field_at(const struct config_table *table, const void *values,
                            const struct config_setting *setting, unsigned index)
{
    const char *field = place_of(table, values, setting, setting->offset);
    if (config_setting_is_list(setting))
        memcpy(&field, (const void *)field, sizeof(field));
    return field + index * item_bytes(setting);
}

void config_field_format(const struct config_table *table, const void *values,
                         const struct config_setting *setting, unsigned index, struct text *out)
{
    const void *field = config_field_at(table, values, setting, index);
    if (!setting->table)
        setting->kind->format(setting, field, out);
    else if (config_setting_is_list(setting))
        text_append_str(out, config_string_of(field));
}

void *config_field_object(const struct config_table *table, void *values,
                          const struct config_setting *setting, const char *name)
{
    if (!config_setting_is_list(setting))
        return place(table, values, setting, setting->offset);
    struct list list = open_list(table, values, setting);
    for (unsigned i = 0; i < list.count; i++)
        if (name && strcmp(config_string_of(item_at(&list, i)), name) == 0)
            return item_at(&list, i);
    return NULL;
}
