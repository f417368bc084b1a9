/* Where lb-acme, which gets certificates, finds what the master gives it (lb/master/acme.h). Who reads trusts nothing in it.
 *
 * The wishes: {"version":1,"certificates":[{"names":["a.test","b.test"],"email":""}]}
 * What became of them: {"version":1,"certificates":[{"names":[…],"state":"valid"|"ordering"|"waiting"|"failed",
 *                       "not_after_s":…,"next_s":…,"problem":"a sentence"}]}
 *
 * Both are keepsakes (lb/base/keepsake.h). Lines of its log go by the socket that REPORT_ENVIRONMENT names (report.h), where
 * there is somebody who delivers them. */
#ifndef LB_CONTRACT_ACME_H
#define LB_CONTRACT_ACME_H

#define ACME_WISHES_FD  3 /* of lb-proxy (CHANNEL_WISHES); only to be read */
#define ACME_ORDERED_FD 4 /* of lb-acme (CHANNEL_ORDERED), which lb-proxy reads */
#define ACME_OUTBOX_FD  5

#endif
