#include "acme/authorization.h"

#include <stdio.h>
#include <stdlib.h>

#include "acme/jws.h"
#include "lb/base/memory.h"
#include "lb/contract/acme_url.h"

#define WAITED_MAX_MS     (180u * 1000)
#define WAIT_FIRST_MS     500u
#define WAIT_MAX_MS       5000u
#define RETRY_AFTER_MAX_S 30u
#define TOKEN_BYTES       201u

/* One name. */
struct proof {
    char url[EXCHANGE_URL_BYTES], challenge_url[EXCHANGE_URL_BYTES];
    char name[HOST_NAME_BYTES_MAX + 1], token[TOKEN_BYTES];
    bool is_done, is_put;
};

bool authorization_wait(struct authorization_desk *desk, unsigned *waited_ms,
                        unsigned retry_after_s, const char *what, struct trouble *trouble)
{
    unsigned ms = *waited_ms / 2 < WAIT_FIRST_MS ? WAIT_FIRST_MS : *waited_ms / 2;
    if (ms > WAIT_MAX_MS)
        ms = WAIT_MAX_MS;
    if (retry_after_s > 0)
        ms = 1000 * (retry_after_s < RETRY_AFTER_MAX_S ? retry_after_s : RETRY_AFTER_MAX_S);
    if (*waited_ms >= WAITED_MAX_MS) {
        trouble_say(trouble, TROUBLE_AWAY,
                    "%s: %s has not decided within %u s; it is asked again later", what,
                    desk->client->directory.host, WAITED_MAX_MS / 1000);
        return false;
    }
    *waited_ms += ms;
    if (!exchange_wait(desk->client->exchange, ms)) {
        trouble_say(trouble, TROUBLE_STOPPED, "%s: this program was told to end", what);
        return false;
    }
    if (!desk->keep || desk->keep(desk->owner))
        return true;
    trouble_say(trouble, TROUBLE_HERE, "%s: another lb orders now", what);
    return false;
}

/* ---- what the server wants shown --------------------------------------------------------------------------- */

static bool take_challenge(const struct authorization_desk *desk, const json_t *object,
                           struct proof *proof, struct trouble *trouble)
{
    const json_t *list = json_object_get(object, "challenges");
    const char *wanted = challenge_word(desk->kind);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *challenge = json_array_get(list, i);
        const char *type = json_string_value(json_object_get(challenge, "type"));
        const char *url = json_string_value(json_object_get(challenge, "url"));
        const char *token = json_string_value(json_object_get(challenge, "token"));
        if (!type || strcmp(type, wanted) != 0)
            continue;
        if (!url || !acme_url_is_safe(view_str(url)) || !challenge_is_token(token))
            break;
        snprintf(proof->challenge_url, sizeof(proof->challenge_url), "%s", url);
        snprintf(proof->token, sizeof(proof->token), "%s", token);
        return true;
    }
    trouble_say(trouble, TROUBLE_REFUSED,
                "%s: %s does not let %s show that the name is ours; give --acme-challenge another "
                "word",
                proof->name, desk->client->directory.host, wanted);
    return false;
}

static void complain_invalid(const struct authorization_desk *desk, const json_t *object,
                             const struct proof *proof, struct trouble *trouble)
{
    const json_t *list = json_object_get(object, "challenges"), *problem = NULL;
    for (size_t i = 0; i < json_array_size(list) && !problem; i++)
        problem = json_object_get(json_array_get(list, i), "error");
    trouble_read_object(trouble, problem, desk->client->directory.host, proof->name);
}

static bool take_name(const json_t *object, struct proof *proof)
{
    struct host_pattern pattern;
    struct text ignored = TEXT_INIT;
    const char *name =
        json_string_value(json_object_get(json_object_get(object, "identifier"), "value"));
    bool is_good = name && host_name_parse(view_str(name), &pattern, &ignored) &&
                   pattern.form == HOST_EXACT && pattern.text[0] != '[';
    if (is_good)
        snprintf(proof->name, sizeof(proof->name), "%s", pattern.text);
    text_fini(&ignored);
    return is_good;
}

