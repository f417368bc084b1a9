#include "discovery/contest/certificate_contest.h"

#include <stdlib.h>
#include <string.h>

#include "discovery/certificate_list.h"
#include "lb/base/memory.h"

static int compare(const void *left, const void *right)
{
    const struct claimant *a = *(struct claimant *const *)left;
    const struct claimant *b = *(struct claimant *const *)right;
    int order = (a->created_ns > b->created_ns) - (a->created_ns < b->created_ns);
    return order != 0 ? order : strcmp(a->id, b->id);
}

static bool takes_part(const struct claimant *claimant)
{
    return !claimant->is_hidden && claimant->offers->fault == LEFT_OUT_REASON_COUNT &&
           claimant->offers->certificate_count > 0;
}

/* Those that have any, the oldest first. Gives how many, and how many wishes all of them have. */
static size_t enter(struct claimant *const *claimants, size_t count, struct claimant **list,
                    size_t *wishes)
{
    size_t entered = 0;
    *wishes = 0;
    for (size_t i = 0; i < count; i++)
        if (takes_part(claimants[i])) {
            list[entered++] = claimants[i];
            *wishes += claimants[i]->offers->certificate_count;
        }
    if (entered > 0)
        qsort(list, entered, sizeof(list[0]), compare);
    return entered;
}

static void fill(const struct claimant *claimant, struct certificate_wish *out)
{
    for (size_t i = 0; i < claimant->offers->certificate_count; i++) {
        out[i] = claimant->offers->certificates[i];
        out[i].container = view_str(claimant->id);
        out[i].container_name = view_str(claimant->name);
        out[i].created_ns = claimant->created_ns;
    }
}

static void tell(struct claimant *claimant, size_t count)
{
    if (claimant->is_running)
        claimant_add_contested(claimant,
                               "%zu of its certificates are not asked for: there is room for %u, "
                               "and for 1 MiB of names, of all containers together; older ones "
                               "come first",
                               count, CERTIFICATE_WISHES_MAX);
}

/* `taken` wishes of all were told. */
static void tell_others(struct claimant *const *list, size_t count, size_t taken)
{
    for (size_t i = 0, end = 0; i < count; i++) {
        size_t own = list[i]->offers->certificate_count;
        end += own;
        if (end > taken)
            tell(list[i], end - taken < own ? end - taken : own);
    }
}

void certificate_contest_settle(struct claimant *const *claimants, size_t count, struct arena *kept,
                                struct set *set)
{
    struct claimant **list = memory_new((count + 1) * sizeof(list[0]));
    size_t total, entered = enter(claimants, count, list, &total);
    struct certificate_wish *wishes = memory_new((total + 1) * sizeof(wishes[0]));
    for (size_t i = 0, at = 0; i < entered; at += list[i++]->offers->certificate_count)
        fill(list[i], &wishes[at]);
    size_t taken = certificate_list_take(wishes, total, kept, set);
    tell_others(list, entered, taken);
    free(wishes);
    free(list);
}
