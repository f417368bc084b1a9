/* The addresses of this machine, as far as its network namespace sees them. Needs neither netlink nor bind, which
 * a jailed process has not (getifaddrs does): ioctl(SIOCGIFCONF), netdevice(7), and /proc/self/net/if_inet6. */
#ifndef LB_NET_INTERFACES_H
#define LB_NET_INTERFACES_H

#include <stdbool.h>

#include "lb/base/address.h"

/* Whether an interface has that address; its port does not matter. Also true where the kernel does not tell.
 * Thread: any. */
bool interfaces_have(const struct address *address);

#endif
