/* What the middlewares of a router come to: what is stripped from paths and put before them, options
 * of its routes, or why nothing is served. Readers of single middlewares put it together, in Traefik's
 * order; lb does it in its own (lb/contract/route_option.h). Pure. */
#ifndef DISCOVERY_DIALECT_TRAEFIK_TREATMENT_H
#define DISCOVERY_DIALECT_TRAEFIK_TREATMENT_H

#include "discovery/dialect/claims.h"
#include "discovery/dialect/route_wishes.h"
#include "discovery/dialect/traefik_item.h"

#define TRAEFIK_STRIPS_MAX   16u
#define TRAEFIK_ERROR_STATUS 404u /* as Traefik answers where a router is in error */

struct traefik_treatment {
    struct claims *claims;                  /* get what is told, and keep what is borrowed */
    struct view strips[TRAEFIK_STRIPS_MAX]; /* the first one that the path begins with goes */
    size_t strip_count;
    struct view add;    /* comes before the path then */
    struct view scheme; /* by which a client has to come: http or https; empty: either */
    struct route_wishes wishes;
    unsigned refused_status; /* 0: it is served; else nothing is, and this is answered */
    char refused[256];       /* why not, a sentence */
};

/* Nothing is served; what is said first stands. */
void traefik_treatment_refuse(struct traefik_treatment *treatment, unsigned status,
                              const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Whether some middleware has asked for it. */
bool traefik_treatment_asks(const struct traefik_treatment *treatment, enum route_option_kind kind);

/* Asks for the option, in the place of what was asked before. Where lb cannot do it, it is told, and
 * refused if nothing is to be served without it. */
void traefik_treatment_ask(struct traefik_treatment *treatment, const struct traefik_item *by,
                           enum route_option_kind kind, struct view value);

/* Tells the options of a middleware that begin with none of the words, which end with a NULL. */
void traefik_treatment_tell_others(struct traefik_treatment *treatment,
                                   const struct traefik_item *item, const char *const *known);

/* Appends what a regex finds, and what that is replaced by, as options have them: ~REGEX REPLACEMENT.
 * False: there is none, and that is refused. */
bool traefik_treatment_append_swap(struct traefik_treatment *treatment,
                                   const struct traefik_item *item, struct view regex,
                                   struct view replacement, struct text *out);

/* Tells that of several matches of the regex only the first is replaced, if there may be several. */
void traefik_treatment_tell_once(struct traefik_treatment *treatment,
                                 const struct traefik_item *item, struct view regex);

#endif
