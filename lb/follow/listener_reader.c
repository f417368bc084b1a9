#include "lb/follow/listener_reader.h"

#include <stdlib.h>

#include "lb/base/memory.h"
#include "lb/contract/key.h"
#include "lb/contract/limits.h"

static bool refuse(struct text *problem, size_t index, const char *field, const char *want)
{
    text_appendf(problem, "listeners[%zu].%s: want %s", index, field, want);
    return false;
}

static struct view string_of(const json_t *value)
{
    return view_of(json_string_value(value), json_string_length(value));
}

/* Leaves what is not there as it is. */
static bool take_text(const json_t *object, size_t index, const char *key, struct view *out,
                      struct text *problem)
{
    const json_t *value = json_object_get(object, key);
    if (!value)
        return true;
    *out = string_of(value);
    return json_is_string(value) && out->len > 0 && out->len <= LIMITS_NAME_BYTES_MAX
               ? true
               : refuse(problem, index, key, "a string of 1 to 512 bytes");
}

static bool take_texts(const json_t *object, size_t index, struct listener_rule *rule,
                       struct text *problem)
{
    const struct {
        const char *key;
        struct view *text;
    } texts[] = {
        {KEY_LISTENER, &rule->listener},   {KEY_SERVER_NAME, &rule->server_name},
        {KEY_ALPN, &rule->alpn},           {KEY_SERVICE, &rule->service},
        {KEY_DIALECT, &rule->dialect},     {KEY_LABEL, &rule->label},
        {KEY_CONTAINER, &rule->container}, {KEY_CONTAINER_NAME, &rule->container_name},
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (!take_text(object, index, texts[i].key, texts[i].text, problem))
            return false;
    return true;
}

static bool take_place(const json_t *object, size_t index, struct listener_rule *rule,
                       struct text *problem)
{
    const json_t *port = json_object_get(object, KEY_PORT);
    json_int_t number = json_integer_value(port);
    if (port && (!json_is_integer(port) || number < 1 || number > UINT16_MAX))
        return refuse(problem, index, KEY_PORT, "an integer from 1 to 65535");
    if ((port != NULL) == (rule->listener.len > 0))
        return refuse(problem, index, KEY_PORT, "either this or a listener");
    rule->port = (uint16_t)number;
    return true;
}

/* What a client asks for by TLS. */
static bool check_names(size_t index, const struct listener_rule *rule, struct text *problem)
{
    struct text fault = TEXT_INIT;
    bool is_asked = rule->server_name.len > 0 || rule->alpn.len > 0;
    bool is_good = true;
    if (is_asked && rule->kind == SERVICE_UDP)
        return refuse(problem, index, KEY_SERVER_NAME, "no name beside the protocol udp");
    if (rule->server_name.len > 0)
        is_good = listener_rule_check_server_name(rule->server_name, &fault);
    if (is_good && rule->alpn.len > 0)
        is_good = listener_rule_check_alpn(rule->alpn, &fault);
    if (!is_good)
        text_appendf(problem, "listeners[%zu]: %s", index, text_str(&fault));
    text_fini(&fault);
    return is_good;
}

static bool read_one(const json_t *object, size_t index, struct listener_rule *rule,
                     struct text *problem)
{
    json_int_t created_ns = json_integer_value(json_object_get(object, KEY_CREATED_NS));
    rule->kind = service_kind_parse(string_of(json_object_get(object, KEY_PROTOCOL)));
    rule->created_ns = created_ns > 0 ? (uint64_t)created_ns : 0;
    if (rule->kind != SERVICE_TCP && rule->kind != SERVICE_UDP)
        return refuse(problem, index, KEY_PROTOCOL, "tcp or udp");
    if (!take_texts(object, index, rule, problem) || !take_place(object, index, rule, problem))
        return false;
    if (rule->service.len == 0)
        return refuse(problem, index, KEY_SERVICE, "the name of one");
    return check_names(index, rule, problem);
}

bool listener_reader_read(json_t *array, struct listener_list *out, struct text *problem)
{
    size_t count = json_array_size(array);
    *out = (struct listener_list){0};
    if ((array && !json_is_array(array)) || count > LISTENER_RULES_MAX) {
        text_appendf(problem, "listeners: want an array of at most %u", LISTENER_RULES_MAX);
        return false;
    }
    out->array = json_incref(array);
    out->rules = memory_new(count * sizeof(*out->rules));
    for (; out->count < count; out->count++)
        if (!read_one(json_array_get(array, out->count), out->count, &out->rules[out->count],
                      problem))
            return false;
    return true;
}

void listener_reader_forget(struct listener_list *list)
{
    free(list->rules);
    json_decref(list->array);
    *list = (struct listener_list){0};
}
