/* Which check an endpoint gets, of all that flags and labels say. Pure. */
#ifndef LB_CONTRACT_CHECK_CHOICE_H
#define LB_CONTRACT_CHECK_CHOICE_H

#include "lb/contract/check.h"
#include "lb/contract/protocol.h"

/* Leaves of what is said for whole services what is meant for endpoints of that protocol: HTTP only at a port
 * of its own where they do not speak it, no connect where they speak UDP, and the other way around. */
void check_choice_narrow(struct check *check, enum protocol protocol);

/* What is done again and again: CHECK_OFF, or a mode below it. `is_udp`: requests go there by UDP. */
enum check_mode check_choice_repeated(const struct check *check, bool is_udp);

/* What the first contact is, likewise: never CHECK_OFF. */
enum check_mode check_choice_first(const struct check *check, bool is_udp);

#endif
