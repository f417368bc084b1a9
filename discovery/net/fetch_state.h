/* What a loop, its pools and their requests share: of fetch.c and fetch_loop.c only. */
#ifndef DISCOVERY_NET_FETCH_STATE_H
#define DISCOVERY_NET_FETCH_STATE_H

#include <curl/curl.h>

#include "discovery/net/fetch_request.h"
#include "discovery/net/fetch_tls.h"
#include "discovery/net/fetch_token.h"
#include "discovery/net/server_url.h"
#include "lb/base/list.h"
#include "lb/base/text.h"

struct fetch_loop {
    CURLM *multi;
    struct list fetches; /* of all pools, in the order that they were started */
};

struct fetch_pool {
    struct fetch_loop *loop;
    struct server_url server;
    struct fetch_tls tls; /* its strings are borrowed */
    struct fetch_token token;
    struct curl_slist
        *detour; /* from the name that the certificate is for to where the server is */
    struct fetch_failure failure; /* of the request whose on_done is being called */
};

struct fetch {
    struct list node;
    struct fetch_pool *pool; /* NULL once that is closed: it is dead then */
    struct fetch_request request;
    CURL *easy;
    struct curl_slist *headers;
    uint64_t until_ns;                /* a stream's: for its headers; 0: no deadline */
    uint64_t taken_bytes, told_bytes; /* so far, and when it was last looked at */
    size_t header_bytes;
    unsigned late_rounds;
    struct text body; /* of the answer */
    char curl_problem[CURL_ERROR_SIZE];
    const char *problem; /* ours; wins over libcurl's */
    char problem_text[CURL_ERROR_SIZE + 128];
    enum fetch_end end;
    int os_error;
    bool has_headers;
    bool is_opened; /* on_open was called */
    bool is_finished;
    bool is_too_large;
    bool is_dead; /* freed at the end of the turn */
};

#endif
