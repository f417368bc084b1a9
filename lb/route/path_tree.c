#include "lb/route/path_tree.h"

#include <stdlib.h>

#include "lb/base/memory.h"

#define LINEAR_MAX 8u /* children are looked through one by one */

void path_tree_store_init(struct path_tree_store *store, uint32_t item_count)
{
    uint32_t capacity = item_count + 16;
    *store =
        (struct path_tree_store){.nodes = memory_resize(NULL, capacity * sizeof(struct path_node)),
                                 .node_capacity = capacity,
                                 .items = memory_new(item_count * sizeof(uint32_t))};
}

void path_tree_store_fini(struct path_tree_store *store)
{
    free(store->nodes);
    free(store->items);
    *store = (struct path_tree_store){0};
}

/* ---- building -------------------------------------------------------------------------------- */

static uint32_t take_nodes(struct path_tree_store *store, uint32_t count)
{
    uint32_t first = store->node_count;
    while (first + count > store->node_capacity) {
        store->node_capacity *= 2;
        store->nodes = memory_resize(store->nodes, store->node_capacity * sizeof(*store->nodes));
    }
    store->node_count += count;
    return first;
}

static uint32_t new_nodes(struct path_tree_store *store, uint32_t count)
{
    uint32_t first = take_nodes(store, count);
    memset(store->nodes + first, 0, count * sizeof(*store->nodes));
    return first;
}

/* How long the beginning is that all of them have, as they are sorted. */
static uint32_t common_len(const struct path_item *items, uint32_t count)
{
    struct view first = items[0].path, last = items[count - 1].path;
    uint32_t len = 0;
    while (len < first.len && len < last.len && first.ptr[len] == last.ptr[len])
        len++;
    return len;
}

/* How many at the start go on with the same character. */
static uint32_t group_len(const struct path_item *items, uint32_t count, uint32_t depth)
{
    uint32_t len = 1;
    while (len < count && items[len].path.ptr[depth] == items[0].path.ptr[depth])
        len++;
    return len;
}

static uint16_t count_groups(const struct path_item *items, uint32_t count, uint32_t depth)
{
    uint16_t groups = 0;
    for (uint32_t at = 0; at < count; at += group_len(items + at, count - at, depth))
        groups++;
    return groups;
}

/* Files those whose path ends here, and gives how many. */
static uint32_t take_items(struct path_tree_store *store, struct path_node *node,
                           const struct path_item *items, uint32_t count, uint32_t depth)
{
    node->first_item = store->item_count;
    while (node->item_count < count && items[node->item_count].path.len == depth)
        store->items[store->item_count++] = items[node->item_count++].value;
    if (node->item_count > 0 && store->items[node->first_item] < node->least)
        node->least = store->items[node->first_item];
    return node->item_count;
}

/* The node and all below it. As deep as a path is long. */
static void fill(struct path_tree_store *store, uint32_t at, const struct path_item *items,
                 uint32_t count, uint32_t depth)
{
    uint32_t taken = take_items(store, &store->nodes[at], items, count, depth);
    items += taken;
    count -= taken;
    uint16_t children = count_groups(items, count, depth);
    uint32_t first = new_nodes(store, children);
    store->nodes[at].first_child = first;
    store->nodes[at].child_count = children;
    for (uint32_t child = first; count > 0; child++) {
        uint32_t len = group_len(items, count, depth), end = common_len(items, len);
        struct path_node *node = &store->nodes[child];
        node->label = items[0].path.ptr + depth;
        node->label_len = end - depth;
        node->first_char = (unsigned char)node->label[0];
        node->parent = at;
        node->least = store->nodes[at].least;
        fill(store, child, items, len, end);
        items += len;
        count -= len;
    }
}

uint32_t path_tree_add(struct path_tree_store *store, const struct path_item *items, uint32_t count)
{
    uint32_t root = new_nodes(store, 1);
    struct path_node *node = &store->nodes[root];
    node->parent = root;
    node->least = UINT32_MAX;
    node->label = items[0].path.ptr;
    node->label_len = common_len(items, count);
    fill(store, root, items, count, node->label_len);
    return root;
}

static uint32_t item_end(const struct path_tree_store *store, uint32_t node)
{
    return node < store->node_count ? store->nodes[node].first_item : store->item_count;
}

/* Differences between places may be below 0: they wrap around. */
uint32_t path_tree_copy(struct path_tree_store *store, const struct path_tree_store *from,
                        uint32_t begin, uint32_t end, const uint32_t *numbers)
{
    uint32_t item = item_end(from, begin), last = item_end(from, end);
    uint32_t item_shift = store->item_count - item;
    uint32_t root = take_nodes(store, end - begin), shift = root - begin;
    struct path_node *nodes = store->nodes + root;
    memcpy(nodes, from->nodes + begin, (end - begin) * sizeof(*nodes));
    for (uint32_t i = 0; i < end - begin; i++) {
        nodes[i].parent += shift;
        nodes[i].first_child += shift;
        nodes[i].first_item += item_shift;
        if (nodes[i].least != UINT32_MAX)
            nodes[i].least = numbers[nodes[i].least];
    }
    for (; item < last; item++)
        store->items[store->item_count++] = numbers[from->items[item]];
    return root;
}

/* ---- looking --------------------------------------------------------------------------------- */

static const struct path_node *child_of(const struct path_tree_store *store,
                                        const struct path_node *node, unsigned char first)
{
    const struct path_node *children = store->nodes + node->first_child;
    uint32_t low = 0, high = node->child_count;
    while (high - low > LINEAR_MAX) {
        uint32_t middle = (low + high) / 2;
        if (children[middle].first_char <= first)
            low = middle;
        else
            high = middle;
    }
    for (; low < high; low++)
        if (children[low].first_char == first)
            return &children[low];
    return NULL;
}

/* Whether so many octets are the same, from `size` to twice that many of them. */
#define ARE_SAME(type, one, other, len)                                                            \
    (((load_##type(one) ^ load_##type(other)) | (load_##type((one) + (len) - sizeof(type)) ^       \
                                                 load_##type((other) + (len) - sizeof(type)))) ==  \
     0)

static uint64_t load_uint64_t(const char *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof(word));
    return word;
}

static uint32_t load_uint32_t(const char *at)
{
    uint32_t word;
    memcpy(&word, at, sizeof(word));
    return word;
}

/* As view_starts_with: most labels are short. */
static inline bool has_label(const struct path_node *node, struct view rest)
{
    const char *label = node->label;
    size_t len = node->label_len, at = 0;
    if (rest.len < len)
        return false;
    if (len > 16)
        return memcmp(rest.ptr, label, len) == 0;
    if (len >= 8)
        return ARE_SAME(uint64_t, rest.ptr, label, len);
    if (len >= 4)
        return ARE_SAME(uint32_t, rest.ptr, label, len);
    while (at < len && rest.ptr[at] == label[at])
        at++;
    return at == len;
}

struct path_place path_tree_find(const struct path_tree_store *store, uint32_t root,
                                 struct view path)
{
    const struct path_node *node = &store->nodes[root];
    if (!has_label(node, path))
        return (struct path_place){PATH_TREE_NONE, 0};
    struct view rest = view_skip(path, node->label_len);
    while (node->child_count > 0 && rest.len > 0) {
        const struct path_node *child = child_of(store, node, (unsigned char)rest.ptr[0]);
        if (!child || !has_label(child, rest))
            break;
        rest = view_skip(rest, child->label_len);
        node = child;
    }
    return (struct path_place){(uint32_t)(node - store->nodes), (uint32_t)(path.len - rest.len)};
}
