/* How a request can end: one table for the status lb answers with, the word in logs and metrics,
 * and the sentence for the client. */
#ifndef LB_BASE_ERR_H
#define LB_BASE_ERR_H

/* XX(name, HTTP status, word, sentence) */
#define ERR_MAP(XX)                                                                                \
    XX(OK, 200, "ok", "")                                                                          \
    /* what the client sent */                                                                     \
    XX(START_LINE, 400, "bad_request:start_line", "The request line is malformed.")                \
    XX(VERSION, 505, "bad_request:version", "Only HTTP/1.0 and HTTP/1.1 are spoken here.")         \
    XX(TARGET, 400, "bad_request:target", "The request target is malformed.")                      \
    XX(METHOD, 501, "bad_request:method", "This method is not supported.")                         \
    XX(FIELD, 400, "bad_request:field", "A header field is malformed.")                            \
    XX(HOST, 400, "bad_request:host", "The Host field is missing, repeated or malformed.")         \
    XX(LENGTH, 400, "bad_request:length", "The length of the message is ambiguous.")               \
    XX(CODING, 501, "bad_request:coding", "This transfer coding is not supported.")                \
    XX(CHUNK, 400, "bad_request:chunk", "The chunked body is malformed.")                          \
    XX(OPTIONS, 431, "bad_request:connection", "The Connection field names too many fields.")      \
    XX(EXPECT, 417, "bad_request:expect", "This expectation cannot be met.")                       \
    XX(TARGET_TOO_LONG, 414, "bad_request:target_too_long", "The request target is too long.")     \
    XX(HEAD_TOO_LARGE, 431, "bad_request:head_too_large", "The header fields are too large.")      \
    XX(BODY_TOO_LARGE, 413, "bad_request:body_too_large", "The body is too large.")                \
    XX(PROXY_HEADER, 400, "bad_request:proxy_header", "The PROXY header is missing or malformed.") \
    XX(CLIENT_HELLO, 400, "bad_request:client_hello", "The TLS ClientHello is malformed.")         \
    XX(HEAD_TIMEOUT, 408, "head_timeout", "The request head did not arrive in time.")              \
    XX(BODY_TIMEOUT, 408, "body_timeout", "The request body did not arrive in time.")              \
    XX(CLIENT_GONE, 499, "client_gone", "The client went away.")                                   \
    XX(TUNNEL_IDLE, 408, "tunnel_idle", "Nothing was said for too long.")                          \
    XX(CLIENT_STALLED, 499, "client_stalled", "The client stopped reading.")                       \
    /* what lb decided */                                                                          \
    XX(LAST_HOP, 200, "last_hop", "Max-Forwards lets this request go no further.")                 \
    XX(LOOP, 508, "loop", "This request has been here before.")                                    \
    XX(MOVED, 301, "redirect:moved", "It is found elsewhere.")                                     \
    XX(FOUND, 302, "redirect:found", "It is found elsewhere at the moment.")                       \
    XX(ELSEWHERE, 307, "redirect:temporary", "It is found elsewhere at the moment.")               \
    XX(MOVED_FOR_GOOD, 308, "redirect:permanent", "It is found elsewhere.")                        \
    XX(SLASH, 308, "slash", "It is found with a slash behind it.")                                 \
    XX(CHALLENGE, 200, "challenge", "This answers who is to certify it.")                          \
    XX(MISDIRECTED, 421, "misdirected", "This connection is for another address.")                 \
    XX(OTHER_SCHEME, 503, "other_scheme", "This address is not served in this way.")               \
    XX(NO_CERTIFICATE, 400, "client_certificate:none", "No required SSL certificate was sent.")    \
    XX(BAD_CERTIFICATE, 400, "client_certificate:bad", "The SSL certificate error.")               \
    XX(NO_ROUTE, 404, "no_route", "No service answers for this address.")                          \
    XX(FORBIDDEN, 403, "forbidden", "This address is not open to you.")                            \
    XX(RATE, 429, "rate_limited", "Too many requests at the moment.")                              \
    XX(AUTH_UNKNOWN, 503, "auth_unknown", "It could not be told who may come in.")                 \
    XX(AUTH_BUSY, 503, "auth_busy", "Too many sign in at the moment.")                             \
    XX(AUTH, 401, "unauthorized", "A name and a password are asked for here.")                     \
    XX(IN_DOUBT, 503, "route_in_doubt", "It could not be told which service this address is of.")  \
    XX(NO_ENDPOINT, 503, "no_endpoint", "No server is available at the moment.")                   \
    XX(QUEUE_FULL, 503, "queue_full", "All servers are busy at the moment.")                       \
    XX(QUEUE_TIMEOUT, 503, "queue_timeout", "All servers were busy for too long.")                 \
    XX(PAUSED, 503, "paused", "This is being worked on, and will be back soon.")                   \
    XX(TOO_MANY, 503, "too_many_connections", "Too many connections at the moment.")               \
    XX(TOO_MANY_OF_CLIENT, 503, "too_many_of_client", "Too many connections from your address.")   \
    XX(NO_MEMORY, 503, "buffers_full", "Too much is waiting at the moment.")                       \
    XX(NO_SOCKET, 503, "no_socket", "No connection could be opened at the moment.")                \
    XX(DRAINED, 503, "drained", "The server is leaving.")                                          \
    XX(IDLE, 408, "idle", "Nothing was said for a while.")                                         \
    XX(EVICTED, 503, "evicted", "Too many flows at the moment.")                                   \
    XX(SHUTDOWN, 503, "shutdown", "This load balancer is shutting down.")                          \
    /* what the backend did */                                                                     \
    XX(REFUSED, 502, "refused", "No server could be reached.")                                     \
    XX(CONNECT_TIMEOUT, 504, "connect_timeout", "No server could be reached in time.")             \
    XX(UPSTREAM_TLS, 502, "upstream_tls", "No server could be reached in a way that is trusted.")  \
    XX(UPSTREAM_RESET, 502, "upstream_reset", "The server closed the connection.")                 \
    XX(UPSTREAM_TIMEOUT, 504, "upstream_timeout", "The server did not answer in time.")            \
    XX(UPSTREAM_INVALID, 502, "upstream_invalid", "The server's answer was malformed.")            \
    XX(UPSTREAM_TRUNCATED, 502, "upstream_truncated", "The server's answer was cut off.")          \
    XX(UPSTREAM_STALLED, 504, "upstream_stalled", "The server stopped sending.")

enum err {
#define XX(name, status, word, sentence) ERR_##name,
    ERR_MAP(XX)
#undef XX
        ERR_COUNT
};

/* The HTTP status that tells a client of it; 499 is never sent, only logged. */
int err_status(enum err err);

/* The word for logs and metrics, from the fixed vocabulary above. */
const char *err_word(enum err err);

/* One sentence for a client, without internals. */
const char *err_sentence(enum err err);

#endif
