#include "lb/route/rule.h"

/* ---- making one ------------------------------------------------------------------------------ */

static struct view edit_of(struct view path, const struct compiling *compiling)
{
    struct condition normal = {0};
    struct route_condition from = {.kind = ROUTE_PATH, .value = path};
    if (path.len > 0)
        condition_compile(&from, compiling, &normal);
    return normal.value;
}

static bool compile_host(const struct route *from, const struct compiling *compiling,
                         struct rule *out)
{
    static const enum rule_host classes[] = {[HOST_ANY] = RULE_HOST_ANY,
                                             [HOST_EXACT] = RULE_HOST_EXACT,
                                             [HOST_SUFFIX] = RULE_HOST_SUFFIX,
                                             [HOST_PREFIX] = RULE_HOST_PREFIX};
    struct condition host;
    struct route_condition pattern = {.kind = from->host.kind, .value = from->host.text};
    out->host_class = RULE_HOST_ANY;
    if (pattern.value.len == 0)
        return true;
    if (!condition_compile(&pattern, compiling, &host))
        return false;
    out->host_class = host.pattern ? RULE_HOST_REGEX : classes[host.host_form];
    out->host = host.value;
    out->host_regex = host.pattern;
    return true;
}

static enum rule_path path_class_of(enum route_kind kind)
{
    switch (kind) {
    case ROUTE_PATH_EXACT:
        return RULE_PATH_EXACT;
    case ROUTE_PATH_START:
        return RULE_PATH_START;
    case ROUTE_PATH_REGEX:
        return RULE_PATH_REGEX;
    default:
        return RULE_PATH_SEGMENTS;
    }
}

static bool compile_path(const struct route *from, const struct compiling *compiling,
                         struct rule *out)
{
    struct condition path;
    struct route_condition pattern = {.kind = from->path.kind, .value = from->path.text};
    out->path_class = RULE_PATH_ANY;
    if (pattern.value.len == 0)
        return true;
    if (!condition_compile(&pattern, compiling, &path))
        return false;
    out->path_class = path_class_of(pattern.kind);
    out->path = path.value;
    out->path_regex = path.pattern;
    return true;
}

static bool compile_conditions(const struct route *from, const struct compiling *compiling,
                               struct rule *out)
{
    struct condition *conditions = NULL;
    if (from->condition_count > 0)
        conditions = arena_new(compiling->arena, from->condition_count * sizeof(*conditions));
    for (unsigned i = 0; i < from->condition_count; i++)
        if (!condition_compile(&from->conditions[i], compiling, &conditions[i]))
            return false;
    out->conditions = conditions;
    out->condition_count = from->condition_count;
    return true;
}

static struct view name_of(const struct route *route, struct arena *arena)
{
    struct text name = TEXT_INIT;
    route_append_name(route, &name);
    struct view kept = arena_copy(arena, text_view(&name));
    text_fini(&name);
    return kept;
}

static const struct share_ring *ring_of(const struct mirror_rule *mirror, struct arena *arena)
{
    struct share_ring *ring = arena_new(arena, sizeof(*ring));
    share_ring_init(ring, (const uint32_t[]){mirror->parts, MIRROR_RULE_WHOLE - mirror->parts}, 2);
    return ring;
}

/* A mirror that cannot be used is none: route_check has told. */
static void compile_group(struct arena *arena, struct rule *out)
{
    struct text ignored = TEXT_INIT;
    struct view mirror =
        route_option_find(out->route.options, out->route.option_count, ROUTE_OPTION_MIRROR);
    if (mirror.ptr && !mirror_rule_parse(mirror, &out->mirror, &ignored))
        out->mirror = (struct mirror_rule){0};
    if (out->mirror.service.len > 0)
        out->mirror_ring = ring_of(&out->mirror, arena);
    if (out->route.share_count > 0 || out->mirror_ring)
        out->turns = arena_new(arena, sizeof(*out->turns));
    text_fini(&ignored);
}

bool rule_compile(const struct route *from, const struct compiling *compiling, struct rule *out)
{
    *out = (struct rule){.route = route_copy(from, compiling->arena)};
    out->name = name_of(from, compiling->arena);
    out->strip = edit_of(from->strip, compiling);
    out->add = edit_of(from->add, compiling);
    compile_group(compiling->arena, out);
    out->is_plain = from->answer_status == 0 && out->strip.len == 0 && out->add.len == 0 &&
                    !out->turns && from->option_count == 0;
    return treatment_compile(&out->route, compiling, &out->treatment) &&
           compile_host(from, compiling, out) && compile_path(from, compiling, out) &&
           compile_conditions(from, compiling, out);
}

/* ---- the order ------------------------------------------------------------------------------- */

static int higher_first(int a, int b)
{
    return (a < b) - (a > b);
}

static int longer_first(struct view a, struct view b)
{
    return (a.len < b.len) - (a.len > b.len);
}

static int compare_hosts(const struct rule *a, const struct rule *b)
{
    if (a->host_class != b->host_class)
        return (int)a->host_class - (int)b->host_class;
    int order = a->host_class == RULE_HOST_REGEX ? 0 : longer_first(a->host, b->host);
    return order ? order : view_compare(a->host, b->host);
}

/* Both ways to begin are one class: the longer wins, and among the same the one on borders. */
static int class_of_path(const struct rule *rule)
{
    return rule->path_class == RULE_PATH_START ? RULE_PATH_SEGMENTS : (int)rule->path_class;
}

