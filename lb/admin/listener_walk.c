#include "lb/admin/listener_walk.h"

#include "lb/base/shown.h"

static const struct listener_table *table_of(const struct explain *explain)
{
    return explain->pool ? explain->pool->listeners.table : NULL;
}

/* ---- listeners -------------------------------------------------------------------------------- */

static bool is_at(const struct listener_rule *rule, enum service_kind kind,
                  const struct address *at)
{
    return rule->kind == kind && address_eq(&rule->at, at);
}

static const struct listener_standing *
find_standing(const struct explain *explain, enum service_kind kind, const struct address *at)
{
    const struct listener_standings *all = explain->listeners;
    for (unsigned i = 0; all && i < all->count; i++)
        if (all->all[i]->kind == kind && address_eq(&all->all[i]->at, at))
            return all->all[i];
    return NULL;
}

static bool next_with_rules(struct listener_walk *walk, struct listener_seen *out)
{
    const struct listener_table *table = table_of(walk->explain);
    unsigned count = table ? listener_table_rule_count(table) : 0;
    if (walk->next_rule >= count)
        return false;
    const struct listener_rule *first = listener_table_rule(table, walk->next_rule);
    *out =
        (struct listener_seen){.kind = first->kind,
                               .at = first->at,
                               .first = walk->next_rule,
                               .standing = find_standing(walk->explain, first->kind, &first->at)};
    while (out->first + out->count < count &&
           is_at(listener_table_rule(table, out->first + out->count), out->kind, &out->at))
        out->count++;
    walk->next_rule += out->count;
    return true;
}

static bool has_rules(const struct explain *explain, const struct listener_standing *standing)
{
    const struct listener_table *table = table_of(explain);
    return table && listener_table_find(table, standing->kind, &standing->at);
}

bool listener_walk_next(struct listener_walk *walk, struct listener_seen *out)
{
    const struct listener_standings *all = walk->explain->listeners;
    if (next_with_rules(walk, out))
        return true;
    while (all && walk->next_standing < all->count) {
        const struct listener_standing *standing = all->all[walk->next_standing++];
        if (has_rules(walk->explain, standing))
            continue;
        *out = (struct listener_seen){
            .kind = standing->kind, .at = standing->at, .standing = standing};
        return true;
    }
    return false;
}

/* ---- rules ------------------------------------------------------------------------------------ */

const struct listener_rule *listener_walk_rule(const struct explain *explain, unsigned number)
{
    return listener_table_rule(table_of(explain), number);
}

const struct routes_target *listener_walk_target(const struct explain *explain,
                                                 const struct listener_rule *rule)
{
    const struct listener_table *table = table_of(explain);
    unsigned count = listener_table_service_count(table);
    for (unsigned i = 0; i < count; i++) {
        const struct listener_table_service *service = listener_table_service(table, i);
        if (service->kind == rule->kind && view_eq(service->name, rule->service))
            return &explain->pool->listeners.targets[i];
    }
    return NULL;
}

unsigned listener_walk_usable_count(const struct routes_target *target)
{
    const struct pool_service *listed = target->listed;
    unsigned count = 0;
    for (unsigned i = 0; listed && i < listed->endpoint_count; i++)
        count += pool_may_use(listed, listed->endpoints[i]);
    return count;
}

/* ---- words ------------------------------------------------------------------------------------ */

void listener_walk_append_match(const struct listener_rule *rule, bool has_names, struct text *out)
{
    bool is_wild = rule->server_name.len > 0 && rule->server_name.ptr[0] == '*';
    if (rule->server_name.len == 0 && rule->alpn.len == 0) {
        text_append_str(out, has_names ? "for all else" : "for all");
        return;
    }
    text_append_str(out, "for ");
    if (rule->server_name.len == 0)
        text_append_str(out, "any server name");
    else
        text_append_str(out, is_wild ? "all server names of " : "the server name ");
    shown_append(out, rule->server_name);
    if (rule->alpn.len > 0) {
        text_append_str(out, " with ALPN ");
        shown_append(out, rule->alpn);
    }
}

void listener_walk_append_origin(const struct listener_rule *rule, struct text *out)
{
    struct view who = rule->container_name.len > 0 ? rule->container_name : rule->container;
    if (who.len == 0 && rule->label.len == 0) {
        text_appendf(out, "by --%s", service_kind_word(rule->kind));
        return;
    }
    text_append_str(out, "by ");
    shown_append(out, rule->label.len > 0 ? rule->label : VIEW("what is set"));
    text_append_str(out, who.len > 0 ? " of " : "");
    shown_append(out, who);
    if (rule->dialect.len > 0) {
        text_append_str(out, " (");
        shown_append(out, rule->dialect);
        text_append_char(out, ')');
    }
}

void listener_walk_append_place(const struct listener_seen *seen, struct text *out)
{
    char at[ADDRESS_TEXT_BYTES];
    text_appendf(out, "%s %s", service_kind_word(seen->kind), address_format(&seen->at, at));
}
