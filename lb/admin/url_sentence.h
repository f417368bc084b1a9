/* What is said of a request that somebody asks about, sentence by sentence, without a line's end. What labels
 * say is in them as it is; who shows them escapes it (lb/base/shown.h). */
#ifndef LB_ADMIN_URL_SENTENCE_H
#define LB_ADMIN_URL_SENTENCE_H

#include "lb/admin/explain_walk.h"
#include "lb/admin/url_verdict.h"

/* All borrowed. */
struct url_telling {
    const struct explain *explain;
    const struct url_question *asked;
    const struct question *question; /* of that */
    const struct url_verdict *verdict;
};

/* "GET, host a.test, path /x" */
void url_sentence_request(const struct url_telling *telling, struct text *line);

/* Which route gets it, by whose label, and how that stands; or why none does, but a service. */
void url_sentence_route(const struct url_telling *telling, struct text *line);

/* Why the route that wins does, and what comes next. */
void url_sentence_why(const struct url_telling *telling, struct text *line);

/* The `index`th of the routes that are overruled, and of those that nearly hold. */
void url_sentence_overruled(const struct url_telling *telling, unsigned index, struct text *line);
void url_sentence_near(const struct url_telling *telling, unsigned index, struct text *line);

/* How a request leaves, where that is not as it came. */
void url_sentence_edit(const struct url_telling *telling, struct text *line);

/* "shop, 1 of 2 endpoints gets requests" */
void url_sentence_service(const struct url_telling *telling, struct text *line);

/* Of a route that several services share: who gets how much. */
void url_sentence_shares(const struct url_telling *telling, struct text *line);

/* Who answers, with what, and what would change that. */
void url_sentence_answer(const struct url_telling *telling, struct text *line);

#endif
