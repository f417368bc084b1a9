#include "lb/contract/route_write.h"

#include "lb/contract/key.h"

static void write_text(struct json_writer *json, const char *key, struct view text)
{
    if (text.len == 0)
        return;
    json_writer_key(json, key);
    json_writer_string(json, text);
}

static void write_pattern(struct json_writer *json, const struct route_pattern *pattern)
{
    write_text(json, route_kind_word(pattern->kind), pattern->text);
}

static void write_condition(struct json_writer *json, const struct route_condition *condition)
{
    json_writer_begin_object(json);
    json_writer_field_str(json, KEY_KIND, route_kind_word(condition->kind));
    write_text(json, KEY_NAME, condition->name);
    json_writer_key(json, KEY_VALUE);
    json_writer_string(json, condition->value);
    if (condition->is_not)
        json_writer_field_bool(json, KEY_NOT, true);
    json_writer_end_object(json);
}

static void write_conditions(struct json_writer *json, const struct route *route)
{
    if (route->condition_count == 0)
        return;
    json_writer_key(json, KEY_CONDITIONS);
    json_writer_begin_array(json);
    for (unsigned i = 0; i < route->condition_count; i++)
        write_condition(json, &route->conditions[i]);
    json_writer_end_array(json);
}

static void write_options(struct json_writer *json, const struct route *route)
{
    if (route->option_count == 0)
        return;
    json_writer_key(json, KEY_OPTIONS);
    json_writer_begin_object(json);
    for (unsigned i = 0; i < route->option_count; i++)
        write_text(json, route_option_word(route->options[i].kind), route->options[i].value);
    json_writer_end_object(json);
}

static void write_shares(struct json_writer *json, const struct route *route)
{
    if (route->share_count == 0)
        return;
    json_writer_key(json, KEY_SHARES);
    json_writer_begin_array(json);
    for (unsigned i = 0; i < route->share_count; i++) {
        json_writer_begin_object(json);
        write_text(json, KEY_SERVICE, route->shares[i].service);
        json_writer_field_uint(json, KEY_WEIGHT, route->shares[i].weight);
        json_writer_end_object(json);
    }
    json_writer_end_array(json);
}

static void write_number(struct json_writer *json, const char *key, int number)
{
    json_writer_key(json, key);
    json_writer_int(json, number);
}

void route_write(const struct route *route, struct json_writer *json)
{
    json_writer_begin_object(json);
    write_pattern(json, &route->host);
    write_pattern(json, &route->path);
    write_conditions(json, route);
    if (route->priority != 0)
        write_number(json, KEY_PRIORITY, route->priority);
    if (route->is_ranked)
        write_number(json, KEY_RANK, route->rank);
    write_text(json, KEY_SERVICE, route->service);
    if (route->answer_status != 0)
        json_writer_field_uint(json, KEY_ANSWER, route->answer_status);
    write_text(json, KEY_WHY, route->why);
    write_text(json, KEY_STRIP, route->strip);
    write_text(json, KEY_ADD, route->add);
    write_options(json, route);
    write_shares(json, route);
    write_text(json, KEY_DIALECT, route->dialect);
    write_text(json, KEY_LABEL, route->label);
    write_text(json, KEY_CONTAINER, route->container);
    write_text(json, KEY_CONTAINER_NAME, route->name);
    if (route->created_ns > 0)
        json_writer_field_uint(json, KEY_CREATED_NS, route->created_ns);
    json_writer_end_object(json);
}
