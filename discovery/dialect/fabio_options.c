#include "discovery/dialect/fabio_options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "discovery/clean.h"
#include "lb/base/cidr.h"
#include "lb/base/yes_no.h"

#define SHOWN_BYTES 80

void fabio_options_remark(const struct fabio_wishes *wishes, const char *what)
{
    char *shown = clean_copy(wishes->tag, SHOWN_BYTES);
    claims_remark(wishes->claims, "the tag \"%s\": %s", shown, what);
    free(shown);
}

static void refuse(struct fabio_wishes *wishes, const char *what)
{
    if (!wishes->refused)
        wishes->refused = what;
    fabio_options_remark(wishes, what);
}

static void ask(struct fabio_wishes *wishes, enum route_option_kind kind, struct view value)
{
    wishes->options.values[kind] = claims_keep(wishes->claims, value);
}

/* ---- paths and servers ---------------------------------------------------------------------- */

static void set_strip(struct fabio_wishes *wishes, struct view value)
{
    if (view_starts_with(wishes->route.path.text, value))
        wishes->route.strip = claims_keep(wishes->claims, value);
    else
        fabio_options_remark(wishes, "strip= is not followed: the path does not begin with it");
}

static void set_prepend(struct fabio_wishes *wishes, struct view value)
{
    wishes->route.add = claims_keep(wishes->claims, value);
}

static void set_proto(struct fabio_wishes *wishes, struct view value)
{
    if (view_eq(value, VIEW("http")))
        wishes->server.protocol = "http";
    else if (view_eq(value, VIEW("https")))
        wishes->server.protocol = "https";
    else if (view_eq(value, VIEW("grpc")))
        wishes->server.protocol = "h2c";
    else
        wishes->is_left_out = true;
    if (wishes->is_left_out)
        fabio_options_remark(wishes,
                             "proto= is not supported: http, https, grpc, tcp or tcp+sni is");
}

/* A name; or dst, which is the server's own. */
static void set_host(struct fabio_wishes *wishes, struct view value)
{
    struct text edit = TEXT_INIT;
    if (value.len == 0 || view_eq(value, VIEW("dst"))) {
        fabio_options_remark(wishes, "host= takes a name; the server's own is not supported");
        return;
    }
    text_append_str(&edit, "set Host: ");
    text_append(&edit, value);
    ask(wishes, ROUTE_OPTION_REQUEST_HEADERS, text_view(&edit));
    text_fini(&edit);
}

/* ---- who may come in ------------------------------------------------------------------------ */

/* "ip:RANGE,ip:RANGE". False: it is no such list. */
static bool append_ranges(struct text *ranges, struct view list)
{
    char buffer[CIDR_TEXT_BYTES];
    struct cidr cidr;
    while (list.ptr) {
        struct view item = yes_no_trim(view_cut(&list, ','));
        if (!view_starts_with(item, VIEW("ip:")) || !cidr_parse_masking(view_skip(item, 3), &cidr))
            return false;
        text_append_str(ranges, ranges->len > 0 ? ", " : "");
        text_append_str(ranges, cidr_format(&cidr, buffer));
    }
    return ranges->len > 0;
}

static void set_ranges(struct fabio_wishes *wishes, enum route_option_kind kind, struct view value,
                       const char *accepted)
{
    struct text ranges = TEXT_INIT;
    if (!append_ranges(&ranges, value))
        refuse(wishes, accepted);
    else
        ask(wishes, kind, text_view(&ranges));
    fabio_options_remark(wishes, "the client's address is looked at, not all that X-Forwarded-For "
                                 "has; --trusted-proxies says whose word counts");
    text_fini(&ranges);
}

static void set_allow(struct fabio_wishes *wishes, struct view value)
{
    set_ranges(wishes, ROUTE_OPTION_ALLOW, value,
               "allow= takes a list of ip:10.0.0.0/8; nothing is served");
}

static void set_deny(struct fabio_wishes *wishes, struct view value)
{
    set_ranges(wishes, ROUTE_OPTION_DENY, value,
               "deny= takes a list of ip:10.0.0.0/8; nothing is served");
}

/* What fabio knows by that name, lb knows as a file. Backends of fabio see who has come in. */
static void set_auth(struct fabio_wishes *wishes, struct view value)
{
    struct route_option option = {ROUTE_OPTION_AUTH_FILE, value};
    struct text problem = TEXT_INIT;
    if (!route_option_check(&option, &problem) || view_find(value, '?') >= 0 ||
        view_find(value, '/') >= 0)
        refuse(wishes, "auth= takes the name of a file in --htpasswd-dir; nothing is served");
    ask(wishes, ROUTE_OPTION_AUTH_FILE, value);
    ask(wishes, ROUTE_OPTION_AUTH_KEEP, VIEW("true"));
    text_fini(&problem);
}

/* ---- redirect ------------------------------------------------------------------------------- */

static bool cut_end(struct view *text, struct view end)
{
    bool is_there = text->len >= end.len && view_eq(view_skip(*text, text->len - end.len), end);
    if (is_there)
        text->len -= end.len;
    return is_there;
}

/* False: lb cannot lead there. $path is the path and the query of the request; $host is its host. */
static bool append_target(struct text *out, struct view url)
{
    static const struct view own_host = {"https://$host", 13}, whole = {"~^[^/]+//[^/?]+ ", 16};
    bool has_path = cut_end(&url, VIEW("$path"));
    cut_end(&url, has_path ? VIEW("/") : VIEW(" "));
    struct view behind = view_skip(url, view_starts_with(url, VIEW("https://")) ? 8 : 7);
    if (has_path && view_eq(url, own_host)) {
        text_append_str(out, "https");
        return true;
    }
    if (view_find(url, '$') >= 0 || url.len < 8 ||
        !(view_starts_with(url, VIEW("https://")) || view_starts_with(url, VIEW("http://"))))
        return false;
    if (has_path && view_find(behind, '/') >= 0)
        text_append(out, whole); /* what is behind the host stays behind the path, too */
    text_append(out, url);
    if (!has_path && view_find(behind, '/') < 0)
        text_append_char(out, '/');
    return true;
}

