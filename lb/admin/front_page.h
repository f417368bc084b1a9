/* The page at /, for people: the same for all, and so without a word about what lb knows. */
#ifndef LB_ADMIN_FRONT_PAGE_H
#define LB_ADMIN_FRONT_PAGE_H

#include "lb/admin/paths.h"

/* Gzipped for those who say that they take it, as browsers do. Thread: control. */
void front_page_write(const struct request *request, struct admin_answer *answer);

#endif
