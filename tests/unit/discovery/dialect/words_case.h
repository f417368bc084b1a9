/* The words of one container, as JSON, and what the dialects make of them. */
#ifndef TESTS_UNIT_DISCOVERY_DIALECT_WORDS_CASE_H
#define TESTS_UNIT_DISCOVERY_DIALECT_WORDS_CASE_H

#include "discovery/dialect/dialect.h"

#include "lb/base/memory.h"

#include "tests/unit/discovery/fixture.h"

#define TWO "{\"443/tcp\":{},\"80/tcp\":{}}"
#define ONE "{\"80/tcp\":{}}"

struct words {
    const char *labels, *environment, *exposed, *image;
};

static inline void read_words_by(const struct dialect_settings *settings, const struct words *words,
                                 struct offers *out)
{
    json_t *labels = words->labels ? json_loads(words->labels, 0, NULL) : NULL;
    json_t *environment = words->environment ? json_loads(words->environment, 0, NULL) : NULL;
    json_t *exposed = words->exposed ? json_loads(words->exposed, 0, NULL) : NULL;
    dialect_read(&(struct dialect_container){.from = {labels, environment},
                                             .exposed = exposed,
                                             .image = words->image ? words->image : "shop:1.2",
                                             .name = "its-name",
                                             .settings = settings},
                 out);
    json_decref(labels);
    json_decref(environment);
    json_decref(exposed);
}

static inline void read_words(const struct words *words, struct offers *out)
{
    read_words_by(NULL, words, out);
}

#endif