/* One question: is_done, or it is pending; `retry_after_s` as it says. */
static bool ask(struct authorization_desk *desk, struct proof *proof, unsigned *retry_after_s,
                json_t **out, struct trouble *trouble)
{
    struct exchange_answer answer = {0};
    struct client_request request = {.url = proof->url,
                                     .what = proof->name[0] ? proof->name : "an authorization"};
    json_t *object = client_post_json(desk->client, &request, &answer, trouble);
    const char *status = json_string_value(json_object_get(object, "status"));
    *retry_after_s = answer.retry_after_s;
    exchange_answer_fini(&answer);
    if (!object)
        return false;
    bool is_good = status && take_name(object, proof);
    if (!is_good)
        trouble_say(trouble, TROUBLE_AWAY,
                    "an authorization: what %s answers is not ACME; look at "
                    "--acme-directory",
                    desk->client->directory.host);
    proof->is_done = is_good && strcmp(status, "valid") == 0;
    if (is_good && !proof->is_done && strcmp(status, "pending") != 0 &&
        strcmp(status, "processing") != 0) {
        complain_invalid(desk, object, proof, trouble);
        is_good = false;
    }
    *out = object;
    return is_good;
}

static bool begin(struct authorization_desk *desk, struct proof *proof, struct trouble *trouble)
{
    unsigned ignored;
    json_t *object = NULL;
    struct text text = TEXT_INIT;
    bool is_good = ask(desk, proof, &ignored, &object, trouble);
    if (is_good && !proof->is_done) {
        is_good = take_challenge(desk, object, proof, trouble);
        text_appendf(&text, "%s.", proof->token);
        is_good = is_good && jws_append_thumbprint(desk->client->key, &text) &&
                  challenge_put(desk->challenges, desk->kind, proof->name, proof->token,
                                text_view(&text), trouble);
        proof->is_put = proof->token[0] != '\0';
    }
    text_fini(&text);
    json_decref(object);
    return is_good;
}

static bool say_ready(struct authorization_desk *desk, const struct proof *proof,
                      struct trouble *trouble)
{
    struct exchange_answer answer = {0};
    json_t *nothing = json_object();
    struct client_request request = {
        .url = proof->challenge_url, .what = proof->name, .payload = nothing};
    bool is_good = client_post(desk->client, &request, &answer, trouble);
    json_decref(nothing);
    exchange_answer_fini(&answer);
    return is_good;
}

static bool await(struct authorization_desk *desk, struct proof *proof, struct trouble *trouble)
{
    unsigned waited_ms = 0, retry_after_s = 0;
    while (!proof->is_done) {
        json_t *object = NULL;
        bool is_good = authorization_wait(desk, &waited_ms, retry_after_s, proof->name, trouble) &&
                       ask(desk, proof, &retry_after_s, &object, trouble);
        json_decref(object);
        if (!is_good)
            return false;
    }
    return true;
}

/* ---- all of them ------------------------------------------------------------------------------------------- */

static bool run(struct authorization_desk *desk, struct proof *proofs, size_t count,
                struct trouble *trouble)
{
    bool has_put = false;
    for (size_t i = 0; i < count; i++) {
        if (!begin(desk, &proofs[i], trouble))
            return false;
        has_put = has_put || proofs[i].is_put;
    }
    if (has_put && desk->spread_ms && !exchange_wait(desk->client->exchange, desk->spread_ms)) {
        trouble_say(trouble, TROUBLE_STOPPED, "this program was told to end");
        return false;
    }
    for (size_t i = 0; i < count; i++)
        if (!proofs[i].is_done && !say_ready(desk, &proofs[i], trouble))
            return false;
    for (size_t i = 0; i < count; i++)
        if (!await(desk, &proofs[i], trouble))
            return false;
    return true;
}

bool authorization_run(struct authorization_desk *desk, const json_t *urls, struct trouble *trouble)
{
    size_t count = json_array_size(urls);
    struct proof *proofs = memory_new((count ? count : 1) * sizeof(*proofs));
    bool is_good = count > 0 && count <= NAMES_MAX;
    for (size_t i = 0; is_good && i < count; i++) {
        const char *url = json_string_value(json_array_get(urls, i));
        is_good = url && acme_url_is_safe(view_str(url));
        if (is_good)
            snprintf(proofs[i].url, sizeof(proofs[i].url), "%s", url);
    }
    if (!is_good)
        trouble_say(trouble, TROUBLE_AWAY,
                    "an order: what %s answers is not ACME; look at --acme-directory",
                    desk->client->directory.host);
    is_good = is_good && run(desk, proofs, count, trouble);
    for (size_t i = 0; i < count && i < NAMES_MAX; i++)
        if (proofs[i].is_put)
            challenge_remove(desk->challenges, desk->kind, proofs[i].name, proofs[i].token);
    free(proofs);
    return is_good;
}