/* "CODE,URL"; fabio passes by what has not two parts. */
static void set_redirect(struct fabio_wishes *wishes, struct view value)
{
    struct view url = value, code = view_cut(&url, ',');
    struct text target = TEXT_INIT;
    struct text problem = TEXT_INIT;
    if (url.len == 0) {
        fabio_options_remark(wishes, "redirect= is passed by: a code and a URL are accepted");
        return;
    }
    text_append(&target, code);
    text_append_char(&target, ' ');
    bool is_target = append_target(&target, url);
    struct route_option option = {ROUTE_OPTION_REDIRECT, text_view(&target)};
    if (is_target && route_option_check(&option, &problem))
        ask(wishes, ROUTE_OPTION_REDIRECT, text_view(&target));
    else
        refuse(wishes, "redirect= takes 301, 302, 307 or 308 and a URL, with $path at its end if "
                       "at all; nothing is served");
    text_fini(&target);
    text_fini(&problem);
}

/* ---- weight --------------------------------------------------------------------------------- */

/* "0.05" is 5; "1" is 100. False: it is no share in whole percents. */
static bool parse_percent(struct view value, uint64_t *out)
{
    struct view whole = view_cut(&value, '.');
    uint64_t ones = 0, hundredths = 0;
    while (value.len > 2 && value.ptr[value.len - 1] == '0')
        value.len--;
    if ((whole.len > 0 && !view_parse_u64(whole, 1, &ones)) || value.len > 2 ||
        (value.len > 0 && !view_parse_u64(value, 99, &hundredths)) || whole.len + value.len == 0)
        return false;
    *out = ones * 100 + hundredths * (value.len == 1 ? 10 : 1);
    return *out <= 100;
}

/* Servers with the same share are a service of their own. 0 is none, for fabio. */
static void set_weight(struct fabio_wishes *wishes, struct view value)
{
    uint64_t percent;
    if (!parse_percent(value, &percent))
        fabio_options_remark(wishes, "weight= is not followed: 0 to 1 in hundredths is accepted");
    else
        wishes->percent = (unsigned)percent;
}

static void weigh(struct fabio_wishes *wishes)
{
    struct text name = TEXT_INIT, weight = TEXT_INIT;
    text_append(&name, wishes->route.service);
    text_appendf(&name, "@%u%%", wishes->percent);
    text_appendf(&weight, "%u", wishes->percent);
    wishes->route.service = claims_keep(wishes->claims, text_view(&name));
    struct claim_wish *wish = claims_find_wish(wishes->claims, wishes->route.service);
    if (wish)
        claims_weigh(wishes->claims, wish, text_view(&weight), "");
    text_fini(&name);
    text_fini(&weight);
}

/* ---- https ---------------------------------------------------------------------------------- */

static void set_belief(struct fabio_wishes *wishes, struct view value)
{
    enum yes_no says = yes_no_read(value);
    wishes->believes = says == YES_NO_YES;
    if (says == YES_NO_NEITHER)
        fabio_options_remark(wishes, "tlsskipverify= takes true or false; the server is verified");
}

/* fabio verifies a server by https, unless it is told not to. */
static void settle_belief(struct fabio_wishes *wishes)
{
    bool is_https = strcmp(wishes->server.protocol, "https") == 0;
    struct claim_wish *wish =
        is_https ? claims_find_wish(wishes->claims, wishes->route.service) : NULL;
    if (wish)
        claims_mean(wishes->claims, wish, SERVICE_OPTION_BACKEND_VERIFY,
                    wishes->believes ? VIEW("no") : VIEW("yes"));
}

/* ---- all of them ---------------------------------------------------------------------------- */

static void pass_over(struct fabio_wishes *wishes, struct view value)
{
    (void)value;
    fabio_options_remark(wishes, "of its options one is not supported (pxyproto)");
}

void fabio_options_settle(struct fabio_wishes *wishes)
{
    if (wishes->options.values[ROUTE_OPTION_REDIRECT].len > 0 && wishes->route.strip.len > 0)
        refuse(wishes, "redirect= beside strip= is not supported; nothing is served");
    if (!wishes->refused && wishes->percent > 0)
        weigh(wishes);
    if (!wishes->refused) {
        settle_belief(wishes);
        return;
    }
    wishes->route.service = view_of("", 0);
    wishes->route.why = view_str(wishes->refused);
    wishes->route.answer_status = CLAIMS_DENIED_STATUS;
}

void fabio_options_read(struct fabio_wishes *wishes, struct view option)
{
    static const struct {
        const char *word;
        void (*read)(struct fabio_wishes *wishes, struct view value);
    } options[] = {
        {"strip", set_strip},
        {"prepend", set_prepend},
        {"proto", set_proto},
        {"allow", set_allow},
        {"deny", set_deny},
        {"auth", set_auth},
        {"redirect", set_redirect},
        {"weight", set_weight},
        {"host", set_host},
        {"pxyproto", pass_over},
        {"tlsskipverify", set_belief},
    };
    struct view value = option, word = view_cut(&value, '=');
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
        if (view_eq(word, view_str(options[i].word))) {
            options[i].read(wishes, value);
            return;
        }
    fabio_options_remark(wishes, "it has an option that fabio does not know");
}
