#include "lb/base/log_repeat.h"

#include "lb/base/hash.h"

static uint64_t hash_of(struct view message)
{
    uint64_t hash = hash_view(HASH_INIT, message);
    return hash ? hash : 1;
}

static bool is_over(const struct log_repeat_entry *entry, uint64_t now_ns)
{
    return now_ns - entry->since_ns >= LOG_REPEAT_NS;
}

static void remember(struct log_repeat_entry *entry, uint64_t hash, uint64_t now_ns,
                     struct view message)
{
    *entry = (struct log_repeat_entry){.hash = hash, .since_ns = now_ns};
    entry->text_bytes =
        (unsigned)(message.len < sizeof(entry->text) ? message.len : sizeof(entry->text));
    if (entry->text_bytes > 0) /* a view of nothing may have no address */
        memcpy(entry->text, message.ptr, entry->text_bytes);
}

bool log_repeat_admit(struct log_repeat *repeat, uint64_t now_ns, struct view message)
{
    uint64_t hash = hash_of(message);
    struct log_repeat_entry *place = NULL; /* free, or else the oldest that was not counted */
    for (size_t i = 0; i < LOG_REPEAT_ENTRIES; i++) {
        struct log_repeat_entry *entry = &repeat->entries[i];
        if (entry->hash == hash && !is_over(entry, now_ns)) {
            entry->count++;
            return false;
        }
        if (entry->hash == 0 || entry->count == 0)
            if (!place ||
                (place->hash != 0 && (entry->hash == 0 || entry->since_ns < place->since_ns)))
                place = entry;
    }
    if (place)
        remember(place, hash, now_ns, message);
    return true;
}

bool log_repeat_take(struct log_repeat *repeat, uint64_t now_ns, struct view *message,
                     unsigned *count)
{
    for (size_t i = 0; i < LOG_REPEAT_ENTRIES; i++) {
        struct log_repeat_entry *entry = &repeat->entries[i];
        if (entry->hash == 0 || entry->count == 0)
            continue;
        if (now_ns != UINT64_MAX && !is_over(entry, now_ns))
            continue;
        *message = view_of(entry->text, entry->text_bytes);
        *count = entry->count;
        entry->hash = 0;
        return true;
    }
    return false;
}
