#include "lb/proxy/securing.h"

#include <stdio.h>

#include "lb/contract/host_name.h"
#include "lb/proxy/certificate_choice.h"
#include "lb/proxy/redirecting.h"
#include "lb/proxy/telling.h"
#include "lb/tls/tls_session.h"

static struct https_rule rule_of(const struct exchange *exchange, const struct treatment *treatment)
{
    return https_rule_over(treatment ? &treatment->https : NULL, &exchange->env->options.https);
}

/* ---- by http --------------------------------------------------------------------------------- */

/* By https it would be served. */
static bool has_https(const struct exchange *exchange, const struct https_rule *rule)
{
    const struct env *env = exchange->env;
    char room[HOST_NAME_BYTES_MAX];
    return env->tls_server &&
           certificate_choice_own(env, rule, host_name_of(exchange->forwarded.host, room));
}

static enum err admit_plain(struct exchange *exchange, const struct https_rule *rule)
{
    bool refuses = rule->method == HTTPS_NOHTTP;
    if (!refuses && rule->method != HTTPS_REDIRECT)
        return ERR_OK;
    if (condition_is_secure(exchange->forwarded.scheme)) /* so a trusted proxy says */
        return ERR_OK;
    if (!rule->refuses_missing && !has_https(exchange, rule))
        return ERR_OK;
    if (refuses)
        return ERR_OTHER_SCHEME;
    return exchange_is(exchange, EXCHANGE_NAMES_NO_HOST) ? ERR_OK
                                                         : redirecting_to_https(exchange, rule);
}

/* ---- by https -------------------------------------------------------------------------------- */

/* Who was shown to the client for another name, or asked it for another certificate, does not speak for
 * this host (RFC 9110 § 15.5.20). */
static bool is_misdirected(struct env *env, const struct tls_session *session, struct view host)
{
    const struct tls_session_facts *facts = tls_session_facts(session);
    if (view_eq(facts->server_name, host))
        return false;
    if (!tls_session_is_judged_by(session, certificate_choice_find(env, host).client_ca))
        return true;
    return facts->server_name.len > 0 && !tls_session_covers(session, host);
}

static enum err check_client(enum tls_client_verdict client, enum https_client wanted)
{
    bool takes_any = wanted == HTTPS_CLIENT_OFF || wanted == HTTPS_CLIENT_OPTIONAL_NO_CA;
    if (client == TLS_CLIENT_VALID || takes_any)
        return ERR_OK;
    if (client == TLS_CLIENT_INVALID)
        return ERR_BAD_CERTIFICATE;
    if (client == TLS_CLIENT_NOT_ASKED) /* on, and no CA is there: nobody can have one */
        return wanted == HTTPS_CLIENT_ON ? ERR_NO_CERTIFICATE : ERR_OK;
    return wanted == HTTPS_CLIENT_OPTIONAL ? ERR_OK : ERR_NO_CERTIFICATE;
}

static enum err admit_secure(struct exchange *exchange, const struct https_rule *rule)
{
    struct env *env = exchange->env;
    const struct tls_session *session = exchange->front->tls;
    char room[HOST_NAME_BYTES_MAX];
    bool names_host = !exchange_is(exchange, EXCHANGE_NAMES_NO_HOST);
    struct view host = host_name_of(exchange->forwarded.host, room);
    if (names_host && is_misdirected(env, session, host))
        return ERR_MISDIRECTED;
    if (rule->method == HTTPS_NOHTTPS)
        return ERR_OTHER_SCHEME;
    bool is_choosy = rule->certificate.len > 0 || rule->distrusts_default;
    if (is_choosy && !certificate_choice_own(env, rule, host))
        return ERR_OTHER_SCHEME;
    return check_client(tls_session_facts(session)->client, rule->client);
}

enum err securing_admit(struct exchange *exchange, const struct treatment *treatment)
{
    struct https_rule rule = rule_of(exchange, treatment);
    exchange->attempt.treatment = treatment;
    return exchange->front->tls ? admit_secure(exchange, &rule) : admit_plain(exchange, &rule);
}

/* ---- HSTS ------------------------------------------------------------------------------------ */

/* Empty: none. Not where http is served beside it (N71), unless a route says both. */
static struct view hsts_of(const struct exchange *exchange)
{
    const struct treatment *treatment = exchange_treatment(exchange);
    if (!exchange->front->tls)
        return VIEW("");
    struct https_rule rule = rule_of(exchange, treatment);
    bool is_meant =
        treatment && treatment->https.method == HTTPS_NOREDIRECT && treatment->https.hsts.ptr;
    bool is_strict = rule.method == HTTPS_REDIRECT || rule.method == HTTPS_NOHTTP || is_meant;
    return is_strict && rule.hsts.ptr ? rule.hsts : VIEW("");
}

#define HSTS VIEW("Strict-Transport-Security")

void securing_edit_answer(const struct exchange *exchange)
{
    const struct view name = HSTS, value = hsts_of(exchange);
    char line[HTTPS_RULE_HSTS_BYTES_MAX + 32];
    if (value.len == 0)
        return;
    snprintf(line, sizeof(line), "%s: %.*s\r\n", name.ptr, (int)value.len, value.ptr);
    front_edit_head(
        exchange->front,
        &(struct head_edit){.cut_names = &name, .cut_count = 1, .lines = view_str(line)});
}

/* Not where this is no host of ours, or not here. */
void securing_tell(struct exchange *exchange, enum err err)
{
    struct view value = hsts_of(exchange);
    if (value.len > 0 && err != ERR_MISDIRECTED && err != ERR_OTHER_SCHEME && err != ERR_NO_ROUTE)
        telling_add(exchange, HSTS, value);
}
