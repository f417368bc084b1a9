/* Rows of the tables of dialects that are about TLS, each a test called as its row is: what a container with such words
 * claims. Includes cmocka. */
#ifndef TESTS_UNIT_DISCOVERY_DIALECT_TLS_CASE_H
#define TESTS_UNIT_DISCOVERY_DIALECT_TLS_CASE_H

#include "discovery/dialect/dialect.h"

#include "tests/unit/discovery/dialect/claims_text.h"

struct tls_case {
    const char *name;
    const char *
        words; /* "NAME=value" with ";" between them, ";;" for one inside; labels and variables alike */
    const char *
        routes; /* "host=a OPTION=value > service BACKEND-OPTION=value", or "> 503", with "|" between them */
    const char *certificates; /* "a,b email by LABEL" with "|" between them; NULL: none */
    const char *told;         /* words in the remark; NULL: nothing is told */
};

static inline void tls_case_read(const char *words, struct offers *out)
{
    json_t *labels = json_object(), *environment = json_array();
    json_t *exposed = json_loads("{\"80/tcp\":{}}", 0, NULL);
    for (struct view rest = view_str(words); rest.ptr;) {
        struct text line = TEXT_INIT;
        text_append(&line, view_cut(&rest, ';'));
        while (rest.len > 0 && rest.ptr[0] == ';') {
            rest = view_skip(rest, 1);
            text_append_char(&line, ';');
            text_append(&line, view_cut(&rest, ';'));
        }
        struct view value = text_view(&line), name = view_cut(&value, '=');
        char *key = memory_copy(name.ptr, name.len);
        json_array_append_new(environment, json_stringn(line.bytes, line.len));
        json_object_set_new(labels, key, json_stringn(value.ptr, value.len));
        free(key);
        text_fini(&line);
    }
    dialect_read(&(struct dialect_container){.from = {.labels = labels, .environment = environment},
                                             .exposed = exposed,
                                             .image = "image",
                                             .name = "Test"},
                 out);
    json_decref(labels);
    json_decref(environment);
    json_decref(exposed);
}

/* Ranks and such are no business of these rows. */
static inline void tls_case_route(const struct offers *offers, const struct route *route,
                                  struct text *got)
{
    struct route shown = *route;
    shown.is_ranked = false;
    claims_text_route(got, &shown);
    text_append_str(got, "> ");
    if (route->answer_status > 0)
        text_appendf(got, "%u", route->answer_status);
    text_append(got, route->service);
    for (size_t i = 0; i < offers->wish_count; i++)
        for (unsigned kind = 0; kind < SERVICE_OPTION_COUNT; kind++) {
            struct view value = offers->wishes[i].options.values[kind];
            if (value.len > 0 && view_eq(view_str(offers->wishes[i].service), route->service))
                text_appendf(got, " %s=%.*s", service_option_word((enum service_option_kind)kind),
                             (int)value.len, value.ptr);
        }
}

static inline void tls_case_certificate(const struct certificate_wish *wish, struct text *got)
{
    for (unsigned i = 0; i < wish->name_count; i++) {
        text_append_str(got, i > 0 ? "," : "");
        text_append(got, wish->names[i]);
    }
    text_appendf(got, " %.*s%sby %.*s", (int)wish->email.len, wish->email.ptr,
                 wish->email.len > 0 ? " " : "", (int)wish->label.len, wish->label.ptr);
}

static inline void tls_case_check(void **state)
{
    const struct tls_case *row = *state;
    struct offers offers;
    struct text routes = TEXT_INIT, certificates = TEXT_INIT;
    tls_case_read(row->words, &offers);
    for (size_t i = 0; i < offers.route_count; i++) {
        text_append_str(&routes, i > 0 ? "|" : "");
        tls_case_route(&offers, &offers.routes[i], &routes);
    }
    for (size_t i = 0; i < offers.certificate_count; i++) {
        text_append_str(&certificates, i > 0 ? "|" : "");
        tls_case_certificate(&offers.certificates[i], &certificates);
    }
    if (strcmp(text_str(&routes), row->routes) != 0)
        fail_msg("%s\nexpected: %s\ntold: %s", text_str(&routes), row->routes, offers.remark);
    if (strcmp(text_str(&certificates), row->certificates ? row->certificates : "") != 0)
        fail_msg("certificates: %s\ntold: %s", text_str(&certificates), offers.remark);
    if (!offers.remark != !row->told || (row->told && !strstr(offers.remark, row->told)))
        fail_msg("told: %s\nexpected: %s", offers.remark ? offers.remark : "nothing",
                 row->told ? row->told : "nothing");
    text_fini(&routes);
    text_fini(&certificates);
    offers_fini(&offers);
}

#define TLS_CASES(rows)                                                                            \
    int main(void)                                                                                 \
    {                                                                                              \
        struct CMUnitTest tests[COUNT(rows)];                                                      \
        for (size_t i = 0; i < COUNT(rows); i++)                                                   \
            tests[i] = (struct CMUnitTest){.name = (rows)[i].name,                                 \
                                           .test_func = tls_case_check,                            \
                                           .initial_state = (void *)(uintptr_t) & (rows)[i]};      \
        return cmocka_run_group_tests(tests, NULL, NULL);                                          \
    }

#endif
