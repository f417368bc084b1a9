#include "lb/follow/legacy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lb/base/hash.h"
#include "lb/base/json_writer.h"
#include "lb/base/log.h"
#include "lb/contract/limits.h"
#include "lb/follow/orders_text.h"

#define KEY_UNREADY "unready"
#define KEY_PAUSES  "pauses"
#define KEY_OF      "service"
#define KEY_UNTIL   "until_ms" /* by the loop's clock, which is that of the machine */

void legacy_open(struct legacy *legacy, int world_fd, int orders_fd)
{
    *legacy = (struct legacy){0};
    keepsake_open(&legacy->world, world_fd);
    keepsake_open(&legacy->orders, orders_fd);
}

void legacy_keep(struct legacy *legacy, bool is_kept)
{
    legacy->is_kept = is_kept;
}

/* ---- writing --------------------------------------------------------------------------------- */

void legacy_write_world(struct legacy *legacy, struct view line, const json_t *root)
{
    char *whole = root && legacy->is_kept ? json_dumps(root, JSON_COMPACT) : NULL;
    bool is_lost = legacy->is_kept && legacy->world.fd >= 0 &&
                   !keepsake_write(&legacy->world, whole ? view_str(whole) : line);
    if (is_lost && !legacy->is_world_told)
        log_warn("the world cannot be kept for the case of a crash: %s; the next lb-proxy would "
                 "begin with an older one",
                 strerror(errno));
    legacy->is_world_told = is_lost;
    free(whole);
}

static bool is_doubtful(const struct endpoint *endpoint)
{
    return endpoint->source_state == ENDPOINT_READY &&
           (!endpoint->is_admitted || endpoint->is_ejected || endpoint->is_failing);
}

static void write_unready(const struct pool *pool, struct json_writer *json)
{
    json_writer_key(json, KEY_UNREADY);
    json_writer_begin_array(json);
    for (unsigned i = 0; pool && i < pool->service_count; i++)
        for (unsigned j = 0; j < pool->services[i].endpoint_count; j++)
            if (is_doubtful(pool->services[i].endpoints[j]))
                json_writer_str(json, pool->services[i].endpoints[j]->id);
    json_writer_end_array(json);
}

static void write_pauses(const struct service_orders *orders, struct json_writer *json)
{
    json_writer_key(json, KEY_PAUSES);
    json_writer_begin_array(json);
    for (unsigned i = 0; i < orders->count; i++) {
        if (orders->orders[i].paused_until_ms == 0)
            continue;
        json_writer_begin_object(json);
        json_writer_field_str(json, KEY_OF, orders->orders[i].service);
        json_writer_field_uint(json, KEY_UNTIL, orders->orders[i].paused_until_ms);
        json_writer_end_object(json);
    }
    json_writer_end_array(json);
}

/* Two lines: the first as the file of --state has it. */
static void write_rest(const struct orders *orders, const struct pool *pool, struct text *out)
{
    struct json_writer json;
    orders_text_write(orders, out);
    json_writer_init(&json, out);
    json_writer_begin_object(&json);
    write_pauses(&orders->services, &json);
    write_unready(pool, &json);
    json_writer_end_object(&json);
    text_append_char(out, '\n');
}

void legacy_write_rest(struct legacy *legacy, const struct orders *orders, const struct pool *pool)
{
    struct text text = TEXT_INIT;
    if (!legacy->is_kept || legacy->orders.fd < 0)
        return;
    write_rest(orders, pool, &text);
    uint64_t hash = hash_view(HASH_INIT, text_view(&text)) | 1;
    if (hash != legacy->rest_hash && keepsake_write(&legacy->orders, text_view(&text)))
        legacy->rest_hash = hash;
    text_fini(&text);
}

/* ---- reading --------------------------------------------------------------------------------- */

bool legacy_read_world(struct legacy *legacy, struct text *out)
{
    return keepsake_read(&legacy->world, out) && out->len > 0;
}

static void read_pause(const json_t *pause, uint64_t now_ms, struct service_orders *orders)
{
    const json_t *service = json_object_get(pause, KEY_OF);
    json_int_t until_ms = json_integer_value(json_object_get(pause, KEY_UNTIL));
    size_t len = json_string_length(service);
    if (len > 0 && len <= LIMITS_NAME_BYTES_MAX && until_ms > 0 &&
        (uint64_t)until_ms <= now_ms + SERVICE_ORDERS_PAUSE_MAX_MS)
        service_orders_pause(orders, json_string_value(service), (uint64_t)until_ms);
}

static void read_pauses(const json_t *list, uint64_t now_ms, struct service_orders *orders)
{
    for (size_t i = 0; i < json_array_size(list) && i < LIMITS_ENDPOINTS_MAX; i++)
        read_pause(json_array_get(list, i), now_ms, orders);
}

static void read_unready(const json_t *list, struct legacy_doubts *doubts)
{
    size_t count = json_array_size(list);
    count = count < LIMITS_ENDPOINTS_MAX ? count : LIMITS_ENDPOINTS_MAX;
    name_map_init(&doubts->ids, (uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        const json_t *id = json_array_get(list, i);
        struct view name = view_of(json_string_value(id), json_string_length(id));
        if (name.len > 0 && name_map_find(&doubts->ids, name) == NAME_MAP_NONE)
            *name_map_add(&doubts->ids, arena_copy(&doubts->names, name)) = (uint32_t)i;
    }
    name_map_finish(&doubts->ids);
}

bool legacy_read_rest(struct legacy *legacy, uint64_t now_ms, struct orders *orders,
                      struct legacy_doubts *doubts, struct text *problem)
{
    struct text text = TEXT_INIT;
    bool is_good = keepsake_read(&legacy->orders, &text) && text.len > 0;
    struct view rest = text_view(&text);
    is_good = is_good && orders_text_read(view_cut(&rest, '\n'), orders, problem);
    json_t *root = is_good ? json_loadb(rest.ptr, rest.len, JSON_REJECT_DUPLICATES, NULL) : NULL;
    *doubts = (struct legacy_doubts){0};
    read_unready(json_object_get(root, KEY_UNREADY), doubts);
    if (is_good)
        read_pauses(json_object_get(root, KEY_PAUSES), now_ms, &orders->services);
    json_decref(root);
    text_fini(&text);
    return is_good;
}

void legacy_doubts_fini(struct legacy_doubts *doubts)
{
    name_map_fini(&doubts->ids);
    arena_fini(&doubts->names);
}
