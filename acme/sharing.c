#include "acme/sharing.h"

#include <stdio.h>

#include "acme/base64url.h"
#include "lb/base/memory.h"

#define NAME_BYTES_MAX 255u

static const char *const folders[] = {[SHARING_CHALLENGE] = "challenges/",
                                      [SHARING_ALPN] = "alpn/",
                                      [SHARING_CERTIFICATE] = "certificates/"};

/* What can be the name of a file, and a part of a URL's path. */
static bool is_name(const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < len; i++)
        if (!((name[i] >= '0' && name[i] <= '9') || strchr("-_.", name[i]) ||
              (view_lower_char(name[i]) >= 'a' && view_lower_char(name[i]) <= 'z')))
            return false;
    return len > 0 && len <= NAME_BYTES_MAX && name[0] != '.';
}

static void set_path(char out[512], enum sharing_kind kind, const char *name)
{
    snprintf(out, 512, "kv/" CONSUL_PREFIX "%s%s", folders[kind], name);
}

bool sharing_put(struct sharing *sharing, enum sharing_kind kind, const char *name,
                 struct view value, struct trouble *trouble)
{
    char path[512];
    bool is_true = false;
    if (!is_name(name) || value.len > CONSUL_VALUE_MAX) {
        trouble_say(trouble, TROUBLE_HERE,
                    "%.100s cannot be put into Consul: its name or size is none that it takes",
                    name);
        return false;
    }
    set_path(path, kind, name);
    if (!consul_ask_truth(sharing->consul, "PUT", path, value, &is_true, trouble))
        return false;
    if (!is_true)
        trouble_say(trouble, TROUBLE_HERE, "%s: Consul does not take it; look at its log", path);
    return is_true;
}

void sharing_remove(struct sharing *sharing, enum sharing_kind kind, const char *name)
{
    struct trouble ignored = {0};
    char path[512];
    bool is_true;
    set_path(path, kind, name);
    if (is_name(name))
        consul_ask_truth(sharing->consul, "DELETE", path, view_of(NULL, 0), &is_true, &ignored);
}

/* ---- reading ---------------------------------------------------------------------------------------------- */

/* Consul's base64 is the usual one. */
static bool decode(const char *value, struct text *out)
{
    char *copy = memory_copy(value, strlen(value));
    for (char *c = copy; *c; c++)
        *c = *c == '+' ? '-' : *c == '/' ? '_' : *c == '-' || *c == '_' ? '!' : *c;
    text_clear(out);
    bool is_good = base64url_decode(view_str(copy), out);
    explicit_bzero(copy, strlen(copy));
    free(copy);
    return is_good;
}

static bool read_key(const char *key, struct sharing_item *item)
{
    struct view text = view_str(key);
    if (!view_starts_with(text, VIEW(CONSUL_PREFIX)))
        return false;
    text = view_skip(text, sizeof(CONSUL_PREFIX) - 1);
    for (unsigned i = 0; i < SHARING_KIND_COUNT; i++) {
        if (!view_starts_with(text, view_str(folders[i])))
            continue;
        item->kind = (enum sharing_kind)i;
        item->name = text.ptr + strlen(folders[i]);
        return is_name(item->name);
    }
    return false;
}

static void give(const json_t *list, void *owner,
                 void (*take)(void *owner, const struct sharing_item *item))
{
    struct text value = TEXT_INIT;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *object = json_array_get(list, i);
        const char *key = json_string_value(json_object_get(object, "Key"));
        const char *encoded = json_string_value(json_object_get(object, "Value"));
        struct sharing_item item = {0};
        if (!key || !encoded || !read_key(key, &item) || !decode(encoded, &value))
            continue;
        item.value = text_view(&value);
        take(owner, &item);
    }
    if (value.bytes)
        explicit_bzero(value.bytes, value.len);
    text_fini(&value);
}

static bool read_all(struct sharing *sharing, void *owner,
                     void (*take)(void *owner, const struct sharing_item *item),
                     struct trouble *trouble)
{
    struct exchange_answer answer = {0};
    json_error_t problem;
    bool is_good = consul_ask(sharing->consul, "GET", "kv/" CONSUL_PREFIX "?recurse",
                              view_of(NULL, 0), &answer, trouble);
    if (is_good) {
        memcpy(sharing->index, answer.index, sizeof(sharing->index));
        json_t *list = answer.status == 200 && answer.body.len > 0
                           ? json_loadb(answer.body.bytes, answer.body.len, 0, &problem)
                           : NULL;
        give(list, owner, take);
        json_decref(list);
    }
    exchange_answer_fini(&answer);
    return is_good;
}

bool sharing_read(struct sharing *sharing, bool *is_changed, void *owner,
                  void (*take)(void *owner, const struct sharing_item *item),
                  struct trouble *trouble)
{
    struct exchange_answer answer = {0};
    bool is_good = consul_ask(sharing->consul, "GET", "kv/" CONSUL_PREFIX "?keys", view_of(NULL, 0),
                              &answer, trouble);
    *is_changed = is_good && (strcmp(answer.index, sharing->index) != 0 || !answer.index[0]);
    exchange_answer_fini(&answer);
    return is_good && (!*is_changed || read_all(sharing, owner, take, trouble));
}
