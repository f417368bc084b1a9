#include "lb/route/planting.h"

#include <stdlib.h>

#include "lb/base/memory.h"

struct planting {
    struct route_index *index;
    const struct filing *filing;
    uint32_t *places; /* of each host that is filed: its number; FILING_NONE: it is gone */
    uint32_t placed;
    bool is_one_gone;
    struct path_item *items; /* those of one tree */
    uint32_t item_room;
};

/* ---- those of before ------------------------------------------------------------------------- */

static uint32_t tree_begin(const struct route_index *index, uint32_t host)
{
    return host < index->host_count ? index->hosts[host].root : index->paths.node_count;
}

static uint32_t items_begin(const struct route_index *index, uint32_t host)
{
    return host < index->host_count ? index->paths.nodes[index->hosts[host].root].first_item
                                    : index->paths.item_count;
}

/* The hosts from `first` up to `end`, with their trees. */
static void copy(struct planting *planting, uint32_t first, uint32_t end)
{
    const struct route_index *before = planting->filing->before;
    const uint32_t *numbers = planting->filing->numbers;
    if (first == end)
        return;
    uint32_t begin = tree_begin(before, first);
    uint32_t root = path_tree_copy(&planting->index->paths, &before->paths, begin,
                                   tree_begin(before, end), numbers);
    for (uint32_t host = first; host < end; host++) {
        struct route_host *copied = &planting->index->hosts[planting->placed];
        *copied = before->hosts[host];
        copied->root += root - begin;
        copied->least = numbers[copied->least];
        planting->places[host] = planting->placed++;
    }
}

/* ---- new ones -------------------------------------------------------------------------------- */

static void make_room(struct planting *planting, uint32_t count)
{
    if (count <= planting->item_room)
        return;
    planting->item_room = count;
    planting->items = memory_resize(planting->items, count * sizeof(*planting->items));
}

/* Those of before that stay, in the order of their tree, with room for some more. */
static uint32_t take_kept(struct planting *planting, uint32_t host, uint32_t more)
{
    const struct route_index *before = planting->filing->before;
    bool is_known = host < before->host_count;
    uint32_t begin = is_known ? items_begin(before, host) : 0, count = 0;
    uint32_t end = is_known ? items_begin(before, host + 1) : 0;
    make_room(planting, end - begin + more);
    for (uint32_t i = begin; i < end; i++) {
        uint32_t number = planting->filing->numbers[before->paths.items[i]];
        if (number != FILING_NONE)
            planting->items[count++] =
                (struct path_item){filing_tree_path(planting->index->rules[number]), number};
    }
    return count;
}

/* Both are sorted, and so is what they become; from the end on, as the first stand in their way. */
static void merge(struct path_item *items, uint32_t count, const struct path_item *more,
                  uint32_t more_count)
{
    while (more_count > 0) {
        bool is_kept =
            count > 0 && filing_compare_items(&items[count - 1], &more[more_count - 1]) > 0;
        items[count + more_count - 1] = is_kept ? items[count - 1] : more[more_count - 1];
        count -= is_kept;
        more_count -= !is_kept;
    }
}

static uint32_t least_of(const struct path_item *items, uint32_t count)
{
    uint32_t least = items[0].value;
    for (uint32_t i = 1; i < count; i++)
        least = items[i].value < least ? items[i].value : least;
    return least;
}

/* Its name is that of a rule which is gone. */
static void drop_host(struct planting *planting, uint32_t host)
{
    const struct route_index *before = planting->filing->before;
    const struct rule *rule = before->rules[before->hosts[host].least];
    struct route_index *index = planting->index;
    planting->places[host] = FILING_NONE;
    planting->is_one_gone = true;
    index->suffix_count -= rule->host_class == RULE_HOST_SUFFIX;
    index->prefix_count -= rule->host_class == RULE_HOST_PREFIX;
    if (rule->host_class < RULE_HOST_REGEX)
        name_map_remove(&index->map, rule->host);
}

/* The name may have been that of a rule which is gone: now it is one's that is here. */
static void place_host(struct planting *planting, uint32_t host, const struct path_item *items,
                       uint32_t count)
{
    struct route_index *index = planting->index;
    uint32_t least = least_of(items, count);
    const struct rule *rule = index->rules[least];
    index->hosts[planting->placed] =
        (struct route_host){.root = path_tree_add(&index->paths, items, count),
                            .least = least,
                            .regex = rule->host_regex};
    planting->places[host] = planting->placed++;
    if (rule->host_class < RULE_HOST_REGEX)
        *name_map_add(&index->map, rule->host) = host;
}

/* Whose rules are not those of before. */
static void plant(struct planting *planting, uint32_t host, const struct path_item *come)
{
    uint32_t come_count = planting->filing->counts[host];
    uint32_t count = take_kept(planting, host, come_count);
    merge(planting->items, count, come, come_count);
    if (count + come_count == 0)
        drop_host(planting, host);
    else
        place_host(planting, host, planting->items, count + come_count);
}

/* ---- all of them ----------------------------------------------------------------------------- */

static void plant_all(struct planting *planting)
{
    const struct path_item *come = planting->filing->items;
    uint32_t count = planting->index->host_count, first = 0;
    for (uint32_t host = 0; host < count; host++) {
        if (!planting->filing->has_changed[host])
            continue;
        copy(planting, first, host);
        plant(planting, host, come);
        come += planting->filing->counts[host];
        first = host + 1;
    }
    copy(planting, first, count);
    planting->index->host_count = planting->placed;
}

static int compare_hosts(const void *left, const void *right)
{
    const struct route_host *a = left, *b = right;
    return (a->least > b->least) - (a->least < b->least);
}

/* Those that are found by no name. */
static void list_others(struct planting *planting)
{
    struct route_index *index = planting->index;
    uint32_t any = planting->filing->any;
    index->regexes = memory_new(planting->filing->pattern_room * sizeof(*index->regexes));
    for (uint32_t host = 0; host < index->host_count; host++)
        if (index->hosts[host].regex)
            index->regexes[index->regex_count++] = index->hosts[host];
    if (index->regex_count > 1)
        qsort(index->regexes, index->regex_count, sizeof(*index->regexes), compare_hosts);
    if (any != FILING_NONE && planting->places[any] != FILING_NONE)
        index->any = &index->hosts[planting->places[any]];
}

static void make(struct route_index *index, const struct filing *filing)
{
    struct planting planting = {.index = index,
                                .filing = filing,
                                .places = memory_new(index->host_count * sizeof(uint32_t))};
    bool is_one_new = index->host_count > filing->before->host_count;
    path_tree_store_init(&index->paths, index->count);
    plant_all(&planting);
    list_others(&planting);
    if (planting.is_one_gone)
        name_map_renumber(&index->map, planting.places);
    if (is_one_new)
        name_map_finish(&index->map);
    free(planting.items);
    free(planting.places);
}

void planting_make(struct route_index *index, const struct rule *const *rules, uint32_t count,
                   const struct route_index *before)
{
    struct filing filing;
    *index = (struct route_index){.rules = rules, .count = count};
    filing_init(&filing, index, before);
    make(index, &filing);
    filing_fini(&filing);
}
