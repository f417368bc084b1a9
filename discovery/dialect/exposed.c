#include "discovery/dialect/exposed.h"

#include <stdio.h>

#include "lb/base/view.h"

uint16_t exposed_parse(const char *text, bool *is_udp)
{
    struct view rest = view_str(text);
    struct view number = view_cut(&rest, '/');
    uint64_t port;
    *is_udp = view_eq(rest, VIEW("udp"));
    if (rest.ptr && !*is_udp && !view_eq(rest, VIEW("tcp")))
        return 0;
    return view_parse_u64(number, 65535, &port) ? (uint16_t)port : 0;
}

uint16_t exposed_parse_of(const char *text, bool of_udp)
{
    bool is_udp;
    uint16_t port = exposed_parse(text, &is_udp);
    return is_udp == of_udp ? port : 0;
}

uint16_t exposed_parse_port(const char *text)
{
    return exposed_parse_of(text, false);
}

bool exposed_has(const json_t *exposed, uint16_t port, bool of_udp)
{
    char key[16], bare[16];
    snprintf(key, sizeof(key), "%u/%s", port, of_udp ? "udp" : "tcp");
    snprintf(bare, sizeof(bare), "%u", port);
    return json_object_get(exposed, key) || (!of_udp && json_object_get(exposed, bare));
}

/* 0 is none. */
static uint16_t lower(uint16_t a, uint16_t b)
{
    return a > 0 && (b == 0 || a < b) ? a : b;
}

uint16_t exposed_find_lowest(const json_t *exposed, bool of_udp)
{
    json_t *object = (json_t *)(uintptr_t)exposed; /* jansson's iterators take no const */
    uint16_t lowest = 0;
    for (void *i = json_object_iter(object); i; i = json_object_iter_next(object, i))
        lowest = lower(exposed_parse_of(json_object_iter_key(i), of_udp), lowest);
    return lowest;
}

struct exposed_choice exposed_choose(const json_t *exposed, bool of_udp,
                                     struct exposed_word (*ask)(const void *owner, uint16_t port),
                                     const void *owner)
{
    json_t *object = (json_t *)(uintptr_t)exposed; /* as above */
    struct exposed_choice choice = {0};
    uint16_t named = 0, lowest = 0, ignored = 0;
    for (void *i = json_object_iter(object); i; i = json_object_iter_next(object, i)) {
        uint16_t port = exposed_parse_of(json_object_iter_key(i), of_udp);
        if (port == 0)
            continue;
        struct exposed_word word = ask(owner, port);
        if (word.is_ignored)
            ignored = lower(port, ignored);
        else if (word.is_named)
            named = lower(port, named);
        else
            lowest = lower(port, lowest);
        choice.count += !word.is_ignored;
    }
    choice.ignored_port = choice.count == 0 ? ignored : 0;
    choice.is_named = named > 0;
    choice.port = named > 0 ? named : lowest;
    return choice;
}
