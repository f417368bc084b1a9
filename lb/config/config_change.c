#include "lb/config/config_change.h"

#include "lb/config/config_field.h"
#include "lb/config/config.h"

/* All values, separated by commas. */
static void append_values(const struct config *config, const struct config_setting *setting,
                          struct text *out)
{
    unsigned count = config_field_count(&config_root, config, setting);
    for (unsigned i = 0; i < count; i++) {
        if (i > 0)
            text_append_char(out, ',');
        config_field_format(&config_root, config, setting, i, out);
    }
}

static const char *described(const struct text *value, unsigned count)
{
    if (count == 0)
        return "nothing";
    return value->len > 0 ? text_str(value) : "the default";
}

static bool is_same(const struct config *before, const struct config *after,
                    const struct config_setting *setting, struct text *problem)
{
    struct text old = TEXT_INIT, new = TEXT_INIT;
    unsigned old_count = config_field_count(&config_root, before, setting);
    unsigned new_count = config_field_count(&config_root, after, setting);
    append_values(before, setting, &old);
    append_values(after, setting, &new);
    bool is_equal = old_count == new_count && view_eq(text_view(&old), text_view(&new));
    if (!is_equal)
        text_appendf(problem, "%s: cannot change from %s to %s while lb runs; a restart is needed",
                     setting->word, described(&old, old_count), described(&new, new_count));
    text_fini(&old);
    text_fini(&new);
    return is_equal;
}

bool config_change_check(const struct config *before, const struct config *after,
                         struct text *problem)
{
    const struct config_setting *setting;
    for (size_t i = 0; (setting = config_table_at(&config_root, i)); i++)
        if (setting->needs_restart && !is_same(before, after, setting, problem))
            return false;
    return true;
}
