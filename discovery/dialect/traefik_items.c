#include "discovery/dialect/traefik_items.h"

#include <stdlib.h>

#include "discovery/clean.h"
#include "lb/base/yes_no.h"
#include "lb/base/memory.h"

#define SHOWN_BYTES   80
#define REMARKS_BYTES 400

/* ---- labels --------------------------------------------------------------------------------- */

static void complain(struct traefik_items *out, const char *label, const char *what)
{
    struct text sentence = TEXT_INIT;
    if (out->problem)
        return;
    char *shown = clean_copy(view_str(label), SHOWN_BYTES);
    text_appendf(&sentence, "the label %s %s, so that none of its labels for Traefik counts", shown,
                 what);
    out->problem = sentence.bytes;
    free(shown);
}

static void remark(struct traefik_items *out, const char *label)
{
    if (out->remark.len > REMARKS_BYTES)
        return;
    char *shown = clean_copy(view_str(label), SHOWN_BYTES);
    text_appendf(&out->remark, "%sthe label %s is not supported", out->remark.len > 0 ? "; " : "",
                 shown);
    free(shown);
}

static bool begins_with(struct view label, struct view prefix)
{
    return label.len >= prefix.len && view_eq_nocase(view_of(label.ptr, prefix.len), prefix);
}

static struct traefik_item *find_or_add(struct traefik_items *out, enum traefik_kind kind,
                                        struct view name)
{
    for (size_t i = 0; i < out->count; i++)
        if (out->items[i].kind == kind && view_eq(view_str(out->items[i].name), name))
            return &out->items[i];
    if (out->count == TRAEFIK_ITEMS_MAX)
        return NULL;
    out->items = memory_resize(out->items, (out->count + 1) * sizeof(out->items[0]));
    struct traefik_item *item = &out->items[out->count++];
    *item = (struct traefik_item){.kind = kind, .name = memory_copy(name.ptr, name.len)};
    return item;
}

static char *copy_lower(struct view word)
{
    char *copy = memory_copy(word.ptr, word.len);
    for (char *c = copy; *c != '\0'; c++)
        *c = view_lower_char(*c);
    return copy;
}

static bool add_option(struct traefik_item *item, struct view word, struct view value)
{
    if (!item || item->count == TRAEFIK_OPTIONS_MAX)
        return false;
    item->options = memory_resize(item->options, (item->count + 1) * sizeof(item->options[0]));
    item->options[item->count++] =
        (struct traefik_option){copy_lower(word), memory_copy(value.ptr, value.len)};
    return true;
}

/* NAME.WORD below routers, services or middlewares. */
static void read_item(struct traefik_items *out, enum traefik_kind kind, const char *label,
                      struct view rest, struct view value)
{
    struct view word = rest, name = view_cut(&word, '.');
    if (name.len == 0 || word.len == 0 || view_find(name, '@') >= 0) {
        complain(out, label, "names nothing");
        return;
    }
    char *lower = copy_lower(word);
    bool is_known = traefik_words_know(kind, view_str(lower));
    free(lower);
    if (!is_known)
        complain(out, label, "is one that Traefik does not know");
    else if (!add_option(find_or_add(out, kind, name), word, value))
        complain(out, label,
                 "is one too many (spread them over several containers: 512 routers, services and "
                 "middlewares, each with 128 labels, are accepted)");
}

static const struct {
    struct view prefix;
    enum traefik_kind kind;
} item_prefixes[] = {
    {{"traefik.http.routers.", 21}, TRAEFIK_ROUTER},
    {{"traefik.http.services.", 22}, TRAEFIK_SERVICE},
    {{"traefik.http.middlewares.", 25}, TRAEFIK_MIDDLEWARE},
    {{"traefik.tcp.routers.", 20}, TRAEFIK_TCP_ROUTER},
    {{"traefik.tcp.services.", 21}, TRAEFIK_TCP_SERVICE},
    {{"traefik.tcp.middlewares.", 24}, TRAEFIK_TCP_MIDDLEWARE},
    {{"traefik.udp.routers.", 20}, TRAEFIK_UDP_ROUTER},
    {{"traefik.udp.services.", 21}, TRAEFIK_UDP_SERVICE},
};

static bool read_as_item(struct traefik_items *out, const char *label, struct view value)
{
    struct view text = view_str(label);
    for (size_t i = 0; i < sizeof(item_prefixes) / sizeof(item_prefixes[0]); i++)
        if (begins_with(text, item_prefixes[i].prefix)) {
            read_item(out, item_prefixes[i].kind, label,
                      view_skip(text, item_prefixes[i].prefix.len), value);
            return true;
        }
    return false;
}

static void set(char **to, struct view value)
{
    free(*to);
    *to = memory_copy(value.ptr, value.len);
}

/* Labels of Traefik that are no items. */
static void read_other(struct traefik_items *out, const char *label, struct view value)
{
    struct view text = view_str(label);
    if (view_eq_nocase(text, VIEW("traefik.docker.network")) ||
        view_eq_nocase(text, VIEW("traefik.swarm.network"))) {
        set(&out->network, value);
    } else if (begins_with(text, VIEW("traefik.http."))) {
        if (begins_with(text, VIEW("traefik.http.serverstransports.")))
            remark(out, label);
        else
            complain(out, label, "is one that Traefik does not know");
    } else {
        remark(out, label);
    }
}

static int compare_options(const void *a, const void *b)
{
    return strcmp(((const struct traefik_option *)a)->word,
                  ((const struct traefik_option *)b)->word);
}

static int compare_items(const void *a, const void *b)
{
    const struct traefik_item *one = a, *other = b;
    if (one->kind != other->kind)
        return one->kind < other->kind ? -1 : 1;
    return strcmp(one->name, other->name);
}

void traefik_items_read(const json_t *labels, struct traefik_items *out)
{
    json_t *object = (json_t *)(uintptr_t)labels; /* jansson's iterators take no const */
    *out = (struct traefik_items){0};
    for (void *i = json_object_iter(object); i; i = json_object_iter_next(object, i)) {
        const char *label = json_object_iter_key(i);
        const char *text = json_string_value(json_object_iter_value(i));
        struct view value = yes_no_trim(view_str(text));
        if (text && view_eq_nocase(view_str(label), VIEW("traefik.enable")))
            set(&out->enable, value); /* beside a mistake, too */
        else if (begins_with(view_str(label), VIEW("traefik.")) && text && !out->problem &&
                 !read_as_item(out, label, value))
            read_other(out, label, value);
    }
    for (size_t i = 0; i < out->count; i++)
        qsort(out->items[i].options, out->items[i].count, sizeof(out->items[i].options[0]),
              compare_options);
    if (out->count > 0)
        qsort(out->items, out->count, sizeof(out->items[0]), compare_items);
}

void traefik_items_fini(struct traefik_items *items)
{
    for (size_t i = 0; i < items->count; i++) {
        for (size_t j = 0; j < items->items[i].count; j++) {
            free(items->items[i].options[j].word);
            free(items->items[i].options[j].value);
        }
        free(items->items[i].options);
        free(items->items[i].name);
    }
    free(items->items);
    free(items->problem);
    free(items->enable);
    free(items->network);
    text_fini(&items->remark);
    *items = (struct traefik_items){0};
}

/* ---- items ---------------------------------------------------------------------------------- */

size_t traefik_items_count(const struct traefik_items *items, enum traefik_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < items->count; i++)
        count += items->items[i].kind == kind;
    return count;
}

bool traefik_items_have_http(const struct traefik_items *items)
{
    return items->count > 0 && items->items[0].kind <= TRAEFIK_MIDDLEWARE; /* they come first */
}
