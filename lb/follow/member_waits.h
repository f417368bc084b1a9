/* What a member of a line says of how long it is waited for, see lb/contract/waits.h. */
#ifndef LB_FOLLOW_MEMBER_WAITS_H
#define LB_FOLLOW_MEMBER_WAITS_H

#include <jansson.h>

#include "lb/contract/waits.h"

struct member_waits_refusal {
    const char *field;
    const char *want;
};

/* Reads it from the object of an endpoint. Fails: false, and the refusal says why; static words. */
bool member_waits_read(const json_t *object, struct waits *out,
                       struct member_waits_refusal *refusal);

#endif
