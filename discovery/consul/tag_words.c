#include "discovery/consul/tag_words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "discovery/clean.h"
#include "lb/base/memory.h"

#define SHOWN_BYTES_MAX 64

static bool begins(struct view tag, struct view prefix)
{
    return tag.len >= prefix.len && view_eq_nocase(view_of(tag.ptr, prefix.len), prefix);
}

static bool is_label(struct view tag)
{
    return begins(tag, VIEW("lb.")) || begins(tag, VIEW("traefik."));
}

static bool is_of_fabio(struct view tag)
{
    return view_starts_with(tag, VIEW("urlprefix-"));
}

bool tag_words_is_one(const char *tag)
{
    return is_label(view_str(tag)) || is_of_fabio(view_str(tag));
}

bool tag_words_has_any(const json_t *tags)
{
    for (size_t i = 0; i < json_array_size(tags); i++) {
        const char *tag = json_string_value(json_array_get(tags, i));
        if (tag && tag_words_is_one(tag))
            return true;
    }
    return false;
}

/* Two that differ would let chance say what counts. */
static void take_label(struct tag_words *words, struct view tag)
{
    ptrdiff_t end = view_find(tag, '=');
    struct view key = end < 0 ? tag : view_of(tag.ptr, (size_t)end);
    struct view value = end < 0 ? VIEW("") : view_skip(tag, (size_t)end + 1);
    char *name = memory_copy(key.ptr, key.len);
    const json_t *before = json_object_get(words->labels, name);
    if (before && !view_eq(view_str(json_string_value(before)), value) && !words->twice)
        words->twice = clean_copy(key, SHOWN_BYTES_MAX);
    if (!before)
        json_object_set_new(words->labels, name, json_stringn(value.ptr, value.len));
    free(name);
}

/* A comma within is escaped; so that one at the end of a tag is none, a space stands behind a backslash
 * there, which is trimmed away. */
static void take_fabio(struct text *list, struct view tag)
{
    if (list->len > 0)
        text_append_char(list, ',');
    for (size_t i = 0; i < tag.len; i++) {
        if (tag.ptr[i] == ',')
            text_append_char(list, '\\');
        text_append_char(list, tag.ptr[i]);
    }
    if (tag.ptr[tag.len - 1] == '\\')
        text_append_char(list, ' ');
}

static void take_tags(const json_t *tags, struct tag_words *out)
{
    struct text of_fabio = TEXT_INIT;
    size_t count = 0, bytes = 0;
    for (size_t i = 0; i < json_array_size(tags) && !out->problem; i++) {
        struct view tag = view_str(json_string_value(json_array_get(tags, i)));
        bool has_label = tag.len > 0 && is_label(tag);
        if (!has_label && !is_of_fabio(tag))
            continue;
        bytes += tag.len;
        if (++count > TAG_WORDS_MAX || bytes > TAG_WORDS_BYTES_MAX)
            out->problem =
                "it has more than 512 tags of lb, Traefik or fabio, or they are longer than "
                "64 KiB";
        else if (has_label)
            take_label(out, tag);
        else
            take_fabio(&of_fabio, tag);
    }
    if (of_fabio.len > 0)
        json_object_set_new(out->labels, "SERVICE_TAGS",
                            json_stringn(of_fabio.bytes, of_fabio.len));
    text_fini(&of_fabio);
}

static bool has_tag(const json_t *tags, const char *wanted)
{
    for (size_t i = 0; i < json_array_size(tags); i++) {
        const char *tag = json_string_value(json_array_get(tags, i));
        if (tag && strcmp(tag, wanted) == 0)
            return true;
    }
    return false;
}

void tag_words_read(const json_t *tags, const char *service, uint16_t port, struct tag_words *out)
{
    char exposed[16];
    *out = (struct tag_words){.labels = json_object(), .exposed = json_object()};
    out->service = memory_copy(service, strlen(service));
    take_tags(tags, out);
    if (out->twice)
        out->problem = "two of its tags say the same word, and differ";
    json_object_set_new(out->labels, "SERVICE_NAME", json_string(service));
    snprintf(exposed, sizeof(exposed), "%u/%s", port, has_tag(tags, "udp") ? "udp" : "tcp");
    if (port > 0)
        json_object_set_new(out->exposed, exposed, json_object());
    traefik_items_read(out->labels, &out->items);
}

void tag_words_fini(struct tag_words *words)
{
    json_decref(words->labels);
    json_decref(words->exposed);
    free(words->service);
    free(words->twice);
    traefik_items_fini(&words->items);
    *words = (struct tag_words){0};
}

/* Registrator's words are heard in any case: all that there are were made above. */
static unsigned without_registrator(unsigned silenced)
{
    const char *word;
    for (size_t i = 0; (word = dialect_word_at(i)); i++)
        if (strcmp(word, "registrator") == 0)
            silenced &= ~(1u << i);
    return silenced;
}

void tag_words_offer(const struct tag_words *words, const struct dialect_settings *settings,
                     struct offers *out)
{
    struct dialect_settings own = settings ? *settings : (struct dialect_settings){0};
    own.silenced = without_registrator(own.silenced);
    dialect_read(&(struct dialect_container){.from = {.labels = words->labels, .is_of_tags = true},
                                             .exposed = words->exposed,
                                             .image = words->service,
                                             .name = words->service,
                                             .settings = &own},
                 out);
}