static int compare_paths(const struct rule *a, const struct rule *b)
{
    int order = class_of_path(a) - class_of_path(b);
    if (order)
        return order;
    order = a->path_class == RULE_PATH_REGEX ? 0 : longer_first(a->path, b->path);
    if (order == 0)
        order = view_compare(a->path, b->path);
    return order ? order : (int)a->path_class - (int)b->path_class;
}

static int compare_ages(const struct rule *a, const struct rule *b)
{
    return (a->route.created_ns > b->route.created_ns) -
           (a->route.created_ns < b->route.created_ns);
}

static int compare_names(const struct rule *a, const struct rule *b)
{
    const struct view one[] = {a->route.label, a->route.container, a->route.service};
    const struct view other[] = {b->route.label, b->route.container, b->route.service};
    int order = 0;
    for (size_t i = 0; order == 0 && i < sizeof(one) / sizeof(one[0]); i++)
        order = view_compare(one[i], other[i]);
    return order;
}

int rule_order(const struct rule *a, const struct rule *b, enum rule_why *why)
{
    bool are_ranked = a->route.is_ranked && b->route.is_ranked;
    int order = are_ranked ? higher_first(a->route.rank, b->route.rank) : 0;
    *why = RULE_WHY_RANK;
    if (order == 0) {
        order = higher_first(a->route.priority, b->route.priority);
        *why = RULE_WHY_PRIORITY;
    }
    if (order == 0) {
        order = compare_hosts(a, b);
        *why = RULE_WHY_HOST;
    }
    if (order == 0) {
        order = compare_paths(a, b);
        *why = RULE_WHY_PATH;
    }
    if (order == 0) {
        order = higher_first((int)a->condition_count, (int)b->condition_count);
        *why = RULE_WHY_CONDITIONS;
    }
    if (order == 0) {
        order = compare_ages(a, b);
        *why = RULE_WHY_AGE;
    }
    if (order == 0) {
        order = compare_names(a, b);
        *why = RULE_WHY_NAME;
    }
    return order;
}

/* ---- in words -------------------------------------------------------------------------------- */

static const char *const host_words[] = {"exact", "a suffix", "a prefix", "a regex", "any"};
static const char *const path_words[] = {"exact", "a prefix", "a prefix", "a regex", "any"};

static void append_classes(const char *what, const char *winner, const char *other,
                           const char *if_same, struct text *out)
{
    if (strcmp(winner, other) == 0)
        text_appendf(out, "its %s %s", what, if_same);
    else
        text_appendf(out, "its %s is %s, the other's is %s", what, winner, other);
}

void rule_append_why(const struct rule *winner, const struct rule *other, struct text *out)
{
    enum rule_why why;
    rule_order(winner, other, &why);
    switch (why) {
    case RULE_WHY_RANK:
        text_appendf(out, "its rank among routes of its kind is %d, the other's is %d",
                     winner->route.rank, other->route.rank);
        break;
    case RULE_WHY_PRIORITY:
        text_appendf(out, "its priority is %d, the other's is %d", winner->route.priority,
                     other->route.priority);
        break;
    case RULE_WHY_HOST:
        append_classes(
            "host", host_words[winner->host_class], host_words[other->host_class],
            winner->host_class == RULE_HOST_REGEX ? "comes first by its text" : "is longer", out);
        break;
    case RULE_WHY_PATH:
        append_classes("path", path_words[winner->path_class], path_words[other->path_class],
                       winner->path_class == RULE_PATH_REGEX ? "comes first by its text"
                       : winner->path.len == other->path.len ? "ends where a segment does"
                                                             : "is longer",
                       out);
        break;
    case RULE_WHY_CONDITIONS:
        text_appendf(out, "it has more conditions, %u against %u", winner->condition_count,
                     other->condition_count);
        break;
    case RULE_WHY_AGE:
        text_append_str(out, "its container is older");
        break;
    default:
        text_append_str(out, "nothing but the names tells them apart");
    }
}

/* ---- by itself ------------------------------------------------------------------------------- */

static enum truth host_holds(const struct rule *rule, const struct question *question)
{
    static const enum host_form forms[] = {[RULE_HOST_EXACT] = HOST_EXACT,
                                           [RULE_HOST_SUFFIX] = HOST_SUFFIX,
                                           [RULE_HOST_PREFIX] = HOST_PREFIX};
    if (rule->host_class == RULE_HOST_ANY)
        return TRUTH_YES;
    if (rule->host_class == RULE_HOST_REGEX)
        return pattern_matches(rule->host_regex, question->host, question->scratch);
    return truth_of(condition_host_fits(forms[rule->host_class], rule->host, question->host));
}

static enum truth path_holds(const struct rule *rule, const struct question *question)
{
    switch (rule->path_class) {
    case RULE_PATH_EXACT:
        return truth_of(view_eq(rule->path, question->path));
    case RULE_PATH_SEGMENTS:
        return truth_of(condition_path_fits(rule->path, question->path));
    case RULE_PATH_START:
        return truth_of(view_starts_with(question->path, rule->path));
    case RULE_PATH_REGEX:
        return pattern_matches(rule->path_regex, question->path, question->scratch);
    default:
        return TRUTH_YES;
    }
}

enum truth rule_holds(const struct rule *rule, const struct question *question)
{
    enum truth holds = host_holds(rule, question);
    if (holds != TRUTH_NO)
        holds = truth_and(holds, path_holds(rule, question));
    for (unsigned i = 0; i < rule->condition_count && holds != TRUTH_NO; i++)
        holds = truth_and(holds, condition_holds(&rule->conditions[i], question));
    return holds;
}
