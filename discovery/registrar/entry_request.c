#include "discovery/registrar/entry_request.h"

#include <stdlib.h>
#include <string.h>

#include "discovery/clean.h"
#include "discovery/field.h"

#define SAID_BYTES_MAX 300

/* RFC 3986 § 2.3: all but what is unreserved. */
static void append_escaped(struct text *out, const char *text)
{
    for (const char *at = text; *at; at++) {
        unsigned char c = (unsigned char)*at;
        char low = view_lower_char(*at);
        bool is_plain = (low >= 'a' && low <= 'z') || (c >= '0' && c <= '9') || strchr("-._~", c);
        if (is_plain)
            text_append_char(out, *at);
        else
            text_appendf(out, "%%%02X", c);
    }
}

static void point_at(struct entry_request *out, const char *path, const struct entry *entry,
                     const char *query)
{
    text_append_str(&out->target, path);
    append_escaped(&out->target, entry->id);
    text_append_str(&out->target, query);
}

/* Who has put an entry in maintenance would lose it by the first query. */
static void make_register(const struct entry *entry, struct entry_request *out)
{
    const struct entry_wanted *wanted = entry->wanted;
    bool is_in_maintenance = entry->maintenance == AGENT_LIST_IN_MAINTENANCE;
    text_appendf(&out->target, "/v1/agent/service/register%s",
                 is_in_maintenance ? "" : "?replace-existing-checks=true");
    entry_body_print(wanted->body, wanted->ttl_s > 0 ? entry_body_status(wanted->health) : NULL,
                     &out->body);
}

void entry_request_make(const struct entry *entry, enum entry_step step, struct entry_request *out)
{
    text_clear(&out->target);
    text_clear(&out->body);
    out->method = step == ENTRY_LOOK ? "GET" : "PUT";
    switch (step) {
    case ENTRY_LOOK:
        point_at(out, "/v1/agent/service/", entry, "");
        break;
    case ENTRY_REGISTER:
        make_register(entry, out);
        break;
    case ENTRY_UPDATE:
        point_at(out, "/v1/agent/check/update/service%3A", entry, "");
        entry_body_print_result(entry->wanted->health, entry->wanted->output, &out->body);
        break;
    case ENTRY_DRAIN:
        point_at(out, "/v1/agent/service/maintenance/", entry, "?enable=true&reason=");
        append_escaped(&out->target, AGENT_LIST_REASON);
        break;
    case ENTRY_RESUME:
        point_at(out, "/v1/agent/service/maintenance/", entry, "?enable=false");
        break;
    case ENTRY_DEREGISTER:
        point_at(out, "/v1/agent/service/deregister/", entry, "");
        break;
    case ENTRY_REST:
        break;
    }
}

void entry_request_fini(struct entry_request *request)
{
    text_fini(&request->target);
    text_fini(&request->body);
}

static bool has(struct view body, const char *words)
{
    return body.len > 0 && memmem(body.ptr, body.len, words, strlen(words));
}

/* Agents before 1.13 say 500 for what they do not know, later ones 404. */
static bool is_unknown(int status, struct view body)
{
    return status == 404 ||
           (status == 500 && (has(body, "does not have associated TTL") || has(body, "Unknown ") ||
                              has(body, "unknown ") || has(body, "No service registered")));
}

enum entry_verdict entry_request_judge(enum entry_step step, int status, struct view body)
{
    if (status == 0)
        return ENTRY_LOST;
    if (status >= 200 && status < 300)
        return ENTRY_DONE;
    if (status == 401 || status == 403)
        return ENTRY_DENIED;
    if (step == ENTRY_REGISTER || !is_unknown(status, body))
        return ENTRY_REFUSED;
    return step == ENTRY_DEREGISTER ? ENTRY_DONE : ENTRY_UNKNOWN;
}

/* ---- for people ----------------------------------------------------------------------------- */

static const char *verb_of(enum entry_step step)
{
    static const char *const verbs[] = {
        [ENTRY_REST] = "keep",
        [ENTRY_LOOK] = "tell of",
        [ENTRY_REGISTER] = "register",
        [ENTRY_UPDATE] = "take the check of",
        [ENTRY_DRAIN] = "drain",
        [ENTRY_RESUME] = "end the maintenance of",
        [ENTRY_DEREGISTER] = "deregister",
    };
    return verbs[step];
}

static void name_it(const struct entry *entry, struct text *out)
{
    text_append_str(out, entry->id);
    if (entry->wanted && entry->wanted->container_name)
        text_appendf(out, " (container %s)", entry->wanted->container_name);
}

static void advise(const struct entry *entry, bool has_token, int status, struct view body,
                   struct text *out)
{
    const char *name = entry->wanted ? field_str(entry->wanted->body, "Name") : "NAME";
    if (status == 401 || (status == 403 && has(body, "ACL not found")))
        text_append_str(
            out, ". Consul does not know the token that it is shown: correct CONSUL_HTTP_TOKEN, or "
                 "the file that CONSUL_HTTP_TOKEN_FILE names.");
    else if (status == 403)
        text_appendf(out,
                     ". %s service \"%s\" { policy = \"write\" }, or service_prefix \"\" for all.",
                     has_token ? "The token (CONSUL_HTTP_TOKEN) lacks a right: give it"
                               : "No token was given (CONSUL_HTTP_TOKEN, or a file: "
                                 "CONSUL_HTTP_TOKEN_FILE): give one that has",
                     name);
    else if (status == 400)
        text_append_str(
            out, ". Correct what the container says (SERVICE_*); the others are registered.");
    else if (status == 429)
        text_append_str(out, ". It is asked again in a moment.");
    else
        text_append_str(
            out, ". It is asked again in a moment; if this stays, the agent's own log tells why "
                 "(consul monitor).");
}

char *entry_request_tell(const struct entry *entry)
{
    struct text out = TEXT_INIT;
    bool is_registered = entry->step == ENTRY_REGISTER && entry->wanted;
    if (!is_registered && entry->step != ENTRY_DEREGISTER)
        return NULL;
    text_append_str(&out, "Consul: ");
    name_it(entry, &out);
    if (is_registered) {
        const char *address = field_str(entry->wanted->body, "Address");
        text_appendf(&out, " is registered: service %s, at port %d of %s",
                     field_str(entry->wanted->body, "Name"),
                     (int)field_int(entry->wanted->body, "Port", 0),
                     address[0] != '\0' ? address : "the agent's node");
    } else {
        text_append_str(&out, " is removed: nothing that runs here asks for it");
    }
    return out.bytes;
}

char *entry_request_explain(const struct entry *entry, bool has_token, int status, struct view body)
{
    struct text out = TEXT_INIT;
    char *said = clean_sentence(body, SAID_BYTES_MAX);
    text_appendf(&out, "Consul does not %s ", verb_of(entry->step));
    name_it(entry, &out);
    if (status > 0)
        text_appendf(&out, ": status %d", status);
    text_appendf(&out, "%s%s", status == 0 ? ": " : said[0] ? ", " : "", said);
    advise(entry, has_token, status, body, &out);
    free(said);
    return out.bytes;
}

char *entry_request_explain_foreign(const struct entry *entry)
{
    struct text out = TEXT_INIT;
    name_it(entry, &out);
    text_append_str(
        &out,
        " is not registered: Consul has that id from somebody else, and it is left alone. Take it "
        "out of Consul (consul services deregister -id=ID), or give the container another "
        "SERVICE_ID.");
    return out.bytes;
}
