/* What becomes of http where there is https, and what who certifies a host finds here. */
#include "lb/config/settings.h"

#include "lb/config/config.h"
#include "lb/config/config_kind.h"

#define FIELD(name) CONFIG_FIELD(struct config, https.name)
#define LIST(items, count, max, noun)                                                              \
    CONFIG_LIST(struct config, https.items, https.count, max, noun)

/* In the order of enum config_https_method. */
static const char *const methods[] = {"redirect", "noredirect", "nohttp", "nohttps", NULL};

/* clang-format off */
static const struct config_setting settings[] = {
    {.word = "https-method", .kind = &kind_word, .group = CONFIG_GROUP_TLS,
     .value_name = "METHOD", .words = methods, .default_text = "redirect",
     FIELD(method),
     .help = "redirect, noredirect, nohttp or nohttps",
     .manual = "What becomes of requests by HTTP, and of those by HTTPS, where a route does not\n"
               "say it itself\n"
               ".Pq Li lb.https .\n"
               ".Sy redirect :\n"
               "who comes by HTTP is sent to HTTPS, by status 308, which keeps the method.\n"
               ".Sy noredirect :\n"
               "both are served, and there is no HSTS.\n"
               ".Sy nohttp :\n"
               "by HTTP there is 503.\n"
               ".Sy nohttps :\n"
               "by HTTPS there is 503, or no handshake where there is no default certificate.\n"
               "A host that has no certificate, and every host where there is no\n"
               ".Fl Fl listen-tls ,\n"
               "is served by HTTP in any case, unless its route says\n"
               ".Li missing-certificate=refuse .\n"
               "What a trusted proxy got by HTTPS is not redirected, and nothing below\n"
               ".Pa /.well-known/acme-challenge/\n"
               "is.\n"},
    {.word = "https-port", .kind = &kind_count, .group = CONFIG_GROUP_TLS,
     .value_name = "PORT", .default_text = "443", .min = 1, .max = 65535, FIELD(port),
     .help = "where clients find HTTPS, for redirects",
     .manual = "The port that redirects to HTTPS name: where clients find it, whatever the port is\n"
               "that\n"
               ".Nm\n"
               "listens to.\n"
               "443 is left out of the address.\n"},
    {.word = "hsts", .kind = &kind_hsts, .group = CONFIG_GROUP_TLS,
     .value_name = "VALUE", .default_text = "off", FIELD(hsts),
     .help = "Strict-Transport-Security of answers by HTTPS, or off",
     .manual = "The field\n"
               ".Li Strict-Transport-Security\n"
               "(RFC 6797) of all answers by HTTPS, errors and those of\n"
               ".Nm\n"
               "itself among them, in place of one of the server's:\n"
               ".Ql max-age=31536000 .\n"
               "A browser that has seen it comes by HTTPS alone for so many seconds, and nobody\n"
               "can take it back.\n"
               "Answers by HTTP never have it, nor those of hosts with\n"
               ".Sy noredirect .\n"
               "A route can say it itself\n"
               ".Pq Li lb.hsts ,\n"
               "and, together with\n"
               ".Li lb.https=noredirect ,\n"
               "have it beside HTTP.\n"},
    {.word = "acme-webroot", .kind = &kind_path, .group = CONFIG_GROUP_TLS,
     .value_name = "DIR", LIST(webroots, webroot_count, CONFIG_WEBROOT_MAX, "directories"),
     .help = "where an ACME client of yours leaves its answers; repeatable",
     .manual = "A directory in which a client of ACME (RFC 8555), such as certbot, lego or\n"
               "dehydrated, leaves the answers to HTTP-01 challenges: as\n"
               ".Pa .well-known/acme-challenge/TOKEN\n"
               "in it, or as\n"
               ".Pa TOKEN .\n"
               "They are given to whoever asks for them, by any host and on every listener for\n"
               "HTTP and HTTPS, before routes, redirects, passwords and rates are looked at.\n"
               "Where no such file is there, the request goes the way of any other, so that a\n"
               "client can run behind\n"
               ".Nm\n"
               "too.\n"
               "Links are not followed, and a file that does not begin with its token is none.\n"},
};
/* clang-format on */

const struct config_table settings_https = CONFIG_TABLE(struct config, settings);
