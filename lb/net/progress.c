#include "lb/net/progress.h"

#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* Of tcpi_bytes_acked (Linux 4.1), which the C library's struct tcp_info does not have. */
#define TCP_INFO_ACKED_AT 120

/* Sent again so often in a row without an answer: 1.4 s at the least. */
#define LOST_RETRANSMITS 3

size_t progress_unacknowledged_bytes(int fd)
{
    int count = 0;
    return ioctl(fd, SIOCOUTQ, &count) == 0 ? (size_t)count : 0;
}

uint64_t progress_acknowledged_bytes(int fd)
{
    char info[TCP_INFO_ACKED_AT + sizeof(uint64_t)];
    socklen_t len = sizeof(info);
    uint64_t count;
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, &len) < 0 || len < sizeof(info))
        return UINT64_MAX;
    memcpy(&count, info + TCP_INFO_ACKED_AT, sizeof(count));
    return count;
}

bool progress_is_peer_lost(int fd, unsigned silent_ms)
{
    struct tcp_info info;
    socklen_t len = sizeof(info);
    return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0 &&
           info.tcpi_retransmits >= LOST_RETRANSMITS && info.tcpi_last_ack_recv >= silent_ms;
}
