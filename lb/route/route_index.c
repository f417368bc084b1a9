#include "lb/route/route_index.h"

#include <stdlib.h>

void route_index_fini(struct route_index *index)
{
    name_map_fini(&index->map);
    path_tree_store_fini(&index->paths);
    free(index->regexes);
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
        if (may_hold(index->rules[items[i]], question, depth))
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
                             .begin = index->suffix_count > 0 ? 1 : host.len,
                             .end = index->prefix_count > 0 ? host.len : 0};
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
    bool has_patterns = index->suffix_count > 0 || index->prefix_count > 0;
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
        if (rule_names_path(index->rules[items[i]]) &&
            path_may_hold(index->rules[items[i]], question, depth))
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
