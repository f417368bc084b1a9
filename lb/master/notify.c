#include "lb/master/notify.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "lb/base/log.h"

#define STATUS_BYTES    256u
#define WATCHDOG_MS_MAX 3600000u

/* A path, or "@name" of the abstract namespace. Gives its length; 0: neither. */
static socklen_t parse_place(const char *place, struct sockaddr_un *out)
{
    size_t len = strlen(place);
    if ((place[0] != '/' && place[0] != '@') || len < 2 || len >= sizeof(out->sun_path))
        return 0;
    *out = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(out->sun_path, place, len + 1);
    if (place[0] == '@')
        out->sun_path[0] = '\0';
    else
        len++; /* a path has its NUL */
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
}

static int send_to(const struct sockaddr_un *place, socklen_t len, const char *lines)
{
    struct timeval patience = {.tv_sec = 1};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    const struct sockaddr *to = (const void *)place;
    ssize_t sent = sendto(fd, lines, strlen(lines), MSG_NOSIGNAL, to, len);
    int rc = sent < 0 ? -errno : 0;
    close(fd);
    return rc;
}

void notify_send(const char *lines)
{
    struct sockaddr_un address;
    const char *place = getenv("NOTIFY_SOCKET");
    if (!place)
        return;
    socklen_t len = parse_place(place, &address);
    int rc = len == 0 ? -EINVAL : send_to(&address, len, lines);
    if (rc < 0)
        log_warn("cannot tell systemd at NOTIFY_SOCKET=%s: %s", place, strerror(-rc));
}

void notify_ready(void)
{
    notify_send("READY=1");
}

void notify_stopping(void)
{
    notify_send("STOPPING=1");
}

void notify_watchdog(void)
{
    notify_send("WATCHDOG=1");
}

void notify_reloading(void)
{
    char lines[80];
    struct timespec now = {0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    int64_t now_us = (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
    snprintf(lines, sizeof(lines), "RELOADING=1\nMONOTONIC_USEC=%" PRId64, now_us);
    notify_send(lines);
}

void notify_status(const char *text)
{
    char line[STATUS_BYTES];
    int len = snprintf(line, sizeof(line), "STATUS=%s", text);
    for (int i = 0; i < len && line[i]; i++)
        if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
            line[i] = ' ';
    notify_send(line);
}

/* Digits alone. Fails: false. */
static bool parse_number(const char *text, uint64_t *out)
{
    char *end;
    if (!text || text[0] < '0' || text[0] > '9')
        return false;
    errno = 0;
    *out = strtoull(text, &end, 10);
    return errno == 0 && *end == '\0';
}

unsigned notify_watchdog_ms(void)
{
    uint64_t pid, waits_us;
    const char *whose = getenv("WATCHDOG_PID");
    if (whose && (!parse_number(whose, &pid) || pid != (uint64_t)getpid()))
        return 0;
    if (!parse_number(getenv("WATCHDOG_USEC"), &waits_us) || waits_us == 0)
        return 0;
    uint64_t half_ms = waits_us / 2000;
    if (half_ms > WATCHDOG_MS_MAX)
        return WATCHDOG_MS_MAX;
    return half_ms > 0 ? (unsigned)half_ms : 1;
}
