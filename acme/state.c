#include "acme/state.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "lb/base/memory.h"

#define ENTRIES_MAX  (2 * WISHES_MAX)
#define FAILURES_MAX 1000

static void free_entry(struct state_entry *entry)
{
    names_fini(&entry->names);
    free(entry);
}

void state_fini(struct state *state)
{
    for (size_t i = 0; i < state->count; i++)
        free_entry(state->entries[i]);
    free(state->entries);
    *state = (struct state){0};
}

struct state_entry *state_of(struct state *state, const struct names *names)
{
    for (size_t i = 0; i < state->count; i++)
        if (names_are_same(&state->entries[i]->names, names))
            return state->entries[i];
    struct state_entry *entry = memory_new(sizeof(*entry));
    names_copy(&entry->names, names);
    state->entries =
        memory_make_room(state->entries, state->count, &state->capacity, sizeof(state->entries[0]));
    return state->entries[state->count++] = entry;
}

static bool is_wished(const struct wishes *wishes, const struct names *names)
{
    for (size_t i = 0; i < wishes->count; i++)
        if (names_are_same(&wishes->list[i], names))
            return true;
    return false;
}

/* A wish that went with failures may come back: its back-off holds. */
void state_sweep(struct state *state, const struct wishes *wishes)
{
    size_t kept = 0;
    for (size_t i = 0; i < state->count; i++) {
        struct state_entry *entry = state->entries[i];
        if (is_wished(wishes, &entry->names) || (entry->failure_count > 0 && kept < ENTRIES_MAX))
            state->entries[kept++] = entry;
        else
            free_entry(entry);
    }
    state->count = kept;
}

/* ---- reading ------------------------------------------------------------------------------------------ */

static void read_names(const json_t *list, struct names *out)
{
    struct text ignored = TEXT_INIT;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *name = json_string_value(json_array_get(list, i));
        if (name)
            names_add(out, view_str(name), &ignored);
    }
    text_fini(&ignored);
}

static void copy_text(const json_t *object, const char *name, char *out, size_t bytes)
{
    const char *text = json_string_value(json_object_get(object, name));
    snprintf(out, bytes, "%s", text ? text : "");
}

static int64_t number_of(const json_t *object, const char *name)
{
    json_int_t number = json_integer_value(json_object_get(object, name));
    return number > 0 ? number : 0;
}

static void read_entry(struct state *state, const json_t *object)
{
    struct names names = {0};
    read_names(json_object_get(object, "names"), &names);
    if (names.count > 0) {
        struct state_entry *entry = state_of(state, &names);
        int64_t failures = number_of(object, "failures");
        entry->failure_count = (unsigned)(failures < FAILURES_MAX ? failures : FAILURES_MAX);
        entry->next_s = number_of(object, "next_s");
        entry->proposed_s = number_of(object, "proposed_s");
        entry->ask_s = number_of(object, "ask_s");
        copy_text(object, "id", entry->id, sizeof(entry->id));
        copy_text(object, "problem", entry->problem, sizeof(entry->problem));
    }
    names_fini(&names);
}

static json_t *load(struct view json)
{
    json_error_t problem;
    return json.len > 0 ? json_loadb(json.ptr, json.len, 0, &problem) : NULL;
}

void state_read(struct state *state, struct view json, const char *directory)
{
    json_t *object = load(json);
    const json_t *list = json_object_get(object, "certificates");
    const char *of = json_string_value(json_object_get(object, "directory"));
    state_fini(state);
    snprintf(state->directory, sizeof(state->directory), "%s", directory);
    if (of && strcmp(of, directory) == 0) {
        state->pause_until_s = number_of(object, "pause_until_s");
        for (size_t i = 0; i < json_array_size(list) && i < ENTRIES_MAX; i++)
            read_entry(state, json_array_get(list, i));
    }
    json_decref(object);
}

bool state_read_wishes(struct view json, struct wishes *out)
{
    json_t *object = load(json);
    json_t *made = json_pack("{s:i, s:O}", "version", 1, "certificates",
                             json_object_get(object, "wishes") ? json_object_get(object, "wishes")
                                                               : json_null());
    char *bytes = made ? json_dumps(made, 0) : NULL;
    struct text ignored = TEXT_INIT;
    bool is_good = bytes && wishes_read(out, view_str(bytes), &ignored);
    free(bytes);
    text_fini(&ignored);
    json_decref(made);
    json_decref(object);
    return is_good;
}

/* ---- writing ------------------------------------------------------------------------------------------ */

static json_t *list_names(const struct names *names)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < names->count; i++)
        json_array_append_new(list, json_string(names->list[i]));
    return list;
}

static json_t *describe(const struct state_entry *entry)
{
    json_t *problem = json_string(entry->problem); /* NULL: it was cut within a character */
    return json_pack("{s:o, s:i, s:I, s:I, s:I, s:s, s:o}", "names", list_names(&entry->names),
                     "failures", (int)entry->failure_count, "next_s", (json_int_t)entry->next_s,
                     "proposed_s", (json_int_t)entry->proposed_s, "ask_s", (json_int_t)entry->ask_s,
                     "id", entry->id, "problem", problem ? problem : json_string(""));
}

void state_write(const struct state *state, const struct wishes *wishes, struct text *out)
{
    json_t *certificates = json_array(), *wished = json_array();
    for (size_t i = 0; i < state->count; i++)
        json_array_append_new(certificates, describe(state->entries[i]));
    for (size_t i = 0; i < wishes->count; i++)
        json_array_append_new(wished, json_pack("{s:o}", "names", list_names(&wishes->list[i])));
    json_t *object = json_pack("{s:i, s:s, s:I, s:o, s:o}", "version", 1, "directory",
                               state->directory, "pause_until_s", (json_int_t)state->pause_until_s,
                               "certificates", certificates, "wishes", wished);
    char *bytes = object ? json_dumps(object, JSON_INDENT(1)) : NULL;
    text_append_str(out, bytes ? bytes : "");
    free(bytes);
    json_decref(object);
}
