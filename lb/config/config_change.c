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

static void append_change(const struct config *before, const struct config *after,
                          const struct config_setting *setting, struct text *why)
{
    struct text old = TEXT_INIT, new = TEXT_INIT;
    unsigned old_count = config_field_count(&config_root, before, setting);
    unsigned new_count = config_field_count(&config_root, after, setting);
    append_values(before, setting, &old);
    append_values(after, setting, &new);
    bool is_equal = old_count == new_count && view_eq(text_view(&old), text_view(&new));
    if (!is_equal)
        text_appendf(why, "%s%s changed from %s to %s", why->len > 0 ? ", " : "", setting->word,
                     described(&old, old_count), described(&new, new_count));
    text_fini(&old);
    text_fini(&new);
}

bool config_change_needs_renewal(const struct config *before, const struct config *after,
                                 struct text *why)
{
    size_t len = why->len;
    const struct config_setting *setting;
    for (size_t i = 0; (setting = config_table_at(&config_root, i)); i++)
        if (setting->needs_restart)
            append_change(before, after, setting, why);
    return why->len > len;
}
