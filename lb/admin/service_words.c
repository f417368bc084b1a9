#include "lb/admin/service_words.h"

#include <string.h>

static const struct pool_wanted_service *find(const struct pool_wanted *wanted, const char *service)
{
    for (unsigned i = 0; i < wanted->service_count; i++)
        if (strcmp(wanted->services[i].name, service) == 0)
            return &wanted->services[i];
    return NULL;
}

/* As service_policy_set does it. */
static bool is_ignored(enum service_kind of_kind, enum service_option_kind kind, struct view value)
{
    struct balance_rule balance;
    return kind == SERVICE_OPTION_BALANCE && of_kind != SERVICE_HTTP &&
           balance_rule_parse(value, &balance) && balance_rule_needs_http(&balance);
}

void service_words_append(const struct pool_wanted *wanted, const char *service,
                          enum service_kind of_kind, const char *before, struct text *out)
{
    const struct pool_wanted_service *of_name = find(wanted, service);
    bool is_first = true;
    for (unsigned kind = 0; of_name && kind < SERVICE_OPTION_COUNT; kind++) {
        struct view value = of_name->options.values[kind];
        if (value.len == 0)
            continue;
        text_append_str(out, is_first ? before : ", ");
        text_appendf(out, "%s ", service_option_word((enum service_option_kind)kind));
        text_append(out, value);
        if (is_ignored(of_kind, (enum service_option_kind)kind, value))
            text_append_str(out, " (in vain: it needs requests of HTTP)");
        is_first = false;
    }
}

void service_words_write(const struct pool_wanted *wanted, const char *service,
                         struct json_writer *json)
{
    const struct pool_wanted_service *of_name = find(wanted, service);
    if (!of_name)
        return;
    json_writer_key(json, "options");
    json_writer_begin_object(json);
    for (unsigned kind = 0; kind < SERVICE_OPTION_COUNT; kind++) {
        if (of_name->options.values[kind].len == 0)
            continue;
        json_writer_key(json, service_option_word((enum service_option_kind)kind));
        json_writer_string(json, of_name->options.values[kind]);
    }
    json_writer_end_object(json);
}
