/* What systemd is told, where it started the master with Type=notify: datagrams to $NOTIFY_SOCKET (sd_notify(3)). Each
 * call opens the socket anew, so that nothing is kept over the execve of an upgrade; without the variable, or where nobody
 * takes them within a second, it does nothing. What a proxy process wants to be told goes through notify_status alone. */
#ifndef LB_MASTER_NOTIFY_H
#define LB_MASTER_NOTIFY_H

/* One datagram: NAME=VALUE, several with '\n' between. */
void notify_send(const char *lines);

void notify_ready(void);
void notify_stopping(void);
void notify_watchdog(void);

/* Begins a reload, which the next READY ends. Both in one: systemd wants to know since when. */
void notify_reloading(void);

/* One line for `systemctl status`. Foreign words: control characters become blanks, the length is bounded. */
void notify_status(const char *text);

/* How often notify_watchdog is to be called, half of what systemd waits for; 0: nobody waits, or for another process. */
unsigned notify_watchdog_ms(void);

#endif
