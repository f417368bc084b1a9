#include "discovery/dialect/port_words.h"

#include <stdio.h>
#include <string.h>

#include "discovery/dialect/exposed.h"
#include "lb/base/yes_no.h"

static size_t find_place(const struct port_words *words, uint16_t port)
{
    size_t at = 0;
    while (at < words->count && words->ports[at] < port)
        at++;
    return at;
}

bool port_words_has(const struct port_words *words, uint16_t port)
{
    size_t at = find_place(words, port);
    return at < words->count && words->ports[at] == port;
}

static void add(struct port_words *words, uint16_t port)
{
    size_t at = find_place(words, port);
    if (at == PORT_WORDS_MAX || (at < words->count && words->ports[at] == port))
        return;
    words->count += words->count < PORT_WORDS_MAX;
    memmove(words->ports + at + 1, words->ports + at,
            (words->count - at - 1) * sizeof(words->ports[0]));
    words->ports[at] = port;
}

/* Of TCP are also those that are not exposed, unless they are so for UDP alone. */
static bool is_meant(const struct port_words *words, const json_t *exposed, uint16_t port)
{
    bool is_udp = exposed_has(exposed, port, true);
    return words->of_udp ? is_udp : !is_udp || exposed_has(exposed, port, false);
}

static void add_word(struct port_words *words, const json_t *exposed, struct view word,
                     struct view value, const char *what)
{
    static const struct view prefix = {"SERVICE_", 8};
    uint64_t port;
    if (!view_starts_with(word, prefix) || yes_no_trim(value).len == 0)
        return;
    struct view rest = view_skip(word, prefix.len), number = view_cut(&rest, '_');
    if (view_eq(rest, view_str(what)) && number.len > 0 && number.ptr[0] != '0' &&
        view_parse_u64(number, 65535, &port) && is_meant(words, exposed, (uint16_t)port))
        add(words, (uint16_t)port);
}

static void add_of_object(struct port_words *words, const json_t *exposed, const json_t *from,
                          const char *what)
{
    json_t *object = (json_t *)(uintptr_t)from; /* jansson's iterators take no const */
    for (void *i = json_object_iter(object); i; i = json_object_iter_next(object, i))
        add_word(words, exposed, view_str(json_object_iter_key(i)),
                 view_str(json_string_value(json_object_iter_value(i))), what);
}

void port_words_add_named(struct port_words *words, const struct statement_source *source,
                          const char *what)
{
    add_of_object(words, source->exposed, source->labels, what);
    add_of_object(words, source->exposed, source->environment, what);
    for (size_t i = 0; i < json_array_size(source->environment); i++) {
        struct view value = view_str(json_string_value(json_array_get(source->environment, i)));
        struct view word = view_cut(&value, '=');
        add_word(words, source->exposed, word, value, what);
    }
}

void port_words_add_exposed(struct port_words *words, const struct statement_source *source)
{
    json_t *exposed = (json_t *)(uintptr_t)source->exposed; /* as above */
    for (void *i = json_object_iter(exposed); i; i = json_object_iter_next(exposed, i)) {
        uint16_t port = exposed_parse_of(json_object_iter_key(i), words->of_udp);
        if (port > 0)
            add(words, port);
    }
}
