#include "lb/route/regexes.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "lb/base/memory.h"
#include "lb/contract/limits.h"

struct regex {
    atomic_uint ref_count;
    struct pattern *pattern;
    size_t len;
    char text[];
};

static int compare(struct view text, const struct regex *regex)
{
    size_t shorter = text.len < regex->len ? text.len : regex->len;
    int order = shorter > 0 ? memcmp(text.ptr, regex->text, shorter) : 0;
    return order ? order : (text.len > regex->len) - (text.len < regex->len);
}

/* Where it is, or where it would be. */
static unsigned place_of(const struct regexes *regexes, struct view text)
{
    unsigned low = 0, high = regexes->count;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        if (compare(text, regexes->items[middle]) > 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct regex *find(const struct regexes *regexes, struct view text)
{
    unsigned at = regexes ? place_of(regexes, text) : 0;
    bool is_there = regexes && at < regexes->count && compare(text, regexes->items[at]) == 0;
    return is_there ? regexes->items[at] : NULL;
}

static struct regex *make(struct view text)
{
    struct text ignored = TEXT_INIT;
    struct pattern *pattern = pattern_new(text, &ignored);
    text_fini(&ignored);
    if (!pattern)
        return NULL;
    struct regex *regex = memory_new(sizeof(*regex) + text.len);
    atomic_init(&regex->ref_count, 1);
    regex->pattern = pattern;
    regex->len = text.len;
    if (text.len > 0)
        memcpy(regex->text, text.ptr, text.len);
    return regex;
}

static struct regex *take_over(struct regex *regex)
{
    if (regex)
        atomic_fetch_add_explicit(&regex->ref_count, 1, memory_order_relaxed);
    return regex;
}

/* Takes the reference. */
static void insert(struct regexes *regexes, unsigned at, struct regex *regex)
{
    if (regexes->count == regexes->capacity) {
        regexes->capacity = regexes->capacity ? regexes->capacity * 2 : 16;
        regexes->items = memory_resize(regexes->items, regexes->capacity * sizeof(struct regex *));
    }
    memmove(regexes->items + at + 1, regexes->items + at,
            (regexes->count - at) * sizeof(struct regex *));
    regexes->items[at] = regex;
    regexes->count++;
}

const struct pattern *regexes_get(struct regexes *regexes, const struct regexes *before,
                                  struct view text)
{
    struct regex *regex = find(regexes, text);
    if (regex)
        return regex->pattern;
    if (regexes->count == LIMITS_REGEXES_MAX)
        return NULL;
    regex = take_over(find(before, text));
    if (!regex)
        regex = make(text);
    if (!regex)
        return NULL;
    insert(regexes, place_of(regexes, text), regex);
    return regex->pattern;
}

bool regexes_add(struct regexes *regexes, const struct regexes *others)
{
    for (unsigned i = 0; i < others->count; i++) {
        struct regex *regex = others->items[i];
        if (!regexes_get(regexes, others, view_of(regex->text, regex->len)))
            return false;
    }
    return true;
}

void regexes_fini(struct regexes *regexes)
{
    for (unsigned i = 0; i < regexes->count; i++) {
        struct regex *regex = regexes->items[i];
        if (atomic_fetch_sub_explicit(&regex->ref_count, 1, memory_order_acq_rel) > 1)
            continue;
        pattern_free(regex->pattern);
        free(regex);
    }
    free(regexes->items);
    *regexes = (struct regexes){0};
}
