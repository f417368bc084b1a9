#include "lb/route/filing.h"

#include <stdlib.h>

#include "lb/base/memory.h"
#include "lb/route/rule_set.h"

#define MORE_HOSTS 8u /* may come before the map is to be made anew, and an eighth of all */

/* ---- as a tree wants them -------------------------------------------------------------------- */

int filing_compare_items(const void *left, const void *right)
{
    const struct path_item *a = left, *b = right;
    int order = view_compare(a->path, b->path);
    return order ? order : (a->value > b->value) - (a->value < b->value);
}

/* Regexes are asked at the root, as "any" is. */
struct view filing_tree_path(const struct rule *rule)
{
    return rule->path_class >= RULE_PATH_REGEX ? VIEW("") : rule->path;
}

/* ---- who stays and who comes ----------------------------------------------------------------- */

/* Both are in one order: those that stay meet. A new one that is not known as such costs time only. */
static void compare_with_before(struct filing *filing, const struct route_index *index)
{
    const struct route_index *before = filing->before;
    uint32_t old = 0, number = 0;
    while (number < index->count) {
        if (old < before->count && before->rules[old] == index->rules[number])
            filing->numbers[old++] = number++;
        else if (old == before->count || rule_set_is_new(index->rules[number]))
            filing->come[filing->come_count++] = number++;
        else
            filing->numbers[old++] = FILING_NONE;
    }
    while (old < before->count)
        filing->numbers[old++] = FILING_NONE;
}

/* Those of a host mostly stand side by side: not many more than there are. */
static uint32_t count_hosts_that_come(const struct filing *filing, const struct route_index *index)
{
    uint32_t hosts = filing->come_count > 0;
    for (uint32_t i = 1; i < filing->come_count; i++)
        hosts +=
            !view_eq(index->rules[filing->come[i]]->host, index->rules[filing->come[i - 1]]->host);
    return hosts;
}

static uint32_t count_patterns_that_come(const struct filing *filing,
                                         const struct route_index *index)
{
    uint32_t patterns = 0;
    for (uint32_t i = 0; i < filing->come_count; i++)
        patterns += index->rules[filing->come[i]]->host_class == RULE_HOST_REGEX;
    return patterns;
}

/* ---- their hosts ----------------------------------------------------------------------------- */

/* Those that are found by no name. */
static void take_others(struct filing *filing, const struct route_index *index)
{
    const struct route_index *before = filing->before;
    filing->any = before->any ? (uint32_t)(before->any - before->hosts) : FILING_NONE;
    filing->pattern_room = before->regex_count + count_patterns_that_come(filing, index);
    name_map_init(&filing->patterns, filing->pattern_room);
    for (uint32_t host = 0; before->regex_count > 0 && host < before->host_count; host++)
        if (before->hosts[host].regex)
            *name_map_add(&filing->patterns, before->rules[before->hosts[host].least]->host) = host;
}

static void take_hosts(struct filing *filing, struct route_index *index, uint32_t room)
{
    const struct route_index *before = filing->before;
    index->hosts = memory_new(room * sizeof(*index->hosts));
    index->host_count = before->host_count;
    index->suffix_count = before->suffix_count;
    index->prefix_count = before->prefix_count;
    if (before->host_count > 0)
        name_map_copy(&index->map, &before->map);
    else
        name_map_init(&index->map, room + room / 8 + MORE_HOSTS);
}

static uint32_t host_before(const struct filing *filing, const struct rule *rule)
{
    if (rule->host_class == RULE_HOST_ANY)
        return filing->any;
    return name_map_find(
        rule->host_class == RULE_HOST_REGEX ? &filing->patterns : &filing->before->map, rule->host);
}

static void note_gone(struct filing *filing)
{
    for (uint32_t i = 0; i < filing->before->count; i++)
        if (filing->numbers[i] == FILING_NONE)
            filing->has_changed[host_before(filing, filing->before->rules[i])] = true;
}

static uint32_t *number_of(struct filing *filing, struct route_index *index,
                           const struct rule *rule)
{
    if (rule->host_class == RULE_HOST_ANY)
        return &filing->any;
    return name_map_add(rule->host_class == RULE_HOST_REGEX ? &filing->patterns : &index->map,
                        rule->host);
}

static uint32_t add_host(struct route_index *index, const struct rule *rule)
{
    index->suffix_count += rule->host_class == RULE_HOST_SUFFIX;
    index->prefix_count += rule->host_class == RULE_HOST_PREFIX;
    return index->host_count++;
}

static void number_hosts(struct filing *filing, struct route_index *index)
{
    for (uint32_t i = 0; i < filing->come_count; i++) {
        const struct rule *rule = index->rules[filing->come[i]];
        uint32_t *number = number_of(filing, index, rule);
        if (*number == NAME_MAP_NONE)
            *number = add_host(index, rule);
        filing->host_of[i] = *number;
        filing->counts[*number]++;
        filing->has_changed[*number] = true;
    }
}

/* Each host's behind the last one's. */
static void file_items(struct filing *filing, const struct route_index *index)
{
    uint32_t *next = memory_new((index->host_count + 1) * sizeof(*next));
    for (uint32_t host = 0; host < index->host_count; host++)
        next[host + 1] = next[host] + filing->counts[host];
    for (uint32_t i = 0; i < filing->come_count; i++) {
        uint32_t number = filing->come[i];
        filing->items[next[filing->host_of[i]]++] =
            (struct path_item){filing_tree_path(index->rules[number]), number};
    }
    free(next);
}

static void sort_items(struct filing *filing, const struct route_index *index)
{
    struct path_item *items = filing->items;
    for (uint32_t host = 0; host < index->host_count; host++) {
        if (filing->counts[host] > 1)
            qsort(items, filing->counts[host], sizeof(*items), filing_compare_items);
        items += filing->counts[host];
    }
}

/* ---- all of it ------------------------------------------------------------------------------- */

/* Gives how many hosts there may be. */
static uint32_t compare_indexes(struct filing *filing, const struct route_index *index,
                                const struct route_index *before)
{
    *filing = (struct filing){.before = before,
                              .numbers = memory_new(before->count * sizeof(*filing->numbers)),
                              .come = memory_new(index->count * sizeof(*filing->come))};
    compare_with_before(filing, index);
    return before->host_count + count_hosts_that_come(filing, index);
}

void filing_init(struct filing *filing, struct route_index *index, const struct route_index *before)
{
    static const struct route_index nothing;
    uint32_t room = compare_indexes(filing, index, before ? before : &nothing);
    if (filing->before->host_count > 0 && !name_map_suits(&before->map, room)) {
        free(filing->come);
        free(filing->numbers);
        room = compare_indexes(filing, index, &nothing);
    }
    filing->has_changed = memory_new(room * sizeof(*filing->has_changed));
    filing->counts = memory_new(room * sizeof(*filing->counts));
    filing->host_of = memory_new(filing->come_count * sizeof(*filing->host_of));
    filing->items = memory_new(filing->come_count * sizeof(*filing->items));
    take_others(filing, index);
    take_hosts(filing, index, room);
    note_gone(filing);
    number_hosts(filing, index);
    file_items(filing, index);
    sort_items(filing, index);
}

void filing_fini(struct filing *filing)
{
    name_map_fini(&filing->patterns);
    free(filing->items);
    free(filing->host_of);
    free(filing->counts);
    free(filing->has_changed);
    free(filing->come);
    free(filing->numbers);
    *filing = (struct filing){0};
}
