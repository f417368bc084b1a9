#include "discovery/dialect/registrator_ports.h"

#include <stdio.h>
#include <stdlib.h>

#include "discovery/clean.h"
#include "discovery/dialect/exposed.h"
#include "discovery/dialect/registrator.h"
#include "lb/base/yes_no.h"
#include "lb/base/memory.h"
#include "lb/contract/limits.h"

/* What Consul takes of an entry's Meta: of its 64 pairs three are lb's own. */
#define META_PAIRS_MAX       61u
#define META_KEY_BYTES_MAX   128u
#define META_VALUE_BYTES_MAX 512u
#define WORD_BYTES           STATEMENT_FROM_BYTES

static const char prefix[] = "SERVICE_";
static const char own_prefix[] = "lb-";

/* ---- tags ----------------------------------------------------------------------------------- */

/* Up to a comma that has no backslash before it. */
static struct view cut_tag(struct view *rest, struct text *out)
{
    size_t at = 0;
    text_clear(out);
    for (; at < rest->len && rest->ptr[at] != ','; at++) {
        if (rest->ptr[at] == '\\' && at + 1 < rest->len && rest->ptr[at + 1] == ',')
            at++;
        text_append_char(out, rest->ptr[at]);
    }
    *rest = at < rest->len ? view_skip(*rest, at + 1) : view_of(NULL, 0);
    return yes_no_trim(text_view(out));
}

static json_t *split_tags(const char *list)
{
    json_t *tags = json_array();
    struct text buffer = TEXT_INIT;
    struct view rest = view_str(list);
    while (rest.ptr) {
        struct view tag = cut_tag(&rest, &buffer);
        if (tag.len > 0)
            json_array_append_new(tags, json_stringn(tag.ptr, tag.len));
    }
    text_fini(&buffer);
    return tags;
}

json_t *registrator_ports_tags(const struct statement_source *source, uint16_t port, char *from)
{
    snprintf(from, WORD_BYTES, port > 0 ? "SERVICE_%u_TAGS" : "SERVICE_TAGS", port);
    const char *list = registrator_find(source, from);
    if (list[0] == '\0')
        from[0] = '\0';
    return split_tags(list);
}

/* ---- meta ----------------------------------------------------------------------------------- */

static void remark(struct registrator_ports *out, struct view word, const char *what)
{
    char *shown = clean_copy(word, 64);
    if (out->remark.len < 400 && !strstr(text_str(&out->remark), shown))
        text_appendf(&out->remark, "%s%s %s", out->remark.len > 0 ? "; " : "", shown, what);
    free(shown);
}

static bool is_key(struct view key)
{
    for (size_t i = 0; i < key.len; i++) {
        char c = view_lower_char(key.ptr[i]);
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '_' && c != '-')
            return false;
    }
    return key.len > 0 && key.len <= META_KEY_BYTES_MAX;
}

/* Of such names lb makes whose entry it is. */
static bool is_ours(struct view key)
{
    size_t len = sizeof(own_prefix) - 1;
    return key.len >= len && view_eq_nocase(view_of(key.ptr, len), view_of(own_prefix, len));
}

static bool is_own_word(struct view key)
{
    static const char *const own[] = {"NAME", "ID", "TAGS", "IGNORE"};
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
        if (view_eq_nocase(key, view_str(own[i])))
            return true;
    return false;
}

/* Cuts "80_" off where it is the port. False: the word is one of another port. */
static bool cut_port(struct view *key, uint16_t port, bool *is_of_port)
{
    struct view rest = *key;
    uint64_t number;
    *is_of_port = view_parse_u64(view_cut(&rest, '_'), 65535, &number);
    if (*is_of_port)
        *key = rest;
    return !*is_of_port || number == port;
}

static void set_meta(struct registrator_ports *out, json_t *meta, struct view word, struct view key,
                     struct view value)
{
    if (!is_key(key)) {
        remark(out, word, "is no name for Consul's Meta");
    } else if (is_ours(key)) {
        remark(out, word, "is a name that lb has for itself in Consul's Meta");
    } else if (value.len > META_VALUE_BYTES_MAX) {
        remark(out, word, "is longer than the 512 bytes that Consul's Meta takes");
    } else if (json_object_size(meta) == META_PAIRS_MAX) {
        remark(out, word,
               "is one more than the 64 pairs that Consul's Meta takes, three of which are lb's");
    } else {
        char *lower = memory_copy(key.ptr, key.len);
        for (char *c = lower; *c != '\0'; c++)
            *c = view_lower_char(*c);
        json_object_set_new(meta, lower, json_stringn(value.ptr, value.len));
        free(lower);
    }
}

/* Of one pass, over the words for this port or those for all. */
static void read_meta_word(struct registrator_ports *out, struct registrator_entry *entry,
                           bool is_for_port, struct view word, struct view value)
{
    struct view key = word;
    bool is_of_port;
    if (!view_starts_with(key, view_str(prefix)) || value.len == 0)
        return;
    key = view_skip(key, sizeof(prefix) - 1);
    if (cut_port(&key, entry->port, &is_of_port) && is_of_port == is_for_port && !is_own_word(key))
        set_meta(out, entry->meta, word, key, value);
}

