#include "lb/admin/verbs.h"

#include <inttypes.h>
#include <stdio.h>

#include "lb/admin/kept_order.h"
#include "lb/admin/subject.h"
#include "lb/admin/pages.h"
#include "lb/base/json_writer.h"
#include "lb/base/log.h"
#include "lb/base/log_about.h"
#include "lb/contract/limits.h"

/* ---- who is meant ---------------------------------------------------------------------------- */

static const char *name_of(const struct request *request)
{
    return text_str(&request->name);
}

/* All endpoints of a snapshot, one after the other; one that several services have more than once. */
struct cursor {
    const struct pool *pool; /* NULL: there are none */
    unsigned service, endpoint;
};

static struct endpoint *next_endpoint(struct cursor *at)
{
    for (; at->pool && at->service < at->pool->service_count; at->service++, at->endpoint = 0)
        if (at->endpoint < at->pool->services[at->service].endpoint_count)
            return at->pool->services[at->service].endpoints[at->endpoint++];
    return NULL;
}

/* Whether a service before the one where the cursor is has it, too: of another kind, say. */
static bool is_of_earlier(const struct cursor *at, const struct endpoint *endpoint)
{
    struct cursor earlier = {.pool = at->pool};
    const struct endpoint *other;
    while ((other = next_endpoint(&earlier)) && earlier.service < at->service)
        if (other == endpoint)
            return true;
    return false;
}

/* The next one that has that id, or is of the container that has it; each once. */
static struct endpoint *next_of(struct cursor *at, const char *id)
{
    struct endpoint *endpoint;
    while ((endpoint = next_endpoint(at)))
        if ((strcmp(endpoint->id, id) == 0 || strcmp(endpoint->container, id) == 0) &&
            !is_of_earlier(at, endpoint))
            return endpoint;
    return NULL;
}

/* What an order is about: a container with all that it serves, or one port of it. */
struct meant {
    struct endpoint *endpoint; /* the first one; a reference */
    const char *id;            /* its own, or its container's: orders are kept by it */
};

static const char *meant_id(const struct pages *pages, const struct request *request,
                            const struct endpoint *endpoint)
{
    enum subject_meaning meaning =
        subject_means_endpoint(&pages->publisher->membership, text_view(&request->name), endpoint);
    if (meaning == SUBJECT_NO)
        return NULL;
    return meaning == SUBJECT_PORT ? endpoint->id : endpoint->container;
}

/* Gives how many, and the last of them. */
static unsigned count_meant(const struct pages *pages, const struct request *request,
                            struct meant *meant)
{
    struct cursor at = {.pool = pages->publisher->pool};
    struct endpoint *endpoint;
    unsigned count = 0;
    *meant = (struct meant){0};
    while ((endpoint = next_endpoint(&at))) {
        const char *id = meant_id(pages, request, endpoint);
        if (!id || (meant->id && strcmp(meant->id, id) == 0))
            continue;
        *meant = (struct meant){endpoint, id};
        count++;
    }
    return count;
}

/* What the path names; then `endpoint` is to be unreferenced. False: there is nothing, or more than
 * one of them; the answer says so. */
static bool find_meant(const struct pages *pages, const struct request *request,
                       struct meant *meant, struct admin_answer *answer)
{
    unsigned count = count_meant(pages, request, meant);
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
    else
        endpoint_ref(meant->endpoint);
    return answer->status == 0;
}

/* ---- answers --------------------------------------------------------------------------------- */

/* The first of its services, `at` which it was found, says what runs on it. */
static void append_running(const struct cursor *at, const struct endpoint *endpoint,
                           struct text *message)
{
    static const char *const words[][2] = {[SERVICE_HTTP] = {"request", "running"},
                                           [SERVICE_TCP] = {"connection", "open"},
                                           [SERVICE_UDP] = {"flow", "open"}};
    const char *const *word = words[at->pool->services[at->service].kind];
    uint64_t count = endpoint_inflight_count(endpoint);
    text_appendf(message, "%" PRIu64 " %s%s %s", count, word[0], count == 1 ? "" : "s", word[1]);
}

static void tell_one(const struct cursor *at, const struct endpoint *endpoint,
                     struct json_writer *json, struct text *message)
{
    const char *word = endpoint_state_word(endpoint_state(endpoint));
    json_writer_field_str(json, "state", word);
    json_writer_field_uint(json, "weight", endpoint_weight(endpoint));
    json_writer_field_uint(json, "inflight", endpoint_inflight_count(endpoint));
    text_appendf(message, "%s%s", message->len > 0 ? "; " : "", endpoint->name);
    text_appendf(message, " is %s, weight %u, ", word, endpoint_weight(endpoint));
    append_running(at, endpoint, message);
}

/* The servers of a container that has several. */
static void tell_several(struct cursor at, const char *id, struct json_writer *json,
                         struct text *message)
{
    const struct endpoint *endpoint;
    json_writer_key(json, "endpoints");
    json_writer_begin_array(json);
    while ((endpoint = next_of(&at, id))) {
        json_writer_begin_object(json);
        json_writer_field_str(json, "address", endpoint->address_text);
        tell_one(&at, endpoint, json, message);
        json_writer_end_object(json);
        text_appendf(message, " at %s", endpoint->address_text);
    }
    json_writer_end_array(json);
}

