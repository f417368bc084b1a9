#include "lb/route/rule_box.h"

#include <stdalign.h>
#include <stddef.h>

/* What its bytes take at most, as long as no normal form is longer than what it is made of. */
static size_t bytes_of(const struct route *route, size_t likeness_len)
{
    const size_t more = alignof(max_align_t); /* each begins at a border */
    size_t bytes = sizeof(struct rule_box) + likeness_len + 20 * more;
    bytes += 3 * (route->host.text.len + route->path.text.len); /* copied, compared, named */
    bytes += 2 * (route->strip.len + route->add.len);
    bytes += route->service.len + route->dialect.len + route->label.len + route->container.len +
             route->name.len;
    if (route->share_count > 0 || route->option_count > 0)
        bytes += sizeof(struct rule_turns) + sizeof(struct share_ring) + 2 * more;
    for (unsigned i = 0; i < route->option_count; i++)
        bytes += sizeof(struct route_option) + more + route->options[i].value.len;
    for (unsigned i = 0; i < route->share_count; i++)
        bytes += sizeof(struct route_share) + more + route->shares[i].service.len;
    for (unsigned i = 0; i < route->condition_count; i++)
        bytes += sizeof(struct condition) + sizeof(struct route_condition) + 4 * more +
                 2 * (route->conditions[i].name.len + route->conditions[i].value.len);
    return bytes + treatment_bytes(route);
}

static struct rule_box *make(const struct route *route)
{
    struct text likeness = TEXT_INIT;
    struct arena arena = {0};
    route_append_likeness(route, &likeness);
    arena_reserve(&arena, bytes_of(route, likeness.len));
    struct rule_box *box = arena_new(&arena, sizeof(*box));
    box->likeness = arena_copy(&arena, text_view(&likeness));
    box->arena = arena;
    atomic_init(&box->ref_count, 1);
    text_fini(&likeness);
    return box;
}

/* A reference to each, so that they stay as long as the rule. */
static void hold_regexes(struct rule_box *box, const struct regexes *all)
{
    const struct route *route = &box->rule.route;
    if (box->rule.host_regex)
        regexes_get(&box->regexes, all, route->host.text);
    if (box->rule.path_regex)
        regexes_get(&box->regexes, all, route->path.text);
    for (unsigned i = 0; i < route->condition_count; i++)
        if (route_kind_is_regex(route->conditions[i].kind))
            regexes_get(&box->regexes, all, route->conditions[i].value);
    treatment_hold_regexes(box->rule.treatment, &box->regexes, all);
}

struct rule_box *rule_box_new(const struct route *route, struct regexes *all,
                              const struct regexes *before)
{
    struct rule_box *box = make(route);
    const struct compiling compiling = {
        .arena = &box->arena, .regexes = all, .regexes_before = before};
    if (rule_compile(route, &compiling, &box->rule)) {
        hold_regexes(box, all);
        return box;
    }
    rule_box_unref(box);
    return NULL;
}

struct rule_box *rule_box_ref(struct rule_box *box)
{
    atomic_fetch_add_explicit(&box->ref_count, 1, memory_order_relaxed);
    return box;
}

void rule_box_unref(struct rule_box *box)
{
    if (!box || atomic_fetch_sub_explicit(&box->ref_count, 1, memory_order_acq_rel) > 1)
        return;
    struct arena arena = box->arena; /* it is in there itself */
    regexes_fini(&box->regexes);
    arena_fini(&arena);
}
