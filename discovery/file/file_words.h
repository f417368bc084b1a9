/* The words of the file of services: what each object of it may have. Pure. */
#ifndef DISCOVERY_FILE_FILE_WORDS_H
#define DISCOVERY_FILE_FILE_WORDS_H

#include <jansson.h>
#include <stdbool.h>

#include "discovery/file/file_place.h"

enum file_object {
    FILE_WHOLE,
    FILE_SERVICE,
    FILE_ENDPOINT,
    FILE_CHECK,
    FILE_ROUTE,
    FILE_MATCH,     /* what a route's "not" has */
    FILE_CONDITION, /* as in lines */
    FILE_SHARE,
    FILE_LISTENER,
    FILE_CERTIFICATE,
    FILE_ROUTE_OPTIONS,
    FILE_SERVICE_OPTIONS,
    FILE_OBJECT_COUNT
};

struct file_word {
    const char *word;
    const char *schema; /* its JSON Schema, as JSON; NULL: of a line, and passed over */
    const char *help;   /* NULL: what the option of that word accepts */
};

/* The consequence where a route has a word that is not known. */
#define FILE_WORDS_CLOSED "a protection may be meant, so that this route serves nobody"

/* The same where a listener has one. */
#define FILE_WORDS_NARROWER                                                                        \
    "it may say which connections are meant, so that this listener is left out"

/* NULL after the last. */
const struct file_word *file_words_at(enum file_object object, size_t index);

/* Tells each key of `json`, an object, that is no such word, and the nearest one that is, with what
 * becomes of it (`consequence`). Gives how many there are. */
unsigned file_words_tell_unknown(const struct file_place *place, enum file_object object,
                                 const json_t *json, const char *consequence);

#endif