/* Labels after variables, words for the port after those for all: what is later wins. */
static void read_meta(const struct statement_source *source, struct registrator_ports *out,
                      struct registrator_entry *entry)
{
    json_t *labels = (json_t *)(uintptr_t)source->labels; /* jansson's iterators take no const */
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < json_array_size(source->environment); i++) {
            struct view value = view_str(json_string_value(json_array_get(source->environment, i)));
            struct view word = view_cut(&value, '=');
            if (value.ptr)
                read_meta_word(out, entry, pass == 1, word, value);
        }
        for (void *i = json_object_iter(labels); i; i = json_object_iter_next(labels, i))
            read_meta_word(out, entry, pass == 1, view_str(json_object_iter_key(i)),
                           view_str(json_string_value(json_object_iter_value(i))));
    }
}

/* ---- entries -------------------------------------------------------------------------------- */

static const char *find_for_port(const struct statement_source *source, uint16_t port,
                                 const char *what)
{
    char word[WORD_BYTES];
    snprintf(word, sizeof(word), "%s%u_%s", prefix, port, what);
    return registrator_find(source, word);
}

/* Made fit to be a name. Takes `text`. Gives. */
static char *make_name(struct text *text)
{
    char *name = clean_copy(yes_no_trim(text_view(text)), LIMITS_NAME_BYTES_MAX);
    text_fini(text);
    return name;
}

static char *name_of(const struct registrator_subject *subject, uint16_t port, bool is_one_of_many)
{
    struct text name = TEXT_INIT;
    const char *own = find_for_port(&subject->from, port, "NAME");
    const char *all = registrator_find(&subject->from, "SERVICE_NAME");
    if (own[0] == '\0' && all[0] == '\0' && subject->is_explicit)
        return NULL;
    text_append_str(&name, own[0] != '\0' ? own : all[0] != '\0' ? all : subject->image_name);
    if (own[0] == '\0' && is_one_of_many)
        text_appendf(&name, "-%u", port);
    return make_name(&name);
}

static char *id_of(const struct registrator_subject *subject, uint16_t port, bool is_udp)
{
    struct text id = TEXT_INIT;
    const char *own = find_for_port(&subject->from, port, "ID");
    if (own[0] == '\0')
        own = registrator_find(&subject->from, "SERVICE_ID");
    if (own[0] != '\0')
        text_append_str(&id, own);
    else
        text_appendf(&id, "%s:%s:%u%s", subject->host, subject->container, port,
                     is_udp ? ":udp" : "");
    return make_name(&id);
}

static json_t *tags_of(const struct registrator_subject *subject, uint16_t port, bool is_udp)
{
    char from[WORD_BYTES];
    json_t *tags = registrator_ports_tags(&subject->from, port, from);
    if (from[0] == '\0') {
        json_decref(tags);
        tags = registrator_ports_tags(&subject->from, 0, from);
    }
    if (subject->tags) {
        json_t *all = split_tags(subject->tags);
        json_array_extend(tags, all);
        json_decref(all);
    }
    if (is_udp)
        json_array_append_new(tags, json_string("udp"));
    return tags;
}

static void add_entry(const struct registrator_subject *subject, uint16_t port, bool is_udp,
                      bool is_one_of_many, struct registrator_ports *out)
{
    if (out->count == REGISTRATOR_PORTS_MAX ||
        registrator_find(&subject->from, "SERVICE_IGNORE")[0] != '\0' ||
        find_for_port(&subject->from, port, "IGNORE")[0] != '\0')
        return;
    struct registrator_entry entry = {.port = port, .is_udp = is_udp};
    entry.name = name_of(subject, port, is_one_of_many);
    if (!entry.name)
        return;
    entry.id = id_of(subject, port, is_udp);
    entry.tags = tags_of(subject, port, is_udp);
    entry.meta = json_object();
    read_meta(&subject->from, out, &entry);
    out->items[out->count++] = entry;
}

static int compare(const void *a, const void *b)
{
    const struct registrator_entry *one = a, *other = b;
    return one->port != other->port ? one->port - other->port : one->is_udp - other->is_udp;
}

void registrator_ports_read(const struct registrator_subject *subject,
                            struct registrator_ports *out)
{
    json_t *ports = (json_t *)(uintptr_t)subject->ports; /* jansson's iterators take no const */
    bool is_udp, are_many = json_object_size(ports) > 1 &&
                            !subject->has_sole_name; /* also what is ignored counts */
    *out = (struct registrator_ports){0};
    for (void *i = json_object_iter(ports); i; i = json_object_iter_next(ports, i)) {
        uint16_t port = exposed_parse(json_object_iter_key(i), &is_udp);
        if (port > 0)
            add_entry(subject, port, is_udp, are_many, out);
    }
    qsort(out->items, out->count, sizeof(out->items[0]), compare);
}

void registrator_ports_fini(struct registrator_ports *ports)
{
    for (size_t i = 0; i < ports->count; i++) {
        free(ports->items[i].name);
        free(ports->items[i].id);
        json_decref(ports->items[i].tags);
        json_decref(ports->items[i].meta);
    }
    text_fini(&ports->remark);
    *ports = (struct registrator_ports){0};
}
