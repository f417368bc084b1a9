#include "lb/config/config_print.h"

#include "lb/base/json_writer.h"
#include "lb/config/config_env.h"
#include "lb/config/config_field.h"
#include "lb/config/config_kind.h"
#include "lb/config/config_number.h"
#include "lb/config/config.h"

#define HELP_COLUMN 32

/* ---- JSON -------------------------------------------------------------------------------------*/

/* A tree while it is printed: one setting a line, which json_writer alone does not do. */
struct printer {
    const struct config_table *table;
    const void *values;
    unsigned indent;
    bool shows_secrets;
    struct text *out;
};

static void print_tree(const struct printer *printer);

static void print_value(const struct printer *printer, const struct config_setting *setting,
                        unsigned index, struct json_writer *json)
{
    struct text text = TEXT_INIT;
    if (setting->kind->is_secret && !printer->shows_secrets) {
        json_writer_str(json, "(hidden)"); /* which is refused where it is put to use */
        return;
    }
    config_field_format(printer->table, printer->values, setting, index, &text);
    if (setting->value_is_optional && text.len == 0)
        json_writer_bool(json, true);
    else if (config_number_is_json(setting, text_view(&text)))
        text_append(json->out, text_view(&text));
    else
        json_writer_string(json, text_view(&text));
    text_fini(&text);
}

static void print_values(const struct printer *printer, const struct config_setting *setting,
                         unsigned count)
{
    struct json_writer json;
    bool is_list = config_setting_is_list(setting);
    json_writer_init(&json, printer->out);
    if (is_list)
        json_writer_begin_array(&json);
    for (unsigned i = 0; i < count; i++)
        print_value(printer, setting, i, &json);
    if (is_list)
        json_writer_end_array(&json);
}

static void print_object(const struct printer *printer, const struct config_setting *setting,
                         unsigned index)
{
    struct printer inner = *printer;
    inner.table = setting->table;
    inner.values = config_field_at(printer->table, printer->values, setting, index);
    inner.indent += config_setting_is_list(setting) ? 4 : 2;
    print_tree(&inner);
}

/* {"NAME": {…}, …}; names need no escapes. */
static void print_objects(const struct printer *printer, const struct config_setting *setting,
                          unsigned count)
{
    int indent = (int)printer->indent;
    for (unsigned i = 0; i < count; i++) {
        text_appendf(printer->out, "%s\n%*s\"", i > 0 ? "," : "{", indent + 4, "");
        config_field_format(printer->table, printer->values, setting, i, printer->out);
        text_append_str(printer->out, "\": ");
        print_object(printer, setting, i);
    }
    text_appendf(printer->out, "\n%*s}", indent + 2, "");
}

static void print_setting(const struct printer *printer, const struct config_setting *setting,
                          unsigned count)
{
    if (!setting->table)
        print_values(printer, setting, count);
    else if (config_setting_is_list(setting))
        print_objects(printer, setting, count);
    else
        print_object(printer, setting, 0);
}

static void print_tree(const struct printer *printer)
{
    const struct config_setting *setting;
    const char *separator = "{";
    for (size_t i = 0; (setting = config_table_at(printer->table, i)); i++) {
        unsigned count = config_field_count(printer->table, printer->values, setting);
        if (count == 0)
            continue;
        text_appendf(printer->out, "%s\n%*s\"%s\": ", separator, (int)printer->indent + 2, "",
                     setting->word);
        print_setting(printer, setting, count);
        separator = ",";
    }
    if (*separator == '{')
        text_append_str(printer->out, "{}");
    else
        text_appendf(printer->out, "\n%*s}", (int)printer->indent, "");
}

void config_print_tree(const struct config_table *table, const void *values, bool shows_secrets,
                       struct text *out)
{
    struct printer printer = {
        .table = table, .values = values, .shows_secrets = shows_secrets, .out = out};
    print_tree(&printer);
    text_append_char(out, '\n');
}

void config_print_json(const struct config *config, struct text *out)
{
    config_print_tree(&config_root, config, true, out);
}

void config_print_masked(const struct config *config, struct text *out)
{
    config_print_tree(&config_root, config, false, out);
}

/* ---- help -------------------------------------------------------------------------------------*/

static const char *const group_titles[CONFIG_GROUP_COUNT] = {
    [CONFIG_GROUP_LISTEN] = "What it listens to",
    [CONFIG_GROUP_TLS] = "HTTPS: where it is spoken, with what, and by which rules",
    [CONFIG_GROUP_SOURCE] = "Where backends come from: --docker when none is named",
    [CONFIG_GROUP_CATALOG] = "Consul: what of its catalog counts, and what is registered there",
    [CONFIG_GROUP_DEADLINE] =
        "Deadlines: TIME has a unit: ms, s, m, h, and is at most 24h; off or 0: none",
    [CONFIG_GROUP_HEALTH] = "Health: what is observed of backends; labels lb.check.* win",
    [CONFIG_GROUP_LIMIT] = "Limits: SIZE is in bytes, or with a unit: k, m, g",
    [CONFIG_GROUP_PROCESS] =
        "Processes: what each of them may do, and how one takes over from another",
    [CONFIG_GROUP_REPORT] = "Reports: where log lines and incidents go besides the log",
    [CONFIG_GROUP_OTHER] = "Other",
};

static void print_flag(const struct config_setting *setting, struct text *out)
{
    size_t start = out->len;
    struct text limits = TEXT_INIT;
    text_appendf(out, "  --%s", setting->word);
    if (setting->value_is_optional)
        text_appendf(out, "[=%s]", setting->value_name);
    else if (setting->value_name)
        text_appendf(out, " %s", setting->value_name);
    while (out->len - start < HELP_COLUMN)
        text_append_char(out, ' ');
    text_append_str(out, setting->help);
    if (config_number_append_limits(setting, &limits))
        text_appendf(out, " (%s)", text_str(&limits));
    if (setting->default_text)
        text_appendf(out, " [%s]", setting->default_text);
    text_append_char(out, '\n');
    text_fini(&limits);
}

static void print_origins(struct text *out)
{
    text_append_str(out, "\nThe same settings can be environment variables or words of a JSON file:"
                         "\n  ");
    config_env_append_name(config_table_find(&config_root, VIEW("head-timeout")), out);
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
    text_append_str(
        out, "lb: a reverse-proxy load balancer that follows Docker by itself\n\n"
             "Usage: lb [FLAG]...\n"
             "       lb explain [CONTAINER]    why it gets requests, or why not\n"
             "       lb explain URL            where a request goes, and why; tcp://:5432 and\n"
             "                                 udp://:53 too; --routes, --listeners: all\n"
             "       lb top                    services and endpoints, live\n"
             "       lb ctl ORDER [CONTAINER]  list, drain, undrain, disable, enable, "
             "weight N, pool, ...\n\n"
             "Examples:\n"
             "  lb                                       "
             "containers of the local Docker engine, on port 8000\n"
             "  lb --listen 80 --listen [::]:80 --service shop\n"
             "  lb --backend 10.0.0.2:8484 --backend 10.0.0.3:8484\n"
             "  lb --config /etc/lb/lb.json --check      "
             "say what is wrong with the file, if anything\n");
    for (unsigned group = 0; group < CONFIG_GROUP_COUNT; group++) {
        text_appendf(out, "\n%s\n", group_titles[group]);
        for (size_t i = 0; (setting = config_table_at(&config_root, i)); i++)
            if (!setting->table && (unsigned)setting->group == group)
                print_flag(setting, out);
    }
    print_origins(out);
}
