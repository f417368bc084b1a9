#include "lb/route/listener_table.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "lb/base/arena.h"
#include "lb/base/memory.h"

struct listener_table {
    atomic_uint ref_count;
    struct arena arena; /* of all texts */
    struct listener_entry_rule *rules;
    unsigned rule_count;
    struct listener_entry *entries; /* sorted as the rules are */
    unsigned entry_count;
    struct listener_table_service *services;
    unsigned service_count;
};

/* ---- order ------------------------------------------------------------------------------------ */

static enum listener_form form_of(const struct listener_rule *rule)
{
    if (rule->server_name.len == 0)
        return LISTENER_FORM_ANY;
    return rule->server_name.ptr[0] == '*' ? LISTENER_FORM_SUFFIX : LISTENER_FORM_EXACT;
}

static int compare_addresses(const struct address *a, const struct address *b)
{
    int order = (int)a->socket.any.sa_family - (int)b->socket.any.sa_family;
    if (order == 0)
        order = (int)address_port(a) - (int)address_port(b);
    if (order == 0 && a->socket.any.sa_family == AF_INET6)
        order = memcmp(&a->socket.v6.sin6_addr, &b->socket.v6.sin6_addr, sizeof(struct in6_addr));
    else if (order == 0)
        order = memcmp(&a->socket.v4.sin_addr, &b->socket.v4.sin_addr, sizeof(struct in_addr));
    if (order == 0 && a->socket.any.sa_family == AF_INET6)
        order = (a->socket.v6.sin6_scope_id > b->socket.v6.sin6_scope_id) -
                (a->socket.v6.sin6_scope_id < b->socket.v6.sin6_scope_id);
    return order;
}

static int compare_listeners(enum service_kind kind, const struct address *at,
                             const struct listener_rule *rule)
{
    int order = (int)kind - (int)rule->kind;
    return order ? order : compare_addresses(at, &rule->at);
}

/* Of one name those with an ALPN come first. */
int listener_table_compare(const struct listener_rule *a, const struct listener_rule *b)
{
    int order = compare_listeners(a->kind, &a->at, b);
    if (order == 0)
        order = (int)form_of(a) - (int)form_of(b);
    if (order == 0)
        order = view_compare(a->server_name, b->server_name);
    if (order == 0)
        order = (a->alpn.len == 0) - (b->alpn.len == 0);
    return order ? order : view_compare(a->alpn, b->alpn);
}

static int compare(const void *left, const void *right)
{
    const struct listener_entry_rule *a = left, *b = right;
    return listener_table_compare(&a->rule, &b->rule);
}

/* ---- building --------------------------------------------------------------------------------- */

static struct view keep(struct arena *arena, struct view text)
{
    return text.len > 0 ? arena_copy(arena, text) : view_of(NULL, 0);
}

static struct view keep_lower(struct arena *arena, struct view text)
{
    struct view kept = keep(arena, text);
    for (size_t i = 0; i < kept.len; i++)
        ((char *)(uintptr_t)kept.ptr)[i] = view_lower_char(kept.ptr[i]);
    return kept;
}

static struct listener_rule copy(struct arena *arena, const struct listener_rule *rule)
{
    struct listener_rule own = *rule;
    own.listener = keep(arena, rule->listener);
    own.server_name = keep_lower(arena, rule->server_name);
    own.alpn = keep(arena, rule->alpn);
    own.service = keep(arena, rule->service);
    own.dialect = keep(arena, rule->dialect);
    own.label = keep(arena, rule->label);
    own.container = keep(arena, rule->container);
    own.container_name = keep(arena, rule->container_name);
    return own;
}

static int compare_by_service(const void *left, const void *right)
{
    const struct listener_entry_rule *a = *(const struct listener_entry_rule *const *)left;
    const struct listener_entry_rule *b = *(const struct listener_entry_rule *const *)right;
    int order = (int)a->rule.kind - (int)b->rule.kind;
    return order ? order : view_compare(a->rule.service, b->rule.service);
}

static void number_services(struct listener_table *table)
{
    unsigned count = table->rule_count;
    struct listener_entry_rule **order = memory_new(count * sizeof(struct listener_entry_rule *));
    table->services = memory_new(count * sizeof(*table->services));
    for (unsigned i = 0; i < count; i++)
        order[i] = &table->rules[i];
    if (count > 0)
        qsort(order, count, sizeof(struct listener_entry_rule *), compare_by_service);
    for (unsigned i = 0; i < count; i++) {
        if (i == 0 || compare_by_service(&order[i - 1], &order[i]) != 0)
            table->services[table->service_count++] = (struct listener_table_service){
                .name = order[i]->rule.service, .kind = order[i]->rule.kind};
        order[i]->service =
            order[i]->rule.is_closed ? LISTENER_TABLE_CLOSED : table->service_count - 1;
    }
    free(order);
}

