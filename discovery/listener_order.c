#include "discovery/listener_order.h"

static int compare_numbers(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

int listener_order_compare(const struct listener_rule *a, const struct listener_rule *b)
{
    int order = compare_numbers(a->kind, b->kind);
    if (order == 0)
        order = compare_numbers(a->port, b->port);
    if (order == 0)
        order = view_compare(a->listener, b->listener);
    if (order == 0)
        order = view_compare(a->server_name, b->server_name);
    return order != 0 ? order : view_compare(a->alpn, b->alpn);
}

int listener_order_compare_all(const void *left, const void *right)
{
    const struct listener_rule *a = left, *b = right;
    int order = listener_order_compare(a, b);
    if (order == 0)
        order = compare_numbers(a->created_ns, b->created_ns);
    if (order == 0)
        order = view_compare(a->container, b->container);
    if (order == 0)
        order = view_compare(a->service, b->service);
    return order != 0 ? order : view_compare(a->label, b->label);
}

void listener_order_append_name(const struct listener_rule *rule, struct text *out)
{
    text_appendf(out, "%s ", service_kind_word(rule->kind));
    if (rule->port > 0)
        text_appendf(out, "%u", rule->port);
    else
        text_append(out, rule->listener);
    if (rule->server_name.len > 0 || rule->alpn.len > 0)
        text_append_str(out, " for ");
    text_append(out, rule->server_name);
    if (rule->server_name.len > 0 && rule->alpn.len > 0)
        text_append_str(out, ", ");
    text_append(out, rule->alpn);
}
