#include "lb/admin/verbs.h"

#include <inttypes.h>
#include <stdio.h>

#include "lb/admin/explain.h"
#include "lb/admin/pages.h"
#include "lb/base/json_writer.h"
#include "lb/base/log.h"

/* ---- who is meant -----------------------------------------------------------------------------
 */

static const char *name_of(const struct request *request)
{
    return text_str(&request->name);
}

/* The endpoint that the path names. NULL: there is none, or more than one; the answer says so. */
static struct endpoint *find_endpoint(const struct pages *pages, const struct request *request,
                                      struct admin_answer *answer)
{
    const struct pool *pool = pages->publisher->pool;
    struct endpoint *found = NULL;
    unsigned count = 0;
    for (unsigned i = 0; pool && i < pool->service_count; i++) {
        for (unsigned j = 0; j < pool->services[i].endpoint_count; j++) {
            struct endpoint *endpoint = pool->services[i].endpoints[j];
            if (!explain_means_endpoint(&pages->publisher->membership, text_view(&request->name),
                                        endpoint))
                continue;
            found = endpoint;
            count++;
        }
    }
    if (pages->is_draining)
        admin_refuse(answer, 503, "shutting_down", "lb is shutting down: the pool stays as it is.");
    else if (count == 0)
        admin_refuse(answer, 404, "no_such_endpoint",
                     "No endpoint is named \"%s\" or has an id that begins so; /explain/%s tells "
                     "whether it is a container that lb leaves out.",
                     name_of(request), name_of(request));
    else if (count > 1)
        admin_refuse(answer, 409, "ambiguous",
                     "%u endpoints are meant by \"%s\": name one by its "
                     "id.",
                     count, name_of(request));
    return answer->status == 0 ? found : NULL;
}

/* ---- answers ----------------------------------------------------------------------------------
 */

/* How the endpoint is now. The old object may have been replaced: what is told is its id's. */
static void tell(const struct pages *pages, const char *id, bool is_kept,
                 struct admin_answer *answer)
{
    const struct pool *pool = pages->publisher->pool;
    struct json_writer json;
    struct text message = TEXT_INIT;
    answer->status = 200;
    answer->content_type = "application/json";
    json_writer_init(&json, &answer->body);
    json_writer_begin_object(&json);
    for (unsigned i = 0; i < pool->service_count; i++) {
        for (unsigned j = 0; j < pool->services[i].endpoint_count; j++) {
            const struct endpoint *endpoint = pool->services[i].endpoints[j];
            const char *word = endpoint_state_word(endpoint_state(endpoint));
            if (strcmp(endpoint->id, id) != 0)
                continue;
            json_writer_field_str(&json, "id", endpoint->id);
            json_writer_field_str(&json, "name", endpoint->name);
            json_writer_field_str(&json, "state", word);
            json_writer_field_uint(&json, "weight", endpoint_weight(endpoint));
            json_writer_field_uint(&json, "inflight", endpoint_inflight_count(endpoint));
            text_appendf(&message, "%s is %s, weight %u, %" PRIu64 " requests running",
                         endpoint->name, word, endpoint_weight(endpoint),
                         endpoint_inflight_count(endpoint));
        }
    }
    if (!is_kept)
        text_append_str(&message, "; the order could not be written to --state: see lb's log");
    json_writer_field_str(&json, "message", text_str(&message));
    json_writer_end_object(&json);
    text_append_char(&answer->body, '\n');
    text_fini(&message);
}

/* ---- orders -----------------------------------------------------------------------------------
 */

static void give_order(struct pages *pages, struct endpoint *endpoint, enum endpoint_order order,
                       const char *verb, struct admin_answer *answer)
{
    struct endpoint *kept = endpoint_ref(endpoint);
    log_info("admin: %s %s (%.12s)", verb, endpoint->name, endpoint->id);
    orders_set(&pages->publisher->orders, endpoint->id, order);
    bool is_kept = publisher_obey(pages->publisher);
    tell(pages, kept->id, is_kept, answer);
    endpoint_unref(kept);
}

