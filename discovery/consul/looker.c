#include "discovery/consul/looker.h"

#include <string.h>

#include "discovery/consul/consul_agent.h"
#include "discovery/consul/instances.h"
#include "discovery/consul/service_list.h"
#include "discovery/document.h"
#include "discovery/net/fetch.h"
#include "lb/base/json_writer.h"

#define TIMEOUT_MS     15000
#define LIST_MAX_BYTES (8u << 20)

enum { ABOUT_SERVICE, ABOUT_SERVICES, ABOUT_NODES, ABOUT_RIGHTS };

bool looker_is_busy(const struct looker *looker)
{
    return looker->pending_count > 0;
}

void looker_stop(struct looker *looker)
{
    for (size_t i = 0; i < LOOKER_QUESTIONS; i++)
        if (looker->questions[i].fetch)
            fetch_cancel(looker->questions[i].fetch);
    json_decref(looker->health);
    *looker = (struct looker){0};
}

/* ---- what is answered ------------------------------------------------------------------------ */

enum second_look_right looker_read_rights(const json_t *answer)
{
    if (!json_is_array(answer) || json_array_size(answer) == 0)
        return SECOND_LOOK_RIGHT_UNKNOWN;
    for (size_t i = 0; i < json_array_size(answer); i++) {
        const json_t *allow = json_object_get(json_array_get(answer, i), "Allow");
        if (json_is_false(allow))
            return SECOND_LOOK_RIGHT_DENIED;
        if (!json_is_true(allow))
            return SECOND_LOOK_RIGHT_UNKNOWN;
    }
    return SECOND_LOOK_RIGHT_GIVEN;
}

static void read_headers(struct looker *looker, const struct fetch_answer *answer)
{
    struct second_look *look = &looker->look;
    const char *policy = fetch_header(answer->fetch, "X-Consul-Default-ACL-Policy");
    look->is_filtered |=
        strcmp(fetch_header(answer->fetch, "X-Consul-Results-Filtered-By-ACLs"), "true") == 0;
    look->has_policy |= policy[0] != '\0';
    look->denies_by_default |= strcmp(policy, "deny") == 0;
}

static void read_service(struct looker *looker, const struct fetch_answer *answer, json_t *document)
{
    int count = instances_count(document, looker->options.service, looker->options.rules);
    uint64_t index;
    if (view_parse_u64(view_str(fetch_header(answer->fetch, "X-Consul-Index")), UINT64_MAX, &index))
        looker->index = index;
    looker->look.is_empty = count <= 0;
    looker->look.is_whole &= count >= 0;
    looker->health = json_incref(document);
}

static void read_services(struct looker *looker, const json_t *document)
{
    struct service_list list;
    if (!service_list_read(document, &list)) {
        looker->look.is_whole = false;
        return;
    }
    looker->look.is_named = service_list_find(&list, looker->options.service) != NULL;
    looker->look.names_others = list.count > looker->look.is_named;
    service_list_fini(&list);
}

static void read_answer(struct looker *looker, ptrdiff_t about, const struct fetch_answer *answer)
{
    json_t *document = document_parse(answer->body, NULL);
    read_headers(looker, answer);
    if (about == ABOUT_SERVICE)
        read_service(looker, answer, document);
    else if (about == ABOUT_SERVICES)
        read_services(looker, document);
    else if (about == ABOUT_NODES)
        looker->look.node_count = json_array_size(document);
    else
        looker->look.right = looker_read_rights(document);
    json_decref(document);
}

/* The agent has no ACLs, or does not know the token, or the question. */
static void read_refusal(struct looker *looker, ptrdiff_t about, const struct fetch_answer *answer,
                         const struct fetch_failure *failure)
{
    struct second_look *look = &looker->look;
    if (!answer->problem && answer->status == 403)
        look->right = SECOND_LOOK_RIGHT_DENIED;
    else if (about != ABOUT_RIGHTS || answer->problem || answer->status >= 500 ||
             answer->status == 429)
        look->is_whole = false;
    else if (answer->status == 401 && strstr(failure->sample, "ACL support disabled") &&
             look->right == SECOND_LOOK_RIGHT_UNKNOWN)
        look->right = SECOND_LOOK_RIGHT_GIVEN;
    if (about != ABOUT_RIGHTS)
        look->is_whole = false;
}

static void take_done(void *owner, const struct fetch_answer *answer)
{
    struct looker_question *question = owner;
    struct looker *looker = question->looker;
    ptrdiff_t about = question - looker->questions;
    question->fetch = NULL;
    if (!answer->problem && answer->status == 200)
        read_answer(looker, about, answer);
    else
        read_refusal(looker, about, answer, fetch_pool_failure(looker->options.pool));
    if (--looker->pending_count == 0)
        looker->options.on_done(looker->options.owner);
}

/* ---- what is asked --------------------------------------------------------------------------- */

static void ask(struct looker *looker, size_t about, const char *target, size_t max_bytes,
                struct view body)
{
    struct looker_question *question = &looker->questions[about];
    question->looker = looker;
    looker->pending_count++;
    question->fetch = fetch_start(looker->options.pool,
                                  &(struct fetch_request){.method = body.len > 0 ? "POST" : NULL,
                                                          .target = target,
                                                          .body = body,
                                                          .timeout_ms = TIMEOUT_MS,
                                                          .max_bytes = max_bytes,
                                                          .owner = question,
                                                          .on_done = take_done});
}

static void write_right(struct json_writer *json, const char *resource, const char *segment)
{
    json_writer_begin_object(json);
    json_writer_field_str(json, "Resource", resource);
    json_writer_field_str(json, "Segment", segment);
    json_writer_field_str(json, "Access", "read");
    json_writer_end_object(json);
}

static void ask_rights(struct looker *looker)
{
    struct text body = TEXT_INIT;
    struct json_writer json;
    json_writer_init(&json, &body);
    json_writer_begin_array(&json);
    write_right(&json, "service", looker->options.service);
    for (size_t i = 0; i < looker->options.node_count; i++)
        write_right(&json, "node", looker->options.nodes[i]);
    json_writer_end_array(&json);
    ask(looker, ABOUT_RIGHTS, "/v1/internal/acl/authorize", LIST_MAX_BYTES, text_view(&body));
    text_fini(&body);
}

void looker_start(struct looker *looker, const struct looker_options *options)
{
    struct text target = TEXT_INIT;
    looker_stop(looker);
    looker->options = *options;
    looker->look.is_whole = true;
    text_append_str(&target, "/v1/health/service/");
    consul_agent_append_escaped(&target, options->service);
    text_append_str(&target, "?consistent");
    ask(looker, ABOUT_SERVICE, text_str(&target), options->max_bytes, VIEW(""));
    ask(looker, ABOUT_SERVICES, "/v1/catalog/services?consistent", LIST_MAX_BYTES, VIEW(""));
    ask(looker, ABOUT_NODES, "/v1/catalog/nodes?consistent", LIST_MAX_BYTES, VIEW(""));
    ask_rights(looker);
    text_fini(&target);
}
