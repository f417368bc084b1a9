#include "lb/config/config_policy.h"

#include "lb/config/config_kind.h"

#define FIELD(name) CONFIG_FIELD(struct config_policy, name)

#define HOUR_MS UINT64_C(3600000)
#define DEADLINE                                                                                   \
    .kind = &kind_duration, .group = CONFIG_GROUP_DEADLINE, .value_name = "TIME", .min = 0,        \
    .max = CONFIG_DURATION_MAX_MS
#define CHECK       .kind = &kind_check, .group = CONFIG_GROUP_HEALTH, FIELD(check)
#define CHECK_COUNT .kind = &kind_check_count, .group = CONFIG_GROUP_HEALTH, FIELD(check)

static const char *const off_on[] = {"off", "on", NULL};

static const char *const preferences[] = {
    [PREFERENCE_NONE] = "none", [PREFERENCE_LOCAL] = "local", NULL};

/* clang-format off */
static const struct config_setting balance[] = {
    {.word = "balance", .kind = &kind_balance, .group = CONFIG_GROUP_SOURCE,
     .value_name = "WAY", .default_text = "round-robin", FIELD(balance),
     .help = "round-robin, least-requests or hash; sticky before it",
     .manual = "Whom the requests of a service go to, where the service does not say it\n"
               ".Pq Li lb.balance :\n"
               ".Bl -tag -width Ds -compact\n"
               ".It Sy round-robin\n"
               "one after the other, by their weights\n"
               ".It Sy least-requests\n"
               "who has the fewest requests in flight for its weight, of all workers;\n"
               "of equal ones one after the other\n"
               ".It Sy hash client\n"
               "the same client to the same backend, by its address after those of\n"
               ".Fl Fl trusted-proxies ;\n"
               "IPv6 by /64\n"
               ".It Sy hash header Ar NAME , Sy hash cookie Ar NAME , Sy hash path\n"
               "the same value to the same backend; requests without it go round robin\n"
               ".El\n"
               "When one of\n"
               ".Em n\n"
               "backends comes or goes, one of\n"
               ".Em n\n"
               "values goes elsewhere.\n"
               "A backend that has more than 1.25 of the mean of requests in flight, and more\n"
               "than eight, gets no more of them, but the next one in the order of the value.\n"
               ".Sy sticky\n"
               "before one of them, or alone: who has been served comes back to the same backend,\n"
               "by a cookie\n"
               ".Pq Fl Fl sticky ;\n"
               "others go by the rest.\n"},
    {.word = "sticky", .kind = &kind_sticky, .group = CONFIG_GROUP_SOURCE,
     .value_name = "ATTRIBUTES", FIELD(sticky),
     .help = "of the cookie: name=, secure, samesite=, max-age=, domain=, path=",
     .manual = "What the cookie of sticky services is like, where the service does not say it\n"
               ".Pq Li lb.sticky :\n"
               "words with blanks between.\n"
               ".Sy name= Ns Ar NAME\n"
               "is lb_ and eight digits that follow from the service where it is not given,\n"
               ".Sy samesite= Ns Ar lax , strict No or Ar none\n"
               "is lax,\n"
               ".Sy path= Ns Ar PATH\n"
               "is /.\n"
               "Without\n"
               ".Sy max-age= Ns Ar TIME\n"
               ".Pq 960h at most\n"
               "it lasts as long as the browser runs, and without\n"
               ".Sy domain= Ns Ar NAME\n"
               "it is for the host that was asked.\n"
               "It is always HttpOnly, and Secure with\n"
               ".Sy secure\n"
               "or where a trusted proxy says that the request came by https.\n"
               "A backend that drains keeps those who have its cookie and gets no others; from one\n"
               "that cannot be asked they go to another one, with another cookie.\n"
               "Backends do not see it.\n"},
    {.word = "prefer", .kind = &kind_word, .group = CONFIG_GROUP_SOURCE,
     .value_name = "none|local", .words = preferences, .default_text = "none", FIELD(preference),
     .help = "local: backends of this host before others, while healthy",
     .manual = "Whom requests, connections and flows go to before others, where the service does not\n"
               "say it\n"
               ".Pq Li lb.prefer :\n"
               ".Bl -tag -width Ds -compact\n"
               ".It Sy none\n"
               "all alike\n"
               ".It Sy local\n"
               "the backends of the host that lb runs on, as discovery tells it, and those at\n"
               "loopback addresses, while at least five sevenths of them, by weight, are healthy.\n"
               "When fewer are, their share is 1.4 times the part that is: one of two gets 70 %.\n"
               "The others get the rest, and what local ones at their limit\n"
               ".Pq Fl Fl max-inflight\n"
               "cannot take.\n"
               ".El\n"},
};

