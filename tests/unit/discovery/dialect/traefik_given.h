/* What a container with given labels asks for in Traefik's words, as text, and what is told beside it. */
#ifndef TESTS_UNIT_DISCOVERY_DIALECT_TRAEFIK_GIVEN_H
#define TESTS_UNIT_DISCOVERY_DIALECT_TRAEFIK_GIVEN_H

#include "discovery/dialect/traefik_labels.h"

#include "tests/unit/discovery/dialect/claims_text.h"

#define HTTP       "traefik.http."
#define ROUTER     HTTP "routers."
#define SERVICE    HTTP "services."
#define MIDDLEWARE HTTP "middlewares."
#define OLDER_MAX  3

/* Labels are "NAME=value" with newlines between them. */
struct given {
    const char *labels, *exposed, *name;
    struct traefik_settings settings;
    const char *older[OLDER_MAX]; /* labels of other containers */
};

static inline json_t *labels_of(const char *text)
{
    json_t *labels = json_object();
    struct view rest = view_str(text);
    while (rest.len > 0) {
        struct view value = view_cut(&rest, '\n');
        struct view name = view_cut(&value, '=');
        char *key = memory_copy(name.ptr, name.len);
        json_object_set_new(labels, key, json_stringn(value.ptr ? value.ptr : "", value.len));
        free(key);
    }
    return labels;
}

static inline void read_given(const struct given *given, struct statement *said)
{
    json_t *labels = labels_of(given->labels);
    json_t *exposed = json_loads(given->exposed ? given->exposed : "{\"80/tcp\":{}}", 0, NULL);
    struct traefik_items items[OLDER_MAX + 1];
    struct traefik_catalog catalog = {0};
    struct traefik_settings settings = given->settings;
    size_t count = 0;
    for (; count < OLDER_MAX && given->older[count]; count++) {
        json_t *older = labels_of(given->older[count]);
        traefik_items_read(older, &items[count]);
        json_decref(older);
    }
    traefik_items_read(labels, &items[count++]);
    for (size_t i = 0; i < count; i++)
        traefik_catalog_add(&catalog, &items[i]);
    settings.catalog = count > 1 ? &catalog : NULL;
    statement_init(said);
    traefik_labels_read(&(struct statement_source){.traefik = &settings,
                                                   .labels = labels,
                                                   .exposed = exposed,
                                                   .name = given->name ? given->name : "Test"},
                        said);
    traefik_catalog_fini(&catalog);
    for (size_t i = 0; i < count; i++)
        traefik_items_fini(&items[i]);
    json_decref(exposed);
    json_decref(labels);
}

/* `remark`: words in what is told; NULL: nothing is. */
static inline void check(struct given given, const char *expected, const char *remark)
{
    struct statement said;
    read_given(&given, &said);
    char *got = claims_text(&said.claims), *told = claims_take_remark(&said.claims);
    if (strcmp(got, expected) != 0)
        fail_msg("%s:\n%s\nexpected:\n%s\ntold: %s", given.labels, got, expected,
                 told ? told : "nothing");
    if (!told != !remark || (told && remark && !strstr(told, remark)))
        fail_msg("%s: told: %s, expected: %s", given.labels, told ? told : "nothing",
                 remark ? remark : "nothing");
    free(got);
    free(told);
    statement_fini(&said);
}

#define ROUTES(text, expected)       check((struct given){.labels = text}, expected, NULL)
#define TOLD(text, expected, remark) check((struct given){.labels = text}, expected, remark)

#endif
