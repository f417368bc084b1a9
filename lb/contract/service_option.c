#include "lb/contract/service_option.h"

#include "lb/contract/balance_rule.h"
#include "lb/contract/capacity.h"
#include "lb/contract/file_name.h"
#include "lb/contract/option_grammar.h"
#include "lb/contract/passage_option.h"
#include "lb/contract/preference.h"
#include "lb/contract/sticky_rule.h"
#include "lb/contract/upstream_tls.h"

static bool check_balance(struct view value, struct text *problem)
{
    struct balance_rule rule;
    if (balance_rule_parse(value, &rule))
        return true;
    text_append_str(problem, "is no way to balance");
    return false;
}

static bool check_sticky(struct view value, struct text *problem)
{
    struct sticky_rule rule;
    if (sticky_rule_parse(value, &rule))
        return true;
    text_append_str(problem, "is not what a cookie can have");
    return false;
}

static bool check_prefer(struct view value, struct text *problem)
{
    unsigned preference;
    if (preference_parse(value, &preference))
        return true;
    text_append_str(problem, "is nothing that can be preferred");
    return false;
}

static bool check_queue(struct view value, struct text *problem)
{
    unsigned count;
    if (capacity_parse_queue(value, &count))
        return true;
    text_append_str(problem, "is no such number");
    return false;
}

static bool check_queue_timeout(struct view value, struct text *problem)
{
    unsigned ms;
    if (capacity_parse_queue_timeout(value, &ms))
        return true;
    text_append_str(problem, "is no such time");
    return false;
}

static bool check_proxy(struct view value, struct text *problem)
{
    unsigned version;
    if (passage_option_parse_proxy(value, &version))
        return true;
    text_append_str(problem, "is no version of the PROXY protocol");
    return false;
}

static bool check_drain(struct view value, struct text *problem)
{
    unsigned drain;
    if (passage_option_parse_drain(value, &drain))
        return true;
    text_append_str(problem, "is no way to drain");
    return false;
}

static bool check_tcp_idle(struct view value, struct text *problem)
{
    unsigned ms;
    if (passage_option_parse_tcp_idle(value, &ms))
        return true;
    text_append_str(problem, "is no such time");
    return false;
}

static bool check_udp_idle(struct view value, struct text *problem)
{
    unsigned ms;
    if (passage_option_parse_udp_idle(value, &ms))
        return true;
    text_append_str(problem, "is no such time");
    return false;
}

static bool check_verify(struct view value, struct text *problem)
{
    struct upstream_tls tls;
    if (upstream_tls_set_verify(&tls, value))
        return true;
    text_append_str(problem, "is neither");
    return false;
}

static bool check_pem(struct view value, struct text *problem)
{
    return file_name_check(value, problem);
}

static bool check_server_name(struct view value, struct text *problem)
{
    struct upstream_tls tls;
    if (upstream_tls_set_name(&tls, value))
        return true;
    text_append_str(problem, "is no name that a certificate can have");
    return false;
}

static const struct option_grammar kinds[SERVICE_OPTION_COUNT] = {
    [SERVICE_OPTION_BALANCE] = {"balance", BALANCE_RULE_ACCEPTED, check_balance},
    [SERVICE_OPTION_STICKY] = {"sticky", STICKY_RULE_ACCEPTED, check_sticky},
    [SERVICE_OPTION_PREFER] = {"prefer", PREFERENCE_ACCEPTED, check_prefer},
    [SERVICE_OPTION_QUEUE] = {"queue", CAPACITY_QUEUE_ACCEPTED, check_queue},
    [SERVICE_OPTION_QUEUE_TIMEOUT] = {"queue-timeout", CAPACITY_TIMEOUT_ACCEPTED,
                                      check_queue_timeout},
    [SERVICE_OPTION_PROXY_PROTOCOL] = {"proxy-protocol", PASSAGE_OPTION_PROXY_ACCEPTED,
                                       check_proxy},
    [SERVICE_OPTION_TCP_DRAIN] = {"tcp.drain", PASSAGE_OPTION_DRAIN_ACCEPTED, check_drain},
    [SERVICE_OPTION_TCP_IDLE_TIMEOUT] = {"tcp.idle-timeout", PASSAGE_OPTION_IDLE_ACCEPTED,
                                         check_tcp_idle},
    [SERVICE_OPTION_UDP_IDLE_TIMEOUT] = {"udp.idle-timeout", PASSAGE_OPTION_FLOW_ACCEPTED,
                                         check_udp_idle},
    [SERVICE_OPTION_BACKEND_VERIFY] = {"backend-verify", UPSTREAM_TLS_VERIFY_ACCEPTED,
                                       check_verify},
    [SERVICE_OPTION_BACKEND_CA] = {"backend-ca", UPSTREAM_TLS_FILE_ACCEPTED, check_pem},
    [SERVICE_OPTION_BACKEND_NAME] = {"backend-name", UPSTREAM_TLS_NAME_ACCEPTED, check_server_name},
    [SERVICE_OPTION_BACKEND_CERTIFICATE] = {"backend-certificate", UPSTREAM_TLS_FILE_ACCEPTED,
                                            check_pem},
};

const char *service_option_word(enum service_option_kind kind)
{
    return kinds[kind].word;
}

enum service_option_kind service_option_parse(struct view word)
{
    return (enum service_option_kind)option_grammar_find(kinds, SERVICE_OPTION_COUNT, word);
}

const char *service_option_accepted(enum service_option_kind kind)
{
    return kinds[kind].accepted;
}

bool service_option_is_guard(enum service_option_kind kind)
{
    return kind >= SERVICE_OPTION_BACKEND_VERIFY && kind <= SERVICE_OPTION_BACKEND_CERTIFICATE;
}

bool service_option_check(enum service_option_kind kind, struct view value, struct text *problem)
{
    return option_grammar_check(&kinds[kind], value, SERVICE_OPTION_BYTES_MAX, false, problem);
}
