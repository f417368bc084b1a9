#include "lb/config/config_print.h"

#include "lb/base/json_writer.h"
#include "lb/config/config_env.h"
#include "lb/config/config_field.h"
#include "lb/config/config_table.h"

#define HELP_COLUMN 32

/* ---- JSON -------------------------------------------------------------------------------------*/

static void print_value(const struct config *config, const struct config_setting *setting,
                        unsigned index, bool shows_secrets, struct json_writer *json)
{
    struct text text = TEXT_INIT;
    if (setting->kind == CONFIG_KIND_SECRET && !shows_secrets) {
        json_writer_str(json, "(hidden)"); /* which is refused where it is put to use */
        return;
    }
    config_field_format(config, setting, index, &text);
    if (setting->kind == CONFIG_KIND_DOCKER && text.len == 0)
        json_writer_bool(json, true);
    else if (setting->kind == CONFIG_KIND_COUNT)
        text_append(json->out, text_view(&text));
    else
        json_writer_string(json, text_view(&text));
    text_fini(&text);
}

static void print_setting(const struct config *config, const struct config_setting *setting,
                          unsigned count, bool shows_secrets, struct text *out)
{
    struct json_writer json;
    bool is_list = config_table_is_list(setting);
    text_appendf(out, "  \"%s\": ", setting->word);
    json_writer_init(&json, out);
    if (is_list)
        json_writer_begin_array(&json);
    for (unsigned i = 0; i < count; i++)
        print_value(config, setting, i, shows_secrets, &json);
    if (is_list)
        json_writer_end_array(&json);
}

/* One setting a line, which json_writer alone does not do. */
static void print_all(const struct config *config, bool shows_secrets, struct text *out)
{
    const struct config_setting *setting;
    const char *separator = "{\n";
    for (size_t i = 0; (setting = config_table_at(i)); i++) {
        unsigned count = config_field_count(config, setting);
        if (count == 0)
            continue;
        text_append_str(out, separator);
        print_setting(config, setting, count, shows_secrets, out);
        separator = ",\n";
    }
    text_append_str(out, "\n}\n");
}

void config_print_json(const struct config *config, struct text *out)
{
    print_all(config, true, out);
}

void config_print_masked(const struct config *config, struct text *out)
{
    print_all(config, false, out);
}

/* ---- help -------------------------------------------------------------------------------------*/

static const char *const group_titles[CONFIG_GROUP_COUNT] = {
    [CONFIG_GROUP_LISTEN] = "What it listens to",
    [CONFIG_GROUP_SOURCE] = "Where backends come from: --docker when none is named",
    [CONFIG_GROUP_DEADLINE] =
        "Deadlines: TIME is 1ms to 24h, with a unit: ms, s, m, h; off or 0: none",
    [CONFIG_GROUP_HEALTH] = "Health: what is observed of backends; labels lb.check.* win",
    [CONFIG_GROUP_LIMIT] = "Limits: SIZE is in bytes, or with a unit: k, m, g",
    [CONFIG_GROUP_OTHER] = "Other",
};

static void print_flag(const struct config_setting *setting, struct text *out)
{
    size_t start = out->len;
    text_appendf(out, "  --%s", setting->word);
    if (setting->kind == CONFIG_KIND_DOCKER)
        text_appendf(out, "[=%s]", setting->value_name);
    else if (setting->value_name)
        text_appendf(out, " %s", setting->value_name);
    while (out->len - start < HELP_COLUMN)
        text_append_char(out, ' ');
    text_append_str(out, setting->help);
    if (setting->default_text)
        text_appendf(out, " [%s]", setting->default_text);
    text_append_char(out, '\n');
}

static void print_origins(struct text *out)
{
    text_append_str(out, "\nThe same settings can be environment variables or words of a JSON file:"
                         "\n  ");
    config_env_append_name(config_table_find(VIEW("head-timeout")), out);
    text_append_str(
        out, "=5s, LB_LISTEN=0.0.0.0:8000,[::]:8000, LB_DOCKER=true\n"
             "  {\"head-timeout\": \"5s\", \"listen\": [\"0.0.0.0:8000\"], \"docker\": true}\n"
             "Flags win over the environment, the environment over the file, the file over "
             "the defaults.\nA list in one replaces the list in the others. "
             "A wrong value ends lb with exit code 2.\n");
}

void config_print_help(struct text *out)
{
    const struct config_setting *setting;
    text_append_str(out, "lb: a reverse-proxy load balancer that follows Docker by itself\n\n"
                         "Usage: lb [FLAG]...\n"
                         "       lb explain [CONTAINER]    why it gets requests, or why not\n"
                         "       lb ctl ORDER [CONTAINER]  drain, undrain, disable, enable, "
                         "weight N, log-level L, pool, ...\n\n"
                         "Examples:\n"
                         "  lb                                       "
                         "containers of the local Docker engine, on port 8000\n"
                         "  lb --listen 80 --listen [::]:80 --service shop\n"
                         "  lb --backend 10.0.0.2:8484 --backend 10.0.0.3:8484\n"
                         "  lb --config /etc/lb/lb.json --check      "
                         "say what is wrong with the file, if anything\n");
    for (unsigned group = 0; group < CONFIG_GROUP_COUNT; group++) {
        text_appendf(out, "\n%s\n", group_titles[group]);
        for (size_t i = 0; (setting = config_table_at(i)); i++)
            if ((unsigned)setting->group == group)
                print_flag(setting, out);
    }
    print_origins(out);
}
