/* How TLS handshakes with clients end: one table for the word in metrics and the sentence in the log, and a worker's counters.
 * The worker alone writes them. */
#ifndef LB_OBSERVE_HANDSHAKES_H
#define LB_OBSERVE_HANDSHAKES_H

#include "lb/observe/counter.h"

/* XX(name, word, sentence); the sentences of those that went well, and of a client that is gone, are told to nobody. */
#define HANDSHAKE_MAP(XX)                                                                          \
    XX(FULL, "", "")                                                                               \
    XX(RESUMED, "", "")                                                                            \
    XX(CLIENT_GONE, "client_gone", "")                                                             \
    XX(TIMEOUT, "timeout", "it was not over in time (--tls-handshake-timeout)")                    \
    XX(GAVE_WAY, "gave_way",                                                                       \
       "others wait for their turn, and it had been under way for longest (--max-handshakes)")     \
    XX(NO_TLS, "no_tls", "what came is no TLS")                                                    \
    XX(PLAIN_HTTP, "plain_http", "the client speaks HTTP without TLS, and got 400")                \
    XX(UNKNOWN_NAME, "unknown_name",                                                               \
       "no certificate is there for the name that was asked for; give one in --certificates, or "  \
       "default.crt")                                                                              \
    XX(VERSION, "version", "the client speaks no version of TLS that --tls-policy allows")         \
    XX(CIPHER, "cipher", "the client has no cipher or group in common with --tls-policy")          \
    XX(ALPN, "alpn", "the client wants a protocol that is not spoken here (ALPN)")                 \
    XX(REFUSED, "refused", "the client refused the certificate, by an alert")                      \
    XX(OTHER, "other", "what the client sent was not what TLS demands")

enum handshake_end {
#define XX(name, word, sentence) HANDSHAKE_##name,
    HANDSHAKE_MAP(XX)
#undef XX
        HANDSHAKE_END_COUNT
};

enum handshake_version {
    HANDSHAKE_TLS12,
    HANDSHAKE_TLS13,
    HANDSHAKE_VERSION_COUNT,
};

struct handshakes {
    counter64 ends[HANDSHAKE_END_COUNT];
    counter64 versions[HANDSHAKE_VERSION_COUNT];
    counter64 running_count;
    counter64 waiting_count; /* for their turn */
};

/* For metrics: "" of those that went well. Static. */
const char *handshakes_word(enum handshake_end end);

/* For the log; "": not worth a word. Static. */
const char *handshakes_sentence(enum handshake_end end);

#endif
