/* Where lb speaks TLS with clients, and how. */
#include "lb/config/settings.h"

#include "lb/config/config.h"
#include "lb/config/config_kind.h"

#define FIELD(name)                   CONFIG_FIELD(struct config, tls.name)
#define LIST(items, count, max, noun) CONFIG_LIST(struct config, tls.items, tls.count, max, noun)

/* In the order of enum config_tls_policy. */
static const char *const policies[] = {"intermediate", "modern", NULL};

/* clang-format off */
static const struct config_setting settings[] = {
    {.word = "listen-tls", .kind = &kind_listen, .group = CONFIG_GROUP_TLS,
     .value_name = "IP:PORT", .needs_restart = true,
     LIST(listens, listen_count, CONFIG_LISTEN_MAX, "addresses"),
     .help = "for requests by HTTPS; repeatable; 443 means 0.0.0.0:443",
     .manual = "Take requests by HTTPS here: TLS 1.2 and 1.3, HTTP/1.1 in it.\n"
               "Repeatable.\n"
               "A port alone means all IPv4 addresses of the host.\n"
               "Which certificate is shown follows from the name that a client asks for.\n"
               "A client that asks for a name without a certificate is sent away with the alert\n"
               ".Li unrecognized_name ,\n"
               "unless there is a default one.\n"
               "Rules with a name of\n"
               ".Fl Fl tcp\n"
               "and of the label\n"
               ".Li lb.tcp.sni\n"
               "may be for the same address and port: what asks for such a name is passed on\n"
               "as it is, and\n"
               ".Nm\n"
               "serves all else.\n"
               "Who speaks HTTP without TLS here is answered with 400.\n"},
    {.word = "listen-tls-also", .kind = &kind_listen, .group = CONFIG_GROUP_TLS,
     .value_name = "IP:PORT", .needs_restart = true,
     LIST(also, also_count, CONFIG_ALSO_MAX, "addresses"),
     .help = "there too with certificates; not where --listen-tls is given alone",
     .manual = "Take requests by HTTPS here too, or warn and go on where that cannot be had.\n"
               "It does not count where\n"
               ".Fl Fl listen-tls\n"
               "is given without it, nor where there is nothing to show: neither folders of\n"
               "certificates nor\n"
               ".Fl Fl acme .\n"
               "The image has\n"
               ".Ql 8443\n"
               "here, as a variable.\n"
               "Repeatable.\n"},
    {.word = "tls-policy", .kind = &kind_word, .group = CONFIG_GROUP_TLS,
     .value_name = "POLICY", .words = policies, .default_text = "intermediate",
     FIELD(policy),
     .help = "intermediate or modern, of Mozilla's guideline 6.0",
     .manual = "Which protocols, ciphers and groups clients may use, by Mozilla's guideline for\n"
               "servers, version 6.0.\n"
               ".Sy intermediate :\n"
               "TLS 1.2 and 1.3, with ECDHE and AEAD ciphers only.\n"
               ".Sy modern :\n"
               "TLS 1.3 alone.\n"
               "At SIGHUP it counts for handshakes from then on.\n"},
    {.word = "tls-handshake-timeout", .kind = &kind_duration, .group = CONFIG_GROUP_TLS,
     .value_name = "TIME", .min = 0, .max = CONFIG_DURATION_MAX_MS, .default_text = "10s",
     FIELD(handshake_timeout_ms),
     .help = "from its coming until a client has shaken hands",
     .manual = "From a client's coming until its TLS handshake is done; then it is closed.\n"},
    {.word = "max-handshakes", .kind = &kind_count, .group = CONFIG_GROUP_TLS,
     .value_name = "N", .default_text = CONFIG_HANDSHAKES_USUAL, .min = 1, .max = 1000000,
     FIELD(max_handshake_count),
     .help = "TLS handshakes at a time; who is above waits",
     .manual = "TLS handshakes that run at the same time.\n"
               "A client above it waits for its turn, and takes no memory for TLS until then;\n"
               "who has waited for a second takes the place of the handshake that has been\n"
               "under way for longest, which is closed and counted\n"
               ".Pq Cm gave_way .\n"
               "So clients that begin and do not go on keep nobody out.\n"},
    {.word = "tls-ticket-keys", .kind = &kind_path, .group = CONFIG_GROUP_TLS,
     .value_name = "FILE", FIELD(ticket_keys_file),
     .help = "of session tickets, for several hosts [random, hourly]",
     .manual = "Keys of session tickets, by which a client takes up an earlier TLS session: for\n"
               "several hosts whose clients come to one or another of them, and over a restart.\n"
               "1 to 3 keys of 80 random bytes each, one behind the other, the newest first:\n"
               ".Ql openssl rand 80 .\n"
               "Tickets are sealed with the first; the others are still read.\n"
               "The file is read at the start and at SIGHUP, when a bad one is refused and the\n"
               "keys in force stay.\n"
               "Who has it can read what is said by sessions of the time of its keys: make new\n"
               "ones every day or more often, put each in front of the one before, and send\n"
               "SIGHUP.\n"
               "Without it\n"
               ".Nm\n"
               "makes a key by itself each hour, which no other host knows.\n"},
};
/* clang-format on */

const struct config_table settings_tls = CONFIG_TABLE(struct config, settings);
