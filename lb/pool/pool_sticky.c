#include "lb/pool/pool_sticky.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "lb/base/hash.h"
#include "lb/base/memory.h"
#include "lb/base/siphash.h"
#include "lb/base/text.h"

void pool_sticky_name(const struct service_policy *policy, const char *service,
                      char name[STICKY_RULE_NAME_BYTES])
{
    uint64_t hash = hash_str(HASH_INIT, service);
    if (policy->sticky.name[0])
        memcpy(name, policy->sticky.name, STICKY_RULE_NAME_BYTES);
    else
        snprintf(name, STICKY_RULE_NAME_BYTES, "lb_%08" PRIx32, (uint32_t)(hash ^ hash >> 32));
}

static void write_hex(uint64_t word, char *out)
{
    for (unsigned i = 0; i < 16; i++)
        out[i] = "0123456789abcdef"[word >> (60 - 4 * i) & 15];
}

static void put_value(const struct siphash_key *key, struct text *text, char *value)
{
    struct view all = text_view(text);
    struct siphash hash = siphash_of(key, &all, 1);
    write_hex(hash.words[0], value);
    write_hex(hash.words[1], value + 16);
}

static struct siphash_key key_of(const struct service_policy *policy)
{
    struct siphash_key key;
    memcpy(&key, policy->sticky_key, sizeof(key));
    return key;
}

/* With its end, so that no two pairs of service and id are one text. */
static void write_text(struct text *text, const char *service, const char *id)
{
    text_clear(text);
    text_append_str(text, service);
    text_append_char(text, '\0');
    text_append_str(text, id);
}

void pool_sticky_value(const struct service_policy *policy, const char *service,
                       const struct endpoint *endpoint, char value[POOL_STICKY_VALUE_BYTES])
{
    struct siphash_key key = key_of(policy);
    struct text text = TEXT_INIT;
    write_text(&text, service, endpoint->id);
    put_value(&key, &text, value);
    text_fini(&text);
}

static int compare_seats(const void *left, const void *right)
{
    const struct pool_sticky_seat *a = left, *b = right;
    return memcmp(a->value, b->value, sizeof(a->value));
}

struct pool_sticky *pool_sticky_new(const struct service_policy *policy, const char *service,
                                    struct endpoint *const *endpoints, unsigned count)
{
    if (!policy->balance.is_sticky)
        return NULL;
    struct pool_sticky *sticky = memory_new(sizeof(*sticky) + count * sizeof(sticky->seats[0]));
    struct siphash_key key = key_of(policy);
    struct text text = TEXT_INIT;
    pool_sticky_name(policy, service, sticky->name);
    sticky->count = count;
    for (unsigned i = 0; i < count; i++) {
        sticky->seats[i].endpoint = endpoints[i];
        write_text(&text, service, endpoints[i]->id);
        put_value(&key, &text, sticky->seats[i].value);
    }
    text_fini(&text);
    qsort(sticky->seats, count, sizeof(sticky->seats[0]), compare_seats);
    return sticky;
}

struct endpoint *pool_sticky_find(const struct pool_sticky *sticky, struct view value)
{
    unsigned low = 0, high = sticky->count;
    while (low < high && value.len == POOL_STICKY_VALUE_BYTES) {
        unsigned middle = (low + high) / 2;
        int order = memcmp(sticky->seats[middle].value, value.ptr, POOL_STICKY_VALUE_BYTES);
        if (order == 0)
            return sticky->seats[middle].endpoint;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}