static void list_entries(struct listener_table *table)
{
    table->entries = memory_new(table->rule_count * sizeof(*table->entries));
    struct listener_entry *entry = NULL;
    for (unsigned i = 0; i < table->rule_count; i++) {
        const struct listener_entry_rule *rule = &table->rules[i];
        if (!entry ||
            compare_listeners(rule->rule.kind, &rule->rule.at, &entry->rules[0].rule) != 0) {
            entry = &table->entries[table->entry_count++];
            entry->rules = rule;
        }
        for (unsigned form = form_of(&rule->rule); form < LISTENER_FORM_COUNT; form++)
            entry->ends[form]++;
    }
}

struct listener_table *listener_table_new(const struct listener_rule *rules, unsigned count)
{
    struct listener_table *table = memory_new(sizeof(*table));
    atomic_init(&table->ref_count, 1);
    table->rule_count = count;
    table->rules = memory_new(count * sizeof(*table->rules));
    for (unsigned i = 0; i < count; i++)
        table->rules[i].rule = copy(&table->arena, &rules[i]);
    if (count > 0)
        qsort(table->rules, count, sizeof(*table->rules), compare);
    number_services(table);
    list_entries(table);
    return table;
}

struct listener_table *listener_table_ref(struct listener_table *table)
{
    atomic_fetch_add_explicit(&table->ref_count, 1, memory_order_relaxed);
    return table;
}

void listener_table_unref(struct listener_table *table)
{
    if (!table || atomic_fetch_sub_explicit(&table->ref_count, 1, memory_order_acq_rel) > 1)
        return;
    arena_fini(&table->arena);
    free(table->rules);
    free(table->entries);
    free(table->services);
    free(table);
}

/* ---- looking up ------------------------------------------------------------------------------- */

const struct listener_entry *listener_table_find(const struct listener_table *table,
                                                 enum service_kind kind, const struct address *at)
{
    unsigned low = 0, high = table->entry_count;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        int order = compare_listeners(kind, at, &table->entries[middle].rules[0].rule);
        if (order == 0)
            return &table->entries[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

unsigned listener_table_service_count(const struct listener_table *table)
{
    return table->service_count;
}

const struct listener_table_service *listener_table_service(const struct listener_table *table,
                                                            uint32_t number)
{
    return &table->services[number];
}

uint32_t listener_table_service_find(const struct listener_table *table, struct view name,
                                     enum service_kind kind)
{
    unsigned low = 0, high = table->service_count;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        const struct listener_table_service *service = &table->services[middle];
        int order = (int)kind - (int)service->kind;
        if (order == 0)
            order = view_compare(name, service->name);
        if (order == 0)
            return middle;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return LISTENER_TABLE_NONE;
}

/* ---- two of them ------------------------------------------------------------------------------ */

static bool is_same_rule(const struct listener_rule *a, const struct listener_rule *b)
{
    return a->kind == b->kind && compare_addresses(&a->at, &b->at) == 0 && a->port == b->port &&
           a->created_ns == b->created_ns && a->is_closed == b->is_closed &&
           view_eq(a->listener, b->listener) && view_eq(a->server_name, b->server_name) &&
           view_eq(a->alpn, b->alpn) && view_eq(a->service, b->service) &&
           view_eq(a->dialect, b->dialect) && view_eq(a->label, b->label) &&
           view_eq(a->container, b->container) && view_eq(a->container_name, b->container_name);
}

bool listener_table_is_same(const struct listener_table *a, const struct listener_table *b)
{
    unsigned count = a ? a->rule_count : 0;
    bool is_same = count == (b ? b->rule_count : 0);
    for (unsigned i = 0; is_same && i < count; i++)
        is_same = is_same_rule(&a->rules[i].rule, &b->rules[i].rule);
    return is_same;
}

/* ---- for people ------------------------------------------------------------------------------- */

unsigned listener_table_rule_count(const struct listener_table *table)
{
    return table->rule_count;
}

const struct listener_rule *listener_table_rule(const struct listener_table *table, unsigned index)
{
    return &table->rules[index].rule;
}