static const struct config_setting deadlines[] = {
    {.word = "connect-timeout", DEADLINE, .default_text = "300ms", FIELD(connect_timeout_ms),
     .help = "connecting to a private address; then another is tried, too",
     .manual = "Connecting to a backend at a private address; then another one is tried beside\n"
               "it, and the first\n"
               "connection that stands is taken.\n"},
    {.word = "far-connect-timeout", DEADLINE, .default_text = "2s",
     FIELD(far_connect_timeout_ms),
     .help = "the same for a public address",
     .manual = "The same for a backend at a public address.\n"},
    {.word = "last-connect-timeout", DEADLINE, .default_text = "5s",
     FIELD(last_connect_timeout_ms),
     .help = "connecting to a backend when no other one is left",
     .manual = "Connecting to a backend when no other one is left to try; then 504.\n"
               "The kernel sends again after one second and after three what was lost, for\n"
               "example because the\n"
               "backend's queue of new connections was full.\n"},
    {.word = "response-timeout", DEADLINE, .default_text = "1m", FIELD(response_timeout_ms),
     .help = "request sent until the head of the response",
     .manual = "Request sent until the head of the response; then 504.\n"},
    {.word = "body-timeout", DEADLINE, .default_text = "30s", FIELD(body_timeout_ms),
     .help = "body without progress, in either direction",
     .manual = "A body without progress, in either direction.\n"},
    {.word = "stream-timeout", DEADLINE, .default_text = "1h", FIELD(stream_timeout_ms),
     .help = "the same for an answer without a length, or a stream of events",
     .manual = "The same for an answer that is a stream: without a length, or of the type\n"
               "text/event-stream,\n"
               "application/x-ndjson or application/grpc.\n"
               "An answer that is cut ends with FIN where its framing shows that something is\n"
               "missing, else with a\n"
               "reset once all has arrived.\n"},
    {.word = "upstream-dead-after", DEADLINE, .default_text = "8s",
     FIELD(upstream_dead_after_ms),
     .help = "a backend's host acknowledges nothing",
     .manual = "A backend's host acknowledges nothing, neither a request nor, while none waits for\n"
               "that, three questions of the kernel\n"
               ".Pq keep-alive :\n"
               "it is off the network, its connections are given up, and that counts as a failed\n"
               "attempt.\n"
               "A request that can be sent again, and to another one, waits for two seconds only.\n"
               "A program that is slow or stopped is not meant: its kernel acknowledges.\n"
               "The kernel counts in seconds, and four are the least.\n"
               "0s: nothing but the other deadlines ends a wait.\n"},
    {.word = "tunnel-timeout", DEADLINE, .default_text = "1h", FIELD(tunnel_timeout_ms),
     .help = "WebSocket or other tunnel without a byte, in either direction",
     .manual = "A WebSocket or other tunnel without a byte, in either direction.\n"},
    {.word = "tcp-idle-timeout", DEADLINE, .default_text = "1h", FIELD(tcp_idle_timeout_ms),
     .help = "connection of a TCP service without a byte, in either direction",
     .manual = "A connection of a TCP service without a byte, in either direction.\n"
               "The label\n"
               ".Li lb.tcp.idle-timeout\n"
               "says it for one service.\n"},
    {.word = "udp-idle-timeout", .kind = &kind_duration, .group = CONFIG_GROUP_DEADLINE,
     .value_name = "TIME", .min = 1000, .max = CONFIG_DURATION_MAX_MS, .default_text = "30s",
     FIELD(udp_idle_timeout_ms),
     .help = "flow of a UDP service without a datagram",
     .manual = "After so long without a datagram from a client and to it, its next one is the\n"
               "first of another flow, which may go to another backend.\n"
               "The label\n"
               ".Li lb.udp.idle-timeout\n"
               "says it for one service.\n"},
    {.word = "upstream-idle-timeout", DEADLINE, .default_text = "1m",
     FIELD(upstream_idle_timeout_ms),
     .help = "connection to a backend between requests",
     .manual = "A connection to a backend between requests.\n"
               "A backend that closes earlier is learned, and is not used so close to its\n"
               "limit.\n"},
    {.word = "hold", .kind = &kind_duration, .group = CONFIG_GROUP_DEADLINE,
     .value_name = "TIME", .max = HOUR_MS, .default_text = "10s", FIELD(hold_ms),
     .help = "a request waits so long for a backend; 0: none",
     .manual = "How long a request waits while its service has nobody for a moment: whoever it\n"
               "had has been stopped, paused or\n"
               "taken out, or the first list has not come yet.\n"
               "It goes to the first backend that becomes ready, whatever its method, as\n"
               "nothing was sent; else it is answered with 503.\n"
               "A service without any backend for a minute is not waited for.\n"
               "0: 503 at once.\n"},
    {.word = "queue-timeout", .kind = &kind_duration, .group = CONFIG_GROUP_DEADLINE,
     .value_name = "TIME", .max = HOUR_MS, .default_text = "10s", FIELD(queue_timeout_ms),
     .help = "a request waits so long in the queue; 0: none",
     .manual = "How long a request waits while all backends of its service have as many as they\n"
               "take at a time\n"
               ".Pq Fl Fl max-inflight ;\n"
               "then 503 with\n"
               ".Li Retry-After .\n"
               "0: none waits.\n"},
};

