/* When to ask: for a renewal, and again after a failure. Seconds are of the wall clock. Pure. */
#ifndef ACME_SCHEDULE_H
#define ACME_SCHEDULE_H

#include <stdint.h>

#define SCHEDULE_RETRY_FIRST_S 60
#define SCHEDULE_RETRY_LAST_S  (12 * 3600)

/* When two thirds of its life are over, and up to a thirtieth of it before, as `salt` says: not all on one day. */
int64_t schedule_renewal_s(int64_t not_before_s, int64_t not_after_s, uint64_t salt);

/* Within the window that the authority proposes (RFC 9773 § 4.2), as `salt` says; but not in the first sixth of the certificate's
 * life, nor on its first day, whatever the authority says: nobody can make this order in a loop. */
int64_t schedule_window_s(int64_t start_s, int64_t end_s, int64_t not_before_s, int64_t not_after_s,
                          uint64_t salt);

/* How long to wait after so many failures in a row: a minute, then three times as long each time, up to twelve hours, with up to an
 * eighth more, as `random` says. Not less than what the authority wants. */
int64_t schedule_retry_after_s(unsigned failure_count, unsigned wanted_s, uint64_t random);

#endif
