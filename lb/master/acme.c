#include "lb/master/acme.h"

#include <stddef.h>

#include "lb/contract/acme.h"
#include "lb/master/attendant.h"
#include "lb/master/master_state.h"

const struct attendant acme_attendant = {
    .role = PROCESS_ACME,
    .helper_at = offsetof(struct master, acme),
    .reads = CHANNEL_WISHES,
    .writes = CHANNEL_ORDERED,
    .consul = "--consul",
    .tells = true,
    .leave_ms =
        5000, /* what it writes is whole at any time; an order that it had begun goes on later */
    .name = "lb-acme",
    .does = "gets certificates and renews them",
    .meanwhile = "certificates are neither got nor renewed until then",
};
_Static_assert(ACME_WISHES_FD == 3 && ACME_ORDERED_FD == 4 && ACME_OUTBOX_FD == ATTENDANT_OUTBOX_FD,
               "as attendant.h has them");
