#include "lb/certs/certs_readers.h"

#include "lb/base/thread.h"

struct share {
    struct certs_entry *entries;
    size_t count;
    int64_t now_s;
    const atomic_bool *is_called_off;
    enum certs_news *news;
    atomic_size_t next;
    atomic_uint_fast64_t read_count;
};

static bool is_called_off(const struct share *share)
{
    return share->is_called_off && atomic_load(share->is_called_off);
}

/* One after the other, each by whoever is free. */
static void *read_on(void *argument)
{
    struct share *share = argument;
    uint64_t read_count = 0;
    size_t i;
    while ((i = atomic_fetch_add(&share->next, 1)) < share->count && !is_called_off(share))
        if (!share->entries[i].is_hidden)
            share->news[i] = certs_entry_look(&share->entries[i], share->now_s, &read_count);
    atomic_fetch_add(&share->read_count, read_count);
    return NULL;
}

uint64_t certs_readers_look(struct certs_entry *entries, size_t count, unsigned thread_count,
                            int64_t now_s, const atomic_bool *is_called_off, enum certs_news *news)
{
    struct share share = {.entries = entries,
                          .count = count,
                          .now_s = now_s,
                          .is_called_off = is_called_off,
                          .news = news};
    pthread_t threads[CERTS_READERS_MAX];
    unsigned started = 0;
    for (size_t i = 0; i < count; i++)
        news[i] = CERTS_NOTHING;
    while (started + 1 < thread_count && started < CERTS_READERS_MAX &&
           thread_start(&threads[started], NULL, read_on, &share) == 0)
        started++;
    read_on(&share);
    while (started > 0)
        pthread_join(threads[--started], NULL);
    return atomic_load(&share.read_count);
}
