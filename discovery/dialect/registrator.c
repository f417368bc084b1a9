#include "discovery/dialect/registrator.h"

#include <stdio.h>
#include <string.h>

#include "discovery/field.h"
#include "lb/base/view.h"

static const char *find_variable(const json_t *environment, const char *name)
{
    size_t len = strlen(name);
    for (size_t i = json_array_size(environment); i > 0; i--) {
        const char *line = json_string_value(json_array_get(environment, i - 1));
        if (line && strncmp(line, name, len) == 0 && line[len] == '=')
            return line + len + 1;
    }
    return "";
}

const char *registrator_find(const struct registrator *from, const char *name)
{
    const char *label = field_str(from->labels, name);
    return label[0] != '\0' ? label : find_variable(from->environment, name);
}

const char *registrator_find_for_port(const struct registrator *from, uint16_t port,
                                      const char *what, char name[REGISTRATOR_NAME_BYTES])
{
    snprintf(name, REGISTRATOR_NAME_BYTES, "SERVICE_%u_%s", port, what);
    return registrator_find(from, name);
}

/* "8080/tcp" or "8080" → 8080; UDP, SCTP and everything else → 0. */
uint16_t registrator_parse_port(const char *text)
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

struct registrator_choice registrator_choose_port(const struct registrator *from,
                                                  const json_t *exposed)
{
    json_t *object = (json_t *)(uintptr_t)exposed; /* jansson's iterators take no const */
    struct registrator_choice choice = {0};
    char name[REGISTRATOR_NAME_BYTES];
    uint16_t named = 0, lowest = 0, ignored = 0;
    for (void *i = json_object_iter(object); i; i = json_object_iter_next(object, i)) {
        uint16_t port = registrator_parse_port(json_object_iter_key(i));
        if (port == 0)
            continue;
        if (registrator_find_for_port(from, port, "IGNORE", name)[0] != '\0')
            ignored = port;
        else if (registrator_find_for_port(from, port, "NAME", name)[0] != '\0')
            named = lower(port, named);
        else
            lowest = lower(port, lowest);
        choice.count += ignored != port;
    }
    choice.is_ignored = ignored > 0 && choice.count == 0;
    choice.is_named = named > 0;
    choice.port = named > 0 ? named : lowest;
    return choice;
}
