#include "discovery/docker/lister.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "discovery/clean.h"
#include "discovery/document.h"
#include "discovery/engine_id.h"
#include "lb/contract/limits.h"

/* More than for other questions: an engine needs seconds for thousands of containers. That it is
 * alive at all is watched elsewhere. */
#define TIMEOUT_MS        20000
#define ELEMENT_MAX_BYTES (1024 * 1024)
#define LABEL_MAX_BYTES   4096

bool lister_is_refusal(int status)
{
    return status == 401 || status == 403 || status == 405 || status == 501;
}

static bool may_concern_lb(const char *label, const json_t *value)
{
    struct view name = view_trim(view_str(label));
    bool is_ours = name.len > 2 && view_eq_nocase(view_of(name.ptr, 2), VIEW("lb"));
    return (is_ours || view_starts_with(name, VIEW("SERVICE_"))) &&
           strlen(label) <= LABEL_MAX_BYTES && json_is_string(value) &&
           json_string_length(value) <= LABEL_MAX_BYTES;
}

static void drop_labels(json_t *entry)
{
    json_t *labels = json_object_get(entry, "Labels");
    const char *label;
    json_t *value;
    void *next;
    json_object_foreach_safe (labels, next, label, value)
        if (!may_concern_lb(label, value))
            json_object_del(labels, label);
}

/* The first string behind a key of an entry that is not read as JSON. Engines write id and names
 * first. */
static struct view find_value(struct view element, const char *key)
{
    const char *at = memmem(element.ptr, element.len, key, strlen(key));
    if (!at)
        return view_of("", 0);
    struct view rest = view_skip(element, (size_t)(at - element.ptr) + strlen(key));
    while (rest.len > 0 && strchr(": [\"", rest.ptr[0]))
        rest = view_skip(rest, 1);
    return view_cut(&rest, '"');
}

/* The list of ports makes its fingerprint a new one each time. */
static json_t *make_stub(struct view element)
{
    static json_int_t count;
    struct engine_id id;
    if (!engine_id_parse_container(find_value(element, "\"Id\""), &id))
        return NULL;
    char *name = clean_copy(find_value(element, "\"Names\""), LIMITS_NAME_BYTES_MAX);
    json_t *stub = json_pack("{s:s,s:[s],s:s,s:[I]}", "Id", id.text, "Names", name, "State",
                             "running", "Ports", ++count);
    free(name);
    return stub;
}

static void take_element(void *owner, struct view element, bool is_cut)
{
    struct lister *lister = owner;
    json_t *entry = is_cut ? NULL : document_parse(element, NULL);
    if (!entry)
        entry = make_stub(element);
    drop_labels(entry);
    if (!entry || json_array_append_new(lister->list, entry) < 0)
        lister->bad_count++;
}

static void take_open(void *owner, int status)
{
    struct lister *lister = owner;
    lister->status = status;
}

static void take_bytes(void *owner, struct view bytes)
{
    struct lister *lister = owner;
    if (lister->status == 200)
        list_splitter_feed(&lister->splitter, bytes);
}

static void take_done(void *owner, const struct fetch_answer *answer)
{
    struct lister *lister = owner;
    const struct lister_handler handler = lister->handler;
    char why[512];
    lister->fetch = NULL;
    bool is_good = !answer->problem && lister->status == 200 && lister->bad_count == 0 &&
                   list_splitter_is_done(&lister->splitter);
    if (is_good) {
        json_t *list = json_incref(lister->list);
        lister_stop(lister);
        handler.on_list(handler.owner, list);
        json_decref(list);
        return;
    }
    if (answer->problem)
        snprintf(why, sizeof(why), "the list of %s: %s", lister->what, answer->problem);
    else if (lister->status == 200)
        snprintf(why, sizeof(why), "the list of %s: it is no JSON array", lister->what);
    else
        snprintf(why, sizeof(why), "the list of %s: it has status %d", lister->what,
                 lister->status);
    lister_stop(lister);
    if (!answer->problem && lister_is_refusal(lister->status))
        handler.on_refused(handler.owner, lister->status);
    else
        handler.on_failure(handler.owner, why);
}

void lister_start(struct lister *lister, struct fetch_pool *pool, const char *prefix,
                  const char *path, const char *what, const struct lister_handler *handler)
{
    char target[64];
    snprintf(target, sizeof(target), "%s%s", prefix, path);
    *lister = (struct lister){.handler = *handler, .what = what, .list = json_array()};
    lister->splitter = (struct list_splitter){
        .max_bytes = ELEMENT_MAX_BYTES, .owner = lister, .on_element = take_element};
    lister->fetch = fetch_start(pool, &(struct fetch_request){.target = target,
                                                              .timeout_ms = TIMEOUT_MS,
                                                              .owner = lister,
                                                              .has_end = true,
                                                              .on_open = take_open,
                                                              .on_bytes = take_bytes,
                                                              .on_done = take_done});
}

void lister_stop(struct lister *lister)
{
    if (lister->fetch)
        fetch_cancel(lister->fetch);
    json_decref(lister->list);
    list_splitter_fini(&lister->splitter);
    lister->fetch = NULL;
    lister->list = NULL;
}
