#include "lb/report/quota.h"

#define TEXTS_MAX 8u

void quota_init(struct quota *quota)
{
    *quota = (struct quota){.next_ns = 0};
    siphash_key_init(&quota->key);
}

/* Their ends count as well: "a", "b" is not "ab". */
static struct siphash hash_of(const struct quota *quota, const struct view *texts, unsigned count)
{
    struct view pieces[2 * TEXTS_MAX];
    unsigned used = 0;
    for (unsigned i = 0; i < count && i < TEXTS_MAX; i++) {
        pieces[used++] = texts[i];
        pieces[used++] = VIEW("\0");
    }
    return siphash_of(&quota->key, pieces, used);
}

static bool is_same(struct siphash a, struct siphash b)
{
    return a.words[0] == b.words[0] && a.words[1] == b.words[1];
}

/* The one of that hash; else a free one, or the oldest. */
static struct quota_entry *find(struct quota *quota, struct siphash hash)
{
    struct quota_entry *oldest = &quota->entries[0];
    for (unsigned i = 0; i < QUOTA_ENTRIES; i++) {
        struct quota_entry *entry = &quota->entries[i];
        if (entry->since_ns > 0 && is_same(entry->hash, hash))
            return entry;
        if (entry->since_ns < oldest->since_ns)
            oldest = entry;
    }
    return oldest;
}

static bool has_room(struct quota *quota, uint64_t now_ns)
{
    uint64_t due_ns = quota->next_ns > now_ns ? quota->next_ns : now_ns;
    if (due_ns - now_ns > (QUOTA_BURST - 1) * QUOTA_PERIOD_NS)
        return false;
    quota->next_ns = due_ns + QUOTA_PERIOD_NS;
    return true;
}

enum quota_answer quota_ask(struct quota *quota, uint64_t now_ns, const struct view *texts,
                            unsigned count, unsigned *repeat_count)
{
    struct siphash hash = hash_of(quota, texts, count);
    struct quota_entry *entry = find(quota, hash);
    bool is_known = entry->since_ns > 0 && is_same(entry->hash, hash);
    if (is_known && now_ns < entry->since_ns + QUOTA_AGAIN_NS) {
        entry->count++;
        return QUOTA_AGAIN;
    }
    if (!has_room(quota, now_ns))
        return QUOTA_FULL;
    *repeat_count = is_known ? entry->count : 0;
    *entry = (struct quota_entry){.hash = hash, .since_ns = now_ns};
    return QUOTA_YES;
}
