/* A request that somebody asks about, as it is given: a URL, and perhaps method, headers and client. */
#ifndef LB_ADMIN_URL_QUESTION_H
#define LB_ADMIN_URL_QUESTION_H

#include "lb/base/text.h"
#include "lb/contract/host_name.h"
#include "lb/contract/url_path.h"
#include "lb/route/question.h"

#define URL_QUESTION_HEADER_MAX 32u

struct url_question {
    struct question question; /* as routes are asked by it */
    struct view authority;    /* host and port, as they were given */
    struct view path;         /* as it was given, "/" for none */
    enum url_path_change change;
    struct text url;
    struct text method;
    struct text headers[URL_QUESTION_HEADER_MAX]; /* "Name: value" */
    unsigned header_count;
    struct address client;
    char host[HOST_NAME_BYTES_MAX];
    struct text normal; /* the normalised path */
};

/* Reads "url=…&method=…&header=…&client=…", percent-encoded; only the URL must be there. What it
 * borrows lies in `out`, which may not be moved. To be handed to url_question_fini either way.
 * Fails: false, `problem` gets a sentence with the remedy, in which what was given is escaped. */
bool url_question_read(struct url_question *out, struct view query, struct text *problem);

void url_question_fini(struct url_question *question);

#endif
