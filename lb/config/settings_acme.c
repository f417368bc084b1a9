/* Certificates that lb gets by itself, by lb-acme. */
#include "lb/config/settings.h"

#include "lb/config/config.h"
#include "lb/config/config_kind.h"

#define FIELD(name) CONFIG_FIELD(struct config, acme.name)

static const char *const off_on[] = {"off", "on", NULL};

/* In the order of enum config_acme_challenge. */
static const char *const challenges[] = {"http-01", "tls-alpn-01", NULL};

/* In the order of enum config_acme_key. */
static const char *const keys[] = {"ecdsa", "rsa", NULL};

/* clang-format off */
static const struct config_setting settings[] = {
    {.word = "acme", .kind = &kind_email, .group = CONFIG_GROUP_TLS,
     .value_name = "EMAIL", FIELD(email), .needs_restart = true,
     .help = "get certificates by ACME; whom the authority may write to",
     .manual = "Get certificates from an authority that speaks ACME (RFC 8555), such as Let's\n"
               "Encrypt, and renew them, for the names that are wished for: by\n"
               ".Li lb.tls=auto\n"
               "at a container,\n"
               ".Li LETSENCRYPT_HOST\n"
               "or\n"
               ".Li ACME_HOST ,\n"
               "a resolver of Traefik's, or a file.\n"
               "Nothing else is ever ordered, and nothing because of a request.\n"
               "This is the address that the authority may write to; who gives it accepts the\n"
               "authority's terms.\n"
               ".Xr lb-acme 8\n"
               "does it, and says what stands.\n"
               "Port 80 of each name has to lead to an HTTP listener of\n"
               ".Nm ,\n"
               "or port 443 to one of\n"
               ".Fl Fl listen-tls ,\n"
               "as\n"
               ".Fl Fl acme-challenge\n"
               "says.\n"},
    {.word = "acme-directory", .kind = &kind_acme_directory, .group = CONFIG_GROUP_TLS,
     .value_name = "URL", .default_text = "production", FIELD(directory),
     .help = "of the authority; production, staging: Let's Encrypt's",
     .manual = "The ACME directory of the authority:\n"
               ".Sy production\n"
               "or\n"
               ".Sy staging\n"
               "of Let's Encrypt, or a URL of https.\n"
               "Try with\n"
               ".Sy staging\n"
               "first: whose certificates no browser trusts, and which refuses much later.\n"
               "Certificates of one do not count as those of another.\n"},
    {.word = "acme-dir", .kind = &kind_path, .group = CONFIG_GROUP_TLS, .value_name = "DIR",
     .default_text = "/var/lib/lb/acme", FIELD(folder),
     .help = "where accounts, keys and certificates are kept",
     .manual = "Where\n"
               ".Xr lb-acme 8\n"
               "keeps accounts, keys and certificates, as\n"
               ".Pa live/NAME/fullchain.pem\n"
               "and\n"
               ".Pa privkey.pem\n"
               "among others.\n"
               ".Nm\n"
               "shows them as those of\n"
               ".Fl Fl certificates .\n"
               "It must outlive a container: put a volume there.\n"},
    {.word = "acme-challenge", .kind = &kind_word, .group = CONFIG_GROUP_TLS,
     .value_name = "HOW", .words = challenges, .default_text = "http-01", FIELD(challenge),
     .help = "http-01 (port 80) or tls-alpn-01 (port 443)",
     .manual = "How it is shown that a name leads here:\n"
               ".Sy http-01\n"
               "is asked for on port 80,\n"
               ".Sy tls-alpn-01\n"
               "on port 443, which has to come to a listener of\n"
               ".Fl Fl listen-tls\n"
               "with nobody before it who speaks TLS.\n"
               "Neither gets a certificate for all names below one.\n"},
    {.word = "acme-check", .kind = &kind_word, .group = CONFIG_GROUP_TLS,
     .value_name = "on|off", .words = off_on, .default_text = "off", FIELD(checks),
     .help = "order only for names that lead here",
     .manual = "Ask each name on port 80 for a file that was put there for that, and order only\n"
               "where it comes back: authorities refuse for an hour and longer who asks often in\n"
               "vain.\n"
               "This host must reach itself under these names.\n"},
    {.word = "acme-eab-kid", .kind = &kind_text, .group = CONFIG_GROUP_TLS,
     .value_name = "ID", FIELD(eab_kid),
     .help = "of an account that the authority has for you elsewhere",
     .manual = "The key id by which an authority knows whose account is to be made (external\n"
               "account binding).\n"},
    {.word = "acme-eab-key-file", .kind = &kind_path, .group = CONFIG_GROUP_TLS,
     .value_name = "FILE", FIELD(eab_key_file),
     .help = "that has the key for this id and nothing else",
     .manual = "A file that has the key for\n"
               ".Fl Fl acme-eab-kid\n"
               "in base64url and nothing else; the user of\n"
               ".Fl Fl user\n"
               "reads it.\n"},
    {.word = "acme-ca", .kind = &kind_path, .group = CONFIG_GROUP_TLS, .value_name = "FILE",
     FIELD(ca_file), .help = "authorities to trust as the ACME server's own",
     .manual = "A file of authorities that the ACME server's own certificate may be of, instead of\n"
               "the system's: of an authority of your own.\n"},
    {.word = "acme-key", .kind = &kind_word, .group = CONFIG_GROUP_TLS, .value_name = "KIND",
     .words = keys, .default_text = "ecdsa", FIELD(key),
     .help = "ecdsa (P-256) or rsa (2048 bits)",
     .manual = "The keys of certificates:\n"
               ".Sy ecdsa\n"
               "of P-256, or\n"
               ".Sy rsa\n"
               "with 2048 bits, for clients of long ago.\n"
               "Each certificate has a new one.\n"},
    {.word = "acme-consul", .kind = &kind_agent, .group = CONFIG_GROUP_TLS, .value_name = "URL",
     .value_is_optional = true, FIELD(consul),
     .help = "share challenges and certificates with other lbs through Consul",
     .manual = "Several lbs share challenges and certificates through the KV store of Consul, below\n"
               ".Pa lb/acme/ ,\n"
               "and one of them orders.\n"
               "The KV store has the certificates' keys then, for everybody who may read there: see\n"
               ".Xr lb-acme 8 .\n"
               "The agent is as with\n"
               ".Fl Fl consul .\n"
               "Not needed where they share the folder of\n"
               ".Fl Fl acme-dir .\n"},
};
/* clang-format on */

const struct config_table settings_acme = CONFIG_TABLE(struct config, settings);
