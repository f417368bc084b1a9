#include "discovery/outbox.h"

#include "lb/base/lent_socket.h"
#include "lb/base/log.h"
#include "lb/contract/report.h"

_Static_assert((int)LOG_COPY_KIND == (int)REPORT_LOG, "a copy of the log is such a message");

void outbox_open(void)
{
    log_copy_to(lent_socket_find(REPORT_ENVIRONMENT));
}
