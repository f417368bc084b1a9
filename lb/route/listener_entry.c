#include "lb/route/listener_entry.h"

bool listener_entry_has_names(const struct listener_entry *entry)
{
    return entry->ends[LISTENER_FORM_SUFFIX] > 0 ||
           (entry->ends[LISTENER_FORM_ANY] > 0 && entry->rules[0].rule.alpn.len > 0);
}

static bool is_offered(struct view alpn, const struct view *alpns, unsigned alpn_count)
{
    for (unsigned i = 0; i < alpn_count; i++)
        if (view_eq(alpn, alpns[i]))
            return true;
    return alpn.len == 0;
}

static struct view name_of(const struct listener_entry_rule *compiled, enum listener_form form)
{
    struct view name = compiled->rule.server_name;
    return form == LISTENER_FORM_SUFFIX ? view_skip(name, 1) : name;
}

/* The first rule of that form whose name, without its "*", is `name`. */
static unsigned find_name(const struct listener_entry *entry, enum listener_form form,
                          struct view name)
{
    unsigned low = form == LISTENER_FORM_EXACT ? 0 : entry->ends[form - 1],
             high = entry->ends[form];
    while (low < high) {
        unsigned middle = (low + high) / 2;
        if (view_compare(name_of(&entry->rules[middle], form), name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static uint32_t find_of_form(const struct listener_entry *entry, enum listener_form form,
                             struct view name, const struct view *alpns, unsigned alpn_count)
{
    for (unsigned i = find_name(entry, form, name);
         i < entry->ends[form] && view_eq(name_of(&entry->rules[i], form), name); i++)
        if (is_offered(entry->rules[i].rule.alpn, alpns, alpn_count))
            return entry->rules[i].service;
    return LISTENER_TABLE_NONE;
}

uint32_t listener_entry_find(const struct listener_entry *entry, struct view server_name,
                             const struct view *alpns, unsigned alpn_count)
{
    uint32_t found = LISTENER_TABLE_NONE;
    if (server_name.len > 0)
        found = find_of_form(entry, LISTENER_FORM_EXACT, server_name, alpns, alpn_count);
    for (size_t at = 1; found == LISTENER_TABLE_NONE && at < server_name.len; at++)
        if (server_name.ptr[at] == '.')
            found = find_of_form(entry, LISTENER_FORM_SUFFIX, view_skip(server_name, at), alpns,
                                 alpn_count);
    if (found == LISTENER_TABLE_NONE)
        found = find_of_form(entry, LISTENER_FORM_ANY, view_of(NULL, 0), alpns, alpn_count);
    return found;
}
