/* Labels that look like lb's and are not: wrong words, capitals, spaces. Pure. */
#ifndef DISCOVERY_DIALECT_MISSPELLING_H
#define DISCOVERY_DIALECT_MISSPELLING_H

#include <jansson.h>
#include <stdbool.h>

struct misspelling {
    char *remark;      /* a sentence with the nearest known words, or NULL: there is none */
    char *disabled_by; /* the one, with its value, that seems to ask to be left out; or NULL */
};

/* The name of each label that is known; NULL after the last. */
typedef const char *misspelling_known_at(size_t index);

/* Whether a label is known though it stands in no list. */
typedef bool misspelling_is_known(const char *label);

/* Looks at every label that begins with "lb." in any case, and at lb_… and lb-… that come near to a
 * known one. What may mean lb.enable=false is taken for it, as lb.disable=true is: wrongly left out
 * is seen at once, wrongly let in is not. Gives: free both strings. */
void misspelling_find(const json_t *labels, misspelling_known_at *known_at,
                      misspelling_is_known *is_known, struct misspelling *out);

#endif
