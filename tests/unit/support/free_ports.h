/* Ports of 127.0.0.1 in a row that nobody has, neither of TCP nor of UDP. */
#ifndef TESTS_UNIT_SUPPORT_FREE_PORTS_H
#define TESTS_UNIT_SUPPORT_FREE_PORTS_H

#include <unistd.h>

#include "lb/net/datagram.h"
#include "lb/net/listening.h"

static inline bool free_ports_are_free(unsigned low, unsigned count)
{
    struct address at;
    for (unsigned port = low; port < low + count; port++)
        if (!address_parse_ip(VIEW("127.0.0.1"), (uint16_t)port, &at) ||
            listening_check_free(&at) < 0 || datagram_check_free(&at) < 0)
            return false;
    return true;
}

/* The first of `count`, at most 10: below those that the kernel gives away, and for each process others. */
static inline unsigned free_ports_low(unsigned count)
{
    unsigned low = 20000 + (unsigned)getpid() % 1000 * count;
    for (unsigned i = 0; i < 100 && !free_ports_are_free(low, count); i++)
        low += count;
    return low;
}

#endif
