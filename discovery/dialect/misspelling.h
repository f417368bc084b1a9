/* Labels that look like lb's and are not: wrong words, capitals, spaces. Pure. */
#ifndef DISCOVERY_DIALECT_MISSPELLING_H
#define DISCOVERY_DIALECT_MISSPELLING_H

#include <jansson.h>
#include <stdbool.h>

#include "lb/base/view.h"

struct misspelling {
    char *remark;      /* a sentence with the nearest known words, or NULL: there is none */
    char *disabled_by; /* the one, with its value, that seems to ask to be left out; or NULL */
};

#define MISSPELLING_WORD_BYTES 64u

typedef const char *misspelling_at(size_t index);

struct misspelling_known {
    misspelling_at *label_at;            /* the name of each label; NULL after the last */
    misspelling_at *named_word_at;       /* each word that may stand behind lb.NAME. */
    bool (*is_named)(const char *label); /* whether it is such a one */
};

/* The label as it was probably meant: small letters, a dot after "lb", no spaces, and nothing that
 * stands for no letter of ours or cannot be seen. Borrowed from `out`. `has_dot`: there was one. */
struct view misspelling_normalise(const char *label, char out[MISSPELLING_WORD_BYTES],
                                  bool *has_dot);

/* Looks at every label that begins with "lb." in any case, and at lb_… and lb-… that come near to a
 * known one. What may mean lb.enable=false is taken for it, as lb.disable=true is: wrongly left out
 * is seen at once, wrongly let in is not. Gives: free both strings. */
void misspelling_find(const json_t *labels, const struct misspelling_known *known,
                      struct misspelling *out);

#endif
