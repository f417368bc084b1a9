/* Traefik's default rule: Go's templates, as far as rules use them: {{ .Name }}, {{ normalize .Name }},
 * {{ lower .Name }}, {{ index .Labels "domain" }}. Pure. */
#ifndef DISCOVERY_DIALECT_TRAEFIK_TEMPLATE_H
#define DISCOVERY_DIALECT_TRAEFIK_TEMPLATE_H

#include <jansson.h>

#include "lb/base/text.h"

#define TRAEFIK_TEMPLATE_DEFAULT "Host(`{{ normalize .Name }}`)"

/* Appends the rule for a container of that name, with these labels (an object or anything else).
 * Fails: false with a constant sentence. */
bool traefik_template_expand(struct view rule, const char *name, const json_t *labels,
                             struct text *out, const char **problem);

/* Whether it is a rule for containers of any name. One that takes from labels is for each container to
 * tell. Fails: false with a sentence. */
bool traefik_template_check(struct view rule, struct text *problem);

/* Appends the name with a single - for whatever lies between its letters and digits. */
void traefik_template_normalize(struct view name, struct text *out);

#endif
