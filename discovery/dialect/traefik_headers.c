#include "discovery/dialect/traefik_headers.h"

#include "lb/base/yes_no.h"

#define PREFIX          "headers."
#define CUSTOM_REQUEST  PREFIX "customrequestheaders."
#define CUSTOM_RESPONSE PREFIX "customresponseheaders."
#define ALLOW_ORIGIN    PREFIX "accesscontrolalloworiginlist"
#define STS_SECONDS     PREFIX "stsseconds"
#define STS_SECONDS_MAX UINT64_C(9223372036854775807) /* as Go's int64 */
#define PREFLIGHT_SENTENCE                                                                         \
    "the middleware %s: preflight requests (OPTIONS) are answered by the backend, with the "       \
    "fields "                                                                                      \
    "that are set for them"

struct reading {
    struct traefik_treatment *treatment;
    const struct traefik_item *item;
    struct text edits[2]; /* of requests, of answers; " | " between them */
};

enum side { REQUESTS, ANSWERS };

static const char *get(const struct reading *reading, const char *word)
{
    return traefik_item_get(reading->item, word);
}

static bool is_on(const struct reading *reading, const char *word)
{
    return yes_no_read(view_str(get(reading, word))) == YES_NO_YES;
}

/* ---- edits ---------------------------------------------------------------------------------- */

/* X-Real-Ip: labels have names in small letters here. */
static void append_name(struct text *out, struct view name)
{
    for (size_t i = 0; i < name.len; i++) {
        bool is_first = i == 0 || name.ptr[i - 1] == '-';
        bool is_small = name.ptr[i] >= 'a' && name.ptr[i] <= 'z';
        text_append_char(out, (char)(name.ptr[i] - (is_first && is_small ? 'a' - 'A' : 0)));
    }
}

/* Without a value it is removed. What separates edits cannot be in one. */
static void edit(struct reading *reading, enum side side, struct view name, struct view value)
{
    struct text *edits = &reading->edits[side];
    if (view_find(value, '|') >= 0 || view_find(name, '|') >= 0)
        traefik_treatment_refuse(reading->treatment, CLAIMS_DENIED_STATUS,
                                 "the middleware %s: a header field with a | in it is not "
                                 "supported",
                                 reading->item->name);
    text_append_str(edits, edits->len > 0 ? " | " : "");
    text_append_str(edits, value.len > 0 ? "set " : "remove ");
    append_name(edits, name);
    if (value.len == 0)
        return;
    text_append_str(edits, ": ");
    text_append(edits, value);
}

static void set_answer(struct reading *reading, const char *name, const char *value)
{
    if (value[0] != '\0')
        edit(reading, ANSWERS, view_str(name), view_str(value));
}

static void read_custom(struct reading *reading, enum side side, const char *prefix)
{
    for (size_t i = 0; i < reading->item->count; i++) {
        struct view word = view_str(reading->item->options[i].word);
        if (view_starts_with(word, view_str(prefix)))
            edit(reading, side, view_skip(word, strlen(prefix)),
                 view_str(reading->item->options[i].value));
    }
}

/* ---- browsers ------------------------------------------------------------------------------- */

/* A browser takes it by TLS alone, and Traefik sends it by nothing else unless it is forced to. */
static void read_transport_security(struct reading *reading)
{
    struct text value = TEXT_INIT;
    uint64_t seconds = 0;
    if (!view_parse_u64(view_str(get(reading, STS_SECONDS)), STS_SECONDS_MAX, &seconds) ||
        seconds == 0)
        return;
    text_appendf(&value, "max-age=%s%s%s", get(reading, STS_SECONDS),
                 is_on(reading, PREFIX "stsincludesubdomains") ? "; includeSubDomains" : "",
                 is_on(reading, PREFIX "stspreload") ? "; preload" : "");
    if (is_on(reading, PREFIX "forcestsheader"))
        set_answer(reading, "Strict-Transport-Security", text_str(&value));
    else
        traefik_treatment_ask(reading->treatment, reading->item, ROUTE_OPTION_HSTS,
                              text_view(&value));
    text_fini(&value);
}

/* The value, where there is none what stands for "true". */
static void read_switch(struct reading *reading, const char *word, const char *custom,
                        const char *name, const char *value)
{
    if (get(reading, custom)[0] != '\0')
        set_answer(reading, name, get(reading, custom));
    else if (is_on(reading, word))
        set_answer(reading, name, value);
}

