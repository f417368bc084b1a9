#include "lb/contract/route.h"

static const char *const words[ROUTE_KIND_COUNT] = {
#define XX(name, word) word,
    ROUTE_KIND_MAP(XX)
#undef XX
};

/* ---- kinds ----------------------------------------------------------------------------------- */

const char *route_kind_word(enum route_kind kind)
{
    return words[kind];
}

enum route_kind route_kind_parse(struct view word)
{
    unsigned kind = 0;
    while (kind < ROUTE_KIND_COUNT && !view_eq(word, view_str(words[kind])))
        kind++;
    return (enum route_kind)kind;
}

bool route_kind_has_name(enum route_kind kind)
{
    return kind >= ROUTE_HEADER && kind <= ROUTE_QUERY_REGEX;
}

bool route_kind_is_host(enum route_kind kind)
{
    return kind == ROUTE_HOST || kind == ROUTE_HOST_REGEX;
}

bool route_kind_is_path(enum route_kind kind)
{
    return kind >= ROUTE_PATH && kind <= ROUTE_PATH_REGEX;
}

bool route_kind_is_regex(enum route_kind kind)
{
    return kind == ROUTE_HOST_REGEX || kind == ROUTE_PATH_REGEX || kind == ROUTE_HEADER_REGEX ||
           kind == ROUTE_QUERY_REGEX;
}

bool route_place(struct route *route, const struct route_condition *condition)
{
    struct route_pattern *at = route_kind_is_host(condition->kind)   ? &route->host
                               : route_kind_is_path(condition->kind) ? &route->path
                                                                     : NULL;
    if (!at || condition->is_not || at->text.len > 0)
        return false;
    *at = (struct route_pattern){condition->kind, condition->value};
    return true;
}

/* ---- what people call it --------------------------------------------------------------------- */

static void append_pattern_name(const struct route_pattern *pattern, struct text *out)
{
    if (pattern->text.len > 0 && route_kind_is_regex(pattern->kind))
        text_append_char(out, '~');
    text_append(out, pattern->text);
}

void route_append_name(const struct route *route, struct text *out)
{
    if (route->host.text.len == 0)
        text_append_char(out, '*');
    append_pattern_name(&route->host, out);
    append_pattern_name(&route->path, out);
}

/* ---- likeness -------------------------------------------------------------------------------- */

/* With its length before it, so that nothing runs together. */
static void append_sized(struct view bytes, struct text *out)
{
    text_appendf(out, "%zu:", bytes.len);
    text_append(out, bytes);
}

static void append_condition(const struct route_condition *condition, struct text *out)
{
    text_appendf(out, "%s%s ", condition->is_not ? "!" : "", words[condition->kind]);
    append_sized(condition->name, out);
    append_sized(condition->value, out);
}

static void append_pattern(const struct route_pattern *pattern, struct text *out)
{
    if (pattern->text.len > 0)
        append_condition(&(struct route_condition){.kind = pattern->kind, .value = pattern->text},
                         out);
    text_append_char(out, '|');
}

void route_append_likeness(const struct route *route, struct text *out)
{
    append_pattern(&route->host, out);
    append_pattern(&route->path, out);
    for (unsigned i = 0; i < route->condition_count; i++)
        append_condition(&route->conditions[i], out);
}

bool route_is_alike(const struct route *a, const struct route *b)
{
    struct text one = TEXT_INIT, other = TEXT_INIT;
    route_append_likeness(a, &one);
    route_append_likeness(b, &other);
    bool is_alike = view_eq(text_view(&one), text_view(&other));
    text_fini(&one);
    text_fini(&other);
    return is_alike;
}

/* ---- copies ---------------------------------------------------------------------------------- */

static const struct route_condition *copy_conditions(const struct route *route, struct arena *arena)
{
    size_t size = route->condition_count * sizeof(struct route_condition);
    struct route_condition *copies = size > 0 ? arena_new(arena, size) : NULL;
    for (unsigned i = 0; i < route->condition_count; i++) {
        copies[i] = route->conditions[i];
        copies[i].name = arena_copy(arena, copies[i].name);
        copies[i].value = arena_copy(arena, copies[i].value);
    }
    return copies;
}

int route_compare_priority(const struct route *a, const struct route *b)
{
    if (a->is_ranked && b->is_ranked && a->rank != b->rank)
        return a->rank < b->rank ? 1 : -1;
    return (a->priority < b->priority) - (a->priority > b->priority);
}

static bool are_options_alike(const struct route *a, const struct route *b)
{
    bool are_alike = a->option_count == b->option_count;
    for (unsigned i = 0; i < a->option_count && are_alike; i++)
        are_alike = a->options[i].kind == b->options[i].kind &&
                    view_eq(a->options[i].value, b->options[i].value);
    return are_alike;
}

static bool are_shares_alike(const struct route *a, const struct route *b)
{
    bool are_alike = a->share_count == b->share_count;
    for (unsigned i = 0; i < a->share_count && are_alike; i++)
        are_alike = a->shares[i].weight == b->shares[i].weight &&
                    view_eq(a->shares[i].service, b->shares[i].service);
    return are_alike;
}

bool route_does_the_same(const struct route *a, const struct route *b)
{
    return a->answer_status == b->answer_status && view_eq(a->service, b->service) &&
           view_eq(a->strip, b->strip) && view_eq(a->add, b->add) && are_options_alike(a, b) &&
           are_shares_alike(a, b);
}

static const struct route_option *copy_options(const struct route *route, struct arena *arena)
{
    size_t size = route->option_count * sizeof(struct route_option);
    struct route_option *copies = size > 0 ? arena_new(arena, size) : NULL;
    for (unsigned i = 0; i < route->option_count; i++)
        copies[i] = (struct route_option){route->options[i].kind,
                                          arena_copy(arena, route->options[i].value)};
    return copies;
}

static const struct route_share *copy_shares(const struct route *route, struct arena *arena)
{
    size_t size = route->share_count * sizeof(struct route_share);
    struct route_share *copies = size > 0 ? arena_new(arena, size) : NULL;
    for (unsigned i = 0; i < route->share_count; i++)
        copies[i] = (struct route_share){arena_copy(arena, route->shares[i].service),
                                         route->shares[i].weight};
    return copies;
}

struct route route_copy(const struct route *route, struct arena *arena)
{
    struct route copy = *route;
    struct view *texts[] = {&copy.host.text, &copy.path.text, &copy.service, &copy.strip,
                            &copy.add,       &copy.dialect,   &copy.label,   &copy.container,
                            &copy.name,      &copy.why};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        *texts[i] = arena_copy(arena, *texts[i]);
    copy.conditions = copy_conditions(route, arena);
    copy.options = copy_options(route, arena);
    copy.shares = copy_shares(route, arena);
    return copy;
}
