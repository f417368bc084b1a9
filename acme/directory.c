#include "acme/directory.h"
#include "lb/contract/acme_url.h"

#include <jansson.h>
#include <stdio.h>

static bool take_url(const json_t *object, const char *name, bool is_needed, char *out)
{
    const char *url = json_string_value(json_object_get(object, name));
    out[0] = '\0';
    if (!url)
        return !is_needed;
    if (!acme_url_is_safe(view_str(url)))
        return false;
    snprintf(out, EXCHANGE_URL_BYTES, "%s", url);
    return true;
}

static bool take(const json_t *object, struct directory *out)
{
    const json_t *meta = json_object_get(object, "meta");
    const char *terms = json_string_value(json_object_get(meta, "termsOfService"));
    out->needs_binding = json_is_true(json_object_get(meta, "externalAccountRequired"));
    if (terms && acme_url_is_safe(view_str(terms)))
        snprintf(out->terms, sizeof(out->terms), "%s", terms);
    return take_url(object, "newNonce", true, out->new_nonce) &&
           take_url(object, "newAccount", true, out->new_account) &&
           take_url(object, "newOrder", true, out->new_order) &&
           take_url(object, "keyChange", false, out->key_change) &&
           take_url(object, "renewalInfo", false, out->renewal_info);
}

bool directory_read(struct view body, const char *url, struct directory *out,
                    struct trouble *trouble)
{
    json_error_t problem;
    json_t *object = json_loadb(body.ptr, body.len, 0, &problem);
    *out = (struct directory){0};
    exchange_host(url, out->host);
    bool is_good = json_is_object(object) && take(object, out);
    json_decref(object);
    if (!is_good)
        trouble_say(
            trouble, TROUBLE_AWAY,
            "%s: what it answers is no directory of an ACME server with URLs of https; look at "
            "--acme-directory",
            out->host);
    return is_good;
}

bool directory_get(struct exchange *exchange, const char *url, struct directory *out,
                   struct trouble *trouble)
{
    struct exchange_answer answer = {0};
    struct text problem = TEXT_INIT;
    char host[EXCHANGE_FIELD_BYTES];
    exchange_host(url, host);
    bool is_good =
        exchange_run(exchange, &(struct exchange_request){.url = url}, &answer, &problem);
    if (!is_good)
        trouble_say(
            trouble, exchange_is_stopped(exchange) ? TROUBLE_STOPPED : TROUBLE_AWAY,
            "%s cannot be asked: %.300s; look at --acme-directory, --acme-ca and the network", host,
            text_str(&problem));
    else if (answer.status != 200) {
        trouble_read(trouble, answer.status, text_view(&answer.body), host, "its directory");
        trouble->retry_after_s = answer.retry_after_s;
        is_good = false;
    } else {
        is_good = directory_read(text_view(&answer.body), url, out, trouble);
    }
    exchange_answer_fini(&answer);
    text_fini(&problem);
    return is_good;
}
