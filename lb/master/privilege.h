/* Who lb-discovery runs as, where the master is root. Thread: the only one of a child, between fork and execve. */
#ifndef LB_MASTER_PRIVILEGE_H
#define LB_MASTER_PRIVILEGE_H

#include "lb/contract/channel.h"

/* Becomes that user with these groups and no others, for ever: this is looked at afterwards. Does nothing where no user was
 * named, or who runs is not root. Fails: -errno (-EINVAL: root was named, or too many groups); then this process must end,
 * as it may be something in between. */
int privilege_drop(const struct channel_place *place);

#endif
