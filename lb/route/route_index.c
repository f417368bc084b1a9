#include "lb/route/route_index.h"

#include <stdlib.h>

#include "lb/base/memory.h"

/* ---- building -------------------------------------------------------------------------------- */

/* A rule on its way into a tree. */
struct filing {
    const struct rule *rule;
    uint32_t number;
};

static int compare_views(struct view a, struct view b)
{
    size_t shorter = a.len < b.len ? a.len : b.len;
    int order = shorter > 0 ? memcmp(a.ptr, b.ptr, shorter) : 0;
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

/* Regexes are asked at the root, as "any" is. */
static struct view tree_path(const struct rule *rule)
{
    return rule->path_class >= RULE_PATH_REGEX ? VIEW("") : rule->path;
}

/* By host, then as a tree wants it. */
static int compare_filings(const void *left, const void *right)
{
    const struct filing *a = left, *b = right;
    int order = (int)a->rule->host_class - (int)b->rule->host_class;
    if (order == 0)
        order = compare_views(a->rule->host, b->rule->host);
    if (order == 0)
        order = compare_views(tree_path(a->rule), tree_path(b->rule));
    return order ? order : (a->number > b->number) - (a->number < b->number);
}

static bool is_same_host(const struct filing *a, const struct filing *b)
{
    return a->rule->host_class == b->rule->host_class && view_eq(a->rule->host, b->rule->host);
}

static int compare_firsts(const void *left, const void *right)
{
    const struct route_host *a = left, *b = right;
    return (a->least > b->least) - (a->least < b->least);
}

static void enter_host(struct route_index *index, const struct rule *rule, uint32_t number)
{
    struct route_host *host = &index->hosts[number];
    host->regex = rule->host_regex;
    index->has_suffixes |= rule->host_class == RULE_HOST_SUFFIX;
    index->has_prefixes |= rule->host_class == RULE_HOST_PREFIX;
    if (rule->host_class == RULE_HOST_ANY)
        index->any = host;
    else if (rule->host_class != RULE_HOST_REGEX)
        *name_map_add(&index->map, rule->host) = number;
    else if (index->regex_count++ == 0)
        index->regexes = host;
}

/* One host: `count` filings, which are sorted. */
static void add_host(struct route_index *index, const struct filing *filings, uint32_t count,
                     struct path_item *items)
{
    uint32_t number = index->host_count++;
    struct route_host *host = &index->hosts[number];
    host->least = ROUTE_INDEX_NONE;
    for (uint32_t i = 0; i < count; i++) {
        items[i] = (struct path_item){tree_path(filings[i].rule), filings[i].number};
        if (filings[i].number < host->least)
            host->least = filings[i].number;
    }
    host->root = path_tree_add(&index->paths, items, count);
    enter_host(index, filings[0].rule, number);
}

static uint32_t count_hosts(const struct filing *filings, uint32_t count)
{
    uint32_t hosts = 0;
    for (uint32_t i = 0; i < count; i++)
        hosts += i == 0 || !is_same_host(&filings[i], &filings[i - 1]);
    return hosts;
}

static void add_hosts(struct route_index *index, const struct filing *filings)
{
    struct path_item *items = memory_new(index->count * sizeof(*items));
    uint32_t host_count = count_hosts(filings, index->count);
    index->hosts = memory_new(host_count * sizeof(*index->hosts));
    name_map_init(&index->map, host_count);
    path_tree_store_init(&index->paths, index->count);
    for (uint32_t first = 0, end = 0; first < index->count; first = end) {
        while (end < index->count && is_same_host(&filings[first], &filings[end]))
            end++;
        add_host(index, filings + first, end - first, items);
    }
    name_map_finish(&index->map);
    free(items);
}

void route_index_init(struct route_index *index, const struct rule *rules, uint32_t count)
{
    struct filing *filings = memory_new(count * sizeof(*filings));
    *index = (struct route_index){.rules = rules, .count = count};
    for (uint32_t i = 0; i < count; i++)
        filings[i] = (struct filing){&rules[i], i};
    qsort(filings, count, sizeof(*filings), compare_filings);
    add_hosts(index, filings);
    if (index->regex_count > 0) /* any comes behind them, and stays where it is */
        qsort(index->regexes, index->regex_count, sizeof(*index->regexes), compare_firsts);
    free(filings);
}

void route_index_fini(struct route_index *index)
{
    name_map_fini(&index->map);
    path_tree_store_fini(&index->paths);
    free(index->hosts);
    *index = (struct route_index){0};
}

/* ---- looking --------------------------------------------------------------------------------- */

/* Both are calls, so that those whose rules ask for less have no part in what they take. */
static bool regex_may_match(const struct rule *rule, const struct question *question)
    __attribute__((noinline));
static bool conditions_may_hold(const struct rule *rule, const struct question *question)
    __attribute__((noinline));

static bool regex_may_match(const struct rule *rule, const struct question *question)
{
    return pattern_matches(rule->path_regex, question->path, question->scratch) != TRUTH_NO;
}

static bool conditions_may_hold(const struct rule *rule, const struct question *question)
{
    return rule_conditions_may_hold(rule, question);
}

/* `depth` bytes of the path are the rule's. */
static inline bool path_may_hold(const struct rule *rule, const struct question *question,
                                 size_t depth)
{
    struct view path = question->path;
    switch (rule->path_class) {
    case RULE_PATH_EXACT:
        return depth == path.len;
    case RULE_PATH_SEGMENTS:
        return depth == path.len || path.ptr[depth] == '/' || path.ptr[depth - 1] == '/';
    case RULE_PATH_REGEX:
        return regex_may_match(rule, question);
    default:
        return true;
    }
}

static inline bool may_hold(const struct rule *rule, const struct question *question, size_t depth)
{
    return path_may_hold(rule, question, depth) &&
           (rule->condition_count == 0 || conditions_may_hold(rule, question));
}

/* The first rule at a node that holds, or may, if it is before `best`. */
static uint32_t look_at_node(const struct route_index *index, const struct path_node *node,
                             const struct question *question, size_t depth, uint32_t best)
{
    const uint32_t *items = index->paths.items + node->first_item;
    for (uint32_t i = 0; i < node->item_count && items[i] < best; i++)
        if (may_hold(&index->rules[items[i]], question, depth))
            return items[i];
    return best;
}

/* From the deepest node on, where most rules are that win, up to the root. */
static uint32_t look_at_host(const struct route_index *index, const struct route_host *host,
                             const struct question *question, uint32_t best)
{
    const struct path_node *nodes = index->paths.nodes;
    if (host->least >= best)
        return best;
    struct path_place place = path_tree_find(&index->paths, host->root, question->path);
    while (place.node != PATH_TREE_NONE && nodes[place.node].least < best) {
        const struct path_node *node = &nodes[place.node];
        best = look_at_node(index, node, question, place.depth, best);
        if (place.node == host->root)
            break;
        place = (struct path_place){node->parent, place.depth - node->label_len};
    }
    return best;
}

/* ---- by host --------------------------------------------------------------------------------- */

static const struct route_host *by_name(const struct route_index *index, struct view name)
{
    uint32_t number = name_map_find(&index->map, name);
    return number == NAME_MAP_NONE ? NULL : &index->hosts[number];
}

/* Other hosts would be taken for the patterns that are found by the same map. */
const struct route_host *route_index_exact(const struct route_index *index, struct view host)
{
    bool is_name = host.len > 0 && host.ptr[0] != '.' && host.ptr[host.len - 1] != '.';
    return is_name ? by_name(index, host) : NULL;
}

/* What is yet to be looked at of a host: its suffixes, the longest first, and then its prefixes. */
struct patterns {
    const struct route_index *index;
    struct view host;
    size_t begin, end;
};

static struct patterns patterns_of(const struct route_index *index, struct view host)
{
    return (struct patterns){.index = index,
                             .host = host,
                             .begin = index->has_suffixes ? 1 : host.len,
                             .end = index->has_prefixes ? host.len : 0};
}

/* The next pattern that fits; NULL: there is none. */
static const struct route_host *next_pattern(struct patterns *patterns)
{
    struct view host = patterns->host;
    const struct route_host *found = NULL;
    for (; !found && patterns->begin < host.len; patterns->begin++)
        if (host.ptr[patterns->begin] == '.')
            found = by_name(patterns->index, view_skip(host, patterns->begin));
    for (; !found && patterns->end > 1; patterns->end--)
        if (host.ptr[patterns->end - 2] == '.')
            found = by_name(patterns->index, view_of(host.ptr, patterns->end - 1));
    return found;
}

/* Not those that cannot win. */
static uint32_t match_regexes(const struct route_index *index, const struct question *question,
                              uint32_t best)
{
    for (uint32_t i = 0; i < index->regex_count && index->regexes[i].least < best; i++)
        if (pattern_matches(index->regexes[i].regex, question->host, question->scratch) != TRUTH_NO)
            best = look_at_host(index, &index->regexes[i], question, best);
    return best;
}

uint32_t route_index_find(const struct route_index *index, const struct question *question)
{
    uint32_t best = ROUTE_INDEX_NONE;
    if (index->count == 0)
        return best;
    const struct route_host *host = route_index_exact(index, question->host);
    struct patterns patterns = patterns_of(index, question->host);
    if (host)
        best = look_at_host(index, host, question, best);
    while ((host = next_pattern(&patterns)))
        best = look_at_host(index, host, question, best);
    best = match_regexes(index, question, best);
    return index->any ? look_at_host(index, index->any, question, best) : best;
}

/* ---- again and again -------------------------------------------------------------------------- */

static void add(struct route_hosts *met, const struct route_host *host)
{
    if (met->count < ROUTE_HOSTS_ROOM)
        met->items[met->count] = host;
    met->count++;
}

void route_index_meet(const struct route_index *index, const struct route_host *exact,
                      struct view host, struct route_hosts *met)
{
    bool has_patterns = index->has_suffixes || index->has_prefixes;
    struct patterns patterns = patterns_of(index, host);
    met->count = index->regex_count > 0 ? ROUTE_HOSTS_ROOM + 1 : 0;
    if (exact)
        add(met, exact);
    while (has_patterns && (exact = next_pattern(&patterns)))
        add(met, exact);
    if (index->any)
        add(met, index->any);
}

uint32_t route_index_find_among(const struct route_index *index, const struct route_hosts *met,
                                const struct question *question)
{
    uint32_t best = ROUTE_INDEX_NONE;
    for (uint32_t i = 0; i < met->count; i++)
        best = look_at_host(index, met->items[i], question, best);
    return best;
}

/* ---- what is known --------------------------------------------------------------------------- */

static bool knows_host(const struct route_index *index, const struct question *question)
{
    struct patterns patterns = patterns_of(index, question->host);
    if (route_index_exact(index, question->host) || next_pattern(&patterns))
        return true;
    for (uint32_t i = 0; i < index->regex_count; i++)
        if (pattern_matches(index->regexes[i].regex, question->host, question->scratch) != TRUTH_NO)
            return true;
    return false;
}

static bool knows_path_at(const struct route_index *index, const struct path_node *node,
                          const struct question *question, size_t depth)
{
    const uint32_t *items = index->paths.items + node->first_item;
    for (uint32_t i = 0; i < node->item_count; i++)
        if (rule_names_path(&index->rules[items[i]]) &&
            path_may_hold(&index->rules[items[i]], question, depth))
            return true;
    return false;
}

/* Of those for any host. */
static bool knows_path(const struct route_index *index, const struct question *question)
{
    const struct path_node *nodes = index->paths.nodes;
    struct path_place place = {PATH_TREE_NONE, 0};
    if (index->any)
        place = path_tree_find(&index->paths, index->any->root, question->path);
    while (place.node != PATH_TREE_NONE) {
        const struct path_node *node = &nodes[place.node];
        if (knows_path_at(index, node, question, place.depth))
            return true;
        if (place.node == index->any->root)
            break;
        place = (struct path_place){node->parent, place.depth - node->label_len};
    }
    return false;
}

bool route_index_knows(const struct route_index *index, const struct question *question)
{
    return index->count > 0 && (knows_host(index, question) || knows_path(index, question));
}
