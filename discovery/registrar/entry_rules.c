#include "discovery/registrar/entry_rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "discovery/clean.h"
#include "lb/base/view.h"

#define SHOWN_BYTES 64

bool entry_rules_is_id(const char *id)
{
    struct view rest = view_str(id);
    if (rest.len == 0 || !clean_is_clean(rest, ENTRY_RULES_ID_BYTES_MAX))
        return false;
    while (rest.ptr) {
        struct view part = view_cut(&rest, '/');
        if (part.len == 0 || view_eq(part, VIEW(".")) || view_eq(part, VIEW("..")))
            return false;
    }
    return true;
}

const char *entry_rules_refuse(const struct registration *item)
{
    if (!entry_rules_is_id(item->id))
        return "its id is empty, is longer than 512 bytes, holds characters that cannot be shown, "
               "or has an "
               "empty part, . or .. between slashes (SERVICE_ID)";
    if (item->name[0] == '\0' || !clean_is_clean(view_str(item->name), ENTRY_RULES_NAME_BYTES_MAX))
        return "the name of its service is empty, is longer than 255 bytes, or holds characters "
               "that cannot be "
               "shown (SERVICE_NAME)";
    return NULL;
}

static void remark(struct text *remarks, const char *what, const char *word, const char *why)
{
    char *shown = clean_copy(view_str(word), SHOWN_BYTES);
    text_appendf(remarks, "%s%s \"%s\" is left out: %s", remarks->len > 0 ? "; " : "", what, shown,
                 why);
    free(shown);
}

json_t *entry_rules_pick_tags(const json_t *tags, struct text *remarks)
{
    json_t *picked = json_array(), *tag;
    size_t i;
    json_array_foreach (tags, i, tag) {
        const char *text = json_string_value(tag);
        if (!text || text[0] == '\0')
            continue;
        if (json_array_size(picked) == ENTRY_RULES_TAGS_MAX) {
            remark(remarks, "the tag", text, "there are more than 128");
            break;
        }
        if (clean_is_clean(view_str(text), ENTRY_RULES_TAG_BYTES_MAX))
            json_array_append(picked, tag);
        else
            remark(remarks, "the tag", text,
                   "it is longer than 2048 bytes or holds characters that cannot be shown");
    }
    return picked;
}

/* consul: structs.ValidateMetadata. */
static const char *refuse_pair(const char *key, const json_t *value, size_t count)
{
    struct view name = view_str(key), text = view_str(json_string_value(value));
    if (view_starts_with(name, VIEW("lb-")))
        return "keys that begin with lb- are lb's own";
    if (name.len == 0 || name.len > ENTRY_RULES_META_KEY_MAX)
        return "a key has 1 to 128 characters";
    for (size_t i = 0; i < name.len; i++) {
        char c = view_lower_char(name.ptr[i]);
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '_' && c != '-')
            return "a key has no characters but letters, digits, _ and -";
    }
    if (view_starts_with(name, VIEW("consul-")))
        return "keys that begin with consul- are Consul's own";
    if (!json_is_string(value) || text.len > ENTRY_RULES_META_BYTES_MAX)
        return "its value has more than 512 bytes";
    if (count == ENTRY_RULES_META_PAIRS_MAX)
        return "there are more than 61";
    return NULL;
}

json_t *entry_rules_pick_meta(const json_t *meta, struct text *remarks)
{
    json_t *picked = json_object(), *value;
    const char *key;
    json_object_foreach ((json_t *)(uintptr_t)meta, key, value) {
        const char *why = refuse_pair(key, value, json_object_size(picked));
        if (why)
            remark(remarks, "the pair", key, why);
        else
            json_object_set(picked, key, value);
    }
    return picked;
}

bool entry_rules_is_usual_id(const struct registration *item, const char *host)
{
    char usual[ENTRY_RULES_ID_BYTES_MAX + 1];
    if (!item->container_name || host[0] == '\0')
        return false;
    int len = snprintf(usual, sizeof(usual), "%s:%s:%u%s", host, item->container_name,
                       item->container_port, item->is_udp ? ":udp" : "");
    return len > 0 && (size_t)len < sizeof(usual) && strcmp(usual, item->id) == 0;
}

static bool is_container_name(struct view name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = view_lower_char(name.ptr[i]);
        bool is_word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (!is_word && (i == 0 || !strchr("_.-", c)))
            return false;
    }
    return name.len >= 2;
}

bool entry_rules_is_of_host(const char *id, const char *host)
{
    struct view rest = view_str(id), start = view_str(host);
    uint64_t port;
    if (start.len == 0 || !view_starts_with(rest, start))
        return false;
    rest = view_skip(rest, start.len);
    if (rest.len == 0 || rest.ptr[0] != ':')
        return false;
    rest = view_skip(rest, 1);
    struct view name = view_cut(&rest, ':');
    struct view number = view_cut(&rest, ':');
    return is_container_name(name) && view_parse_u64(number, 65535, &port) &&
           (!rest.ptr || view_eq(rest, VIEW("udp")));
}
