/* Who lb-discovery is. */
#ifndef LB_MASTER_PRIVILEGE_H
#define LB_MASTER_PRIVILEGE_H

#include "lb/contract/channel.h"

/* In the child, before it becomes lb-discovery: takes the user and the groups of the place. Fails: -errno. */
int privilege_drop(const struct channel_place *place);

#endif
