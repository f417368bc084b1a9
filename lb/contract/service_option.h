/* What is asked of a service as a whole: words with values as text, one grammar for each, the same for
 * labels (lb.balance), files, lines of discovery and lb's own flags (--balance), which hold where a
 * service says nothing. Borrows all of its bytes. Pure. Thread: any. */
#ifndef LB_CONTRACT_SERVICE_OPTION_H
#define LB_CONTRACT_SERVICE_OPTION_H

#include <stdbool.h>

#include "lb/base/text.h"
#include "lb/base/view.h"

#define SERVICE_OPTION_BYTES_MAX 512u /* of a value */

/* XX(name, word): the words are the keys of a line. */
#define SERVICE_OPTION_MAP(XX)                                                                     \
    XX(BALANCE, "balance") /* [sticky] round-robin, least-requests, hash client … */             \
    XX(STICKY, "sticky")   /* the cookie's attributes */                                           \
    XX(PREFER, "prefer")   /* local: the endpoints of this host before others */                   \
    XX(QUEUE, "queue")     /* so many requests may wait for a server that is at its limit */       \
    XX(QUEUE_TIMEOUT, "queue-timeout")                                                             \
    XX(PROXY_PROTOCOL, "proxy-protocol") /* of TCP: the header that its endpoints get first */     \
    XX(TCP_DRAIN, "tcp.drain")           /* what becomes of connections to one that drains */      \
    XX(TCP_IDLE_TIMEOUT, "tcp.idle-timeout")                                                       \
    XX(UDP_IDLE_TIMEOUT, "udp.idle-timeout")                                                       \
    XX(BACKEND_VERIFY, "backend-verify") /* of servers by https: their certificates */             \
    XX(BACKEND_CA, "backend-ca")                                                                   \
    XX(BACKEND_NAME, "backend-name")                                                               \
    XX(BACKEND_CERTIFICATE, "backend-certificate") /* lb's own */

enum service_option_kind {
#define XX(name, word) SERVICE_OPTION_##name,
    SERVICE_OPTION_MAP(XX)
#undef XX
        SERVICE_OPTION_COUNT
};

/* By kind; what is empty is not given. Zeroed memory gives nothing. */
struct service_options {
    struct view values[SERVICE_OPTION_COUNT];
};

/* "balance" and so on. Static. */
const char *service_option_word(enum service_option_kind kind);

/* SERVICE_OPTION_COUNT for other words. */
enum service_option_kind service_option_parse(struct view word);

/* What values it takes, for people. Static. */
const char *service_option_accepted(enum service_option_kind kind);

/* Whether lb can do what it says. False: `problem` gets a sentence that names the word and the remedy. */
bool service_option_check(enum service_option_kind kind, struct view value, struct text *problem);

/* Whether it says who is trusted: a value that cannot be used must not count as none, which would trust more. It stays,
 * or this in its place, and nobody is trusted. */
bool service_option_is_guard(enum service_option_kind kind);
#define SERVICE_OPTION_UNUSABLE "?"

#endif
