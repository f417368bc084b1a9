#include "lb/policy/rate_table.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "lb/base/hash.h"
#include "lb/base/log.h"

#define S_NS UINT64_C(1000000000)

/* Of fresh pages, which the kernel zeroes when they are touched. */
struct rate_table *rate_table_new(uint64_t seed)
{
    struct rate_table *table = mmap(NULL, sizeof(*table), PROT_READ | PROT_WRITE,
                                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (table == MAP_FAILED) {
        log_error("no memory for the table of rates");
        abort();
    }
    table->seed = seed;
    return table;
}

void rate_table_free(struct rate_table *table)
{
    if (table)
        munmap(table, sizeof(*table));
}

struct rate_limit rate_table_limit(const struct rate *rate, uint64_t subject)
{
    uint64_t interval_ns = rate_interval_ns(rate);
    uint64_t identity = (subject ^ interval_ns) * HASH_PRIME;
    identity = (identity ^ rate->burst) * HASH_PRIME;
    return (struct rate_limit){
        .identity = identity, .interval_ns = interval_ns, .burst_ns = interval_ns * rate->burst};
}

/* ---- whose entry it is ----------------------------------------------------------------------- */

/* Never 0. */
static uint64_t key_of(const struct rate_table *table, const struct rate_limit *limit,
                       const struct address *client)
{
    uint64_t key = hash_mix(hash_mix(address_client_number(client) ^ table->seed) +
                            (limit->identity ^ table->seed));
    return key != 0 ? key : 1;
}

/* ---- entries --------------------------------------------------------------------------------- */

static struct rate_entry *find(struct rate_entry *set, uint64_t key)
{
    for (unsigned i = 0; i < RATE_TABLE_WAYS; i++)
        if (atomic_load_explicit(&set[i].key, memory_order_relaxed) == key)
            return &set[i];
    return NULL;
}

/* The one that nobody has, or whose client owes nothing for the longest time. */
static struct rate_entry *find_quiet(struct rate_entry *set)
{
    struct rate_entry *quiet = &set[0];
    uint64_t quiet_ns = UINT64_MAX;
    for (unsigned i = 0; i < RATE_TABLE_WAYS; i++) {
        uint64_t free_ns = atomic_load_explicit(&set[i].free_ns, memory_order_relaxed);
        if (free_ns >= quiet_ns)
            continue;
        quiet = &set[i];
        quiet_ns = free_ns;
    }
    return quiet;
}

/* For a client that has none. The new owner owes nothing of what the old one did. NULL: somebody was
 * faster. */
static struct rate_entry *seize(struct rate_entry *set, uint64_t key)
{
    struct rate_entry *entry = find_quiet(set);
    uint64_t old = atomic_load_explicit(&entry->key, memory_order_relaxed);
    if (!atomic_compare_exchange_strong_explicit(&entry->key, &old, key, memory_order_acq_rel,
                                                 memory_order_relaxed))
        return NULL;
    atomic_store_explicit(&entry->free_ns, 0, memory_order_release);
    return entry;
}

static struct rate_entry *find_or_seize(struct rate_entry *set, uint64_t key)
{
    struct rate_entry *entry = find(set, key);
    while (!entry) {
        entry = seize(set, key);
        if (!entry)
            entry = find(set, key);
    }
    return entry;
}

static unsigned seconds_of(uint64_t ns)
{
    return (unsigned)((ns + S_NS - 1) / S_NS);
}

unsigned rate_table_take(struct rate_table *table, const struct rate_limit *limit,
                         const struct address *client, uint64_t now_ns)
{
    uint64_t key = key_of(table, limit, client);
    struct rate_entry *set = table->entries[key % RATE_TABLE_SETS];
    for (;;) {
        struct rate_entry *entry = find_or_seize(set, key);
        uint64_t free_ns = atomic_load_explicit(&entry->free_ns, memory_order_acquire);
        if (atomic_load_explicit(&entry->key, memory_order_relaxed) != key)
            continue; /* it has changed hands, and the time may be another's */
        uint64_t next_ns = (free_ns > now_ns ? free_ns : now_ns) + limit->interval_ns;
        if (next_ns - now_ns > limit->burst_ns)
            return seconds_of(next_ns - now_ns - limit->burst_ns);
        if (atomic_compare_exchange_weak_explicit(&entry->free_ns, &free_ns, next_ns,
                                                  memory_order_relaxed, memory_order_relaxed))
            return 0;
    }
}
