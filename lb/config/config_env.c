#include "lb/config/config_env.h"

#include "lb/base/shown.h"
#include "lb/config/config.h"

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
    struct config_where where = {.place = name};
    if (setting->value_is_optional && view_eq(rest, VIEW("true"))) {
        config_layer_add(layer, setting, &where, view_of(NULL, 0));
    } else if (config_setting_is_list(setting)) {
        while (rest.ptr)
            config_layer_add(layer, setting, &where, view_trim(view_cut(&rest, ',')));
    } else {
        config_layer_add(layer, setting, &where, rest);
    }
}

/* Only known names are looked up and others left alone: Kubernetes and Docker links put variables
 * such as LB_PORT there by themselves. */
void config_env_read(char *const *envp, struct config_layer *layer)
{
    const struct config_setting *setting;
    for (size_t i = 0; (setting = config_table_at(&config_root, i)); i++) {
        if (setting->table || config_setting_is_action(setting))
            continue;
        struct text name = TEXT_INIT;
        config_env_append_name(setting, &name);
        const char *value = find_variable(envp, text_str(&name));
        if (value && *value)
            add_variable(setting, text_str(&name), value, layer);
        text_fini(&name);
    }
}

/* ---- variables that nobody reads ------------------------------------------------------------- */

#define NAME_MAX_LEN 64
#define PREFIX_LEN   3
#define PROBLEMS_MAX 8

/* Read elsewhere: between the processes of lb, by lb-discovery, and by the scripts that build and test. */
static bool is_anothers(struct view name)
{
    static const char *const others[] = {
        "LB_MASTER_FD", "LB_MASTER_STATE", "LB_CONTAINER_ID", "LB_DISCOVERY_PARENT",
        "LB_BIN_DIR",   "LB_IMAGE_TAG",    "LB_DEMO_PREFIX",  "LB_TEST_TAG"};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (view_eq(name, view_str(others[i])))
            return true;
    return false;
}

/* A service or a linked container with the name "lb": LB_PORT=tcp://…, LB_PORT_80_TCP_ADDR,
 * LB_SERVICE_HOST, LB_SERVICE_PORT_HTTP, LB_NAME=/web/lb, LB_ENV_…. */
static bool is_injected(struct view name, struct view value)
{
    static const char *const beginnings[] = {"LB_PORT_", "LB_SERVICE_HOST", "LB_SERVICE_PORT",
                                             "LB_ENV_"};
    for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++)
        if (view_starts_with(name, view_str(beginnings[i])))
            return true;
    return (view_eq(name, VIEW("LB_PORT")) && memmem(value.ptr, value.len, "://", 3)) ||
           (view_eq(name, VIEW("LB_NAME")) && view_starts_with(value, VIEW("/")));
}

static bool is_variable_of(struct view name, const struct config_setting *setting)
{
    struct text known = TEXT_INIT;
    config_env_append_name(setting, &known);
    bool is_its = view_eq(name, text_view(&known));
    text_fini(&known);
    return is_its;
}

static bool is_known(struct view name)
{
    const struct config_setting *setting;
    for (size_t i = 0; (setting = config_table_at(&config_root, i)); i++)
        if (!setting->table && !config_setting_is_action(setting) && is_variable_of(name, setting))
            return true;
    return false;
}

static bool tell_unknown(struct view name, struct view value, struct text *out)
{
    struct view prefix = view_of(name.ptr, name.len < PREFIX_LEN ? name.len : PREFIX_LEN);
    struct view word = view_skip(name, prefix.len);
    if (!view_eq_nocase(prefix, VIEW("LB_")) || is_anothers(name) || is_injected(name, value) ||
        is_known(name))
        return false;
    const struct config_setting *nearest =
        config_table_nearest(&config_root, word, CONFIG_ORIGIN_VARIABLE);
    shown_append(out, view_of(name.ptr, name.len < NAME_MAX_LEN ? name.len : NAME_MAX_LEN));
    text_append_str(out, " in the environment: no setting has this name; ");
    if (nearest) {
        text_append_str(out, "did you mean ");
        config_env_append_name(nearest, out);
        text_append_str(out, "? ");
    }
    text_append_str(out, "see lb --help\n");
    return true;
}

void config_env_find_unknown(char *const *envp, struct text *out)
{
    for (size_t i = 0, told_count = 0; envp && envp[i] && told_count < PROBLEMS_MAX; i++) {
        struct view value = view_str(envp[i]);
        struct view name = view_cut(&value, '=');
        if (value.ptr && value.len > 0 && tell_unknown(name, value, out))
            told_count++;
    }
}