/* How it is now. The old objects may have been replaced: what is told is the id's. */
static void tell(const struct pages *pages, const char *id, bool is_kept,
                 struct admin_answer *answer)
{
    const struct cursor first = {.pool = pages->publisher->pool};
    struct cursor at = first;
    const struct endpoint *endpoint = next_of(&at, id);
    const struct cursor found = at;
    struct json_writer json;
    struct text message = TEXT_INIT;
    answer->status = 200;
    answer->content_type = "application/json";
    json_writer_init(&json, &answer->body);
    json_writer_begin_object(&json);
    if (endpoint) {
        json_writer_field_str(&json, "id", endpoint->container);
        json_writer_field_str(&json, "name", endpoint->name);
        if (next_of(&at, id))
            tell_several(first, id, &json, &message);
        else
            tell_one(&found, endpoint, &json, &message);
    }
    if (!is_kept)
        text_append_str(&message, "; the order could not be written to --state: see lb's log");
    json_writer_field_str(&json, "message", text_str(&message));
    json_writer_end_object(&json);
    text_append_char(&answer->body, '\n');
    text_fini(&message);
}

/* The same of what is no endpoint now. */
static void tell_untold(const struct kept_order *kept, bool is_kept, struct admin_answer *answer)
{
    struct json_writer json;
    struct text message = TEXT_INIT;
    text_appendf(&message, "the order is taken back; %s is no endpoint at the moment%s",
                 text_str(&kept->name),
                 is_kept ? "" : "; this could not be written to --state: see lb's log");
    answer->status = 200;
    answer->content_type = "application/json";
    json_writer_init(&json, &answer->body);
    json_writer_begin_object(&json);
    json_writer_field_str(&json, "id", text_str(&kept->id));
    json_writer_field_str(&json, "name", text_str(&kept->name));
    json_writer_field_str(&json, "message", text_str(&message));
    json_writer_end_object(&json);
    text_append_char(&answer->body, '\n');
    text_fini(&message);
}

/* ---- orders ---------------------------------------------------------------------------------- */

/* All ports of a container are meant, not an endpoint with an id of its own. */
static bool is_container(const struct meant *meant)
{
    return strcmp(meant->id, meant->endpoint->id) != 0;
}

/* What tells in the log which of the endpoints of that name it is. */
static void log_order(const char *verb, const struct meant *meant)
{
    const struct endpoint *endpoint = meant->endpoint;
    const char *port = meant->id == endpoint->id ? strrchr(endpoint->id, ':') : NULL;
    bool is_whole = strcmp(endpoint->id, endpoint->container) == 0;
    struct log_about about = {.action = "admin-order",
                              .service = endpoint->service,
                              .name = endpoint->name,
                              .id = endpoint->container,
                              .address = endpoint->address_text};
    if (is_whole && strcmp(endpoint->name, endpoint->id) == 0)
        log_say(LOG_LEVEL_INFO, &about, "admin: %s %s", verb, endpoint->name);
    else
        log_say(LOG_LEVEL_INFO, &about, "admin: %s %s%s (%.12s)", verb, endpoint->name,
                port && !is_whole ? port : "", endpoint->container);
}

static void give_order(struct pages *pages, const struct meant *meant, enum endpoint_order order,
                       const char *verb, struct admin_answer *answer)
{
    log_order(verb, meant);
    if (is_container(meant))
        orders_set_of_container(&pages->publisher->orders, meant->id, order);
    else
        orders_set(&pages->publisher->orders, meant->id, order);
    bool is_kept = publisher_obey(pages->publisher);
    tell(pages, meant->id, is_kept, answer);
}

static void take_out(struct pages *pages, const struct request *request, enum endpoint_order order,
                     const char *verb, struct admin_answer *answer)
{
    struct meant meant;
    if (!find_meant(pages, request, &meant, answer))
        return;
    give_order(pages, &meant, order, verb, answer);
    endpoint_unref(meant.endpoint);
}

/* Whether another order is in force, for it or for all of its container; the answer says so. */
static bool refuse_other(const struct pages *pages, const struct meant *meant,
                         enum endpoint_order order, const char *verb, struct admin_answer *answer)
{
    struct cursor at = {.pool = pages->publisher->pool};
    const struct endpoint *endpoint;
    const char *container = meant->endpoint->container;
    while ((endpoint = next_of(&at, meant->id)))
        if (endpoint->order != ENDPOINT_ORDER_NONE && endpoint->order != order) {
            bool is_drained = endpoint->order == ENDPOINT_ORDER_DRAIN;
            admin_refuse(answer, 409, "other_order", "%s was %s: use %s.", endpoint->name,
                         is_drained ? "drained" : "disabled", is_drained ? "undrain" : "enable");
            return true;
        }
    if (strcmp(meant->id, container) == 0 ||
        orders_of_container(&pages->publisher->orders, container) != order)
        return false;
    admin_refuse(answer, 409, "other_order",
                 "All of %s was %s: %s that, and then give the order for the other ports.",
                 meant->endpoint->name, order == ENDPOINT_ORDER_DRAIN ? "drained" : "disabled",
                 verb);
    return true;
}

