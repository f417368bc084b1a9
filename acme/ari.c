#include "acme/ari.h"

#include <stdio.h>
#include <time.h>

#define YEARS_MAX 100

/* RFC 3339, with a fraction that does not count. */
static bool read_time(const char *text, int64_t *out)
{
    struct tm parts = {0};
    int hours = 0, minutes = 0;
    char sign = '+';
    const char *rest = text ? strptime(text, "%Y-%m-%dT%H:%M:%S", &parts) : NULL;
    if (!rest || parts.tm_year < 70 || parts.tm_year > 100 + YEARS_MAX)
        return false;
    if (*rest == '.')
        do {
            rest++;
        } while (*rest >= '0' && *rest <= '9');
    if (*rest != 'Z' && *rest != 'z' && sscanf(rest, "%c%2d:%2d", &sign, &hours, &minutes) != 3)
        return false;
    *out = (int64_t)timegm(&parts) + (sign == '-' ? 1 : -1) * (hours * 3600 + minutes * 60);
    return true;
}

bool ari_read(struct view body, struct ari_window *out)
{
    json_error_t problem;
    json_t *object = body.len > 0 ? json_loadb(body.ptr, body.len, 0, &problem) : NULL;
    const json_t *window = json_object_get(object, "suggestedWindow");
    *out = (struct ari_window){0};
    bool is_good = read_time(json_string_value(json_object_get(window, "start")), &out->start_s) &&
                   read_time(json_string_value(json_object_get(window, "end")), &out->end_s) &&
                   out->start_s <= out->end_s;
    json_decref(object);
    return is_good;
}

static unsigned bounded(unsigned seconds)
{
    if (seconds == 0)
        return ARI_ASK_USUAL_S;
    if (seconds < ARI_ASK_FIRST_S)
        return ARI_ASK_FIRST_S;
    return seconds < ARI_ASK_LAST_S ? seconds : ARI_ASK_LAST_S;
}

bool ari_ask(struct client *client, const char *id, struct ari_window *out, struct trouble *trouble)
{
    char url[EXCHANGE_URL_BYTES + 300];
    struct exchange_answer answer = {0};
    struct text problem = TEXT_INIT;
    const char *host = client->directory.host;
    snprintf(url, sizeof(url), "%s/%s", client->directory.renewal_info, id);
    *out = (struct ari_window){0};
    bool is_good =
        exchange_run(client->exchange, &(struct exchange_request){.url = url}, &answer, &problem);
    unsigned status = answer.status, ask_after_s = bounded(answer.retry_after_s);
    if (!is_good)
        trouble_say(trouble, TROUBLE_AWAY, "%s does not say when to renew: %.300s", host,
                    text_str(&problem));
    else if (status != 200 || !ari_read(text_view(&answer.body), out)) {
        trouble_say(trouble, TROUBLE_AWAY, "%s does not say when to renew: it answers %u", host,
                    status);
        is_good = false;
    }
    out->ask_after_s = ask_after_s;
    exchange_answer_fini(&answer);
    text_fini(&problem);
    return is_good;
}
