#include "discovery/dialect/exposed.h"

#include "lb/base/view.h"

uint16_t exposed_parse_port(const char *text)
{
    struct view rest = view_str(text);
    struct view number = view_cut(&rest, '/');
    uint64_t port;
    if (rest.ptr && !view_eq(rest, VIEW("tcp")))
        return 0;
    return view_parse_u64(number, 65535, &port) ? (uint16_t)port : 0;
}

static uint16_t lower(uint16_t a, uint16_t b)
{
    return a > 0 && (b == 0 || a < b) ? a : b;
}

struct exposed_choice exposed_choose(const json_t *exposed,
                                     struct exposed_word (*ask)(const void *owner, uint16_t port),
                                     const void *owner)
{
    json_t *object = (json_t *)(uintptr_t)exposed; /* jansson's iterators take no const */
    struct exposed_choice choice = {0};
    uint16_t named = 0, lowest = 0, ignored = 0;
    for (void *i = json_object_iter(object); i; i = json_object_iter_next(object, i)) {
        uint16_t port = exposed_parse_port(json_object_iter_key(i));
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
