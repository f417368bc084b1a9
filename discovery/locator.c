#include "discovery/locator.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "discovery/document.h"
#include "lb/base/text.h"

#define TIMEOUT_MS     5000
#define BODY_MAX_BYTES (4 * 1024 * 1024)
#define FILE_MAX_BYTES (1024 * 1024)

static void ask(struct locator *locator, const char *id);

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

static void try_next(struct locator *locator)
{
    if (locator->next < locator->self.count)
        ask(locator, locator->self.guesses[locator->next++].text);
    else if (locator->is_certain)
        locator->handler.on_host(locator->handler.owner,
                                 "the engine knows no container with the id that was given");
    else
        locator->handler.on_host(locator->handler.owner, "this is no container of the engine");
}

static void take_container(struct locator *locator, const struct container *container)
{
    struct engine_id owner;
    bool is_own = !engine_id_is_set(&locator->own_id);
    if (is_own)
        locator->own_id = container->id;
    if (is_own && container->network_owner &&
        engine_id_parse_container(view_str(container->network_owner), &owner))
        ask(locator, owner.text);
    else
        locator->handler.on_container(locator->handler.owner, &locator->own_id, container);
}

static void take_done(void *owner, const struct fetch_answer *answer)
{
    struct locator *locator = owner;
    char why[400];
    locator->fetch = NULL;
    if (answer->problem) {
        snprintf(why, sizeof(why), "asking for lb's own container: %s", answer->problem);
        locator->handler.on_failure(locator->handler.owner, why);
        return;
    }
    json_t *document = answer->status == 200 ? document_parse(answer->body, NULL) : NULL;
    struct container *container = container_from_inspect(document);
    json_decref(document);
    if (container) {
        take_container(locator, container);
    } else if (answer->status == 404) {
        try_next(locator);
    } else {
        snprintf(why, sizeof(why), "asking for lb's own container: the answer has status %d",
                 answer->status);
        locator->handler.on_failure(locator->handler.owner, why);
    }
    container_free(container);
}

static void ask(struct locator *locator, const char *id)
{
    char target[128];
    snprintf(target, sizeof(target), "%s/containers/%s/json", locator->prefix, id);
    locator->fetch = fetch_start(locator->pool, &(struct fetch_request){.target = target,
                                                                        .timeout_ms = TIMEOUT_MS,
                                                                        .max_bytes = BODY_MAX_BYTES,
                                                                        .owner = locator,
                                                                        .on_done = take_done});
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
        snprintf(locator->self.guesses[0].text, sizeof(locator->self.guesses[0].text), "%s", self);
    }
    try_next(locator);
}

void locator_stop(struct locator *locator)
{
    if (locator->fetch)
        fetch_cancel(locator->fetch);
    locator->fetch = NULL;
}
