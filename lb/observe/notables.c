#include "lb/observe/notables.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "lb/base/memory.h"

struct notables {
    pthread_mutex_t mutex;          /* for all but the number */
    _Atomic uint64_t *told_from_ns; /* of the worker: as the next, or 0 */
    _Atomic uint64_t kept_from_ns;  /* how long one must have taken to be kept for that */
    atomic_uint_fast64_t number;
    unsigned counts[NOTABLE_COUNT];
    unsigned next[NOTABLE_COUNT]; /* whose place the next one takes */
    bool wants_seen;
    struct noted kept[NOTABLE_COUNT]
                     [NOTABLES_KEPT_MAX]; /* pages that nobody writes to cost nothing */
};

struct notables *notables_new(_Atomic uint64_t *told_from_ns)
{
    struct notables *notables = memory_new(sizeof(*notables));
    pthread_mutex_init(&notables->mutex, NULL);
    notables->told_from_ns = told_from_ns;
    return notables;
}

void notables_free(struct notables *notables)
{
    if (!notables)
        return;
    pthread_mutex_destroy(&notables->mutex);
    free(notables);
}

/* ---- in the worker --------------------------------------------------------------------------- */

bool notables_is_failure(enum err end)
{
    return end != ERR_OK && err_status(end) >= 500;
}

static bool is_failed(const struct record *record)
{
    return record->status >= 500 || notables_is_failure(record->end);
}

static bool is_slow_kind(const struct record *record)
{
    return record->kind == RECORD_REQUEST && record->end == ERR_OK;
}

static struct noted *quickest(struct notables *notables)
{
    struct noted *all = notables->kept[NOTABLE_SLOWEST], *found = all;
    for (unsigned i = 1; i < notables->counts[NOTABLE_SLOWEST]; i++)
        if (all[i].total_ns < found->total_ns)
            found = &all[i];
    return found;
}

static void keep_latest(struct notables *notables, enum notable kind, const struct record *record)
{
    unsigned *next = &notables->next[kind], *count = &notables->counts[kind];
    noted_take(&notables->kept[kind][*next], record);
    *next = (*next + 1) % NOTABLES_KEPT_MAX;
    *count += *count < NOTABLES_KEPT_MAX;
}

static bool keep_slow(struct notables *notables, const struct record *record)
{
    unsigned *count = &notables->counts[NOTABLE_SLOWEST];
    struct noted *place = &notables->kept[NOTABLE_SLOWEST][*count];
    if (*count == NOTABLES_KEPT_MAX) {
        place = quickest(notables);
        if (record->total_ns <= place->total_ns)
            return false;
    } else {
        ++*count;
    }
    noted_take(place, record);
    return true;
}

static bool keep_seen(struct notables *notables, const struct record *record)
{
    unsigned *count = &notables->counts[NOTABLE_SEEN];
    if (!notables->wants_seen || *count == NOTABLES_SEEN_MAX)
        return false;
    noted_take(&notables->kept[NOTABLE_SEEN][(*count)++], record);
    return true;
}

/* What need not be told from now on, as nobody would keep it. */
static void raise(struct notables *notables, bool is_told_all)
{
    uint64_t from_ns = 0;
    bool has_room = notables->wants_seen && notables->counts[NOTABLE_SEEN] < NOTABLES_SEEN_MAX;
    if (!has_room && notables->counts[NOTABLE_SLOWEST] == NOTABLES_KEPT_MAX)
        from_ns = quickest(notables)->total_ns + 1;
    atomic_store_explicit(&notables->kept_from_ns, from_ns, memory_order_relaxed);
    if (!is_told_all)
        atomic_store_explicit(notables->told_from_ns, from_ns, memory_order_relaxed);
}

/* Without the lock: whether anything can become of it. */
static bool is_of_interest(const struct record *record, const struct notables *notables)
{
    return is_failed(record) || record->attempt_count > 1 ||
           record->total_ns >= atomic_load_explicit(&notables->kept_from_ns, memory_order_relaxed);
}

void notables_take(struct notables *notables, const struct record *record, bool is_told_all)
{
    unsigned kept_count = 0;
    if (!is_of_interest(record, notables))
        return;
    pthread_mutex_lock(&notables->mutex);
    if (is_failed(record)) {
        keep_latest(notables, NOTABLE_FAILED, record);
        kept_count++;
    }
    if (record->attempt_count > 1) {
        keep_latest(notables, NOTABLE_RETRIED, record);
        kept_count++;
    }
    if (is_slow_kind(record))
        kept_count += keep_slow(notables, record);
    keep_seen(notables, record);
    raise(notables, is_told_all);
    pthread_mutex_unlock(&notables->mutex);
    atomic_fetch_add_explicit(&notables->number, kept_count, memory_order_relaxed);
}

/* ---- in control ------------------------------------------------------------------------------ */

uint64_t notables_number(const struct notables *notables)
{
    return atomic_load_explicit(&notables->number, memory_order_relaxed);
}

unsigned notables_copy(struct notables *notables, enum notable kind, struct noted *out)
{
    pthread_mutex_lock(&notables->mutex);
    unsigned count = notables->counts[kind];
    memcpy(out, notables->kept[kind], count * sizeof(*out));
    pthread_mutex_unlock(&notables->mutex);
    return count;
}

/* Whatever ends next is to be told: then it is known anew what need not be. */
static void lower(struct notables *notables)
{
    atomic_store_explicit(&notables->kept_from_ns, 0, memory_order_relaxed);
    atomic_store_explicit(notables->told_from_ns, 0, memory_order_relaxed);
}

unsigned notables_take_seen(struct notables *notables, bool wants_more, struct noted *out)
{
    pthread_mutex_lock(&notables->mutex);
    unsigned count = notables->counts[NOTABLE_SEEN];
    memcpy(out, notables->kept[NOTABLE_SEEN], count * sizeof(*out));
    notables->counts[NOTABLE_SEEN] = 0;
    notables->wants_seen = wants_more;
    if (wants_more)
        lower(notables);
    pthread_mutex_unlock(&notables->mutex);
    return count;
}

/* Too old, or of a clock that was wrong then: set back, it would keep its place for as long. */
static bool is_of_another_time(const struct noted *noted, uint64_t wall_ns)
{
    return noted->end_ns + NOTABLES_SLOW_NS < wall_ns || wall_ns + NOTABLES_SLOW_NS < noted->end_ns;
}

void notables_forget_old(struct notables *notables, uint64_t wall_ns)
{
    struct noted *all = notables->kept[NOTABLE_SLOWEST];
    pthread_mutex_lock(&notables->mutex);
    unsigned *count = &notables->counts[NOTABLE_SLOWEST];
    for (unsigned i = *count; i > 0; i--)
        if (is_of_another_time(&all[i - 1], wall_ns))
            all[i - 1] = all[--*count];
    if (*count < NOTABLES_KEPT_MAX)
        lower(notables);
    pthread_mutex_unlock(&notables->mutex);
}
