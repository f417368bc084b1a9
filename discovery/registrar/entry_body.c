#include "discovery/registrar/entry_body.h"

#include <stdio.h>
#include <stdlib.h>

#include "discovery/clean.h"
#include "discovery/go_duration.h"
#include "discovery/registrar/entry_content.h"
#include "discovery/registrar/entry_rules.h"
#include "lb/base/view.h"

static const char *const statuses[] = {
    [REGISTRATION_PASSING] = "passing",
    [REGISTRATION_WARNING] = "warning",
    [REGISTRATION_CRITICAL] = "critical",
};

const char *entry_body_status(enum registration_health health)
{
    return statuses[health];
}

uint32_t entry_body_ttl_s(const struct registration *item, const struct entry_terms *terms)
{
    if (item->check == REGISTRATION_CHECK_AGENT)
        return 0;
    if (item->check == REGISTRATION_CHECK_NONE)
        return terms->ttl_s;
    return terms->ttl_s > 0 ? terms->ttl_s : ENTRY_BODY_TTL_S;
}

static void set_text(json_t *object, const char *key, const char *text)
{
    json_object_set_new(object, key, json_string(text));
}

static void set_deregister_after(json_t *check, const char *after, struct text *remarks)
{
    uint64_t after_ms;
    const char *separator = remarks->len > 0 ? "; " : "";
    if (!after || after[0] == '\0')
        return;
    if (!go_duration_parse(view_str(after), &after_ms)) {
        char *shown = clean_copy(view_str(after), 64);
        text_appendf(remarks,
                     "%s\"%s\" is no time after which it is deregistered; write it like 10m",
                     separator, shown);
        free(shown);
        return;
    }
    if (after_ms == 0)
        return;
    if (after_ms < ENTRY_BODY_DEREGISTER_MIN_MS)
        text_appendf(remarks,
                     "%sConsul deregisters nothing that is critical for less than 1m, so %s is 1m",
                     separator, after);
    set_text(check, "DeregisterCriticalServiceAfter",
             after_ms < ENTRY_BODY_DEREGISTER_MIN_MS ? "1m" : after);
}

static const char *name_check(const struct registration *item)
{
    if (item->check == REGISTRATION_CHECK_HEALTH)
        return "Docker HEALTHCHECK";
    return item->check == REGISTRATION_CHECK_PROBE ? "HTTP, asked by lb" : "Docker: it runs";
}

static json_t *make_kept_check(const struct registration *item, const struct entry_terms *terms,
                               struct text *remarks)
{
    char ttl[16];
    json_t *check = json_object();
    snprintf(ttl, sizeof(ttl), "%us", entry_body_ttl_s(item, terms));
    set_text(check, "Name", name_check(item));
    set_text(check, "TTL", ttl);
    set_deregister_after(
        check, item->deregister_after ? item->deregister_after : terms->deregister_after, remarks);
    return check;
}

/* Its id is that which an agent gives the first check of a service, so that the one of a registrar before is
 * replaced. */
static void finish_check(json_t *check, const char *id, bool is_kept)
{
    char mark[ENTRY_CONTENT_MARK_BYTES];
    struct text text = TEXT_INIT;
    entry_content_mark(check, mark);
    text_appendf(&text, "%s by lb-discovery (%s)", is_kept ? "told" : "registered", mark);
    set_text(check, "Notes", text_str(&text));
    text_clear(&text);
    text_appendf(&text, "service:%s", id);
    set_text(check, "CheckID", text_str(&text));
    text_fini(&text);
}

static json_t *make_check(const struct registration *item, const struct entry_terms *terms,
                          struct text *remarks)
{
    bool is_kept = entry_body_ttl_s(item, terms) > 0;
    json_t *check = NULL;
    if (is_kept)
        check = make_kept_check(item, terms, remarks);
    else if (item->check == REGISTRATION_CHECK_AGENT && json_is_object(item->definition))
        check = json_copy((json_t *)(uintptr_t)item->definition);
    if (check)
        finish_check(check, item->id, is_kept);
    return check;
}

static json_t *make_meta(const struct registration *item, const struct entry_terms *terms,
                         struct text *remarks)
{
    char port[16];
    json_t *meta = entry_rules_pick_meta(item->meta, remarks);
    set_text(meta, ENTRY_RULES_OWNER_KEY, terms->owner);
    if (item->container) {
        snprintf(port, sizeof(port), "%u%s", item->container_port, item->is_udp ? "/udp" : "");
        set_text(meta, ENTRY_RULES_CONTAINER_KEY, item->container);
        set_text(meta, ENTRY_RULES_PORT_KEY, port);
    }
    return meta;
}

json_t *entry_body_make(const struct registration *item, const struct entry_terms *terms,
                        uint64_t *content, struct text *remarks)
{
    json_t *body = json_object(), *check = make_check(item, terms, remarks);
    struct view mark = entry_content_find_mark(json_string_value(json_object_get(check, "Notes")));
    set_text(body, "ID", item->id);
    set_text(body, "Name", item->name);
    set_text(body, "Address", item->address ? item->address : "");
    json_object_set_new(body, "Port", json_integer(item->port));
    json_object_set_new(body, "Tags", entry_rules_pick_tags(item->tags, remarks));
    json_object_set_new(body, "Meta", make_meta(item, terms, remarks));
    if (item->weight > 0)
        json_object_set_new(body, "Weights",
                            json_pack("{s:i,s:i}", "Passing", (int)item->weight, "Warning", 1));
    *content = entry_content_hash(body, "Name", mark);
    if (check)
        json_object_set_new(body, "Check", check);
    return body;
}

static void print(const json_t *object, struct text *out)
{
    char *text = json_dumps(object, JSON_COMPACT);
    if (text)
        text_append_str(out, text);
    free(text);
}

void entry_body_print(const json_t *body, const char *status, struct text *out)
{
    json_t *check = json_object_get(body, "Check");
    if (!check || !status) {
        print(body, out);
        return;
    }
    json_t *copy = json_copy((json_t *)(uintptr_t)body), *begun = json_copy(check);
    set_text(begun, "Status", status);
    json_object_set_new(copy, "Check", begun);
    print(copy, out);
    json_decref(copy);
}

void entry_body_print_result(enum registration_health health, const char *output, struct text *out)
{
    char *said = clean_sentence(view_str(output ? output : ""), ENTRY_BODY_OUTPUT_BYTES_MAX);
    json_t *result = json_pack("{s:s,s:s}", "Status", statuses[health], "Output", said);
    print(result, out);
    json_decref(result);
    free(said);
}
