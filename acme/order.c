#include "acme/order.h"

#include <stdio.h>

#include "acme/base64url.h"
#include "acme/certificate.h"
#include "lb/contract/acme_url.h"

struct order {
    struct authorization_desk *desk;
    const struct names *names;
    const char *what; /* it is about */
    char url[EXCHANGE_URL_BYTES];
    json_t *object; /* as the server said it last */
};

static bool complain(const struct order *order, struct trouble *trouble)
{
    trouble_say(trouble, TROUBLE_AWAY,
                "%s: what %s answers to an order is not ACME; look at --acme-directory",
                order->what, order->desk->client->directory.host);
    return false;
}

static const char *status_of(const struct order *order)
{
    const char *status = json_string_value(json_object_get(order->object, "status"));
    return status ? status : "";
}

/* Asks for it, or tells it something; its URL where one is given. */
static bool post(struct order *order, const char *url, json_t *payload, unsigned *retry_after_s,
                 struct trouble *trouble)
{
    struct exchange_answer answer = {0};
    struct client_request request = {.url = url, .what = order->what, .payload = payload};
    json_t *object = client_post_json(order->desk->client, &request, &answer, trouble);
    *retry_after_s = answer.retry_after_s;
    if (object && answer.status == 201 && acme_url_is_safe(view_str(answer.location)))
        snprintf(order->url, sizeof(order->url), "%s", answer.location);
    exchange_answer_fini(&answer);
    if (!object)
        return false;
    json_decref(order->object);
    order->object = object;
    return status_of(order)[0] != '\0' || complain(order, trouble);
}

static json_t *make_identifiers(const struct names *names)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < names->count; i++)
        json_array_append_new(list,
                              json_pack("{s:s, s:s}", "type", "dns", "value", names->list[i]));
    return list;
}

static bool make(struct order *order, const char *replaced, struct trouble *trouble)
{
    unsigned ignored;
    json_t *payload = json_pack("{s:o}", "identifiers", make_identifiers(order->names));
    if (replaced[0] && order->desk->client->directory.renewal_info[0])
        json_object_set_new(payload, "replaces", json_string(replaced));
    bool is_good =
        post(order, order->desk->client->directory.new_order, payload, &ignored, trouble);
    if (!is_good && (strcmp(trouble->word, "alreadyReplaced") == 0) &&
        json_object_del(payload, "replaces") == 0)
        is_good = post(order, order->desk->client->directory.new_order, payload, &ignored, trouble);
    json_decref(payload);
    return is_good && (order->url[0] != '\0' || complain(order, trouble));
}

/* Until it is no more what it was. */
static bool await_other(struct order *order, const char *status, unsigned retry_after_s,
                        struct trouble *trouble)
{
    unsigned waited_ms = 0;
    while (strcmp(status_of(order), status) == 0)
        if (!authorization_wait(order->desk, &waited_ms, retry_after_s, order->what, trouble) ||
            !post(order, order->url, NULL, &retry_after_s, trouble))
            return false;
    return true;
}

static bool is_now(const struct order *order, const char *status, struct trouble *trouble)
{
    if (strcmp(status_of(order), status) == 0)
        return true;
    if (strcmp(status_of(order), "invalid") != 0)
        return complain(order, trouble);
    trouble_read_object(trouble, json_object_get(order->object, "error"),
                        order->desk->client->directory.host, order->what);
    return false;
}

static bool show_names(struct order *order, struct trouble *trouble)
{
    unsigned retry_after_s = 0;
    if (strcmp(status_of(order), "pending") == 0 &&
        (!authorization_run(order->desk, json_object_get(order->object, "authorizations"),
                            trouble) ||
         !post(order, order->url, NULL, &retry_after_s, trouble) ||
         !await_other(order, "pending", retry_after_s, trouble)))
        return false;
    return is_now(order, "ready", trouble);
}

static json_t *make_request(EVP_PKEY *key, const struct names *names)
{
    struct text der = TEXT_INIT, encoded = TEXT_INIT;
    json_t *payload = NULL;
    if (certificate_append_request(key, names, &der)) {
        base64url_append(&encoded, text_view(&der));
        payload = json_pack("{s:s}", "csr", text_str(&encoded));
    }
    text_fini(&der);
    text_fini(&encoded);
    return payload;
}

static bool finalize(struct order *order, EVP_PKEY *key, struct trouble *trouble)
{
    unsigned retry_after_s = 0;
    const char *found = json_string_value(json_object_get(order->object, "finalize"));
    char url[EXCHANGE_URL_BYTES];
    if (!found || !acme_url_is_safe(view_str(found)))
        return complain(order, trouble);
    snprintf(url, sizeof(url), "%s", found);
    json_t *payload = make_request(key, order->names);
    if (!payload)
        trouble_say(trouble, TROUBLE_HERE, "%s: no request for a certificate can be made here",
                    order->what);
    bool is_good = payload && post(order, url, payload, &retry_after_s, trouble) &&
                   await_other(order, "processing", retry_after_s, trouble);
    json_decref(payload);
    return is_good && is_now(order, "valid", trouble);
}

static bool fetch(struct order *order, struct text *chain, struct trouble *trouble)
{
    struct exchange_answer answer = {0};
    const char *url = json_string_value(json_object_get(order->object, "certificate"));
    struct client_request request = {
        .url = url, .what = order->what, .accept = "application/pem-certificate-chain"};
    if (!url || !acme_url_is_safe(view_str(url)))
        return complain(order, trouble);
    bool is_good = client_post(order->desk->client, &request, &answer, trouble);
    if (is_good)
        text_append(chain, text_view(&answer.body));
    exchange_answer_fini(&answer);
    return is_good;
}

static bool make_key(enum private_key_kind kind, EVP_PKEY **key, struct text *out, const char *what,
                     struct trouble *trouble)
{
    *key = private_key_make(kind);
    if (*key && private_key_append(*key, out))
        return true;
    trouble_say(trouble, TROUBLE_HERE, "%s: no key can be made here", what);
    return false;
}

bool order_run(struct authorization_desk *desk, const struct names *names,
               enum private_key_kind key_kind, const char *replaced, struct order_result *result,
               struct trouble *trouble)
{
    EVP_PKEY *key = NULL;
    struct order order = {.desk = desk, .names = names, .what = names->list[0]};
    *result = (struct order_result){0};
    bool is_good = make_key(key_kind, &key, &result->key, order.what, trouble) &&
                   make(&order, replaced, trouble) && show_names(&order, trouble) &&
                   finalize(&order, key, trouble) && fetch(&order, &result->chain, trouble);
    json_decref(order.object);
    EVP_PKEY_free(key);
    return is_good;
}

void order_result_fini(struct order_result *result)
{
    private_key_forget(&result->key);
    text_fini(&result->chain);
}
