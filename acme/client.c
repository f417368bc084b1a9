#include "acme/client.h"

#include <stdio.h>
#include <stdlib.h>

#include "acme/jws.h"
#include "lb/contract/acme_url.h"

static enum trouble_kind kind_of_silence(const struct client *client)
{
    return exchange_is_stopped(client->exchange) ? TROUBLE_STOPPED : TROUBLE_AWAY;
}

static bool complain_silence(const struct client *client, const char *what,
                             const struct text *problem, struct trouble *trouble)
{
    trouble_say(trouble, kind_of_silence(client),
                "%s: %s cannot be asked: %.300s; look at the network, it is asked again later",
                what, client->directory.host, text_str(problem));
    return false;
}

/* ---- nonces ---------------------------------------------------------------------------------------------- */

static bool is_nonce(const char *nonce)
{
    for (const char *c = nonce; *c; c++)
        if (!((*c >= '0' && *c <= '9') ||
              (view_lower_char(*c) >= 'a' && view_lower_char(*c) <= 'z') || *c == '-' || *c == '_'))
            return false;
    return nonce[0] != '\0';
}

static void keep_nonce(struct client *client, const struct exchange_answer *answer)
{
    client->nonce[0] = '\0';
    if (is_nonce(answer->nonce))
        memcpy(client->nonce, answer->nonce, sizeof(client->nonce));
}

static bool get_nonce(struct client *client, const char *what, struct trouble *trouble)
{
    struct exchange_request request = {.method = "HEAD", .url = client->directory.new_nonce};
    struct exchange_answer answer = {0};
    struct text problem = TEXT_INIT;
    if (client->nonce[0])
        return true;
    bool is_good = exchange_run(client->exchange, &request, &answer, &problem);
    if (!is_good)
        complain_silence(client, what, &problem, trouble);
    else
        keep_nonce(client, &answer);
    if (is_good && !client->nonce[0]) {
        trouble_say(trouble, answer.status == 429 ? TROUBLE_LIMITED : TROUBLE_AWAY,
                    "%s: %s gives no nonce, but %u; it is asked again later", what,
                    client->directory.host, answer.status);
        trouble->retry_after_s = answer.retry_after_s;
    }
    exchange_answer_fini(&answer);
    text_fini(&problem);
    return client->nonce[0] != '\0';
}

/* ---- what is signed ---------------------------------------------------------------------------------------- */

/* Its texts are known to be printable and without quotes. */
static bool append_head(EVP_PKEY *key, const char *kid, const char *nonce, const char *url,
                        struct text *out)
{
    bool is_good = true;
    text_appendf(out, "{\"alg\":\"%s\",", jws_algorithm(key) ? jws_algorithm(key) : "");
    if (kid[0]) {
        text_appendf(out, "\"kid\":\"%s\",", kid);
    } else {
        text_append_str(out, "\"jwk\":");
        is_good = jws_append_key(key, out);
        text_append_char(out, ',');
    }
    if (nonce)
        text_appendf(out, "\"nonce\":\"%s\",", nonce);
    text_appendf(out, "\"url\":\"%s\"}", url);
    return is_good;
}

static bool append_signed(EVP_PKEY *key, const char *kid, const char *nonce, const char *url,
                          const json_t *payload, struct text *out)
{
    struct text head = TEXT_INIT;
    char *bytes = payload ? json_dumps(payload, JSON_COMPACT) : NULL;
    bool is_good = (!payload || bytes) && append_head(key, kid, nonce, url, &head) &&
                   jws_sign(key, text_view(&head), view_str(bytes), out);
    free(bytes);
    text_fini(&head);
    return is_good;
}

bool client_append_inner(EVP_PKEY *key, const char *url, const json_t *payload, struct text *out)
{
    return append_signed(key, "", NULL, url, payload, out);
}

/* ---- requests ------------------------------------------------------------------------------------------------ */

static bool send_once(struct client *client, const struct client_request *request,
                      struct exchange_answer *answer, struct trouble *trouble)
{
    struct text body = TEXT_INIT, problem = TEXT_INIT;
    EVP_PKEY *key = request->key ? request->key : client->key;
    bool is_good = get_nonce(client, request->what, trouble);
    if (is_good && !append_signed(key, request->key ? "" : client->kid, client->nonce, request->url,
                                  request->payload, &body)) {
        trouble_say(trouble, TROUBLE_HERE, "%s: the account's key cannot sign; look at its file",
                    request->what);
        is_good = false;
    }
    client->nonce[0] = '\0';
    if (is_good) {
        struct exchange_request sent = {.method = "POST",
                                        .url = request->url,
                                        .body = text_view(&body),
                                        .content_type = "application/jose+json",
                                        .accept = request->accept};
        is_good = exchange_run(client->exchange, &sent, answer, &problem);
        if (is_good)
            keep_nonce(client, answer);
        else
            complain_silence(client, request->what, &problem, trouble);
    }
    text_fini(&body);
    text_fini(&problem);
    return is_good;
}

bool client_post(struct client *client, const struct client_request *request,
                 struct exchange_answer *answer, struct trouble *trouble)
{
    if (!acme_url_is_safe(view_str(request->url))) {
        trouble_say(trouble, TROUBLE_AWAY,
                    "%s: %s gives a URL that is no https; it is asked again later", request->what,
                    client->directory.host);
        return false;
    }
    for (unsigned tries = 0; tries < CLIENT_TRIES_MAX; tries++) {
        if (!send_once(client, request, answer, trouble))
            return false;
        if (answer->status < 400)
            return true;
        trouble_read(trouble, answer->status, text_view(&answer->body), client->directory.host,
                     request->what);
        trouble->retry_after_s = answer->retry_after_s;
        if (strcmp(trouble->word, "badNonce") != 0)
            return false;
    }
    trouble->kind = TROUBLE_AWAY;
    return false;
}

json_t *client_post_json(struct client *client, const struct client_request *request,
                         struct exchange_answer *answer, struct trouble *trouble)
{
    json_error_t problem;
    if (!client_post(client, request, answer, trouble))
        return NULL;
    json_t *object =
        json_loadb(answer->body.bytes ? answer->body.bytes : "", answer->body.len, 0, &problem);
    if (json_is_object(object))
        return object;
    json_decref(object);
    trouble_say(trouble, TROUBLE_AWAY, "%s: what %s answers is not ACME; look at --acme-directory",
                request->what, client->directory.host);
    return NULL;
}
