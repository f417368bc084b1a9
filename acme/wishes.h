/* The certificates that are wanted, as lb-proxy writes them: {"version":1,"certificates":[{"names":["a.test"],"email":""}]}. */
#ifndef ACME_WISHES_H
#define ACME_WISHES_H

#include "acme/names.h"

#define WISHES_MAX 2000u

struct wishes {
    struct names *list;
    size_t count, capacity;
};

void wishes_fini(struct wishes *wishes);

/* Replaces what is there. A wish whose names are all in another one's is left out: that one's certificate will do. `problem` gets a
 * sentence for each name that gets no certificate, a line each. Fails: false, it is no such JSON; what was there stays. Pure. */
bool wishes_read(struct wishes *wishes, struct view json, struct text *problem);

#endif
