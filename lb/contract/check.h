/* How a server is checked: settings that labels (lb.check.path), flags (--check-path) and lines of
 * discovery share, with one grammar for all three. Plain values; zeroed memory gives nothing. */
#ifndef LB_CONTRACT_CHECK_H
#define LB_CONTRACT_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "lb/base/text.h"
#include "lb/base/view.h"

#define CHECK_STATUS_MAX   8
#define CHECK_METHOD_BYTES 16
#define CHECK_STRING_BYTES 256

enum check_mode {
    CHECK_UNSET,
    CHECK_AUTO, /* HTTP where a path is given, what is sent and expected where that is, else off */
    CHECK_OFF,
    CHECK_TCP, /* a connect, and what is to be sent and expected */
    CHECK_HTTP,
    CHECK_HTTPS, /* HTTP over TLS, as the service's requests go; CHECK_HTTP at a port that speaks it */
    CHECK_POSTGRES,
    CHECK_REDIS,
    CHECK_SMTP,
    CHECK_UDP, /* a datagram: that nobody refuses, or what is to be sent and expected */
    CHECK_DNS, /* over UDP */
    CHECK_MODE_COUNT,
};

struct check_range {
    unsigned low, high; /* HTTP status codes, both included */
};

/* What is zero or empty was not given. */
struct check {
    enum check_mode mode;
    unsigned interval_ms;
    unsigned timeout_ms;
    unsigned rise; /* successes in a row that bring an endpoint back */
    unsigned fall; /* failures in a row that take it out */
    unsigned port; /* asked instead of the endpoint's own */
    unsigned status_count;
    struct check_range statuses[CHECK_STATUS_MAX];
    char method[CHECK_METHOD_BYTES];
    char path[CHECK_STRING_BYTES];
    char host[CHECK_STRING_BYTES];   /* the value of Host, instead of the address */
    char header[CHECK_STRING_BYTES]; /* more header fields: "Name: value|Name: value" */
    char text[CHECK_STRING_BYTES];   /* that the body of the answer has to contain */
    char send[CHECK_STRING_BYTES];   /* over TCP or UDP; escaped, see lb/contract/escaped.h */
    char expect[CHECK_STRING_BYTES]; /* what comes back has to contain it; escaped */
};

/* As it is written. Static. */
const char *check_mode_word(enum check_mode mode);

/* The words: mode, path, method, host, port, header, status, text, send, expect, interval, timeout, rise,
 * fall.
 * NULL after the last. Thread: any, as for all of this module. */
const char *check_word_at(unsigned index);

/* What values that word takes ("auto, off, tcp, http …"), NULL for a word that is none. */
const char *check_accepted(struct view word);

/* Sets what `word` names. Borrows. Fails: false, and nothing has changed. */
bool check_set(struct check *check, struct view word, struct view value);

/* Appends the value of `word` as check_set takes it; nothing when it was not given. */
void check_format(const struct check *check, struct view word, struct text *out);

/* Lays what `over` gives over `check`. A path without a mode asks for HTTP, something to send or to expect
 * without either for that. */
void check_merge(struct check *check, const struct check *over);

/* Whether something is to be sent or expected, beyond a connect or an empty datagram. */
static inline bool check_has_exchange(const struct check *check)
{
    return check->send[0] || check->expect[0];
}

/* A time with a unit: ms, s, m or h. Fails: false. */
bool check_parse_time_within(struct view value, unsigned min_ms, unsigned max_ms, unsigned *out_ms);

bool check_takes_status(const struct check *check, unsigned status);

#endif
