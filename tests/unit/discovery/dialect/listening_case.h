/* The words of a container, and all that they make of it for HTTP, TCP and UDP as one text:
 * "db:5432 tcp; tcp 5432 > db". Includes cmocka. */
#ifndef TESTS_UNIT_DISCOVERY_DIALECT_LISTENING_CASE_H
#define TESTS_UNIT_DISCOVERY_DIALECT_LISTENING_CASE_H

#include "discovery/listener_order.h"
#include "tests/unit/discovery/dialect/words_case.h"

static inline void listening_text(const struct offers *offers, struct text *out)
{
    for (size_t i = 0; i < offers->count; i++) {
        const struct offer *offer = &offers->items[i];
        text_append_str(out, i > 0 ? ", " : "");
        bool is_served = offers_is_served(offers, offer);
        text_append_str(out, is_served ? offer->service : "");
        for (size_t k = 0; k < offer->other_count; k++)
            text_appendf(out, "%s%s", is_served || k > 0 ? "+" : "", offer->others[k].name);
        text_appendf(out, ":%u %s", offer->port, offer->protocol);
    }
    for (size_t i = 0; i < offers->listener_count; i++) {
        text_append_str(out, "; ");
        listener_order_append_name(&offers->listeners[i], out);
        text_append_str(out, " > ");
        text_append(out, offers->listeners[i].service);
    }
}

/* `labels` are "name=value" lines. `told`: words of what is told; NULL: nothing is. */
static inline void check_listening(const char *labels, const char *exposed, const char *expected,
                                   const char *told)
{
    struct offers offers;
    struct text got = TEXT_INIT;
    json_t *all = json_object(), *ports = json_object();
    for (struct view rest = view_str(labels); rest.len > 0;) {
        struct view value = view_cut(&rest, '\n'), name = view_cut(&value, '=');
        char *key = memory_copy(name.ptr, name.len);
        json_object_set_new(all, key, json_stringn(value.ptr, value.len));
        free(key);
    }
    for (struct view rest = view_str(exposed); rest.len > 0;) {
        struct view port = view_cut(&rest, ' ');
        char *key = memory_copy(port.ptr, port.len);
        json_object_set_new(ports, key, json_object());
        free(key);
    }
    dialect_read(
        &(struct dialect_container){
            .from = {.labels = all}, .exposed = ports, .image = "image:1", .name = "c1"},
        &offers);
    listening_text(&offers, &got);
    if (offers.fault_detail) {
        text_clear(&got);
        text_append_str(&got, left_out_reason_word(offers.fault));
    }
    if (strcmp(text_str(&got), expected) != 0)
        fail_msg("%s\n(%s) is\n%s\nnot\n%s\ntold: %s", labels, exposed, text_str(&got), expected,
                 offers.remark ? offers.remark : "-");
    if (!told != !offers.remark || (told && !strstr(offers.remark, told)))
        fail_msg("%s: told: %s, not: %s", labels, offers.remark ? offers.remark : "-",
                 told ? told : "-");
    offers_fini(&offers);
    text_fini(&got);
    json_decref(all);
    json_decref(ports);
}

#define IS(labels, exposed, expected)          check_listening(labels, exposed, expected, NULL)
#define TELLS(labels, exposed, expected, told) check_listening(labels, exposed, expected, told)

#endif
