/* Knows what may be said on every connection while lb serves: reads along on both sides with the
 * parsers and ends the program when lb gives a backend anything but the requests that were asked,
 * or a client anything but the answer to its own request, whole, once and in order. */
#ifndef TESTS_FUZZ_SUPPORT_ORACLE_H
#define TESTS_FUZZ_SUPPORT_ORACLE_H

#include "lb/front/front.h"
#include "tests/sim/pretend_uv.h"

#define ORACLE_CLIENTS_MAX 24u

struct oracle_request {
    struct text method;
    struct text target; /* as the client wrote it */
    struct text path;   /* as a backend gets it */
    struct text body;
    size_t end_at; /* in what the client sent: where a tunnel would begin */
    bool is_complete;
    bool is_http10;
    bool wants_upgrade;
};

struct oracle_backend;

/* One connection of a client. */
struct oracle_client {
    struct pretend_uv_wire *wire;
    struct text sent; /* all that lb has read */
    struct parser asks;
    size_t asks_at; /* in `sent`, parsed up to here */
    bool asks_stopped;
    struct oracle_request *requests;
    unsigned request_count;
    unsigned served_count; /* of them lb has begun to serve */
    unsigned bad_count;    /* refused before there was a request */

    struct parser answers;
    unsigned answer_count; /* final ones, complete */
    struct text body;
    unsigned status;
    bool is_in_answer;
    bool is_own; /* an answer of lb's */
    bool is_last;
    struct oracle_backend *tunnel;
    size_t tunnel_at;
};

/* One connection to a backend. */
struct oracle_backend {
    struct pretend_uv_wire *wire;
    struct oracle_backend *next;
    struct parser asks;
    struct oracle_client *client; /* of the latest request */
    unsigned request_index;
    unsigned request_count;
    size_t body_bytes;

    struct parser answers;
    bool answers_stopped;
    bool must_close; /* it said what nobody asked for */
    unsigned answer_count;
    unsigned status;
    struct text body;
    bool is_tunnel;
    size_t tunnel_at;
    struct text said; /* in the tunnel */
};

/* A complete answer of a backend. */
struct oracle_answer {
    const struct oracle_client *client;
    unsigned request_index;
    unsigned status;
    struct text body;
};

struct oracle {
    struct parser_setup request_setup;  /* as lb's */
    struct parser_setup response_setup; /* as lb's */
    struct parser_setup wide_request_setup;
    struct parser_setup wide_response_setup;
    struct oracle_client clients[ORACLE_CLIENTS_MAX];
    unsigned client_count;
    struct oracle_backend *backends; /* latest first */
    struct oracle_answer *answers;
    unsigned answer_count;
    uint64_t record_count; /* that there should be */
    bool is_blind;         /* whose answer a backend gave cannot be told any more */
};

extern struct oracle oracle;
extern const struct pretend_uv_hooks oracle_hooks;

/* The exchange's handler with the oracle in front; for entrance_accept. */
extern struct front_handler oracle_front_handler;

void oracle_init(const struct parser_limits *requests, const struct parser_limits *responses);
void oracle_fini(void);

/* After each step, once nothing happens any more. */
void oracle_check(void);

/* A client connects. NULL: there have been too many. */
struct oracle_client *oracle_new_client(size_t room);

#endif
