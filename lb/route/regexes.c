#include "lb/route/regexes.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "lb/base/memory.h"
#include "lb/contract/limits.h"

struct regex {
    atomic_uint ref_count;
    struct pattern *pattern;
    bool is_capturing;
    size_t len;
    char text[];
};

/* What it is looked for by. */
struct wanted {
    struct view text;
    bool is_capturing;
};

static int compare(const struct wanted *wanted, const struct regex *regex)
{
    if (wanted->is_capturing != regex->is_capturing)
        return wanted->is_capturing ? 1 : -1;
    return view_compare(wanted->text, view_of(regex->text, regex->len));
}

/* Where it is, or where it would be. */
static unsigned place_of(const struct regexes *regexes, const struct wanted *wanted)
{
    unsigned low = 0, high = regexes->count;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        if (compare(wanted, regexes->items[middle]) > 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct regex *find(const struct regexes *regexes, const struct wanted *wanted)
{
    unsigned at = regexes ? place_of(regexes, wanted) : 0;
    bool is_there = regexes && at < regexes->count && compare(wanted, regexes->items[at]) == 0;
    return is_there ? regexes->items[at] : NULL;
}

static struct regex *make(const struct wanted *wanted)
{
    struct text ignored = TEXT_INIT;
    struct view text = wanted->text;
    struct pattern *pattern =
        wanted->is_capturing ? pattern_new_capturing(text, &ignored) : pattern_new(text, &ignored);
    text_fini(&ignored);
    if (!pattern)
        return NULL;
    struct regex *regex = memory_new(sizeof(*regex) + text.len);
    atomic_init(&regex->ref_count, 1);
    regex->pattern = pattern;
    regex->is_capturing = wanted->is_capturing;
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

static const struct pattern *get(struct regexes *regexes, const struct regexes *before,
                                 const struct wanted *wanted)
{
    struct regex *regex = find(regexes, wanted);
    if (regex)
        return regex->pattern;
    if (regexes->count == LIMITS_REGEXES_MAX)
        return NULL;
    regex = take_over(find(before, wanted));
    if (!regex)
        regex = make(wanted);
    if (!regex)
        return NULL;
    insert(regexes, place_of(regexes, wanted), regex);
    return regex->pattern;
}

const struct pattern *regexes_get(struct regexes *regexes, const struct regexes *before,
                                  struct view text)
{
    return get(regexes, before, &(struct wanted){text, false});
}

const struct pattern *regexes_get_capturing(struct regexes *regexes, const struct regexes *before,
                                            struct view text)
{
    return get(regexes, before, &(struct wanted){text, true});
}

bool regexes_add(struct regexes *regexes, const struct regexes *others)
{
    for (unsigned i = 0; i < others->count; i++) {
        const struct regex *regex = others->items[i];
        const struct wanted wanted = {view_of(regex->text, regex->len), regex->is_capturing};
        if (!get(regexes, others, &wanted))
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
