#include "lb/proxy/flow_table.h"

#include <stdlib.h>
#include <string.h>

#include "lb/base/hash.h"
#include "lb/base/memory.h"

#define KEPT_FLOWS   1024u
#define KEPT_CLIENTS 1024u

/* Of a client's flows, those that have been there for longest. */
#define OWN_LOOKS_MAX 8u

struct flow_table *flow_table_new(struct env *env, int *status)
{
    struct flow_table *table = memory_new(sizeof(*table));
    table->env = env;
    *status = datagram_watch_open(&table->watch, env->loop);
    if (*status < 0) {
        free(table);
        return NULL;
    }
    table->tray = datagram_tray_new();
    siphash_key_init(&table->key);
    table->buckets = memory_new(FLOW_TABLE_BUCKETS * sizeof(struct flow *));
    table->client_buckets = memory_new(FLOW_TABLE_BUCKETS * sizeof(struct flow_client *));
    list_init(&table->waiting);
    list_init(&table->answered);
    list_init(&table->gates);
    slab_init(&table->flow_slab, sizeof(struct flow), KEPT_FLOWS);
    slab_init(&table->client_slab, sizeof(struct flow_client), KEPT_CLIENTS);
    return table;
}

void flow_table_free(struct flow_table *table)
{
    if (!table)
        return;
    slab_fini(&table->flow_slab);
    slab_fini(&table->client_slab);
    free(table->buckets);
    free(table->client_buckets);
    datagram_tray_free(table->tray);
    datagram_tray_free(table->spare);
    free(table);
}

/* ---- who is who ------------------------------------------------------------------------------- */

static void copy_ip(const struct address *address, unsigned char out[16])
{
    if (address->socket.any.sa_family == AF_INET)
        memcpy(out, &address->socket.v4.sin_addr, sizeof(struct in_addr));
    else if (address->socket.any.sa_family == AF_INET6)
        memcpy(out, &address->socket.v6.sin6_addr, sizeof(struct in6_addr));
}

/* Strangers choose the keys: with a secret they cannot choose the bucket. */
void flow_table_key(const struct flow_gate *gate, const struct datagram *item, struct flow_key *out)
{
    bool is_v6 = item->peer.socket.any.sa_family == AF_INET6;
    struct view bytes = view_of((const char *)out, offsetof(struct flow_key, hash));
    *out = (struct flow_key){.gate = gate->number,
                             .scope = is_v6 ? item->peer.socket.v6.sin6_scope_id : 0,
                             .port = address_port(&item->peer)};
    copy_ip(&item->peer, out->client);
    copy_ip(&item->local, out->local);
    out->hash = siphash_of(&gate->table->key, &bytes, 1).words[0];
}

static struct flow **bucket_of(const struct flow_table *table, const struct flow_key *key)
{
    return &table->buckets[key->hash % FLOW_TABLE_BUCKETS];
}

static struct flow_client **client_bucket_of(const struct flow_table *table, uint64_t number)
{
    const uint64_t *secret = table->key.words;
    uint64_t hash = hash_mix(hash_mix(number ^ secret[0]) + secret[1]);
    return &table->client_buckets[hash % FLOW_TABLE_BUCKETS];
}

struct flow *flow_table_find(const struct flow_table *table, const struct flow_key *key)
{
    struct flow *flow = *bucket_of(table, key);
    while (flow && memcmp(&flow->key, key, sizeof(*key)) != 0)
        flow = flow->next;
    return flow;
}

static struct flow_client *find_client(const struct flow_table *table, uint64_t number)
{
    struct flow_client *client = *client_bucket_of(table, number);
    while (client && client->number != number)
        client = client->next;
    return client;
}

/* ---- coming and going ------------------------------------------------------------------------- */

static struct flow_client *take_client(struct flow_table *table, uint64_t number)
{
    struct flow_client *client = find_client(table, number);
    if (client)
        return client;
    struct flow_client **bucket = client_bucket_of(table, number);
    client = slab_take(&table->client_slab);
    *client = (struct flow_client){.next = *bucket, .number = number};
    list_init(&client->flows);
    *bucket = client;
    return client;
}

static void give_client(struct flow_table *table, struct flow_client *client)
{
    if (--client->count > 0)
        return;
    struct flow_client **at = client_bucket_of(table, client->number);
    while (*at != client)
        at = &(*at)->next;
    *at = client->next;
    slab_give(&table->client_slab, client);
}

struct flow *flow_table_add(struct flow_table *table, const struct flow_key *key,
                            const struct address *client)
{
    struct flow *flow = slab_take(&table->flow_slab);
    struct flow **bucket = bucket_of(table, key);
    *flow = (struct flow){.next = *bucket,
                          .key = *key,
                          .table = table,
                          .client = *client,
                          .is_waiting = true,
                          .fd = -1};
    *bucket = flow;
    flow->holder = take_client(table, address_client_number(client));
    flow->holder->count++;
    list_append(&flow->holder->flows, &flow->in_holder);
    list_append(&table->waiting, &flow->in_order);
    table->count++;
    return flow;
}

void flow_table_remove(struct flow_table *table, struct flow *flow)
{
    struct flow **at = bucket_of(table, &flow->key);
    while (*at != flow)
        at = &(*at)->next;
    *at = flow->next;
    list_unlink(&flow->in_order);
    list_unlink(&flow->in_holder);
    give_client(table, flow->holder);
    slab_give(&table->flow_slab, flow);
    table->count--;
}

void flow_table_touch(struct flow_table *table, struct flow *flow, bool is_waiting)
{
    flow->is_waiting = is_waiting;
    list_unlink(&flow->in_order);
    list_append(is_waiting ? &table->waiting : &table->answered, &flow->in_order);
}

/* ---- who gives way ---------------------------------------------------------------------------- */

static struct flow *first_of(const struct list *order, const struct flow *but)
{
    list_for_each (node, order) {
        struct flow *flow = list_entry(node, struct flow, in_order);
        if (flow != but)
            return flow;
    }
    return NULL;
}

struct flow *flow_table_oldest(const struct flow_table *table, const struct flow *but)
{
    struct flow *flow = first_of(&table->answered, but);
    return flow ? flow : first_of(&table->waiting, but);
}

static bool is_sooner(const struct flow *a, const struct flow *b)
{
    if (a->is_waiting != b->is_waiting)
        return b->is_waiting;
    return a->silence.armed_ms < b->silence.armed_ms;
}

static struct flow *own_surplus(const struct flow_client *client)
{
    struct flow *found = NULL;
    unsigned looked = 0;
    list_for_each (node, &client->flows) {
        struct flow *flow = list_entry(node, struct flow, in_holder);
        if (!found || is_sooner(flow, found))
            found = flow;
        if (++looked == OWN_LOOKS_MAX)
            break;
    }
    return found;
}

struct flow *flow_table_surplus(const struct flow_table *table, const struct address *client)
{
    unsigned most = table->env->options.max_flow_count;
    most = most > 0 ? most : FLOW_COUNT_USUAL;
    if (table->count < most)
        return NULL;
    const struct flow_client *holder = find_client(table, address_client_number(client));
    if (holder && holder->count > most / FLOW_CLIENT_SHARE)
        return own_surplus(holder);
    return flow_table_oldest(table, NULL);
}
