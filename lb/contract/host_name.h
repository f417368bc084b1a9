/* Names of hosts as routes compare them: in lower case, without port and without one dot at the end;
 * an IPv6 literal in brackets, as RFC 5952 writes it; other scripts as A-labels (RFC 5890). Pure. */
#ifndef LB_CONTRACT_HOST_NAME_H
#define LB_CONTRACT_HOST_NAME_H

#include <stdbool.h>

#include "lb/base/text.h"
#include "lb/base/view.h"

#define HOST_NAME_BYTES_MAX 255u

enum host_form {
    HOST_ANY,    /* "*" */
    HOST_EXACT,  /* "a.test" */
    HOST_SUFFIX, /* "*.test": the text is ".test" */
    HOST_PREFIX, /* "www.*": the text is "www." */
};

struct host_pattern {
    enum host_form form;
    unsigned len;
    char text[HOST_NAME_BYTES_MAX + 1];
};

/* The host that a request's authority names: the same bytes where nothing is to be done, else it is
 * written into `room`. Empty where there is none, or a longer one than any name. */
struct view host_name_of(struct view authority, char room[HOST_NAME_BYTES_MAX]);

/* Reads what a label says. Fails: false, `problem` gets what is wrong and the remedy. */
bool host_name_parse(struct view text, struct host_pattern *out, struct text *problem);

#endif
