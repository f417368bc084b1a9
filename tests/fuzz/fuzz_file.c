/* The file of services and routes. What holds: it is refused with a sentence, or taken; every route of
 * one that is taken can be followed; the line that is written of it is JSON, and as a file it gives the
 * same line again, without a remark on a word. The first byte says whether other sources have services,
 * too. */
#include <jansson.h>
#include <string.h>

#include "discovery/emit.h"
#include "discovery/file/file.h"
#include "discovery/listener_order.h"
#include "lb/contract/route_check.h"
#include "tests/fuzz/support/target.h"

static void check_sentence(const char *sentence)
{
    for (const char *at = sentence; *at != '\0'; at++)
        TARGET_CHECK((unsigned char)*at >= ' ' || *at == '\n');
}

/* Labels are places, which change as one entry of the file becomes several of the line. */
static void check_document(struct set *set)
{
    struct text problem = TEXT_INIT;
    TARGET_CHECK(set->route_count <= LIMITS_ROUTES_MAX);
    for (size_t i = 0; i < set->route_count; i++) {
        TARGET_CHECK(route_check(&set->routes[i], &problem));
        TARGET_CHECK(view_starts_with(set->routes[i].label, VIEW("routes[")));
        TARGET_CHECK(set->routes[i].container.len == 0);
        set->routes[i].label = VIEW("");
    }
    TARGET_CHECK(set->certificate_count <= CERTIFICATE_WISHES_MAX);
    for (size_t i = 0; i < set->certificate_count; i++) {
        TARGET_CHECK(set->certificates[i].name_count > 0 &&
                     set->certificates[i].name_count <= CERTIFICATE_WISH_NAMES_MAX);
        TARGET_CHECK(set->certificates[i].container.len == 0);
        set->certificates[i].label = VIEW("");
    }
    TARGET_CHECK(set->listener_count <= LISTENER_RULES_MAX);
    for (size_t i = 0; i < set->listener_count; i++) {
        const struct listener_rule *rule = &set->listeners[i];
        TARGET_CHECK((rule->port > 0) != (rule->listener.len > 0) && rule->service.len > 0);
        TARGET_CHECK(rule->kind == SERVICE_TCP || rule->server_name.len + rule->alpn.len == 0);
        TARGET_CHECK(rule->server_name.len == 0 ||
                     listener_rule_check_server_name(rule->server_name, &problem));
        TARGET_CHECK(i == 0 || listener_order_compare(rule - 1, rule) < 0);
    }
    for (size_t i = 0; i < set->endpoint_count; i++) {
        const struct set_endpoint *endpoint = &set->endpoints[i];
        TARGET_CHECK(endpoint->port > 0 && endpoint->service[0] != '\0' && endpoint->id[0] != '\0');
        TARGET_CHECK(endpoint->weight >= 1 && endpoint->weight <= LIMITS_WEIGHT_MAX);
    }
    text_fini(&problem);
}

/* The line; without remarks, if those are to be left out. False: it would be too long. */
static bool write_line(const struct file *file, bool has_remarks, struct text *line)
{
    struct set set = {0};
    struct emit emit = {0};
    file_collect(file, &set);
    check_document(&set);
    if (!has_remarks)
        set.remark = NULL;
    enum emit_result result = emit_line(&emit, &set, "file", 1, line);
    TARGET_CHECK(result == EMIT_LINE || result == EMIT_TOO_LONG);
    emit_fini(&emit);
    set_fini(&set);
    return result == EMIT_LINE;
}

static void check_is_json(const struct text *line)
{
    json_t *document = json_loadb(line->bytes, line->len, JSON_REJECT_DUPLICATES, NULL);
    TARGET_CHECK(document);
    json_decref(document);
}

static void check_again(const struct text *line)
{
    struct text second = TEXT_INIT, problem = TEXT_INIT;
    struct file *again = file_parse(text_view(line), true, &problem);
    TARGET_CHECK(again && file_remarks(again)[0] == '\0');
    TARGET_CHECK(write_line(again, true, &second));
    TARGET_CHECK(view_eq(text_view(line), text_view(&second)));
    file_free(again);
    text_fini(&second);
    text_fini(&problem);
}

static void check_file(const struct file *file)
{
    struct text line = TEXT_INIT;
    check_sentence(file_remarks(file));
    if (write_line(file, true, &line))
        check_is_json(&line);
    if (write_line(file, false, &line))
        check_again(&line);
    text_fini(&line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text problem = TEXT_INIT;
    if (size == 0)
        return 0;
    struct view bytes = view_of((const char *)data + 1, size - 1);
    struct file *file = file_parse(bytes, data[0] & 1, &problem);
    TARGET_CHECK(!file == (problem.len > 0));
    check_sentence(text_str(&problem));
    if (file)
        check_file(file);
    file_free(file);
    text_fini(&problem);
    return 0;
}
