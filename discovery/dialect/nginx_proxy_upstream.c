#include "discovery/dialect/nginx_proxy_upstream.h"

#include <stdlib.h>

#include "discovery/field.h"
#include "lb/base/yes_no.h"

#define LABEL_PREFIX  "com.github.nginx-proxy.nginx-proxy."
#define BALANCE_LABEL LABEL_PREFIX "loadbalance"
#define KEEP_LABEL    LABEL_PREFIX "keepalive"
#define WORDS_MAX     3u

bool nginx_proxy_upstream_knows(struct view label)
{
    return view_eq(label, VIEW(BALANCE_LABEL)) || view_eq(label, VIEW(KEEP_LABEL));
}

/* ---- directives ----------------------------------------------------------------------------- */

/* Words with blanks between; those beyond the last are empty. Gives how many there are. */
static size_t split(struct view text, struct view words[WORDS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < WORDS_MAX; i++)
        words[i] = view_of("", 0);
    while (text.len > 0) {
        struct view word = yes_no_trim(view_cut(&text, ' '));
        if (word.len > 0 && count < WORDS_MAX)
            words[count] = word;
        count += word.len > 0;
    }
    return count;
}

/* $http_x_user is the header x-user. */
static bool append_header_key(struct text *out, struct view key)
{
    text_append_str(out, "hash header ");
    for (size_t i = 0; i < key.len; i++)
        text_append_char(out, (char)(key.ptr[i] == '_' ? '-' : key.ptr[i]));
    return key.len > 0;
}

/* False: lb does not balance by that variable. */
static bool append_key(struct text *out, struct view key)
{
    static const struct view header = {"$http_", 6}, cookie = {"$cookie_", 8};
    static const struct {
        struct view key;
        const char *balance;
    } keys[] = {
        {{"$remote_addr", 12}, "hash client"},
        {{"$binary_remote_addr", 19}, "hash client"},
        {{"$uri", 4}, "hash path"},
        {{"$request_uri", 12}, "hash path"},
    };
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if (view_eq(key, keys[i].key)) {
            text_append_str(out, keys[i].balance);
            return true;
        }
    if (view_starts_with(key, header))
        return append_header_key(out, view_skip(key, header.len));
    text_append_str(out, "hash cookie ");
    text_append(out, view_skip(key, view_starts_with(key, cookie) ? cookie.len : 0));
    return view_starts_with(key, cookie) && key.len > cookie.len;
}

/* One directive, as nginx has it in an upstream. False: it is none that lb can follow. */
static bool append_balance(struct text *out, struct view directive)
{
    struct view words[WORDS_MAX];
    size_t count = split(directive, words);
    bool is_hash = view_eq(words[0], VIEW("hash")) &&
                   (count == 2 || (count == 3 && view_eq(words[2], VIEW("consistent"))));
    bool is_of_two = count == 2 || (count == 3 && view_eq(words[2], VIEW("least_conn")));
    if (is_hash)
        return append_key(out, words[1]);
    if (count == 1 && view_eq(words[0], VIEW("ip_hash")))
        text_append_str(out, "hash client");
    else if (count == 1 && view_eq(words[0], VIEW("random")))
        text_append_str(out, "round-robin");
    else if ((count == 1 && view_eq(words[0], VIEW("least_conn"))) ||
             (is_of_two && view_eq(words[0], VIEW("random")) && view_eq(words[1], VIEW("two"))))
        text_append_str(out, "least-requests");
    return out->len > 0;
}

/* ---- labels --------------------------------------------------------------------------------- */

static void ask_all(struct claims *claims, struct view balance)
{
    for (size_t i = 0; i < claims->server_count; i++) {
        struct claim_wish *wish = claims_find_wish(claims, claims->servers[i].service);
        if (wish)
            claims_ask(claims, wish, SERVICE_OPTION_BALANCE, balance, "");
    }
}

static void read_balance(struct claims *claims, struct view value)
{
    struct text balance = TEXT_INIT;
    struct view rest = value, directive = yes_no_trim(view_cut(&rest, ';'));
    if (yes_no_trim(rest).len > 0 || !append_balance(&balance, directive))
        statement_remark(
            claims, BALANCE_LABEL, value,
            "one of least_conn, ip_hash, random, random two, hash $remote_addr, hash $uri, "
            "hash $http_NAME and hash $cookie_NAME is accepted");
    else
        ask_all(claims, text_view(&balance));
    if (view_eq(directive, VIEW("random")))
        statement_remark(claims, BALANCE_LABEL, value, "servers take turns instead (round-robin)");
    text_fini(&balance);
}

/* How many are kept is lb's to choose; whether any are can be said. */
static void read_keepalive(struct statement *statement, struct view value)
{
    uint64_t count;
    if (view_eq(value, VIEW("disabled"))) {
        statement->has_options = true;
        statement->options.capacity.keepalive = CAPACITY_NO;
    } else if (!view_eq(value, VIEW("auto")) && !view_parse_u64(value, UINT32_MAX, &count)) {
        statement_remark(&statement->claims, KEEP_LABEL, value,
                         "auto, disabled or a number is accepted");
    }
}

void nginx_proxy_upstream_read(const struct statement_source *source, struct statement *statement)
{
    struct view balance = yes_no_trim(view_str(field_str(source->labels, BALANCE_LABEL)));
    struct view keep = yes_no_trim(view_str(field_str(source->labels, KEEP_LABEL)));
    if (balance.len > 0)
        read_balance(&statement->claims, balance);
    if (keep.len > 0)
        read_keepalive(statement, keep);
}
