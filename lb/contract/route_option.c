#include "lb/contract/route_option.h"

#include "lb/contract/auth.h"
#include "lb/contract/file_name.h"
#include "lb/contract/header_edit.h"
#include "lb/contract/htpasswd.h"
#include "lb/contract/https_rule.h"
#include "lb/contract/mirror_rule.h"
#include "lb/contract/option_grammar.h"
#include "lb/contract/path_swap.h"
#include "lb/contract/ranges.h"
#include "lb/contract/rate.h"
#include "lb/contract/redirect.h"
#include "lb/contract/size.h"
#include "lb/contract/waits.h"

static bool check_mirror(struct view value, struct text *problem)
{
    struct mirror_rule ignored;
    return mirror_rule_parse(value, &ignored, problem);
}

static bool check_ranges(struct view value, struct text *problem)
{
    return ranges_count(value, problem) > 0;
}

static bool check_redirect(struct view value, struct text *problem)
{
    struct redirect ignored;
    return redirect_parse(value, &ignored, problem);
}

static bool check_size(struct view value, struct text *problem)
{
    uint64_t ignored_bytes;
    bool is_good = size_parse(value, &ignored_bytes);
    text_append_str(problem, is_good ? "" : "is no size");
    return is_good;
}

static bool check_path_swap(struct view value, struct text *problem)
{
    struct path_swap ignored;
    return path_swap_parse(value, &ignored, problem);
}

static bool check_request_headers(struct view value, struct text *problem)
{
    return header_edit_check(value, HEADER_EDIT_OF_REQUEST, problem);
}

static bool check_response_headers(struct view value, struct text *problem)
{
    return header_edit_check(value, HEADER_EDIT_OF_RESPONSE, problem);
}

static bool check_wait(struct view value, struct text *problem)
{
    unsigned ignored_ms;
    bool is_good = waits_parse(value, &ignored_ms);
    text_append_str(problem, is_good ? "" : "is no time");
    return is_good;
}

static bool check_retries(struct view value, struct text *problem)
{
    uint64_t ignored_count;
    bool is_good = view_parse_u64(value, ROUTE_OPTION_RETRIES_MAX, &ignored_count);
    text_append_str(problem, is_good ? "" : "is no such number");
    return is_good;
}

static bool check_switch(struct view value, struct text *problem)
{
    bool is_good = view_eq(value, VIEW("on")) || view_eq(value, VIEW("off"));
    text_append_str(problem, is_good ? "" : "is neither");
    return is_good;
}

/* Words of https are checked by who reads them. */
#define CHECK_HTTPS(name, take)                                                                    \
    static bool name(struct view value, struct text *problem)                                      \
    {                                                                                              \
        struct https_rule ignored = {0};                                                           \
        return take(value, &ignored, problem);                                                     \
    }
CHECK_HTTPS(check_method, https_rule_take_method)
CHECK_HTTPS(check_status, https_rule_take_status)
CHECK_HTTPS(check_port, https_rule_take_port)
CHECK_HTTPS(check_hsts, https_rule_take_hsts)
CHECK_HTTPS(check_certificate, https_rule_take_certificate)
CHECK_HTTPS(check_default, https_rule_take_default)
CHECK_HTTPS(check_missing, https_rule_take_missing)
CHECK_HTTPS(check_client, https_rule_take_client)

