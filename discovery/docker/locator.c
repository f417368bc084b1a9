#include "discovery/docker/locator.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "discovery/document.h"
#include "discovery/field.h"
#include "discovery/docker/listing.h"
#include "lb/base/text.h"

#define TIMEOUT_MS     5000
#define BODY_MAX_BYTES (4 * 1024 * 1024)
#define FILE_MAX_BYTES (1024 * 1024)

static void ask(struct locator *locator, const char *id);
static void ask_next_user(struct locator *locator);
static void take_inspect(struct locator *locator, const json_t *document);

/* ---- what the kernel tells ------------------------------------------------------------------- */

static void read_file(const char *path, struct text *out)
{
    char piece[4096];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    for (ssize_t got; out->len < FILE_MAX_BYTES && (got = read(fd, piece, sizeof(piece))) > 0;)
        text_append(out, view_of(piece, (size_t)got));
    close(fd);
}

static void guess(struct self *self)
{
    struct text mountinfo = TEXT_INIT, cgroup = TEXT_INIT;
    char hostname[256] = "";
    read_file("/proc/self/mountinfo", &mountinfo);
    read_file("/proc/self/cgroup", &cgroup);
    gethostname(hostname, sizeof(hostname) - 1);
    self_guess(text_view(&mountinfo), text_view(&cgroup), hostname, self);
    text_fini(&mountinfo);
    text_fini(&cgroup);
}

/* ---- the end --------------------------------------------------------------------------------- */

static void clear(struct locator *locator)
{
    container_free(locator->network);
    json_decref(locator->list);
    locator->network = NULL;
    locator->list = NULL;
}

static void fail(struct locator *locator, const char *what)
{
    char why[500];
    snprintf(why, sizeof(why), "asking for lb's own container: %s", what);
    clear(locator);
    locator->handler.on_failure(locator->handler.owner, why);
}

static void tell_host(struct locator *locator, const char *why)
{
    clear(locator);
    locator->handler.on_host(locator->handler.owner, why);
}

static void tell_container(struct locator *locator, const struct container *network)
{
    locator->handler.on_container(locator->handler.owner, &locator->own_id, network);
    clear(locator);
}

/* ---- the list -------------------------------------------------------------------------------- */

static void take_list(void *owner, const json_t *list)
{
    struct locator *locator = owner;
    locator->list = json_incref((json_t *)(uintptr_t)list);
    if (locator->network)
        ask_next_user(locator);
    else
        ask(locator, locator->self.guesses[locator->next - 1].id.text);
}

static void take_list_refused(void *owner, int status)
{
    char why[100];
    snprintf(why, sizeof(why), "the list of containers is refused with status %d", status);
    fail(owner, why);
}

static void take_list_failure(void *owner, const char *why)
{
    fail(owner, why);
}

static void ask_list(struct locator *locator)
{
    lister_start(&locator->lister, locator->pool, locator->prefix, "/containers/json?all=1",
                 "containers",
                 &(struct lister_handler){.owner = locator,
                                          .on_list = take_list,
                                          .on_refused = take_list_refused,
                                          .on_failure = take_list_failure});
}

/* Of a container there may be several. */
static bool is_called(const json_t *entry, const char *name)
{
    const json_t *names = json_object_get(entry, "Names");
    for (size_t i = 0; i < json_array_size(names); i++) {
        const char *own = json_string_value(json_array_get(names, i));
        if (own && strcmp(own[0] == '/' ? own + 1 : own, name) == 0)
            return true;
    }
    return false;
}

static const json_t *find_listed(const struct locator *locator, const char *id)
{
    for (size_t i = 0; i < json_array_size(locator->list); i++) {
        const json_t *entry = json_array_get(locator->list, i);
        if (view_starts_with(view_str(field_str(entry, "Id")), view_str(id)) ||
            is_called(entry, id))
            return entry;
    }
    return NULL;
}

/* ---- one container --------------------------------------------------------------------------- */

static void try_next(struct locator *locator)
{
    if (locator->next < locator->self.count)
        ask(locator, locator->self.guesses[locator->next++].id.text);
    else if (locator->is_certain)
        tell_host(locator, "the engine knows no container with the id or name that was given");
    else
        tell_host(locator, "this is no container of the engine");
}

/* A busy engine calls a container running only when it has run for a moment: lb's own may be "created"
 * or "restarting" still. */
static bool may_run(const char *state)
{
    static const char *const over[] = {"exited", "dead", "removing"};
    for (size_t i = 0; i < sizeof(over) / sizeof(over[0]); i++)
        if (strcmp(state, over[i]) == 0)
            return false;
    return true;
}

/* Whether that entry of the list may use the network of `owner`. Some engines' lists do not tell.
 */
static bool may_use_network_of(const json_t *entry, const struct container *owner)
{
    static const char shared[] = "container:";
    const char *mode = field_str(json_object_get(entry, "HostConfig"), "NetworkMode");
    if (strcmp(field_str(entry, "Id"), owner->id.text) == 0 || !may_run(field_str(entry, "State")))
        return false;
    if (mode[0] == '\0')
        return json_object_size(
                   json_object_get(json_object_get(entry, "NetworkSettings"), "Networks")) == 0;
    return strncmp(mode, shared, sizeof(shared) - 1) == 0 &&
           (strcmp(mode + sizeof(shared) - 1, owner->id.text) == 0 ||
            strcmp(mode + sizeof(shared) - 1, owner->name) == 0);
}