static const struct config_setting health[] = {
    {.word = "check-mode", CHECK, .value_name = "MODE", .takes_off = true, .default_text = "auto",
     .help = "tcp, http, postgres, redis, smtp, udp, dns, off, or auto",
     .manual = "How\n"
               ".Nm\n"
               "asks a server by itself:\n"
               ".Sy tcp\n"
               "connects,\n"
               ".Sy http\n"
               "sends a request,\n"
               ".Sy postgres\n"
               "asks for TLS as a client would, whether the answer is yes or no,\n"
               ".Sy redis\n"
               "sends PING,\n"
               ".Sy smtp\n"
               "waits for the greeting and takes its leave,\n"
               ".Sy udp\n"
               "sends a datagram,\n"
               ".Sy dns\n"
               "asks for the servers of the root by UDP,\n"
               ".Sy off\n"
               "does nothing, and\n"
               ".Sy auto\n"
               "is http where a path is given, tcp or udp where there is something to send or to\n"
               "expect, else off.\n"
               "The first contact with a server is the same check; where there is none a connect, or\n"
               "for a server of UDP an empty datagram that nobody refuses within 250 ms.\n"},
    {.word = "check-path", CHECK, .value_name = "PATH",
     .help = "asked at first contact and again and again",
     .manual = "The path that is asked for, at first contact and again and again.\n"},
    {.word = "check-method", CHECK, .value_name = "METHOD", .default_text = "GET",
     .help = "with this method",
     .manual = "The method of this request.\n"},
    {.word = "check-host", CHECK, .value_name = "HOST",
     .help = "the value of Host, instead of the address",
     .manual = "The value of Host, instead of the address: frameworks such as Django and Rails\n"
               "refuse one that they do not know.\n"},
    {.word = "check-port", CHECK_COUNT, .value_name = "PORT",
     .help = "asked at this port, instead of that of requests",
     .manual = "It is asked at this port, instead of that of requests.\n"},
    {.word = "check-header", CHECK, .value_name = "FIELDS",
     .help = "with Name: value too, several with | between them",
     .manual = "With these header fields too, such as\n"
               ".Ql X-Forwarded-Proto: https ;\n"
               "several with\n"
               ".Ql |\n"
               "between them.\n"},
    {.word = "check-status", CHECK, .value_name = "CODES", .default_text = "200-399",
     .help = "codes or ranges that are good, separated by commas",
     .manual = "Codes, or ranges of codes, that are good, separated by commas.\n"},
    {.word = "check-text", CHECK, .value_name = "TEXT",
     .help = "has to be in the first 64 KiB of the answer",
     .manual = "Has to be in the first 64 KiB of the answer.\n"},
    {.word = "check-send", CHECK, .value_name = "BYTES",
     .help = "sent over TCP or UDP; \\r, \\n, \\t, \\xHH are bytes",
     .manual = "With the modes tcp and udp: is sent once connected.\n"
               ".Ql \\er , \\en , \\et\n"
               "and\n"
               ".Ql \\exHH\n"
               "are the bytes that cannot be written otherwise, two backslashes are one.\n"
               "Whatever comes back is good, or what\n"
               ".Fl Fl check-expect\n"
               "says.\n"},
    {.word = "check-expect", CHECK, .value_name = "BYTES",
     .help = "has to be in the first 64 KiB, or the datagram, that come",
     .manual = "With the modes tcp and udp: has to be in the first 64 KiB that come, or in the\n"
               "first datagram; written as what is sent.\n"},
    {.word = "check-interval", CHECK, .value_name = "TIME", .default_text = "5s",
     .help = "from one check to the next, a tenth less or more",
     .manual = "From one check to the next, a tenth less or more.\n"},
    {.word = "check-timeout", CHECK, .value_name = "TIME", .default_text = "2s",
     .help = "a check that takes longer has failed",
     .manual = "A check that takes longer has failed.\n"},
    {.word = "check-rise", CHECK_COUNT, .value_name = "N", .default_text = "2",
     .help = "good checks in a row that bring a backend back",
     .manual = "Good checks in a row that bring a backend back.\n"},
    {.word = "check-fall", CHECK_COUNT, .value_name = "N", .default_text = "3",
     .help = "failed checks in a row that take it out",
     .manual = "Failed checks in a row that take it out.\n"},
    {.word = "eject-after", .kind = &kind_count, .group = CONFIG_GROUP_HEALTH,
     .value_name = "N", .default_text = "3", .max = 10000, FIELD(eject_after), .takes_off = true,
     .help = "attempts that fail in a row take a backend out; 0 or off: never",
     .manual = "Attempts that fail in a row, being refused, reset or too late, take a backend\n"
               "out for a time; 0 or off: never.\n"},
    {.word = "eject-5xx", .kind = &kind_count, .group = CONFIG_GROUP_HEALTH,
     .value_name = "N", .default_text = "0", .max = 10000, FIELD(eject_5xx), .takes_off = true,
     .help = "the same for answers 5xx in a row; 0 or off: never",
     .manual = "The same for answers 5xx in a row; 0 or off: never.\n"},
    {.word = "eject-time", .kind = &kind_duration, .group = CONFIG_GROUP_HEALTH,
     .value_name = "TIME", .default_text = "1s", .min = 10, .max = 60000,
     FIELD(eject_time_ms),
     .help = "for how long; doubled each time, up to 1m",
     .manual = "For how long.\n"
               "It is doubled each time, up to 1m, and a probe ends it.\n"},
    {.word = "eject-max", .kind = &kind_count, .group = CONFIG_GROUP_HEALTH,
     .value_name = "PERCENT", .default_text = "50", .min = 1, .max = 100,
     FIELD(eject_max_percent),
     .help = "of the pool at most at a time; one always may be",
     .manual = "Of the pool, at most so many are out at a time; one always may be.\n"},
    {.word = "panic-below", .kind = &kind_count, .group = CONFIG_GROUP_HEALTH,
     .value_name = "PERCENT", .default_text = "25", .max = 100, FIELD(panic_below_percent),
     .help = "healthy: then failing and ejected ones are used too",
     .manual = "When fewer than this are healthy, the check is more likely wrong than the\n"
               "servers:\n"
               "those that fail or are ejected get requests too.\n"},
    {.word = "panic-unhealthy", .kind = &kind_word, .group = CONFIG_GROUP_HEALTH,
     .value_name = "on|off", .words = off_on, .default_text = "on", FIELD(panic_unhealthy),
     .help = "and those whose own HEALTHCHECK fails",
     .manual = "And so do those whose own HEALTHCHECK fails;\n"
               ".Ql off :\n"
               "they never get any.\n"},
    {.word = "slow-start", .kind = &kind_duration, .group = CONFIG_GROUP_HEALTH,
     .value_name = "TIME", .default_text = "0s", .max = CONFIG_DURATION_MAX_MS, FIELD(slow_start_ms),
     .help = "a backend that comes gets its full share after it; 0: at once",
     .manual = "A backend that comes gets its full share after this time; 0s: at once.\n"},
};

