#include "acme/options.h"

static const char help[] =
    "lb-acme: gets certificates from an ACME authority such as Let's Encrypt, and renews them.\n"
    "\n"
    "Usage: lb-acme [FLAGS]\n"
    "       lb-acme --dry-run|--list|--rollover [FLAGS]\n"
    "\n"
    "lb starts it where --acme is set. By hand, on the same folder:\n"
    "\n"
    "  --dry-run            print what would be ordered, and what not and why\n"
    "  --list               print the certificates that are there\n"
    "  --rollover           another key for the account\n"
    "\n"
    "  --dir DIR            its folder (default " OPTIONS_FOLDER_DEFAULT ")\n"
    "  --email ADDRESS      whom the authority writes to\n"
    "  --directory URL      of the authority; or production or staging of Let's Encrypt\n"
    "                       (default production)\n"
    "  --challenge WORD     http-01 or tls-alpn-01 (default http-01)\n"
    "  --check              order only for names that lead here\n"
    "  --check-port PORT    where their HTTP is asked for that, in trials (default 80)\n"
    "  --eab-kid ID, --eab-key-file FILE\n"
    "                       of an account that the authority has for you elsewhere\n"
    "  --ca FILE            authorities to trust as those of the ACME server itself\n"
    "  --key ecdsa|rsa      keys of certificates: P-256, or RSA with 2048 bits (default ecdsa)\n"
    "  --consul[=URL]       share challenges and certificates with other lbs through Consul\n"
    "  --clock-ahead SECONDS  let its clock be ahead, in trials of renewals\n"
    "  --jail strict|log|off  give up, before the first request, all that is not needed; log: "
    "only\n"
    "                       tell the kernel's audit log (default strict)\n"
    "  --log-level LEVEL    debug, info, warn or error on standard error (default info)\n"
    "  --log-format FORMAT  plain, json, or auto: plain on a terminal, else json (default auto)\n"
    "  --help, --version\n";

const char *options_help(void)
{
    return help;
}
