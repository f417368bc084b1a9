#include "lb/route/route_index.h"

#include <stdlib.h>

#include "lb/base/memory.h"

/* ---- building -------------------------------------------------------------------------------- */

/* Rules on their way into trees. */
struct filing {
    struct name_map patterns; /* regexes of hosts, by text */
    uint32_t any;             /* the number of the host that is any */
    uint32_t *host_of;        /* each rule's */
    uint32_t *counts;         /* of each host's rules */
    struct path_item *items;  /* by host */
};

static int compare_views(struct view a, struct view b)
{
    size_t shorter = a.len < b.len ? a.len : b.len;
    int order = shorter > 0 ? memcmp(a.ptr, b.ptr, shorter) : 0;
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

/* As a tree wants them. */
static int compare_items(const void *left, const void *right)
{
    const struct path_item *a = left, *b = right;
    int order = compare_views(a->path, b->path);
    return order ? order : (a->value > b->value) - (a->value < b->value);
}

/* Regexes are asked at the root, as "any" is. */
static struct view tree_path(const struct rule *rule)
{
    return rule->path_class >= RULE_PATH_REGEX ? VIEW("") : rule->path;
}

/* Those of a host mostly stand side by side: not many more than there are. */
static uint32_t count_hosts_at_most(const struct route_index *index)
{
    uint32_t hosts = index->count > 0;
    for (uint32_t i = 1; i < index->count; i++)
        hosts += !view_eq(index->rules[i]->host, index->rules[i - 1]->host);
    return hosts;
}

static uint32_t count_patterns_at_most(const struct route_index *index)
{
    uint32_t patterns = 0;
    for (uint32_t i = 0; i < index->count; i++)
        patterns += index->rules[i]->host_class == RULE_HOST_REGEX;
    return patterns;
}

static uint32_t *number_of(struct route_index *index, struct filing *filing,
                           const struct rule *rule)
{
    if (rule->host_class == RULE_HOST_ANY)
        return &filing->any;
    return name_map_add(rule->host_class == RULE_HOST_REGEX ? &filing->patterns : &index->map,
                        rule->host);
}

/* The first of its rules comes first. */
static uint32_t add_host(struct route_index *index, const struct rule *rule, uint32_t number)
{
    index->hosts[index->host_count] =
        (struct route_host){.least = number, .regex = rule->host_regex};
    index->has_suffixes |= rule->host_class == RULE_HOST_SUFFIX;
    index->has_prefixes |= rule->host_class == RULE_HOST_PREFIX;
    return index->host_count++;
}

static void number_hosts(struct route_index *index, struct filing *filing)
{
    for (uint32_t i = 0; i < index->count; i++) {
        uint32_t *number = number_of(index, filing, index->rules[i]);
        if (*number == NAME_MAP_NONE)
            *number = add_host(index, index->rules[i], i);
        filing->host_of[i] = *number;
        filing->counts[*number]++;
    }
    name_map_finish(&index->map);
}

/* Each host's behind the last one's, in their order. */
static void file_items(const struct route_index *index, struct filing *filing)
{
    uint32_t *next = memory_new((index->host_count + 1) * sizeof(*next));
    for (uint32_t host = 0; host < index->host_count; host++)
        next[host + 1] = next[host] + filing->counts[host];
    for (uint32_t i = 0; i < index->count; i++)
        filing->items[next[filing->host_of[i]]++] =
            (struct path_item){tree_path(index->rules[i]), i};
    free(next);
}

static void plant_trees(struct route_index *index, const struct filing *filing)
{
    struct path_item *items = filing->items;
    path_tree_store_init(&index->paths, index->count);
    for (uint32_t host = 0; host < index->host_count; host++) {
        uint32_t count = filing->counts[host];
        if (count > 1)
            qsort(items, count, sizeof(*items), compare_items);
        index->hosts[host].root = path_tree_add(&index->paths, items, count);
        items += count;
    }
}

/* Those that are found by no name. */
static void list_others(struct route_index *index, const struct filing *filing)
{
    index->regexes = memory_new(index->host_count * sizeof(*index->regexes));
    for (uint32_t host = 0; host < index->host_count; host++)
        if (index->hosts[host].regex)
            index->regexes[index->regex_count++] = index->hosts[host];
    if (filing->any != NAME_MAP_NONE)
        index->any = &index->hosts[filing->any];
}

void route_index_init(struct route_index *index, const struct rule *const *rules, uint32_t count)
{
    *index = (struct route_index){.rules = rules, .count = count};
    uint32_t room = count_hosts_at_most(index);
    struct filing filing = {.any = NAME_MAP_NONE,
                            .host_of = memory_new(count * sizeof(uint32_t)),
                            .counts = memory_new(room * sizeof(uint32_t)),
                            .items = memory_new(count * sizeof(struct path_item))};
    index->hosts = memory_new(room * sizeof(*index->hosts));
    name_map_init(&index->map, room);
    name_map_init(&filing.patterns, count_patterns_at_most(index));
    number_hosts(index, &filing);
    file_items(index, &filing);
    plant_trees(index, &filing);
    list_others(index, &filing);
    name_map_fini(&filing.patterns);
    free(filing.items);
    free(filing.counts);
    free(filing.host_of);
}

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