/* Goes through those that may use the same network as lb. When there is none, lb is the owner
 * itself, if its layer does not speak against it; else who knows. */
static void ask_next_user(struct locator *locator)
{
    while (locator->next_user < json_array_size(locator->list)) {
        const json_t *entry = json_array_get(locator->list, locator->next_user++);
        if (may_use_network_of(entry, locator->network)) {
            ask(locator, field_str(entry, "Id"));
            return;
        }
    }
    if (!locator->is_lender && locator->user_count == 0)
        locator->own_id = locator->network->id;
    tell_container(locator, locator->network);
}

/* lb's own container is known; who lends it its network? */
static void take_own(struct locator *locator, const struct container *container)
{
    struct engine_id owner;
    locator->own_id = container->id;
    if (container->network_owner &&
        engine_id_parse_container(view_str(container->network_owner), &owner))
        ask(locator, owner.text);
    else
        tell_container(locator, container);
}

static void take_user(struct locator *locator, const struct container *container, bool is_own)
{
    if (is_own) {
        take_own(locator, container);
        return;
    }
    const char *owner = container->network_owner ? container->network_owner : "";
    if (container->running && (strcmp(owner, locator->network->id.text) == 0 ||
                               strcmp(owner, locator->network->name) == 0))
        locator->user_count++;
    ask_next_user(locator);
}

/* Takes `container`. */
static void take_container(struct locator *locator, struct container *container, const char *upper)
{
    bool is_own = self_is_same_layer(locator->self.upper, upper);
    bool is_other = locator->self.upper[0] != '\0' && upper[0] != '\0' && !is_own;
    if (engine_id_is_set(&locator->own_id)) {
        tell_container(locator, container);
    } else if (locator->network) {
        take_user(locator, container, is_own);
    } else if (is_own || locator->is_certain ||
               !locator->self.guesses[locator->next - 1].is_by_network) {
        take_own(locator, container);
    } else {
        locator->network = container;
        locator->is_lender = is_other;
        if (locator->list)
            ask_next_user(locator);
        else
            ask_list(locator);
        return;
    }
    container_free(container);
}

static void take_inspect(struct locator *locator, const json_t *document)
{
    const json_t *layers = json_object_get(json_object_get(document, "GraphDriver"), "Data");
    struct container *container = container_from_inspect(document, NULL);
    if (container)
        take_container(locator, container, field_str(layers, "UpperDir"));
    else
        fail(locator, "the answer tells of no container");
}

static void take_missing(struct locator *locator)
{
    if (locator->network && !engine_id_is_set(&locator->own_id))
        ask_next_user(locator);
    else if (engine_id_is_set(&locator->own_id))
        fail(locator, "the container whose network it uses is gone");
    else
        try_next(locator);
}

static void take_done(void *owner, const struct fetch_answer *answer)
{
    struct locator *locator = owner;
    char why[100];
    locator->fetch = NULL;
    if (answer->problem) {
        fail(locator, answer->problem);
    } else if (lister_is_refusal(answer->status)) {
        locator->may_not_inspect = true;
        ask_list(locator);
    } else if (answer->status == 404) {
        take_missing(locator);
    } else if (answer->status == 200) {
        json_t *document = document_parse(answer->body, NULL);
        take_inspect(locator, document);
        json_decref(document);
    } else {
        snprintf(why, sizeof(why), "the answer has status %d", answer->status);
        fail(locator, why);
    }
}

static void look_up(struct locator *locator, const char *id)
{
    const json_t *entry = find_listed(locator, id);
    if (!entry) {
        take_missing(locator);
        return;
    }
    json_t *inspect = listing_as_inspect(entry);
    take_inspect(locator, inspect);
    json_decref(inspect);
}

static void ask(struct locator *locator, const char *id)
{
    char target[128];
    if (locator->may_not_inspect) {
        look_up(locator, id);
        return;
    }
    snprintf(target, sizeof(target), "%s/containers/%s/json", locator->prefix, id);
    locator->fetch = fetch_start(locator->pool, &(struct fetch_request){.target = target,
                                                                        .timeout_ms = TIMEOUT_MS,
                                                                        .max_bytes = BODY_MAX_BYTES,
                                                                        .owner = locator,
                                                                        .on_done = take_done});
}

bool locator_is_name(const char *self)
{
    return self && strcmp(self, LOCATOR_NONE) != 0 && !engine_id_is_prefix(view_str(self), 12);
}

void locator_start(struct locator *locator, struct fetch_pool *pool, const char *prefix,
                   const char *self, const struct locator_handler *handler)
{
    *locator = (struct locator){.handler = *handler, .pool = pool, .prefix = prefix};
    if (!self) {
        guess(&locator->self);
    } else if (strcmp(self, LOCATOR_NONE) == 0) {
        handler->on_host(handler->owner, "this was said by hand");
        return;
    } else {
        locator->is_certain = true;
        locator->self.count = 1;
        snprintf(locator->self.guesses[0].id.text, sizeof(locator->self.guesses[0].id.text), "%s",
                 self);
    }
    try_next(locator);
}

void locator_stop(struct locator *locator)
{
    if (locator->fetch)
        fetch_cancel(locator->fetch);
    locator->fetch = NULL;
    lister_stop(&locator->lister);
    clear(locator);
}
