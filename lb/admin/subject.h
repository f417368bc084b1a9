/* What a human means by the word that a question or an order is about. */
#ifndef LB_ADMIN_SUBJECT_H
#define LB_ADMIN_SUBJECT_H

#include "lb/follow/membership.h"

enum subject_meaning {
    SUBJECT_NO,
    SUBJECT_CONTAINER, /* all that it serves: its name, its id, or 4 or more digits the id begins with */
    SUBJECT_PORT,      /* the same with ":PORT" behind it: one of the ports that it serves */
};

/* Of what has that id, container (its id) and name; NULL for what is not known. */
enum subject_meaning subject_means(struct view subject, const char *id, const char *container,
                                   const char *name);

/* The same of an endpoint, which also its --backend names: "host" or "host:port". */
enum subject_meaning subject_means_endpoint(const struct membership *membership,
                                            struct view subject, const struct endpoint *endpoint);

#endif
