/* What systemd is told (sd_notify(3)), and what it gave: nothing where there is no NOTIFY_SOCKET. */
#ifndef LB_MASTER_NOTIFY_H
#define LB_MASTER_NOTIFY_H

/* "READY=1\nSTATUS=…". */
void notify_send(const char *lines);

/* How often it wants to hear from the program; 0: it does not. */
unsigned notify_watchdog_ms(void);

#endif