static void read_safety(struct reading *reading)
{
    read_transport_security(reading);
    read_switch(reading, PREFIX "framedeny", PREFIX "customframeoptionsvalue", "X-Frame-Options",
                "DENY");
    read_switch(reading, PREFIX "contenttypenosniff", "", "X-Content-Type-Options", "nosniff");
    read_switch(reading, PREFIX "browserxssfilter", PREFIX "custombrowserxssvalue",
                "X-XSS-Protection", "1; mode=block");
    set_answer(reading, "Content-Security-Policy", get(reading, PREFIX "contentsecuritypolicy"));
    set_answer(reading, "Content-Security-Policy-Report-Only",
               get(reading, PREFIX "contentsecuritypolicyreportonly"));
    set_answer(reading, "Referrer-Policy", get(reading, PREFIX "referrerpolicy"));
    set_answer(reading, "Permissions-Policy", get(reading, PREFIX "permissionspolicy"));
}

/* ---- other sites (CORS) --------------------------------------------------------------------- */

static void set_list(struct reading *reading, const char *name, const char *word)
{
    struct view items[TRAEFIK_LIST_MAX];
    size_t count = traefik_item_list(reading->item, word, items);
    struct text value = TEXT_INIT;
    for (size_t i = 0; i < count; i++)
        text_appendf(&value, "%s%.*s", i == 0 ? "" : ",", (int)items[i].len, items[i].ptr);
    set_answer(reading, name, text_str(&value));
    text_fini(&value);
}

static void read_preflight(struct reading *reading)
{
    size_t len = reading->edits[ANSWERS].len;
    set_list(reading, "Access-Control-Allow-Headers", PREFIX "accesscontrolallowheaders");
    set_list(reading, "Access-Control-Allow-Methods", PREFIX "accesscontrolallowmethods");
    set_answer(reading, "Access-Control-Max-Age", get(reading, PREFIX "accesscontrolmaxage"));
    if (reading->edits[ANSWERS].len > len)
        claims_remark(reading->treatment->claims, PREFLIGHT_SENTENCE, reading->item->name);
}

/* One origin is a constant; which of several has asked, lb does not look at. */
static void read_other_sites(struct reading *reading)
{
    struct view origins[TRAEFIK_LIST_MAX];
    size_t count = traefik_item_list(reading->item, ALLOW_ORIGIN, origins);
    if (count > 1 || traefik_item_has(reading->item, ALLOW_ORIGIN "regex"))
        claims_remark(reading->treatment->claims,
                      "the middleware %s: other sites are not let in: one origin in "
                      "accesscontrolalloworiginlist, or *, is supported",
                      reading->item->name);
    else if (count == 1) {
        edit(reading, ANSWERS, VIEW("Access-Control-Allow-Origin"), origins[0]);
        if (is_on(reading, PREFIX "accesscontrolallowcredentials"))
            set_answer(reading, "Access-Control-Allow-Credentials", "true");
        set_list(reading, "Access-Control-Expose-Headers", PREFIX "accesscontrolexposeheaders");
        read_preflight(reading);
    }
}

/* ---- all of it ------------------------------------------------------------------------------ */

static void join(struct reading *reading, enum side side, enum route_option_kind kind)
{
    struct text all = TEXT_INIT;
    text_append(&all, reading->treatment->wishes.values[kind]);
    if (all.len > 0 && reading->edits[side].len > 0)
        text_append_str(&all, " | ");
    text_append(&all, text_view(&reading->edits[side]));
    if (reading->edits[side].len > 0)
        traefik_treatment_ask(reading->treatment, reading->item, kind, text_view(&all));
    text_fini(&all);
    text_fini(&reading->edits[side]);
}

void traefik_headers_read(struct traefik_treatment *treatment, const struct traefik_item *item)
{
    static const char *const known[] = {CUSTOM_REQUEST,
                                        CUSTOM_RESPONSE,
                                        PREFIX "accesscontrol",
                                        PREFIX "sts",
                                        PREFIX "forcestsheader",
                                        PREFIX "framedeny",
                                        PREFIX "customframeoptionsvalue",
                                        PREFIX "contenttypenosniff",
                                        PREFIX "browserxssfilter",
                                        PREFIX "custombrowserxssvalue",
                                        PREFIX "contentsecuritypolicy",
                                        PREFIX "referrerpolicy",
                                        PREFIX "permissionspolicy",
                                        PREFIX "allowedhosts",
                                        NULL};
    struct reading reading = {.treatment = treatment, .item = item};
    if (traefik_item_has(item, PREFIX "allowedhosts"))
        traefik_treatment_refuse(treatment, CLAIMS_DENIED_STATUS,
                                 "the middleware %s: allowedhosts is not supported, and nothing is "
                                 "served without it",
                                 item->name);
    traefik_treatment_tell_others(treatment, item, known);
    read_safety(&reading);
    read_other_sites(&reading);
    read_custom(&reading, REQUESTS, CUSTOM_REQUEST);
    read_custom(&reading, ANSWERS, CUSTOM_RESPONSE);
    join(&reading, REQUESTS, ROUTE_OPTION_REQUEST_HEADERS);
    join(&reading, ANSWERS, ROUTE_OPTION_RESPONSE_HEADERS);
}
