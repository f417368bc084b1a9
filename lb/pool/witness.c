#include "lb/pool/witness.h"

/* Appends to zeroed memory what has room before its last byte. Gives the new length. */
static size_t put(char *text, size_t size, size_t len, struct view more)
{
    size_t count = more.len < size - 1 - len ? more.len : size - 1 - len;
    if (count > 0)
        memcpy(text + len, more.ptr, count);
    return len + count;
}

static void describe(struct witness_words *words, struct view scheme, struct view host,
                     struct view target, struct view trace_id)
{
    bool is_secure = view_eq_nocase(scheme, VIEW("https"));
    if (host.len == 0)
        return;
    size_t len =
        put(words->url, sizeof(words->url), 0, is_secure ? VIEW("https://") : VIEW("http://"));
    len = put(words->url, sizeof(words->url), len, host);
    if (view_starts_with(target, VIEW("/")))
        put(words->url, sizeof(words->url), len, target);
    put(words->trace_id, sizeof(words->trace_id), 0, trace_id);
}

static bool seize(struct witness *witness)
{
    return !atomic_exchange_explicit(&witness->is_busy, true, memory_order_acquire);
}

static void release(struct witness *witness)
{
    atomic_store_explicit(&witness->is_busy, false, memory_order_release);
}

void witness_note(struct witness *witness, struct view scheme, struct view host, struct view target,
                  struct view trace_id)
{
    if (!seize(witness))
        return;
    witness->words = (struct witness_words){0};
    describe(&witness->words, scheme, host, target, trace_id);
    release(witness);
}

void witness_take(struct witness *witness, struct witness_words *words)
{
    *words = (struct witness_words){0};
    if (!seize(witness))
        return;
    *words = witness->words;
    witness->words = (struct witness_words){0};
    release(witness);
}
