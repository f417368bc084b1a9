/* What Consul takes as an id, a name, a tag and a pair of Meta, and what lb takes for itself. Its words come
 * from containers, which are strangers. Pure. */
#ifndef DISCOVERY_REGISTRAR_ENTRY_RULES_H
#define DISCOVERY_REGISTRAR_ENTRY_RULES_H

#include <stdbool.h>

#include "discovery/registrations.h"
#include "lb/base/text.h"

#define ENTRY_RULES_ID_BYTES_MAX   512u
#define ENTRY_RULES_NAME_BYTES_MAX 255u
#define ENTRY_RULES_TAG_BYTES_MAX  2048u
#define ENTRY_RULES_TAGS_MAX       128u
#define ENTRY_RULES_META_PAIRS_MAX 61u /* Consul takes 64, and three are lb's own */
#define ENTRY_RULES_META_BYTES_MAX 512u
#define ENTRY_RULES_META_KEY_MAX   128u

/* The pairs of Meta that say whose an entry is, and of which container. */
#define ENTRY_RULES_OWNER_KEY     "lb-owner"
#define ENTRY_RULES_CONTAINER_KEY "lb-container"
#define ENTRY_RULES_PORT_KEY      "lb-port"

/* An id that no request can name is none: a path of "a//b" or "a/../b" is another one to an agent. */
bool entry_rules_is_id(const char *id);

/* Why it cannot be registered, a sentence without a full stop; NULL: it can. A constant. */
const char *entry_rules_refuse(const struct registration *item);

/* Those that Consul takes of these tags or pairs (NULL or of any type), and for each of the others a sentence
 * is appended to `remarks`. Gives: json_decref() it. */
json_t *entry_rules_pick_tags(const json_t *tags, struct text *remarks);
json_t *entry_rules_pick_meta(const json_t *meta, struct text *remarks);

/* The id that registrator gives this port of this container, and so lb does without SERVICE_ID. */
bool entry_rules_is_usual_id(const struct registration *item, const char *host);

/* An id as registrator makes them on this host: HOST:CONTAINER:PORT or HOST:CONTAINER:PORT:udp. */
bool entry_rules_is_of_host(const char *id, const char *host);

#endif