static const struct config_setting limits[] = {
    {.word = "max-inflight", .kind = &kind_count, .group = CONFIG_GROUP_LIMIT,
     .value_name = "N", .default_text = "0", .max = 65535, FIELD(max_inflight), .takes_off = true,
     .help = "requests at a time for one backend; 0 or off: no limit",
     .manual = "So many requests at a time, and so many connections, for one backend, of all\n"
               "workers together; tunnels and streams count as long as they live; 0 or off: no\n"
               "limit.\n"
               "The others wait\n"
               ".Pq Fl Fl queue .\n"
               "The label\n"
               ".Li lb.max-inflight\n"
               "says it for one container.\n"},
    {.word = "queue", .kind = &kind_count, .group = CONFIG_GROUP_LIMIT,
     .value_name = "N", .default_text = "1024", .max = 1000000, FIELD(queue), .takes_off = true,
     .help = "requests of a service that wait for one; 0 or off: none",
     .manual = "So many requests of a service, of all workers together, wait in order of arrival\n"
               "while all of its backends are at their limit\n"
               ".Pq Fl Fl max-inflight ;\n"
               "one more is answered with 503.\n"
               "0 or off: none waits.\n"},
    {.word = "upstream-keepalive", .kind = &kind_word, .group = CONFIG_GROUP_LIMIT,
     .value_name = "on|off", .words = off_on, .default_text = "on", FIELD(upstream_keepalive),
     .help = "off: one request a connection to a backend",
     .manual = "More than one request over a connection to a backend;\n"
               ".Ql off :\n"
               "each has one of its own, and is told to close it.\n"
               "The label\n"
               ".Li lb.upstream.keepalive\n"
               "says it for one container.\n"},
};

static const struct config_setting retries[] = {
    {.word = "retry-budget", .kind = &kind_count, .group = CONFIG_GROUP_LIMIT,
     .value_name = "PERCENT", .default_text = "20", .max = 100, FIELD(retry_budget_percent),
     .help = "retries for a hundred requests; a hundred are in stock",
     .manual = "Retries for a hundred requests, so that a sick pool is not asked twice for\n"
               "everything.\n"
               "A hundred are in stock at the start.\n"
               "A connect that is refused is no trouble to anybody and needs none.\n"},
};
/* clang-format on */

const struct config_table config_policy_balance = CONFIG_TABLE(struct config_policy, balance);
const struct config_table config_policy_deadlines = CONFIG_TABLE(struct config_policy, deadlines);
const struct config_table config_policy_health = CONFIG_TABLE(struct config_policy, health);
const struct config_table config_policy_limits = CONFIG_TABLE(struct config_policy, limits);
const struct config_table config_policy_retries = CONFIG_TABLE(struct config_policy, retries);
