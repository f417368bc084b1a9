/* The dialects in which containers say what they offer, and how what they say becomes offers. They
 * are heard in the order of their table, and what comes first counts: a port, a name, what is asked
 * for. All claim routes and services, whatever the others do. Nothing that was left unsaid is guessed but the name (that of the image) and the port (the
 * lowest that is exposed). Pure. */
#ifndef DISCOVERY_DIALECT_DIALECT_H
#define DISCOVERY_DIALECT_DIALECT_H

#include "discovery/dialect/nginx_proxy.h"
#include "discovery/dialect/statement.h"
#include "discovery/dialect/traefik_labels.h"

struct dialect {
    const char *word;
    void (*read)(const struct statement_source *source, struct statement *statement);
    /* NULL: it has no words for single ports. */
    void (*read_port)(const struct statement_source *source, uint16_t port,
                      struct statement_of_port *statement);
};

#define DIALECT_MAX 8

/* Which dialects are heard, and what is set for them. Zeroed memory: all of them, and nothing. */
struct dialect_settings {
    unsigned silenced;   /* bit N: the dialect in place N of the table is not heard */
    bool requires_words; /* what no dialect has a word for is left out */
    struct nginx_proxy_settings nginx_proxy;
    struct traefik_settings traefik;
};

/* A container; all borrowed. */
struct dialect_container {
    struct statement_source from;
    const json_t *exposed; /* {"80/tcp":{}}, or anything else for none */
    const char *image;
    const char *name;
    const struct dialect_settings *settings; /* NULL: none */
};

/* The word of the dialect in that place of the table; NULL after the last. */
const char *dialect_word_at(size_t index);

/* Reads "lb,traefik", the dialects that are heard, into `silenced`; "all" is all of them. Fails: false,
 * with the word that is no dialect in `wrong`, and nothing has changed. */
bool dialect_parse_list(struct view list, unsigned *silenced, struct view *wrong);

/* What a container offers by the words of all dialects. Gives: offers_fini(). */
void dialect_read(const struct dialect_container *container, struct offers *out);

/* The same by a table of one's own, of DIALECT_MAX at most. */
void dialect_read_by(const struct dialect *table, size_t count,
                     const struct dialect_container *container, struct offers *out);

#endif
