/* The matchers of Traefik's rules, as version 3 has them: what each takes, and what it then looks
 * at. Values come out in the form in which requests are looked at: hosts in small letters without
 * the trailing dot, methods in capitals, addresses as ranges; paths as they are written. Pure. */
#ifndef DISCOVERY_DIALECT_TRAEFIK_MATCHER_H
#define DISCOVERY_DIALECT_TRAEFIK_MATCHER_H

#include "lb/base/text.h"

#define TRAEFIK_MATCHER_VALUES_MAX 8
#define TRAEFIK_VALUE_BYTES_MAX    1024u

enum traefik_matcher {
    TRAEFIK_ANY,       /* every request: Host(`*`) */
    TRAEFIK_HOST,      /* equal */
    TRAEFIK_HOST_WILD, /* one label and what `value` is, which begins with a dot */
    TRAEFIK_HOST_REGEXP,
    TRAEFIK_PATH,
    TRAEFIK_PATH_PREFIX, /* of bytes, not of segments */
    TRAEFIK_PATH_REGEXP,
    TRAEFIK_METHOD,
    TRAEFIK_HEADER, /* some field `name` is `value` */
    TRAEFIK_HEADER_REGEXP,
    TRAEFIK_QUERY, /* some parameter `name` is `value` */
    TRAEFIK_QUERY_REGEXP,
    TRAEFIK_CLIENT_IP, /* a range; of the peer, never of X-Forwarded-For */
    TRAEFIK_ALPN,      /* of a connection; its server name is TRAEFIK_HOST… */
};

struct traefik_condition {
    enum traefik_matcher matcher;
    bool is_negated;
    char *name;  /* of a field or of a parameter, else NULL; owned */
    char *value; /* owned */
};

/* As rules write it; a constant. */
const char *traefik_matcher_word(enum traefik_matcher matcher);

/* Whether there is a matcher of that name: as it is written, in small letters, in CAPITALS or like
 * Pathprefix. Else a sentence with what may have been meant goes to `sentence`. */
bool traefik_matcher_is_known(struct view word, struct text *sentence);

/* What the known matcher `word` with these values looks at; the values are borrowed. Gives:
 * traefik_matcher_fini(). Fails: false with a sentence, and `out` is empty. */
bool traefik_matcher_make(struct view word, const struct view *values, size_t count,
                          struct traefik_condition *out, struct text *sentence);

void traefik_matcher_fini(struct traefik_condition *condition);

#endif
