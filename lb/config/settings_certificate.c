/* Where the certificates lie. */
#include "lb/config/settings.h"

#include "lb/config/config.h"
#include "lb/config/config_kind.h"

/* clang-format off */
static const struct config_setting settings[] = {
    {.word = "certificates", .kind = &kind_path, .group = CONFIG_GROUP_TLS, .value_name = "DIR",
     CONFIG_LIST(struct config, certificate_dirs, certificate_dir_count,
                 CONFIG_CERTIFICATE_DIR_MAX, "directories"),
     .help = "where certificates and keys lie; repeatable",
     .manual = "Show the certificates of this directory at\n"
               ".Fl Fl listen-tls .\n"
               "Repeatable.\n"
               "Layouts are known by their files:\n"
               ".Pa NAME.crt\n"
               "with\n"
               ".Pa NAME.key\n"
               "(nginx-proxy's, lego's),\n"
               ".Pa NAME/fullchain.pem\n"
               "with\n"
               ".Pa privkey.pem ,\n"
               "also below\n"
               ".Pa live\n"
               "(certbot's, dehydrated's), and\n"
               ".Pa NAME.pem\n"
               "with both in it (haproxy's).\n"
               "Keys are RSA or ECDSA; both may be there for one name, in any two of these, or as\n"
               ".Pa NAME.rsa.crt\n"
               "and\n"
               ".Pa NAME.ecdsa.crt .\n"
               ".Pp\n"
               "A client that asks for a host is shown the certificate of\n"
               ".Pa HOST.crt\n"
               "or\n"
               ".Pa HOST.pem ;\n"
               "else one that has this name in it; else one with a wildcard for it; else that of the\n"
               "host one label above, as nginx-proxy does; else\n"
               ".Pa default.crt .\n"
               "Of several that are valid the one that is so longest is shown; one that is not valid yet\n"
               "displaces none, and takes its place when its time has come.\n"
               ".Pa HOST.ca.crt ,\n"
               "or\n"
               ".Pa ca.crt\n"
               "for all, says whose certificates are asked for of clients, and\n"
               ".Pa HOST.crl.pem\n"
               "or\n"
               ".Pa ca.crl.pem\n"
               "which of them are revoked.\n"
               ".Pp\n"
               "A change is in force within two seconds (with thousands of certificates, within a\n"
               "few more); connections that are open are not touched.\n"
               "What cannot be used is told in the log with the reason, and what was there before\n"
               "stays in use; what is removed is not shown any more.\n"
               ".Nm\n"
               "reads the keys by itself, in its jail: its user must be allowed to.\n"
               "The jail knows the directory, and where symlinks in it lead, as they are when it\n"
               "starts: after the directory was deleted and made anew, or a symlink leads to another\n"
               "place, SIGHUP makes it anew.\n"
               "All are read before\n"
               ".Nm\n"
               "serves, with as many threads as\n"
               ".Fl Fl workers :\n"
               "ten thousand take about four seconds of CPU time.\n"},
    {.word = "certificates-also", .kind = &kind_path, .group = CONFIG_GROUP_TLS, .value_name = "DIR",
     CONFIG_LIST(struct config, certificate_also, certificate_also_count, CONFIG_ALSO_MAX,
                 "directories"),
     .help = "there too where it exists; not where --certificates is given alone",
     .manual = "As\n"
               ".Fl Fl certificates ,\n"
               "where there is such a directory at the start or at SIGHUP.\n"
               "It does not count where\n"
               ".Fl Fl certificates\n"
               "is given without it.\n"
               "The image has\n"
               ".Pa /certificates\n"
               "here, as a variable.\n"
               "Repeatable.\n"},
};
/* clang-format on */

const struct config_table settings_certificate = CONFIG_TABLE(struct config, settings);
