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

/* `depth` bytes of the path are the rule's. */
static bool path_may_hold(const struct rule *rule, const struct question *question, size_t depth)
{
    struct view path = question->path;
    if (rule->path_class == RULE_PATH_EXACT && depth != path.len)
        return false;
    if (rule->path_class == RULE_PATH_SEGMENTS && depth < path.len && path.ptr[depth] != '/' &&
        path.ptr[depth - 1] != '/')
        return false;
    return rule->path_class != RULE_PATH_REGEX ||
           pattern_matches(rule->path_regex, path, question->scratch) != TRUTH_NO;
}

static bool may_hold(const struct rule *rule, const struct question *question, size_t depth)
{
    return path_may_hold(rule, question, depth) && rule_conditions_may_hold(rule, question);
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

/* Looked at by path is each host as soon as it is met. */
struct search {
    const struct route_index *index;
    const struct question *question;
    struct route_hosts *met;
    uint32_t best;
};

static void meet(struct search *search, const struct route_host *host)
{
    struct route_hosts *met = search->met;
    if (met->count < ROUTE_HOSTS_ROOM)
        met->items[met->count] = host;
    met->count++;
    search->best = look_at_host(search->index, host, search->question, search->best);
}

static void look_up(struct search *search, struct view name)
{
    uint32_t number = name_map_find(&search->index->map, name);
    if (number != NAME_MAP_NONE)
        meet(search, &search->index->hosts[number]);
}

/* The longest suffix first: the more specific. */
static void look_up_suffixes(struct search *search)
{
    struct view host = search->question->host;
    for (size_t at = 1; at < host.len; at++)
        if (host.ptr[at] == '.')
            look_up(search, view_skip(host, at));
}

static void look_up_prefixes(struct search *search)
{
    struct view host = search->question->host;
    for (size_t len = host.len > 0 ? host.len - 1 : 0; len > 0; len--)
        if (host.ptr[len - 1] == '.')
            look_up(search, view_of(host.ptr, len));
}

/* Not those that cannot win: what is met is not all, then. */
static void match_regexes(struct search *search)
{
    const struct route_index *index = search->index;
    const struct question *question = search->question;
    search->met->count = ROUTE_HOSTS_ROOM + 1;
    for (uint32_t i = 0; i < index->regex_count && index->regexes[i].least < search->best; i++)
        if (pattern_matches(index->regexes[i].regex, question->host, question->scratch) != TRUTH_NO)
            search->best = look_at_host(index, &index->regexes[i], question, search->best);
}

/* Other hosts would be taken for the patterns that are found by the same map. */
static bool is_name(struct view host)
{
    return host.len > 0 && host.ptr[0] != '.' && host.ptr[host.len - 1] != '.';
}

uint32_t route_index_find(const struct route_index *index, const struct question *question,
                          struct route_hosts *met)
{
    struct search search = {
        .index = index, .question = question, .met = met, .best = ROUTE_INDEX_NONE};
    met->count = 0;
    if (index->count == 0)
        return ROUTE_INDEX_NONE;
    if (is_name(question->host))
        look_up(&search, question->host);
    if (index->has_suffixes)
        look_up_suffixes(&search);
    if (index->has_prefixes)
        look_up_prefixes(&search);
    if (index->regex_count > 0)
        match_regexes(&search);
    if (index->any)
        meet(&search, index->any);
    return search.best;
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

static bool has_name(const struct route_index *index, struct view name)
{
    return name_map_find(&index->map, name) != NAME_MAP_NONE;
}

static bool knows_host(const struct route_index *index, const struct question *question)
{
    struct view host = question->host;
    if (is_name(host) && has_name(index, host))
        return true;
    for (size_t at = 1; index->has_suffixes && at < host.len; at++)
        if (host.ptr[at] == '.' && has_name(index, view_skip(host, at)))
            return true;
    for (size_t len = host.len; index->has_prefixes && len > 1; len--)
        if (host.ptr[len - 2] == '.' && has_name(index, view_of(host.ptr, len - 1)))
            return true;
    for (uint32_t i = 0; i < index->regex_count; i++)
        if (pattern_matches(index->regexes[i].regex, host, question->scratch) != TRUTH_NO)
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
