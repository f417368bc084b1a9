#include "acme/check.h"

#include <openssl/rand.h>
#include <stdio.h>

#include "acme/base64url.h"

#define TIMEOUT_MS 10000u
#define BYTES_MAX  4096u

static bool make_words(struct text *token, struct text *answer)
{
    unsigned char bytes[48];
    if (RAND_bytes(bytes, sizeof(bytes)) != 1)
        return false;
    text_append_str(token, "lb-check-");
    base64url_append(token, view_of((const char *)bytes, 24));
    text_appendf(answer, "%s.", text_str(token)); /* as each answer to a challenge begins */
    base64url_append(answer, view_of((const char *)bytes + 24, 24));
    return true;
}

static bool ask(const struct check_desk *desk, const char *name, const struct text *token,
                const struct text *expected, struct trouble *trouble)
{
    char url[EXCHANGE_URL_BYTES];
    struct exchange_answer answer = {0};
    struct text problem = TEXT_INIT;
    int len = snprintf(url, sizeof(url), "http://%s", name);
    if (desk->port != 80)
        len += snprintf(url + len, sizeof(url) - (size_t)len, ":%u", desk->port);
    snprintf(url + len, sizeof(url) - (size_t)len, "/.well-known/acme-challenge/%s",
             text_str(token));
    struct exchange_request request = {.url = url,
                                       .bytes_max = BYTES_MAX,
                                       .timeout_ms = TIMEOUT_MS,
                                       .follows = true,
                                       .is_unverified = true,
                                       .is_direct = true};
    bool is_there = exchange_run(desk->exchange, &request, &answer, &problem);
    bool is_ours = is_there && answer.status == 200 &&
                   view_starts_with(text_view(&answer.body), text_view(expected));
    if (!is_there)
        trouble_say(trouble,
                    exchange_is_stopped(desk->exchange) ? TROUBLE_STOPPED : TROUBLE_REFUSED,
                    "%s is not asked for: it does not lead here (%.300s); look at its A and AAAA "
                    "records and at port "
                    "%u, or leave out --acme-check",
                    name, text_str(&problem), desk->port);
    else if (!is_ours)
        trouble_say(trouble, TROUBLE_REFUSED,
                    "%s is not asked for: somebody else answers for it (%u); look at its A and "
                    "AAAA records and at what is "
                    "before this lb, or leave out --acme-check",
                    name, answer.status);
    exchange_answer_fini(&answer);
    text_fini(&problem);
    return is_ours;
}

bool check_names(const struct check_desk *desk, const struct names *names, struct trouble *trouble)
{
    struct text token = TEXT_INIT, expected = TEXT_INIT;
    bool is_good = make_words(&token, &expected);
    if (!is_good)
        trouble_say(trouble, TROUBLE_HERE, "no random numbers are to be had here");
    is_good = is_good && challenge_put(desk->challenges, CHALLENGE_HTTP, names->list[0],
                                       text_str(&token), text_view(&expected), trouble);
    bool is_put = is_good;
    if (is_good && desk->spread_ms && !exchange_wait(desk->exchange, desk->spread_ms)) {
        trouble_say(trouble, TROUBLE_STOPPED, "this program was told to end");
        is_good = false;
    }
    for (unsigned i = 0; is_good && i < names->count; i++)
        is_good = ask(desk, names->list[i], &token, &expected, trouble);
    if (is_put)
        challenge_remove(desk->challenges, CHALLENGE_HTTP, names->list[0], text_str(&token));
    text_fini(&token);
    text_fini(&expected);
    return is_good;
}
