#include "lb/config/config_env.h"

void config_env_append_name(const struct config_setting *setting, struct text *out)
{
    text_append_str(out, "LB_");
    for (const char *c = setting->word; *c; c++)
        text_append_char(out, *c >= 'a' && *c <= 'z' ? (char)(*c & ~0x20) : '_');
}

static const char *find_variable(char *const *envp, const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; envp && envp[i]; i++)
        if (strncmp(envp[i], name, len) == 0 && envp[i][len] == '=')
            return envp[i] + len + 1;
    return NULL;
}

static void add_variable(const struct config_setting *setting, const char *name, const char *value,
                         struct config_layer *layer)
{
    struct view rest = view_str(value);
    if (setting->kind == CONFIG_KIND_DOCKER && view_eq(rest, VIEW("true"))) {
        config_layer_add(layer, setting, name, view_of(NULL, 0));
    } else if (config_table_is_list(setting)) {
        while (rest.ptr)
            config_layer_add(layer, setting, name, view_trim(view_cut(&rest, ',')));
    } else {
        config_layer_add(layer, setting, name, rest);
    }
}

/* Only known names are looked up and others left alone: Kubernetes and Docker links put variables
 * such as LB_PORT there by themselves. */
void config_env_read(char *const *envp, struct config_layer *layer)
{
    const struct config_setting *setting;
    for (size_t i = 0; (setting = config_table_at(i)); i++) {
        if (setting->kind == CONFIG_KIND_ACTION)
            continue;
        struct text name = TEXT_INIT;
        config_env_append_name(setting, &name);
        const char *value = find_variable(envp, text_str(&name));
        if (value && *value)
            add_variable(setting, text_str(&name), value, layer);
        text_fini(&name);
    }
}
