#include "discovery/file/file_listeners.h"

#include <stdlib.h>

#include "discovery/clean.h"
#include "discovery/field.h"
#include "discovery/file/file_words.h"
#include "discovery/listener_order.h"
#include "lb/base/memory.h"
#include "lb/contract/host_name.h"
#include "lb/contract/key.h"

/* While it is read. */
struct entry {
    struct listener_rule rule;
    size_t at; /* in the file */
};

static bool refuse(const struct file_place *place, const char *key, const char *what)
{
    struct file_place at = file_place_in_key(place, key);
    return file_place_refuse(&at, "%s", what);
}

/* ---- one ---------------------------------------------------------------------------------------- */

/* Absent: `*out` stays empty. */
static bool read_name(const struct file_place *place, const json_t *json, const char *key,
                      struct view *out)
{
    const json_t *value = json_object_get(json, key);
    if (!value)
        return true;
    *out = view_of(json_string_value(value), json_string_length(value));
    return (json_is_string(value) && out->len > 0 &&
            clean_is_clean(*out, LISTENER_RULE_NAME_BYTES_MAX)) ||
           refuse(place, key, "a string of 1 to 255 bytes without control characters is accepted");
}

static bool read_kind(const struct file_place *place, const json_t *json, struct listener_rule *out)
{
    const char *word = field_str(json, KEY_PROTOCOL);
    out->kind = service_kind_parse(view_str(word));
    return out->kind == SERVICE_TCP || out->kind == SERVICE_UDP ||
           refuse(place, KEY_PROTOCOL, "tcp or udp is needed");
}

static bool read_listener(const struct file_place *place, const json_t *json,
                          struct listener_rule *out)
{
    json_int_t port = field_int(json, KEY_PORT, 0);
    bool has_port = json_object_get(json, KEY_PORT) != NULL;
    if (has_port && (port < 1 || port > 65535))
        return refuse(place, KEY_PORT, "a number from 1 to 65535 is accepted");
    out->port = (uint16_t)port;
    return read_name(place, json, KEY_LISTENER, &out->listener) &&
           ((has_port != (out->listener.len > 0)) ||
            refuse(place, KEY_PORT,
                   "either \"port\", one of lb's, or \"listener\", the name of one, is needed"));
}

static bool refuse_value(const struct file_place *place, const char *key, struct view value,
                         struct text *problem)
{
    struct file_place at = file_place_in_key(place, key);
    file_place_refuse(&at, "\"%.*s\" %s", (int)value.len, value.ptr, text_str(problem));
    text_fini(problem);
    return false;
}

/* In small letters, as they are compared. */
static bool read_server_name(const struct file_place *place, const json_t *json,
                             struct arena *arena, struct listener_rule *out)
{
    struct host_pattern pattern;
    struct text problem = TEXT_INIT, name = TEXT_INIT;
    if (!read_name(place, json, KEY_SERVER_NAME, &out->server_name))
        return false;
    if (out->server_name.len == 0)
        return true;
    if (!listener_rule_check_server_name(out->server_name, &problem) ||
        !host_name_parse(out->server_name, &pattern, &problem))
        return refuse_value(place, KEY_SERVER_NAME, out->server_name, &problem);
    text_appendf(&name, "%s%s", pattern.form == HOST_SUFFIX ? "*" : "", pattern.text);
    out->server_name = arena_copy(arena, text_view(&name));
    text_fini(&name);
    return true;
}

static bool read_alpn(const struct file_place *place, const json_t *json, struct listener_rule *out)
{
    struct text problem = TEXT_INIT;
    if (!read_name(place, json, KEY_ALPN, &out->alpn))
        return false;
    return out->alpn.len == 0 || listener_rule_check_alpn(out->alpn, &problem) ||
           refuse_value(place, KEY_ALPN, out->alpn, &problem);
}

static bool read_one(const struct file_place *place, const json_t *json, struct arena *arena,
                     struct listener_rule *out)
{
    *out = (struct listener_rule){.dialect = VIEW("file"), .label = VIEW("listeners")};
    if (!json_is_object(json))
        return file_place_refuse(place, "an object is needed");
    if (!read_kind(place, json, out) || !read_listener(place, json, out) ||
        !read_server_name(place, json, arena, out) || !read_alpn(place, json, out) ||
        !read_name(place, json, KEY_SERVICE, &out->service))
        return false;
    if (out->service.len == 0)
        return refuse(place, KEY_SERVICE, "it is missing; a string is needed");
    if (out->kind == SERVICE_UDP && (out->server_name.len > 0 || out->alpn.len > 0))
        return refuse(place, out->alpn.len > 0 ? KEY_ALPN : KEY_SERVER_NAME,
                      "no datagram says it; it is for tcp");
    return true;
}

/* ---- all of them -------------------------------------------------------------------------------- */

/* Those that are alike side by side, in the order of the file. */
static int compare(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;
    int order = listener_order_compare(&a->rule, &b->rule);
    return order != 0 ? order : (a->at > b->at) - (a->at < b->at);
}

static void tell(const struct file_place *place, const struct entry *winner,
                 const struct entry *loser)
{
    struct file_place at = file_place_in_item(place, loser->at);
    struct text name = TEXT_INIT;
    listener_order_append_name(&loser->rule, &name);
    file_place_remark(&at,
                      "it is overruled for %s: listeners[%zu], which stands before it, leads to "
                      "another service; change one of the two",
                      text_str(&name), winner->at);
    text_fini(&name);
}

static void keep_first_of_each(const struct file_place *place, struct entry *entries, size_t count,
                               struct file_listeners *out)
{
    const struct entry *first = NULL;
    out->items = memory_new((count + 1) * sizeof(out->items[0]));
    if (count > 0)
        qsort(entries, count, sizeof(entries[0]), compare);
    for (size_t i = 0; i < count; i++) {
        if (first && listener_order_compare(&first->rule, &entries[i].rule) == 0) {
            if (!view_eq(first->rule.service, entries[i].rule.service))
                tell(place, first, &entries[i]);
            continue;
        }
        first = &entries[i];
        out->items[out->count++] = first->rule;
    }
}

bool file_listeners_read(const struct file_place *place, const json_t *json,
                         struct file_listeners *out)
{
    size_t count = json_array_size(json), kept = 0;
    bool is_good = true;
    if (json && !json_is_array(json))
        return file_place_refuse(place, "an array is needed");
    if (count > LISTENER_RULES_MAX)
        return file_place_refuse(place, "at most %u listeners are accepted", LISTENER_RULES_MAX);
    struct entry *entries = memory_new((count + 1) * sizeof(entries[0]));
    for (size_t i = 0; i < count && is_good; i++) {
        const json_t *entry = json_array_get(json, i);
        struct file_place at = file_place_in_item(place, i);
        entries[kept].at = i;
        is_good = read_one(&at, entry, &out->arena, &entries[kept].rule);
        kept += file_words_tell_unknown(&at, FILE_LISTENER, entry, FILE_WORDS_NARROWER) == 0;
    }
    if (is_good)
        keep_first_of_each(place, entries, kept, out);
    free(entries);
    return is_good;
}

void file_listeners_fini(struct file_listeners *listeners)
{
    free(listeners->items);
    arena_fini(&listeners->arena);
    *listeners = (struct file_listeners){0};
}
