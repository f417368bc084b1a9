/* Who lb-discovery, lb-report and lb-acme run as, where the master is root. Thread: the only one of a child, between fork and execve. */
#ifndef LB_MASTER_PRIVILEGE_H
#define LB_MASTER_PRIVILEGE_H

#include "lb/contract/channel.h"

/* Becomes that user with these groups and no others, for ever: this is looked at afterwards. Does nothing where no user was
 * named, or who runs is not root. Fails: -errno (-EINVAL: root was named, or too many groups); then this process must end,
 * as it may be something in between. */
int privilege_become_discovery(const struct channel_place *place);

/* The same for lb-proxy's user, with its group and no others; does nothing where that is root. Fails: -errno. */
int privilege_become_proxy(const struct channel_place *place);

/* What lb-proxy alone may have, where the master has it (CAP_DAC_READ_SEARCH): who becomes another program as this user goes
 * without it. */
void privilege_leave_reading(void);

#endif
