/* What the images of services say by themselves, as far as the node that is asked has them: ports that they
 * expose, labels and variables. */
#ifndef DISCOVERY_SWARM_SWARM_IMAGES_H
#define DISCOVERY_SWARM_SWARM_IMAGES_H

#include <jansson.h>
#include <stdint.h>

#include "discovery/net/fetch.h"

#define SWARM_IMAGES_MAX 512

struct swarm_image {
    char *name;                             /* as services name it */
    json_t *exposed, *labels, *environment; /* NULL: nothing */
    bool is_known;                          /* the node has it */
    uint64_t version;                       /* another one whenever it says something else */
    uint64_t ask_at_ms;
    uint64_t seen_in; /* the latest list of tasks that names it */
};

/* Zeroed memory is empty, and idle; but for the first two. */
struct swarm_images {
    void *owner;
    void (*on_answer)(void *owner, bool is_news); /* each time one was answered */
    struct swarm_image *list[SWARM_IMAGES_MAX];
    size_t count;
    uint64_t list_count; /* of lists of tasks */
    bool is_refused;     /* nobody may ask */
    struct fetch *fetch;
    struct swarm_image *asked;
    uint64_t asked_at_ms;
};

void swarm_images_fini(struct swarm_images *images);

/* A list of tasks begins: an image that neither it nor the one before names makes room for another one. */
void swarm_images_begin(struct swarm_images *images);

/* The image of that name, which is asked for soon if it is new; borrowed until the next call. NULL: it cannot be
 * asked for, or there are too many. */
const struct swarm_image *swarm_images_find(struct swarm_images *images, const char *name);

/* Asks for one that is due, if there is one and none is on its way. An engine that does not answer is no
 * trouble here: its lists tell that. */
void swarm_images_ask(struct swarm_images *images, struct fetch_pool *pool, const char *prefix,
                      uint64_t now_ms);

/* What was answered about the one that was asked for: NULL: the node does not have it. Gives true when that is
 * news. */
bool swarm_images_take(struct swarm_image *image, const json_t *answer);

/* No handler is called any more; what was refused may be asked again. Stopping twice is harmless. */
void swarm_images_stop(struct swarm_images *images);

#endif
