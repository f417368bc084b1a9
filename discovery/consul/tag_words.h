/* The tags of an entry as words of the dialects: lb.* and traefik.* (KEY=VALUE) as labels, fabio's urlprefix-
 * as registrator's SERVICE_TAGS. A tag is a stranger's word: nothing else becomes a label, and there are
 * bounds. Pure. */
#ifndef DISCOVERY_CONSUL_TAG_WORDS_H
#define DISCOVERY_CONSUL_TAG_WORDS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "discovery/dialect/dialect.h"
#include "discovery/dialect/traefik_items.h"

#define TAG_WORDS_MAX       512u
#define TAG_WORDS_BYTES_MAX 65536u

/* Whether it is one of those. */
bool tag_words_is_one(const char *tag);

/* Whether some of the tags, an array or anything else, is. */
bool tag_words_has_any(const json_t *tags);

struct tag_words {
    json_t *labels;
    json_t *exposed;     /* {"80/tcp":{}}; {} for no port */
    char *service;       /* the name of the entry's service */
    const char *problem; /* why the entry is not to be served, a constant; NULL: it may be */
    char *twice;         /* the word that two tags say differently, cleaned, or NULL */
    struct traefik_items items;
    uint64_t concern; /* what other entries had defined for it when it was last read; 0: nothing */
};

/* `tags` is an array of strings, or anything else for none; `port` 0: it has none. Registrator's tag "udp"
 * makes it one of UDP. Gives: tag_words_fini(). */
void tag_words_read(const json_t *tags, const char *service, uint16_t port, struct tag_words *out);
void tag_words_fini(struct tag_words *words);

/* What the entry offers by them. Gives: offers_fini(). */
void tag_words_offer(const struct tag_words *words, const struct dialect_settings *settings,
                     struct offers *out);

#endif
