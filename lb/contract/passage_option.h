/* How a TCP or UDP service is served: the values of words that labels (lb.tcp.drain), files, lines and flags
 * (--tcp-drain) share. Pure. Thread: any. */
#ifndef LB_CONTRACT_PASSAGE_OPTION_H
#define LB_CONTRACT_PASSAGE_OPTION_H

#include <stdbool.h>

#include "lb/base/view.h"

/* What an endpoint is told of the client before all else (the PROXY protocol of HAProxy). */
enum proxy_version { PROXY_VERSION_OFF, PROXY_VERSION_1, PROXY_VERSION_2 };

/* What becomes of connections to an endpoint that drains. */
enum passage_drain {
    PASSAGE_DRAIN_WAIT,  /* they stay as long as the endpoint does */
    PASSAGE_DRAIN_RESET, /* they end, so that clients which never would come again elsewhere */
};

#define PASSAGE_OPTION_IDLE_MS_MAX 86400000u

#define PASSAGE_OPTION_PROXY_ACCEPTED "off, v1 or v2"
#define PASSAGE_OPTION_DRAIN_ACCEPTED "wait or reset"
#define PASSAGE_OPTION_IDLE_ACCEPTED  "a time up to 24h such as 10m, or off"
#define PASSAGE_OPTION_FLOW_ACCEPTED  "a time from 1s to 24h such as 30s"

/* Fail: false, and `*out` is as it was. */
bool passage_option_parse_proxy(struct view value, unsigned *out);
bool passage_option_parse_drain(struct view value, unsigned *out);
bool passage_option_parse_tcp_idle(struct view value, unsigned *out_ms); /* 0: for ever */
bool passage_option_parse_udp_idle(struct view value, unsigned *out_ms); /* never 0 */

/* The words that they take. Static. */
const char *passage_option_proxy_word(unsigned version);
const char *passage_option_drain_word(unsigned drain);

#endif
