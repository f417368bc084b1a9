#include "acme/wishes.h"

#include <jansson.h>
#include <stdlib.h>

#include "lb/base/memory.h"

#define PROBLEM_BYTES_MAX 16384u

void wishes_fini(struct wishes *wishes)
{
    for (size_t i = 0; i < wishes->count; i++)
        names_fini(&wishes->list[i]);
    free(wishes->list);
    *wishes = (struct wishes){0};
}

/* Names that get none are told, the others have one. */
static void read_names(const json_t *list, struct names *out, struct text *problem)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *name = json_array_get(list, i);
        struct text why = TEXT_INIT;
        if (!json_is_string(name) ||
            !names_add(out, view_of(json_string_value(name), json_string_length(name)), &why)) {
            if (why.len > 0 && problem->len + why.len < PROBLEM_BYTES_MAX)
                text_appendf(problem, "%s\n", text_str(&why));
        }
        text_fini(&why);
    }
}

static bool is_covered(const struct wishes *wishes, const struct names *names)
{
    for (size_t i = 0; i < wishes->count; i++)
        if (names_contain(&wishes->list[i], names))
            return true;
    return false;
}

static void drop_covered(struct wishes *wishes, const struct names *names)
{
    size_t kept = 0;
    for (size_t i = 0; i < wishes->count; i++) {
        if (names_contain(names, &wishes->list[i]))
            names_fini(&wishes->list[i]);
        else
            wishes->list[kept++] = wishes->list[i];
    }
    wishes->count = kept;
}

static void add(struct wishes *wishes, struct names *names, struct text *problem)
{
    if (names->count == 0 || is_covered(wishes, names)) {
        names_fini(names);
        return;
    }
    drop_covered(wishes, names);
    if (wishes->count == WISHES_MAX) {
        text_appendf(problem, "%s: more than %u certificates are wished; this one is left out\n",
                     names->list[0], WISHES_MAX);
        names_fini(names);
        return;
    }
    wishes->list =
        memory_make_room(wishes->list, wishes->count, &wishes->capacity, sizeof(wishes->list[0]));
    wishes->list[wishes->count++] = *names;
}

bool wishes_read(struct wishes *wishes, struct view json, struct text *problem)
{
    json_error_t error;
    json_t *object = json.len > 0 ? json_loadb(json.ptr, json.len, 0, &error) : NULL;
    const json_t *list = json_object_get(object, "certificates");
    bool is_good =
        json_integer_value(json_object_get(object, "version")) == 1 && json_is_array(list);
    if (is_good)
        wishes_fini(wishes);
    for (size_t i = 0; is_good && i < json_array_size(list); i++) {
        struct names names = {0};
        read_names(json_object_get(json_array_get(list, i), "names"), &names, problem);
        add(wishes, &names, problem);
    }
    json_decref(object);
    return is_good;
}