static const char *word_done(enum endpoint_order order)
{
    return order == ENDPOINT_ORDER_DRAIN ? "drained" : "disabled";
}

static void take_back_untold(struct pages *pages, const struct kept_order *kept, const char *verb,
                             struct admin_answer *answer)
{
    struct orders *orders = &pages->publisher->orders;
    log_info("admin: %s %s (%.12s), which is no endpoint at the moment", verb,
             text_str(&kept->name), text_str(&kept->id));
    if (kept->is_of_container)
        orders_set_of_container(orders, text_str(&kept->id), ENDPOINT_ORDER_NONE);
    else
        orders_set(orders, text_str(&kept->id), ENDPOINT_ORDER_NONE);
    bool is_kept = publisher_obey(pages->publisher);
    tell_untold(kept, is_kept, answer);
}

/* An order for what is no endpoint at the moment. False: there is none, and the answer is still to be
 * given. */
static bool find_untold(struct pages *pages, const struct request *request,
                        enum endpoint_order order, const char *verb, struct admin_answer *answer)
{
    struct kept_order kept;
    struct meant meant;
    if (pages->is_draining || count_meant(pages, request, &meant) > 0)
        return false;
    bool is_there = kept_order_find(pages->publisher, text_view(&request->name), order, &kept);
    if (kept.count > 1)
        admin_refuse(answer, 409, "ambiguous",
                     "%u containers are meant by \"%s\": name one by its id.", kept.count,
                     name_of(request));
    else if (kept.other != ENDPOINT_ORDER_NONE)
        admin_refuse(answer, 409, "other_order", "%s was %s: use %s.", text_str(&kept.name),
                     word_done(kept.other),
                     kept.other == ENDPOINT_ORDER_DRAIN ? "undrain" : "enable");
    else if (is_there)
        take_back_untold(pages, &kept, verb, answer);
    kept_order_fini(&kept);
    return is_there;
}

/* Takes one order back; the other one has to be taken back by its own name. */
static void take_back(struct pages *pages, const struct request *request, enum endpoint_order order,
                      const char *verb, struct admin_answer *answer)
{
    struct meant meant;
    if (find_untold(pages, request, order, verb, answer) ||
        !find_meant(pages, request, &meant, answer))
        return;
    if (!refuse_other(pages, &meant, order, verb, answer))
        give_order(pages, &meant, ENDPOINT_ORDER_NONE, verb, answer);
    endpoint_unref(meant.endpoint);
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
                   (view_parse_u64(value, LIMITS_WEIGHT_MAX, &weight) && weight > 0);
    struct meant meant;
    if (!find_meant(pages, request, &meant, answer))
        return;
    if (!is_good) {
        admin_refuse(answer, 400, "bad_value",
                     "A weight%s is 1 to %u, or default; drain takes an endpoint out.",
                     value.ptr ? "" : " (?value=)", LIMITS_WEIGHT_MAX);
    } else {
        struct text verb = TEXT_INIT;
        text_appendf(&verb, "weight %.*s for", (int)value.len, value.ptr);
        log_order(text_str(&verb), &meant);
        text_fini(&verb);
        if (is_container(&meant))
            orders_set_weight_of_container(&pages->publisher->orders, meant.id, (unsigned)weight);
        else
            orders_set_weight(&pages->publisher->orders, meant.id, (unsigned)weight);
        bool is_kept = publisher_obey(pages->publisher);
        tell(pages, meant.id, is_kept, answer);
    }
    endpoint_unref(meant.endpoint);
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
        admin_refuse(answer, 400, "bad_value", "A log level%s is debug, info, warn or error.",
                     value.ptr ? "" : " (?value=)");
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

void verbs_upgrade(void *owner, const struct request *request, struct admin_answer *answer)
{
    const struct pages *pages = owner;
    struct json_writer json;
    (void)request;
    if (!pages->process.upgrade) {
        admin_refuse(answer, 503, "nobody_to_ask",
                     "This lb-proxy runs without the lb that could start another one.");
        return;
    }
    if (pages->is_shutting_down) {
        admin_refuse(answer, 503, "shutting_down",
                     "lb is about to end, or another process has taken over: ask again.");
        return;
    }
    log_info("admin: upgrade");
    pages->process.upgrade(pages->process.owner);
    answer->status = 200;
    answer->content_type = "application/json";
    json_writer_init(&json, &answer->body);
    json_writer_begin_object(&json);
    json_writer_field_str(&json, "message",
                          "the lb on disk is started, and takes over when it is ready; /process "
                          "tells what becomes of it");
    json_writer_end_object(&json);
    text_append_char(&answer->body, '\n');
}
