#include "lb/config/config_manual.h"

#include "lb/config/config_number.h"
#include "lb/config/config_value.h"

static const char *const group_words[CONFIG_GROUP_COUNT] = {
    [CONFIG_GROUP_LISTEN] = "listen",     [CONFIG_GROUP_TLS] = "tls",
    [CONFIG_GROUP_SOURCE] = "source",     [CONFIG_GROUP_CATALOG] = "catalog",
    [CONFIG_GROUP_DEADLINE] = "deadline", [CONFIG_GROUP_HEALTH] = "health",
    [CONFIG_GROUP_LIMIT] = "limit",       [CONFIG_GROUP_PROCESS] = "process",
    [CONFIG_GROUP_REPORT] = "report",     [CONFIG_GROUP_OTHER] = "other",
};

/* ---- flags ------------------------------------------------------------------------------------*/

static bool append_flag(const struct config_setting *setting, struct text *out,
                        struct text *problem)
{
    struct text limits = TEXT_INIT;
    if (!setting->manual) {
        text_appendf(problem, "--%s has no text for the manual; give its row a .manual in ",
                     setting->word);
        if (setting->group != CONFIG_GROUP_HEALTH)
            text_appendf(problem, "lb/config/settings_%s.c or ", group_words[setting->group]);
        text_append_str(problem, "lb/config/config_policy.c");
        return false;
    }
    text_appendf(out, ".It Fl Fl %s", setting->word);
    if (setting->value_name)
        text_appendf(out, "%s Ar %s", setting->value_is_optional ? " Ns Op = Ns" : "",
                     setting->value_name);
    text_appendf(out, "\n%s", setting->manual);
    if (setting->default_text)
        text_appendf(out, "Default:\n.Ql %s .\n", setting->default_text);
    if (config_number_append_limits(setting, &limits))
        text_appendf(out, "Allowed:\n%s.\n", text_str(&limits));
    text_fini(&limits);
    return true;
}

static bool append_flags(const struct config_table *table, unsigned group, struct text *out,
                         struct text *problem)
{
    const struct config_setting *setting;
    for (size_t i = 0; (setting = config_table_at(table, i)); i++)
        if (!setting->table && (unsigned)setting->group == group &&
            !append_flag(setting, out, problem))
            return false;
    return true;
}

/* ---- keys -------------------------------------------------------------------------------------*/

/* mdoc takes a backslash for the beginning of an escape. */
static void append_words(struct view words, struct text *out)
{
    for (size_t i = 0; i < words.len; i++) {
        if (words.ptr[i] == '\\')
            text_append_str(out, "\\e");
        else
            text_append_char(out, words.ptr[i]);
    }
}

/* What is accepted, without the example. */
static void append_value(const struct config_setting *setting, struct text *out)
{
    struct text accepted = TEXT_INIT;
    config_value_append_accepted(setting, &accepted);
    const char *example = strstr(text_str(&accepted), ", for example ");
    const char *rest = example ? strstr(example, ", or ") : NULL;
    append_words(example ? view_of(accepted.bytes, (size_t)(example - accepted.bytes))
                         : text_view(&accepted),
                 out);
    append_words(view_str(rest), out);
    text_fini(&accepted);
}

static void append_key(const struct config_setting *setting, struct text *out)
{
    const char *default_text = setting->default_text ? setting->default_text : "-";
    text_appendf(out, ".It Li %s Ta %s Ta \"", setting->word, default_text);
    if (config_setting_is_list(setting))
        text_append_str(out, "list of ");
    if (setting->value_is_optional)
        text_append_str(out, "true, ");
    append_value(setting, out);
    text_append_str(out, "\"\n");
}

static void append_keys(const struct config_table *table, struct text *out)
{
    const struct config_setting *setting;
    for (size_t i = 0; (setting = config_table_at(table, i)); i++)
        if (!setting->flag_only && !setting->table)
            append_key(setting, out);
}

/* ---- a page -----------------------------------------------------------------------------------*/

/* The group of "@flags GROUP@"; CONFIG_GROUP_COUNT: it is none. */
static unsigned group_of(struct view line)
{
    unsigned group = 0;
    struct view word =
        view_starts_with(line, VIEW("@flags ")) ? view_skip(line, sizeof("@flags ") - 1) : VIEW("");
    word = view_cut(&word, '@');
    while (group < CONFIG_GROUP_COUNT && !view_eq(word, view_str(group_words[group])))
        group++;
    return group;
}

static bool fill_line(const struct config_table *table, struct view line, unsigned *groups,
                      struct text *out, struct text *problem)
{
    unsigned group = group_of(line);
    if (!view_starts_with(line, VIEW("@"))) {
        text_append(out, line);
        text_append_char(out, '\n');
    } else if (group < CONFIG_GROUP_COUNT) {
        *groups |= 1u << group;
        return append_flags(table, group, out, problem);
    } else if (view_eq(line, VIEW("@keys@"))) {
        append_keys(table, out);
    } else {
        text_appendf(problem, "%.*s is not known; write @flags GROUP@ or @keys@", (int)line.len,
                     line.ptr);
        return false;
    }
    return true;
}

/* Whether the page that has some groups has the group of each flag. */
static bool is_whole(const struct config_table *table, unsigned groups, struct text *problem)
{
    const struct config_setting *setting;
    for (size_t i = 0; groups && (setting = config_table_at(table, i)); i++) {
        if (!setting->table && !(groups & 1u << setting->group)) {
            text_appendf(problem, "--%s has no place in the page; write @flags %s@", setting->word,
                         group_words[setting->group]);
            return false;
        }
    }
    return true;
}

bool config_manual_fill(const struct config_table *table, struct view page, struct text *out,
                        struct text *problem)
{
    unsigned groups = 0;
    while (page.len > 0)
        if (!fill_line(table, view_cut(&page, '\n'), &groups, out, problem))
            return false;
    return is_whole(table, groups, problem);
}
