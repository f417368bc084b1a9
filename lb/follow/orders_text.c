#include "lb/follow/orders_text.h"

#include <jansson.h>
#include <string.h>

#include "lb/base/json_writer.h"
#include "lb/contract/limits.h"

static const char *const order_words[] = {
    [ENDPOINT_ORDER_NONE] = "none",
    [ENDPOINT_ORDER_DRAIN] = "drain",
    [ENDPOINT_ORDER_DISABLE] = "disable",
};
#define ORDER_COUNT (sizeof(order_words) / sizeof(order_words[0]))

/* ---- reading --------------------------------------------------------------------------------- */

static bool read_order(const json_t *object, struct orders *orders)
{
    const json_t *id = json_object_get(object, "id");
    const char *word = json_string_value(json_object_get(object, "order"));
    const json_t *weight = json_object_get(object, "weight");
    json_int_t number = json_integer_value(weight);
    size_t order = 0;
    if (!json_is_string(id) || json_string_length(id) == 0 ||
        json_string_length(id) > LIMITS_NAME_BYTES_MAX || !word)
        return false;
    while (order < ORDER_COUNT && strcmp(order_words[order], word) != 0)
        order++;
    if (order == ORDER_COUNT || (weight && !json_is_integer(weight)) || number < 0 ||
        number > (json_int_t)LIMITS_WEIGHT_MAX)
        return false;
    orders_add(orders, json_string_value(id), (enum endpoint_order)order, (unsigned)number);
    return true;
}

/* How many of the elements are good, from the first one on: all, or there is a bad one. */
static size_t read_orders(const json_t *list, struct orders *orders)
{
    size_t count = 0;
    while (count < json_array_size(list) && read_order(json_array_get(list, count), orders))
        count++;
    return count;
}

static bool read_share(const json_t *object, struct service_orders *orders)
{
    const json_t *service = json_object_get(object, "service");
    const json_t *percent = json_object_get(object, "percent");
    json_int_t number = json_integer_value(percent);
    size_t len = json_string_length(service);
    if (!json_is_string(service) || len == 0 || len > LIMITS_NAME_BYTES_MAX ||
        !json_is_integer(percent) || number < 0 || number > 100)
        return false;
    service_orders_share(orders, json_string_value(service), (int)number);
    return true;
}

/* Where lb has ordered none there is no array. */
static bool read_shares(const json_t *list, struct service_orders *orders)
{
    bool is_good = !list || (json_is_array(list) && json_array_size(list) <= LIMITS_ENDPOINTS_MAX);
    for (size_t i = 0; i < json_array_size(list) && is_good; i++)
        is_good = read_share(json_array_get(list, i), orders);
    return is_good;
}

static void read_root(const json_t *root, struct orders *orders, struct text *problem)
{
    const json_t *list = json_object_get(root, "orders");
    size_t good_count = 0;
    if (json_integer_value(json_object_get(root, "v")) != 1 || !json_is_array(list) ||
        json_array_size(list) > LIMITS_ENDPOINTS_MAX)
        text_append_str(problem, "it is no state of lb: want \"v\": 1 and an array \"orders\"");
    else if ((good_count = read_orders(list, orders)) < json_array_size(list))
        text_appendf(problem,
                     "orders[%zu]: want an id, an order (none, drain or disable) and a "
                     "weight from 0 to %u",
                     good_count, LIMITS_WEIGHT_MAX);
    else if (!read_shares(json_object_get(root, "shares"), &orders->services))
        text_append_str(problem, "shares: want objects of a service and a percent from 0 to 100");
}

bool orders_text_read(struct view bytes, struct orders *orders, struct text *problem)
{
    json_error_t error;
    struct orders found = {0};
    size_t len = problem->len;
    json_t *root =
        json_loadb(bytes.len > 0 ? bytes.ptr : "", bytes.len, JSON_REJECT_DUPLICATES, &error);
    if (root)
        read_root(root, &found, problem);
    else
        text_appendf(problem, "line %d, column %d: %s", error.line, error.column, error.text);
    json_decref(root);
    bool is_good = problem->len == len;
    orders_fini(is_good ? orders : &found);
    if (is_good)
        *orders = found;
    return is_good;
}

/* ---- writing --------------------------------------------------------------------------------- */

static void format_shares(const struct service_orders *orders, struct json_writer *json)
{
    json_writer_key(json, "shares");
    json_writer_begin_array(json);
    for (unsigned i = 0; i < orders->count; i++) {
        if (orders->orders[i].percent == POOL_WANTED_NO_SHARE)
            continue;
        json_writer_begin_object(json);
        json_writer_field_str(json, "service", orders->orders[i].service);
        json_writer_field_uint(json, "percent", (unsigned)orders->orders[i].percent);
        json_writer_end_object(json);
    }
    json_writer_end_array(json);
}

void orders_text_write(const struct orders *orders, struct text *out)
{
    struct json_writer json;
    json_writer_init(&json, out);
    json_writer_begin_object(&json);
    json_writer_field_uint(&json, "v", 1);
    json_writer_key(&json, "orders");
    json_writer_begin_array(&json);
    for (unsigned i = 0; i < orders->count; i++) {
        json_writer_begin_object(&json);
        json_writer_field_str(&json, "id", orders->orders[i].id);
        json_writer_field_str(&json, "order", order_words[orders->orders[i].order]);
        json_writer_field_uint(&json, "weight", orders->orders[i].weight);
        json_writer_end_object(&json);
    }
    json_writer_end_array(&json);
    if (orders->services.count > 0)
        format_shares(&orders->services, &json);
    json_writer_end_object(&json);
    text_append_char(out, '\n');
}
