/* Who may ask the admin listener for what; pure. */
#ifndef LB_RUN_ADMIN_ACCESS_H
#define LB_RUN_ADMIN_ACCESS_H

#include "lb/http/head.h"

enum admin_access {
    ADMIN_ACCESS_OK,
    ADMIN_ACCESS_NO_TOKEN,       /* it is asked for, and the request has another one or none */
    ADMIN_ACCESS_FOREIGN_ORIGIN, /* a page of another site sent it from somebody's browser */
    ADMIN_ACCESS_FOREIGN_HOST,   /* the same, where that site's name was made to lead here */
};

/* Whether the request may read (`changes` false) or change something. */
enum admin_access admin_access_check(const struct head *head, const char *secret, bool changes);

/* The value of the first field of that name, which lb/http has no id for; or an empty view. */
struct view admin_access_field(const struct head *head, struct view name);

#endif
