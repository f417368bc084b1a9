#include "lb/master/notify.h"

void notify_send(const char *lines)
{
    (void)lines;
}

unsigned notify_watchdog_ms(void)
{
    return 0;
}
