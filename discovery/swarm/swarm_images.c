#include "discovery/swarm/swarm_images.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "discovery/docker/lister.h"
#include "discovery/document.h"
#include "lb/base/memory.h"

#define TIMEOUT_MS     5000
#define BODY_MAX_BYTES (1024 * 1024)
#define NAME_MAX_BYTES 512
/* It may be pulled, built anew under the same name, or taken away. */
#define AGAIN_AFTER_MS 30000

static void clear(struct swarm_image *image)
{
    json_decref(image->exposed);
    json_decref(image->labels);
    json_decref(image->environment);
    image->exposed = image->labels = image->environment = NULL;
    image->is_known = false;
}

static void free_image(struct swarm_image *image)
{
    clear(image);
    free(image->name);
    free(image);
}

void swarm_images_fini(struct swarm_images *images)
{
    for (size_t i = 0; i < images->count; i++)
        free_image(images->list[i]);
    images->count = 0;
}

/* "registry:5000/foo/bar:tag@sha256:…", which stands in a path as it is. */
static bool may_be_asked(const char *name)
{
    static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                               "._-/:@";
    size_t len = strlen(name);
    return len > 0 && len <= NAME_MAX_BYTES && strspn(name, good) == len && !strstr(name, "..");
}

void swarm_images_begin(struct swarm_images *images)
{
    images->list_count++;
}

/* Each deployment may bring another name, and the old one is not heard of again. */
static void drop_unnamed(struct swarm_images *images)
{
    size_t kept = 0;
    for (size_t i = 0; i < images->count; i++) {
        struct swarm_image *image = images->list[i];
        bool is_asked = images->fetch && images->asked == image;
        if (is_asked || image->seen_in + 1 >= images->list_count)
            images->list[kept++] = image;
        else
            free_image(image);
    }
    images->count = kept;
}

const struct swarm_image *swarm_images_find(struct swarm_images *images, const char *name)
{
    for (size_t i = 0; i < images->count; i++)
        if (strcmp(images->list[i]->name, name) == 0) {
            images->list[i]->seen_in = images->list_count;
            return images->list[i];
        }
    if (!may_be_asked(name))
        return NULL;
    if (images->count == SWARM_IMAGES_MAX)
        drop_unnamed(images);
    if (images->count == SWARM_IMAGES_MAX)
        return NULL;
    struct swarm_image *image = memory_new(sizeof(*image));
    image->name = memory_copy(name, strlen(name));
    image->seen_in = images->list_count;
    images->list[images->count++] = image;
    return image;
}

static json_t *keep(const json_t *value)
{
    return json_incref((json_t *)(uintptr_t)value);
}

static bool is_same(const json_t *a, const json_t *b)
{
    return a == b || (a && b && json_equal(a, b));
}

bool swarm_images_take(struct swarm_image *image, const json_t *answer)
{
    const json_t *config = json_object_get(answer, "Config");
    const json_t *exposed = json_object_get(config, "ExposedPorts");
    const json_t *labels = json_object_get(config, "Labels");
    const json_t *environment = json_object_get(config, "Env");
    bool is_known = answer != NULL;
    if (is_known == image->is_known && is_same(exposed, image->exposed) &&
        is_same(labels, image->labels) && is_same(environment, image->environment))
        return false;
    clear(image);
    image->exposed = keep(exposed);
    image->labels = keep(labels);
    image->environment = keep(environment);
    image->is_known = is_known;
    image->version++;
    return true;
}

static void take_done(void *owner, const struct fetch_answer *answer)
{
    struct swarm_images *images = owner;
    bool is_whole = !answer->problem && answer->status == 200, is_news = false;
    images->fetch = NULL;
    images->is_refused = !answer->problem && lister_is_refusal(answer->status);
    images->asked->ask_at_ms = images->asked_at_ms + AGAIN_AFTER_MS;
    if (is_whole) {
        json_t *document = document_parse(answer->body, NULL);
        is_news = swarm_images_take(images->asked, document);
        json_decref(document);
    } else if (answer->status == 404) {
        is_news = swarm_images_take(images->asked, NULL);
    }
    images->on_answer(images->owner, is_news);
}

void swarm_images_ask(struct swarm_images *images, struct fetch_pool *pool, const char *prefix,
                      uint64_t now_ms)
{
    char target[NAME_MAX_BYTES + 64];
    if (images->fetch || images->is_refused)
        return;
    for (size_t i = 0; i < images->count; i++) {
        if (images->list[i]->ask_at_ms > now_ms)
            continue;
        images->asked = images->list[i];
        images->asked_at_ms = now_ms;
        snprintf(target, sizeof(target), "%s/images/%s/json", prefix, images->asked->name);
        images->fetch = fetch_start(pool, &(struct fetch_request){.target = target,
                                                                  .timeout_ms = TIMEOUT_MS,
                                                                  .max_bytes = BODY_MAX_BYTES,
                                                                  .owner = images,
                                                                  .on_done = take_done});
        return;
    }
}

void swarm_images_stop(struct swarm_images *images)
{
    if (images->fetch)
        fetch_cancel(images->fetch);
    images->fetch = NULL;
    images->is_refused = false;
}