static const struct option_grammar kinds[ROUTE_OPTION_COUNT] = {
    [ROUTE_OPTION_ALLOW] = {"allow", "ranges of addresses such as 10.0.0.0/8, fd00::/8",
                            check_ranges},
    [ROUTE_OPTION_DENY] = {"deny", "ranges of addresses such as 10.0.0.0/8, fd00::/8",
                           check_ranges},
    [ROUTE_OPTION_RATE] = {"rate", "a rate such as 100/s, or 10/m burst 20", rate_check},
    [ROUTE_OPTION_REDIRECT] = {"redirect",
                               "https, https://a.test or ~REGEX REPLACEMENT, and 301, 302, 307 or "
                               "308 before it",
                               check_redirect},
    [ROUTE_OPTION_AUTH] = {"auth", "user:hash as htpasswd writes them, with commas between them",
                           htpasswd_check},
    [ROUTE_OPTION_AUTH_FILE] = {"auth-file", "the name of a file in --htpasswd-dir",
                                auth_check_files},
    [ROUTE_OPTION_AUTH_REALM] = {"auth-realm", "a text without quotes", auth_check_realm},
    [ROUTE_OPTION_AUTH_HEADER] = {"auth-header", "the name of a header field", auth_check_header},
    [ROUTE_OPTION_AUTH_KEEP] = {"auth-keep", "true or false", auth_check_keep},
    [ROUTE_OPTION_MAX_BODY] = {"max-body", "off, or a size such as 10m", check_size},
    [ROUTE_OPTION_REPLACE_PATH] = {"replace-path", "a path, or ~REGEX REPLACEMENT",
                                   check_path_swap},
    [ROUTE_OPTION_REQUEST_HEADERS] = {"request-headers", "set X-A: v | add X-B: w | remove X-C",
                                      check_request_headers},
    [ROUTE_OPTION_RESPONSE_HEADERS] = {"response-headers", "set X-A: v | add X-B: w | remove X-C",
                                       check_response_headers},
    [ROUTE_OPTION_RESPONSE_TIMEOUT] = {"response-timeout",
                                       "off, or a time up to 24h, for example 90s", check_wait},
    [ROUTE_OPTION_BODY_TIMEOUT] = {"body-timeout", "off, or a time up to 24h, for example 90s",
                                   check_wait},
    [ROUTE_OPTION_STREAM_TIMEOUT] = {"stream-timeout", "off, or a time up to 24h, for example 90s",
                                     check_wait},
    [ROUTE_OPTION_RETRIES] = {"retries", "a number from 0 to 7", check_retries},
    [ROUTE_OPTION_ACCESS_LOG] = {"access-log", "on or off", check_switch},
    [ROUTE_OPTION_ERROR_PAGES] = {"error-pages", "the name of a folder in --error-pages-dir",
                                  file_name_check},
    [ROUTE_OPTION_MIRROR] = {"mirror", "a service and a share, such as shop-next 10%",
                             check_mirror},
    [ROUTE_OPTION_HTTPS] = {"https", "redirect, noredirect, nohttp or nohttps", check_method},
    [ROUTE_OPTION_HTTPS_STATUS] = {"https-status",
                                   "301, 302, 307 or 308, and another one behind it for what is "
                                   "not GET or HEAD,",
                                   check_status},
    [ROUTE_OPTION_HTTPS_PORT] = {"https-port", "a port such as 443", check_port},
    [ROUTE_OPTION_HSTS] = {"hsts", "off, or a value such as max-age=31536000", check_hsts},
    [ROUTE_OPTION_CERTIFICATE] = {"certificate",
                                  "the name of a certificate in --certificates, such as a.test",
                                  check_certificate},
    [ROUTE_OPTION_DEFAULT_CERTIFICATE] = {"default-certificate", "yes or no", check_default},
    [ROUTE_OPTION_MISSING_CERTIFICATE] = {"missing-certificate", "serve or refuse", check_missing},
    [ROUTE_OPTION_CLIENT_CERTIFICATE] = {"client-certificate",
                                         "on, optional, optional_no_ca or off", check_client},
};

const char *route_option_word(enum route_option_kind kind)
{
    return kinds[kind].word;
}

enum route_option_kind route_option_parse(struct view word)
{
    return (enum route_option_kind)option_grammar_find(kinds, ROUTE_OPTION_COUNT, word);
}

const char *route_option_accepted(enum route_option_kind kind)
{
    return kinds[kind].accepted;
}

bool route_option_is_secret(enum route_option_kind kind)
{
    return kind == ROUTE_OPTION_AUTH;
}

bool route_option_check(const struct route_option *option, struct text *problem)
{
    return option_grammar_check(&kinds[option->kind], option->value, ROUTE_OPTION_BYTES_MAX,
                                route_option_is_secret(option->kind), problem);
}

struct view route_option_find(const struct route_option *options, unsigned count,
                              enum route_option_kind kind)
{
    for (unsigned i = 0; i < count; i++)
        if (options[i].kind == kind)
            return options[i].value;
    return view_of(NULL, 0);
}

void route_option_append_all(const struct route_option *options, unsigned count, struct text *out)
{
    for (unsigned i = 0; i < count; i++) {
        text_append_str(out, i > 0 ? ", " : "");
        text_append_str(out, kinds[options[i].kind].word);
        if (route_option_is_secret(options[i].kind))
            continue;
        text_append_char(out, ' ');
        text_append(out, options[i].value);
    }
}