static void take_out(struct pages *pages, const struct request *request, enum endpoint_order order,
                     const char *verb, struct admin_answer *answer)
{
    struct endpoint *endpoint = find_endpoint(pages, request, answer);
    if (endpoint)
        give_order(pages, endpoint, order, verb, answer);
}

/* Takes one order back; the other one has to be taken back by its own name. */
static void take_back(struct pages *pages, const struct request *request, enum endpoint_order order,
                      const char *verb, struct admin_answer *answer)
{
    struct endpoint *endpoint = find_endpoint(pages, request, answer);
    if (!endpoint)
        return;
    if (endpoint->order != ENDPOINT_ORDER_NONE && endpoint->order != order)
        admin_refuse(answer, 409, "other_order", "%s was %s: use %s.", endpoint->name,
                     endpoint->order == ENDPOINT_ORDER_DRAIN ? "drained" : "disabled",
                     endpoint->order == ENDPOINT_ORDER_DRAIN ? "undrain" : "enable");
    else
        give_order(pages, endpoint, ENDPOINT_ORDER_NONE, verb, answer);
}

void verbs_drain(void *owner, const struct request *request, struct admin_answer *answer)
{
    take_out(owner, request, ENDPOINT_ORDER_DRAIN, "drain", answer);
}

void verbs_undrain(void *owner, const struct request *request, struct admin_answer *answer)
{
    take_back(owner, request, ENDPOINT_ORDER_DRAIN, "undrain", answer);
}

void verbs_disable(void *owner, const struct request *request, struct admin_answer *answer)
{
    take_out(owner, request, ENDPOINT_ORDER_DISABLE, "disable", answer);
}

void verbs_enable(void *owner, const struct request *request, struct admin_answer *answer)
{
    take_back(owner, request, ENDPOINT_ORDER_DISABLE, "enable", answer);
}

void verbs_weight(void *owner, const struct request *request, struct admin_answer *answer)
{
    struct pages *pages = owner;
    struct view value = paths_query(request, VIEW("value"));
    uint64_t weight = 0;
    bool is_good = view_eq(value, VIEW("default")) ||
                   (view_parse_u64(value, ENDPOINT_WEIGHT_MAX, &weight) && weight > 0);
    struct endpoint *endpoint = find_endpoint(pages, request, answer);
    if (!endpoint)
        return;
    if (!is_good) {
        admin_refuse(answer, 400, "bad_value",
                     "A weight (?value=) is 1 to %u, or default; drain takes an endpoint out.",
                     ENDPOINT_WEIGHT_MAX);
        return;
    }
    endpoint_ref(endpoint);
    log_info("admin: weight %.*s for %s (%.12s)", (int)value.len, value.ptr, endpoint->name,
             endpoint->id);
    orders_set_weight(&pages->publisher->orders, endpoint->id, (unsigned)weight);
    bool is_kept = publisher_obey(pages->publisher);
    tell(pages, endpoint->id, is_kept, answer);
    endpoint_unref(endpoint);
}

void verbs_log_level(void *owner, const struct request *request, struct admin_answer *answer)
{
    struct view value = paths_query(request, VIEW("value"));
    struct json_writer json;
    enum log_level level;
    char word[16];
    (void)owner;
    snprintf(word, sizeof(word), "%.*s", (int)(value.len < 15 ? value.len : 15),
             value.ptr ? value.ptr : "");
    if (!log_parse_level(word, &level)) {
        admin_refuse(answer, 400, "bad_value",
                     "A log level (?value=) is debug, info, warn or error.");
        return;
    }
    log_info("admin: log level %s", word);
    log_set_level(level);
    answer->status = 200;
    answer->content_type = "application/json";
    json_writer_init(&json, &answer->body);
    json_writer_begin_object(&json);
    json_writer_field_str(&json, "log-level", word);
    json_writer_field_str(&json, "message",
                          "the level holds until the next SIGHUP or the next order");
    json_writer_end_object(&json);
    text_append_char(&answer->body, '\n');
}
