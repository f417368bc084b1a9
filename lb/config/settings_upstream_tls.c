/* How servers that speak https are spoken to. */
#include "lb/config/settings.h"

#include "lb/config/config.h"
#include "lb/config/config_kind.h"

#define FIELD(name) CONFIG_FIELD(struct config, name)
#define TLS         .kind = &kind_upstream_tls, .group = CONFIG_GROUP_SOURCE, FIELD(policy.tls)

/* In the order of enum upstream_tls_verify. */
static const char *const verify_words[] = {"auto", "no", "yes", NULL};

/* clang-format off */
static const struct config_setting settings[] = {
    {.word = "backend-certificates", .kind = &kind_path, .group = CONFIG_GROUP_SOURCE,
     .value_name = "DIR", FIELD(backend_certificates),
     .help = "where the PEM files lie that backend-ca names",
     .manual = "Where the PEM files lie that\n"
               ".Fl Fl backend-ca , Fl Fl backend-certificate\n"
               "and the labels\n"
               ".Li lb.backend-ca\n"
               "and\n"
               ".Li lb.backend-certificate\n"
               "name, of at most 1m each.\n"
               "A change is in force within two seconds, and connections by another file are not\n"
               "used again.\n"
               "A service whose file is not there, or cannot be used, gets no connection to its\n"
               "backends.\n"},
    {.word = "backend-verify", .kind = &kind_word, .group = CONFIG_GROUP_SOURCE,
     .value_name = "auto|yes|no", .words = verify_words, .default_text = "auto",
     FIELD(policy.tls.verify),
     .help = "verify certificates of backends by https",
     .manual = "Whether the certificate of a backend by https\n"
               ".Pq Fl Fl backend Li https://HOST:PORT , the label Li lb.protocol=https\n"
               "has to be a good one.\n"
               "With\n"
               ".Sy yes\n"
               "it has to be one of\n"
               ".Fl Fl backend-ca ,\n"
               "else of the authorities of the system, valid now, and for the name of\n"
               ".Fl Fl backend-name ,\n"
               "else for the HOST of\n"
               ".Fl Fl backend .\n"
               "Where there is no such name, as with a container, any certificate of\n"
               ".Fl Fl backend-ca\n"
               "will do, and without that none.\n"
               "With\n"
               ".Sy no\n"
               "whoever answers is believed.\n"
               ".Sy auto\n"
               "is yes where one of these two flags or labels is given, else no.\n"
               "A backend whose certificate is not good gets no requests.\n"
               "The label\n"
               ".Li lb.backend-verify\n"
               "says it for one service, as those of the names of the next three do.\n"},
    {.word = "backend-ca", TLS, .value_name = "NAME",
     .help = "whose certificates are good, of backends by https",
     .manual = "The file of\n"
               ".Fl Fl backend-certificates\n"
               "with the certificates of the authorities that are trusted for backends by https,\n"
               "instead of the system's.\n"},
    {.word = "backend-name", TLS, .value_name = "NAME",
     .help = "for whom they have to be; and the server is asked for it",
     .manual = "The name, or IP address, that the certificate of a backend by https has to be for.\n"
               "The backend is asked for that name\n"
               ".Pq SNI .\n"},
    {.word = "backend-certificate", TLS, .value_name = "NAME",
     .help = "what backends by https are shown that ask who lb is",
     .manual = "The file of\n"
               ".Fl Fl backend-certificates\n"
               "with the certificate of\n"
               ".Nm\n"
               "and its key, for backends by https that ask for one.\n"},
};
/* clang-format on */

const struct config_table settings_upstream_tls = CONFIG_TABLE(struct config, settings);
